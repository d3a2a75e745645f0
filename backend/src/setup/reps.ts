import type { CrmConnection, CrmRecord } from '../salesforce/connection.ts';
import { contains, ids, number, soql, text, textOrNull } from '../salesforce/soql.ts';
import { countOf, textIn } from './looks.ts';

/** Somebody in the customer's Salesforce who has a permission set of ours; read live, not kept. */
export interface ChosenRep {
  /** 18 characters. */
  readonly id: string;
  readonly name: string;
}

export type OwnPermissionSet = 'OneShot_Rep' | 'OneShot_Admin';

const REPS = 50;

/** How many active people have one of the package's permission sets directly. */
export function countAssigned(crm: CrmConnection, set: OwnPermissionSet, signal: AbortSignal): Promise<number> {
  return countOf(
    crm,
    soql`SELECT COUNT() FROM PermissionSetAssignment WHERE PermissionSet.Name = ${text(set)} AND PermissionSet.NamespacePrefix = ${textOrNull(crm.namespace)} AND Assignee.IsActive = TRUE`,
    signal,
  );
}

/**
 * Active people with the permission set OneShot Rep, by name, at most 50.
 * @param search part of a name
 */
export async function findReps(
  crm: CrmConnection,
  search: string | undefined,
  signal: AbortSignal,
): Promise<readonly ChosenRep[]> {
  const query =
    search === undefined
      ? soql`SELECT AssigneeId, Assignee.Name FROM PermissionSetAssignment WHERE PermissionSet.Name = ${text('OneShot_Rep')} AND PermissionSet.NamespacePrefix = ${textOrNull(crm.namespace)} AND Assignee.IsActive = TRUE ORDER BY Assignee.Name LIMIT ${number(REPS)}`
      : soql`SELECT AssigneeId, Assignee.Name FROM PermissionSetAssignment WHERE PermissionSet.Name = ${text('OneShot_Rep')} AND PermissionSet.NamespacePrefix = ${textOrNull(crm.namespace)} AND Assignee.IsActive = TRUE AND Assignee.Name LIKE ${contains(search)} ORDER BY Assignee.Name LIMIT ${number(REPS)}`;
  return (await crm.queryAll(query, signal)).map((record): ChosenRep => ({
    id: textIn(record, 'AssigneeId'),
    name: textIn((record.Assignee ?? {}) as CrmRecord, 'Name'),
  }));
}

/** An active user by id; undefined where there is none that this admin can see. */
export async function findUser(crm: CrmConnection, id: string, signal: AbortSignal): Promise<ChosenRep | undefined> {
  const [user] = await crm.queryAll(soql`SELECT Id, Name FROM User WHERE Id IN ${ids([id])}`, signal);
  return user === undefined ? undefined : { id: textIn(user, 'Id'), name: textIn(user, 'Name') };
}
