import type { SalesforceOrg } from '../salesforce/org/org.ts';
import type { Row } from '../salesforce/org/schema.ts';
import type { Mailbox, OutreachAccount, OutreachRows, OutreachUser, Prospect, Sequence } from './data.ts';

/** How many of the org's contacts are prospects already. */
const prospectCount = 6;

/** The usernames whose mailboxes come with the demo; `rep.one` has a second one that may not send. */
const [repOne, repTwo, admin] = ['rep.one@demo.example', 'rep.two@demo.example', 'admin@demo.example'];

/**
 * Sequences of every kind, a mailbox for each rep, and a few contacts of the org that both reps see and may write to
 * as prospects: the second is active in the first sequence, the third opted out, the fourth finished the second one.
 */
export function seed(org: SalesforceOrg, users: readonly OutreachUser[]): OutreachRows {
  const idOf = (username: string): number => users.find(({ email }) => email === username)?.id ?? 1;
  const createdAt = new Date(org.clock.now() - 30 * 86_400_000).toISOString();
  const contacts = sharedContacts(org);
  const accounts = accountsOf(org, contacts);
  const prospects = contacts.map((row, index): Prospect => ({
    id: index + 1,
    firstName: textOf(row.FirstName),
    lastName: textOf(row.LastName),
    title: textOf(row.Title),
    company: textOf(org.table('Account').get(textOf(row.AccountId) ?? '')?.Name),
    externalId: null,
    emails: [String(row.Email).toLowerCase()],
    optedOut: index === 2,
    accountId: accounts.find(({ salesforceId }) => salesforceId === row.AccountId)?.id ?? null,
    ownerId: idOf(repOne),
    createdAt,
  }));
  const mailboxes = [
    { id: 1, email: repOne, sendDisabled: false },
    { id: 2, email: repTwo, sendDisabled: false },
    { id: 3, email: admin, sendDisabled: false },
    { id: 4, email: 'robin.old@demo.example', sendDisabled: true },
  ].map((mailbox): Mailbox => {
    return { ...mailbox, userId: idOf(mailbox.id === 4 ? repOne : mailbox.email) };
  });
  const state = { mailboxId: 1, creatorId: idOf(repOne), createdAt };
  return {
    accounts: accounts.map(({ id, name, domain }) => ({ id, name, domain })),
    prospects,
    mailboxes,
    sequences: sequences(idOf(admin), idOf(repTwo)),
    sequenceStates: [
      { id: 1, state: 'active' as const, prospectId: 2, sequenceId: 1, ...state },
      { id: 2, state: 'finished' as const, prospectId: 4, sequenceId: 2, ...state },
    ].filter(({ prospectId }) => prospects.some(({ id }) => id === prospectId)),
  };
}

function sequences(owner: number, other: number): Sequence[] {
  const open = { enabled: true, locked: false, shareType: 'shared' as const, ownerId: owner };
  return [
    { id: 1, name: 'Welcome new customers', ...open },
    { id: 2, name: 'Renewal in 60 days', ...open },
    { id: 3, name: 'Spring campaign (over)', ...open, enabled: false },
    { id: 4, name: 'Being edited', ...open, locked: true },
    { id: 5, name: 'Grüße & Neuigkeiten', ...open, shareType: 'read_only' },
    { id: 6, name: 'Private draft', ...open, shareType: 'private', ownerId: other },
  ];
}

/** Contacts that nothing speaks against writing to. */
function sharedContacts(org: SalesforceOrg): Row[] {
  const tests = [repOne, repTwo].flatMap((username) => {
    const user = org.findUser(username);
    return user === undefined ? [] : [org.sharing.of(user, 'Contact')];
  });
  const found: Row[] = [];
  for (const row of org.table('Contact').rows()) {
    if (found.length === prospectCount) break;
    const isWritable =
      (row.Email ?? null) !== null &&
      row.HasOptedOutOfEmail !== true &&
      (row.EmailBouncedDate ?? null) === null &&
      (row.IndividualId ?? null) === null;
    if (isWritable && tests.every((sees) => sees(row))) found.push(row);
  }
  return found;
}

function accountsOf(org: SalesforceOrg, contacts: readonly Row[]): (OutreachAccount & { salesforceId: string })[] {
  const ids = new Set(contacts.map((row) => textOf(row.AccountId)).filter((id) => id !== null));
  return [...ids].map((salesforceId, index) => {
    const row = org.table('Account').get(salesforceId);
    const website = textOf(row?.Website);
    const domain = website !== null && URL.canParse(website) ? new URL(website).hostname : null;
    return { salesforceId, id: index + 1, name: textOf(row?.Name) ?? '', domain };
  });
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
