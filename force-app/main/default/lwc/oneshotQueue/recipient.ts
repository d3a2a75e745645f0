import type { Contact, Problem, Refusal } from 'c/oneshotApi';
import { nameOf } from 'c/oneshotContacts';

/** A contact that was chosen, with the name of their account. */
export interface Chosen {
  contact: Contact;
  accountName: string;
}

/**
 * `skipped`: Salesforce says not to write. `ready`: waits for its turn. `refused`: this one was not sent, the others go
 * on. `unknown`: it may have gone. `cancelled`: the rep stopped before its turn.
 */
export type RecipientState = 'skipped' | 'ready' | 'sending' | 'accepted' | 'unknown' | 'refused' | 'cancelled';

/** The mail as this one person gets it. */
export interface PersonalMail {
  subject: string;
  html: string;
  /** Merge fields without a value. */
  missing: readonly string[];
}

export interface Recipient {
  readonly contactId: string;
  readonly accountId: string | null;
  readonly name: string;
  readonly accountName: string;
  readonly state: RecipientState;
  readonly reasons: readonly (Refusal | string)[];
  readonly problem: Problem | null;
  readonly mail: PersonalMail | null;
  /** One for each person; kept until an answer came. */
  readonly key: string | null;
}

/** Nobody is written to twice; those who cannot be written to come first, with the reason. */
export function recipientsOf(chosen: readonly Chosen[]): Recipient[] {
  const unique = new Map(chosen.map((one) => [one.contact.id, one]));
  const all = [...unique.values()].map(({ contact, accountName }): Recipient => {
    return {
      contactId: contact.id,
      accountId: contact.accountId,
      name: nameOf(contact),
      accountName,
      state: contact.canEmail ? 'ready' : 'skipped',
      reasons: contact.reasons,
      problem: null,
      mail: null,
      key: null,
    };
  });
  return [...all.filter(({ state }) => state === 'skipped'), ...all.filter(({ state }) => state !== 'skipped')];
}
