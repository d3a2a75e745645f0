import type { CrmConnection, SObjectDescribe } from '../salesforce/connection.ts';
import { CrmFieldHidden, CrmObjectHidden } from '../salesforce/errors.ts';
import { fields, ids, IDS_PER_QUERY, soql } from '../salesforce/soql.ts';
import type { IndividualWish, VisibleConsent } from './contact.ts';

/** Each of them alone means: do not write (FACTS B, Consent). */
const WISHES = ['HasOptedOutSolicit', 'HasOptedOutProcessing', 'ShouldForget'] as const;

/** What describe says of contacts, and of Individuals: undefined where there are none, or the rep may not see any. */
export interface Described {
  readonly contact: SObjectDescribe;
  readonly individual: SObjectDescribe | undefined;
}

/** Reads both at once. @throws the Crm errors of CrmConnection */
export async function describeContacts(crm: CrmConnection, signal: AbortSignal): Promise<Described> {
  const [contact, individual] = await Promise.all([
    crm.describe('Contact', signal),
    crm.describe('Individual', signal).catch((error: unknown) => {
      if (error instanceof CrmObjectHidden || error instanceof CrmFieldHidden) return undefined;
      throw error;
    }),
  ]);
  return { contact, individual };
}

/** Which consent fields of contacts the rep may see. */
export function visibleConsent({ contact, individual }: Described): VisibleConsent {
  return {
    optOut: contact.fields.has('HasOptedOutOfEmail'),
    bounce: contact.fields.has('EmailBouncedDate'),
    // An org without Individuals has no such field; in one that has them it is hidden.
    individualId: contact.fields.has('IndividualId') || individual === undefined,
  };
}

/**
 * What Individuals say, read live. One that the rep may not see, or of which a field is hidden, says nothing: null.
 * @throws the Crm errors of CrmConnection
 */
export async function individualWishes(
  crm: CrmConnection,
  { individual }: Described,
  individualIds: readonly string[],
  signal: AbortSignal,
): Promise<(individualId: string) => IndividualWish> {
  const wanted = [...new Set(individualIds)];
  const visible = WISHES.filter((name) => individual?.fields.has(name) === true);
  if (wanted.length === 0 || visible.length === 0) return () => null;
  const wishes = new Map<unknown, IndividualWish>();
  for (let from = 0; from < wanted.length; from += IDS_PER_QUERY) {
    const some = ids(wanted.slice(from, from + IDS_PER_QUERY));
    const records = await crm.queryAll(
      soql`SELECT ${fields(['Id', ...visible])} FROM Individual WHERE Id IN ${some}`,
      signal,
    );
    for (const record of records) {
      const refuses = visible.some((name) => record[name] === true);
      wishes.set(record.Id, refuses ? true : visible.length === WISHES.length ? false : null);
    }
  }
  return (individualId) => wishes.get(individualId) ?? null;
}
