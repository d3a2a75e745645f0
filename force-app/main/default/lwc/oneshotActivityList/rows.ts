import type { Activity, ActivityRecord, ProviderName } from 'c/oneshotApi';
import { providerOf } from 'c/oneshotConnectionWords';
import { fill, formatAge, formatAgo, formatMoment } from 'c/oneshotFormat';
import accepted from '@salesforce/label/c.Outcome_Accepted';
import added from '@salesforce/label/c.Outcome_Added';
import deleted from '@salesforce/label/c.Record_Gone';
import hidden from '@salesforce/label/c.No_Name';
import mayHaveAdded from '@salesforce/label/c.Outcome_May_Have_Added';
import mayHaveGone from '@salesforce/label/c.Outcome_May_Have_Gone';
import notAdded from '@salesforce/label/c.Outcome_Not_Added';
import notSent from '@salesforce/label/c.Outcome_Not_Sent';
import refused from '@salesforce/label/c.Outcome_Refused';

/** A record as a row names it: linked while it is there. */
export interface Named {
  name: string;
  url: string | undefined;
}

/** A send as the list shows it. */
export interface ActivityRow {
  id: string;
  icon: string;
  channel: string;
  contact: Named;
  account: Named | undefined;
  outcome: string;
  outcomeIcon: string;
  outcomeVariant: string;
  when: string;
  moment: string;
}

type Outcome = Activity['outcome'];

const ofMail: Record<Outcome, string> = { accepted, refused, failed: notSent, unknown: mayHaveGone };
const ofSequence: Record<Outcome, string> = { accepted: added, refused, failed: notAdded, unknown: mayHaveAdded };
const signs: Record<Outcome, { icon: string; variant: string }> = {
  accepted: { icon: 'utility:success', variant: 'success' },
  refused: { icon: 'utility:ban', variant: 'error' },
  failed: { icon: 'utility:error', variant: 'error' },
  unknown: { icon: 'utility:question', variant: 'warning' },
};
/** Sequences add to a list of steps; mails are mails, whoever carries them. */
const icons: Record<ProviderName, string> = {
  gmail: 'standard:email',
  outlook: 'standard:email',
  outreach: 'standard:sales_cadence',
};

function named(record: ActivityRecord | null, urls: Readonly<Record<string, string>>): Named | undefined {
  if (record?.id == null) return undefined;
  if (record.deleted) return { name: deleted, url: undefined };
  // Salesforce leads "/<id>" to the record too; it stands there for the moment until Lightning made the link.
  return { name: record.name ?? hidden, url: urls[record.id] ?? `/${record.id}` };
}

/** @param passedMs since the send: younger than a day it is told in hours and minutes */
function whenOf(passedMs: number): string {
  return passedMs < 86_400_000 ? formatAgo(Math.max(0, passedMs)) : formatAge(passedMs);
}

export function toRow(activity: Activity, urls: Readonly<Record<string, string>>, now: number): ActivityRow {
  const { id, at, channel, outcome, contact, account } = activity;
  const provider = providerOf(channel);
  const sentAt = Date.parse(at);
  return {
    id,
    icon: icons[channel],
    channel: provider.name,
    contact: named(contact, urls) ?? { name: hidden, url: undefined },
    // Both gone is said once.
    account: contact?.deleted && account?.deleted ? undefined : named(account, urls),
    outcome: fill((channel === 'outreach' ? ofSequence : ofMail)[outcome], provider.name),
    outcomeIcon: signs[outcome].icon,
    outcomeVariant: signs[outcome].variant,
    when: whenOf(now - sentAt),
    moment: formatMoment(sentAt),
  };
}
