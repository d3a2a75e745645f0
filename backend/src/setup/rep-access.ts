import type { CrmConnection, FieldDescribe } from '../salesforce/connection.ts';
import { ids, soql, text, texts } from '../salesforce/soql.ts';
import { describeIfThere, textIn } from './looks.ts';
import type { ChosenRep } from './reps.ts';

/** A field that the product reads, and what this org has of it. */
export interface FieldToSee {
  readonly object: string;
  readonly field: FieldDescribe;
}

/** Who must not be written to is said by these fields, as far as an org has them (FACTS B). */
const CONSENT: readonly (readonly [object: string, fields: readonly string[]])[] = [
  ['Contact', ['HasOptedOutOfEmail', 'EmailBouncedDate', 'IndividualId']],
  ['Individual', ['HasOptedOutSolicit', 'HasOptedOutProcessing', 'ShouldForget']],
];

/** The consent fields that this org has, as its admin sees it. */
export async function consentFields(crm: CrmConnection, signal: AbortSignal): Promise<readonly FieldToSee[]> {
  const found = await Promise.all(
    CONSENT.map(async ([object, names]) => {
      const described = await describeIfThere(crm, object, signal);
      return names.flatMap((name): FieldToSee[] => {
        const field = described?.fields.get(name);
        return field === undefined ? [] : [{ object, field }];
      });
    }),
  );
  return found.flat();
}

/**
 * Which of these fields a user may not read, by the permissions of their profile and permission sets. Fields to which
 * field-level security does not apply are never among them.
 */
export async function hiddenFrom(
  crm: CrmConnection,
  rep: ChosenRep,
  wanted: readonly FieldToSee[],
  signal: AbortSignal,
): Promise<readonly FieldToSee[]> {
  const guarded = wanted.filter(({ field }) => field.permissionable);
  if (guarded.length === 0) return [];
  const permissions = await crm.queryAll(
    soql`SELECT Field FROM FieldPermissions WHERE SobjectType IN ${texts([...new Set(guarded.map(({ object }) => object))])} AND Field IN ${texts(guarded.map(nameOf))} AND PermissionsRead = TRUE AND ParentId IN (SELECT PermissionSetId FROM PermissionSetAssignment WHERE AssigneeId IN ${ids([rep.id])})`,
    signal,
  );
  const readable = new Set(permissions.map((permission) => textIn(permission, 'Field')));
  return guarded.filter((field) => !readable.has(nameOf(field)));
}

/** Whether a user may read an object, and make records of it. */
export async function objectAccess(
  crm: CrmConnection,
  rep: ChosenRep,
  object: string,
  signal: AbortSignal,
): Promise<{ readonly canRead: boolean; readonly canCreate: boolean }> {
  const permissions = await crm.queryAll(
    soql`SELECT PermissionsRead, PermissionsCreate FROM ObjectPermissions WHERE SobjectType = ${text(object)} AND ParentId IN (SELECT PermissionSetId FROM PermissionSetAssignment WHERE AssigneeId IN ${ids([rep.id])})`,
    signal,
  );
  return {
    canRead: permissions.some(({ PermissionsRead }) => PermissionsRead === true),
    canCreate: permissions.some(({ PermissionsCreate }) => PermissionsCreate === true),
  };
}

export const nameOf = ({ object, field }: FieldToSee): string => `${object}.${field.name}`;
