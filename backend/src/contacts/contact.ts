import type { CrmRecord } from '../salesforce/connection.ts';
import { CrmInvalid } from '../salesforce/errors.ts';
import { isCrmId } from '../http/crm-id.ts';
import { isMailAddress } from './mail-address.ts';

/** Why somebody may not be written to. */
export type NoEmailReason = 'opted_out' | 'bounced' | 'no_email' | 'do_not_contact' | 'consent_hidden';

/** A contact as Salesforce has it at this moment. What is unknown or hidden is null. */
export interface Contact {
  readonly id: string;
  readonly accountId: string | null;
  readonly name: string | null;
  readonly title: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  /** A day, `2026-11-24`. */
  readonly lastActivityDate: string | null;
  readonly canEmail: boolean;
  readonly reasons: readonly NoEmailReason[];
}

/** Which consent fields this rep may see: what cannot be seen is not known, and who is not known is not written to. */
export interface VisibleConsent {
  readonly optOut: boolean;
  readonly bounce: boolean;
  /** False where contacts have individuals, but the rep may not see whose. */
  readonly individualId: boolean;
}

/** What an Individual says: true, do not contact; null, the rep may not know. */
export type IndividualWish = boolean | null;

/** Fields of a contact that are read, where the rep may see them; Id and Name cannot be hidden. */
export const CONTACT_FIELDS = [
  ...['AccountId', 'Title', 'Email', 'Phone', 'LastActivityDate'],
  ...['HasOptedOutOfEmail', 'EmailBouncedDate', 'IndividualId'],
] as const;

/**
 * @param wishOf what the contact's Individual says; asked for contacts that have one
 * @throws CrmInvalid the record has no id
 */
export function contactOf(
  record: CrmRecord,
  consent: VisibleConsent,
  wishOf: (individualId: string) => IndividualWish,
): Contact {
  const id = record.Id;
  if (typeof id !== 'string' || !isCrmId(id, '003')) throw new CrmInvalid();
  const email = textOf(record.Email);
  const reasons = reasonsOf(record, email, consent, wishOf);
  return {
    id,
    accountId: textOf(record.AccountId),
    name: textOf(record.Name),
    title: textOf(record.Title),
    email,
    phone: textOf(record.Phone),
    lastActivityDate: textOf(record.LastActivityDate),
    canEmail: reasons.length === 0,
    reasons,
  };
}

function reasonsOf(
  record: CrmRecord,
  email: string | null,
  consent: VisibleConsent,
  wishOf: (individualId: string) => IndividualWish,
): NoEmailReason[] {
  const individualId = textOf(record.IndividualId);
  const wish = individualId === null ? false : wishOf(individualId);
  const isHidden = !consent.optOut || !consent.bounce || !consent.individualId || wish === null;
  const applies: Readonly<Record<NoEmailReason, boolean>> = {
    opted_out: record.HasOptedOutOfEmail === true,
    bounced: textOf(record.EmailBouncedDate) !== null,
    no_email: email === null || !isMailAddress(email),
    do_not_contact: wish === true,
    consent_hidden: isHidden,
  };
  return (Object.keys(applies) as NoEmailReason[]).filter((reason) => applies[reason]);
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
