import type { CrmConnection } from '../salesforce/connection.ts';
import { CrmFieldHidden, CrmObjectHidden } from '../salesforce/errors.ts';
import { fields, ids, soql, type Soql } from '../salesforce/soql.ts';

/** Who or what an id is at this moment. */
export interface Named {
  readonly id: string | null;
  readonly name: string | null;
  /** Salesforce has no such record for this rep: deleted, or no longer shared with them; it does not say which. */
  readonly deleted: boolean;
}

export type NameOf = (id: string | null) => Named;

/**
 * Reads the names of at most IDS_PER_QUERY records as the rep; nothing is kept.
 * @returns an object that the rep may not see at all has no names, and nothing in it counts as deleted
 * @throws the Crm errors of CrmConnection
 */
export async function liveNames(
  crm: CrmConnection,
  sObject: 'Account' | 'Contact',
  wanted: readonly (string | null)[],
  signal: AbortSignal,
): Promise<NameOf> {
  const known = [...new Set(wanted.filter((id) => id !== null))];
  if (known.length === 0) return (id) => ({ id, name: null, deleted: false });
  try {
    const records = await crm.queryAll(namesQuery(sObject, known), signal);
    const names = new Map(records.map(({ Id, Name }) => [Id, typeof Name === 'string' ? Name : null]));
    return (id) => ({ id, name: names.get(id) ?? null, deleted: id !== null && !names.has(id) });
  } catch (error) {
    if (error instanceof CrmObjectHidden || error instanceof CrmFieldHidden)
      return (id) => ({ id, name: null, deleted: false });
    throw error;
  }
}

function namesQuery(sObject: 'Account' | 'Contact', known: readonly string[]): Soql {
  const columns = fields(['Id', 'Name']);
  return sObject === 'Account'
    ? soql`SELECT ${columns} FROM Account WHERE Id IN ${ids(known)}`
    : soql`SELECT ${columns} FROM Contact WHERE Id IN ${ids(known)}`;
}
