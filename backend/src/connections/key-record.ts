import { randomBytes } from 'node:crypto';
import type { CrmConnection, CrmRecord } from '../salesforce/connection.ts';
import { CrmAccessDenied, CrmDuplicate, CrmFieldHidden, CrmNotFound, CrmObjectHidden } from '../salesforce/errors.ts';
import { field, fields, number, soql, text } from '../salesforce/soql.ts';
import { HALF_BYTES } from '../vault/split-key.ts';

/** API names of the customer's key object. A namespaced package's are `ns__OneShotKey__c` and `ns__Half__c`. */
export interface KeyNames {
  readonly object: string;
  readonly userId: string;
  readonly half: string;
  readonly version: string;
}

/** @param namespace of the installed package; '' for none */
export function keyNames(namespace: string): KeyNames {
  const prefix = namespace === '' ? '' : `${namespace}__`;
  return {
    object: `${prefix}OneShotKey__c`,
    userId: `${prefix}UserId__c`,
    half: `${prefix}Half__c`,
    version: `${prefix}Version__c`,
  };
}

/** The rep's own record in the customer's Salesforce, or why there is none to use. */
export type KeyRecord =
  | { readonly kind: 'found' | 'made'; readonly recordId: string; readonly half: Buffer }
  /** The package is not there, or this rep may not make a record: connecting needs an admin. */
  | { readonly kind: 'missing' }
  /** A record is there, but not as we made it: hidden field, wrong length, another owner or creator. */
  | { readonly kind: 'unreadable' };

/** Which form of the half `Version__c` names: 32 bytes as base64. */
const FORM = 1;

/** A record that is there when ours is to be made, and not when it is read, may be one that was deleted in between. */
const TRIES = 3;

/**
 * Finds the rep's own key record, or makes it. A read, and only where there is none an insert, and on DUPLICATE_VALUE a
 * read again: an upsert would overwrite (FACTS B, "Own records"). Runs as the rep, so that nobody else's can be met.
 * @throws CrmSessionExpired, CrmUnavailable, CrmLimitReached, CrmApiDisabled: nothing is known then
 */
export async function findOrMakeKeyRecord(
  crm: CrmConnection,
  salesforceUserId: string,
  names: KeyNames,
  signal: AbortSignal,
): Promise<KeyRecord> {
  for (let attempt = 1; ; attempt += 1) {
    const found = await find(crm, salesforceUserId, names, signal);
    if (found !== undefined) return found;
    // Each time somebody's record stands in the way that this rep may not see: it was planted.
    if (attempt > TRIES) return { kind: 'unreadable' };
    const half = randomBytes(HALF_BYTES);
    try {
      const { id } = await crm.create(
        names.object,
        { [names.userId]: salesforceUserId, [names.half]: half.toString('base64'), [names.version]: FORM },
        signal,
      );
      return { kind: 'made', recordId: id, half };
    } catch (error) {
      half.fill(0);
      if (error instanceof CrmDuplicate) continue; // another tab made it
      if (isDenied(error)) return { kind: 'missing' };
      throw error;
    }
  }
}

async function find(
  crm: CrmConnection,
  salesforceUserId: string,
  names: KeyNames,
  signal: AbortSignal,
): Promise<KeyRecord | undefined> {
  const query = soql`SELECT ${fields(['Id', 'OwnerId', 'CreatedById', names.half])} FROM ${field(names.object)} WHERE ${field(names.userId)} = ${text(salesforceUserId)} LIMIT ${number(2)}`;
  let records: readonly CrmRecord[];
  try {
    records = await crm.queryAll(query, signal, 2);
  } catch (error) {
    if (error instanceof CrmFieldHidden) return { kind: 'unreadable' };
    if (error instanceof CrmObjectHidden || error instanceof CrmAccessDenied) return { kind: 'missing' };
    throw error;
  }
  const [record] = records;
  if (record === undefined) return undefined;
  const { Id: recordId, OwnerId, CreatedById } = record;
  const half = halfIn(record[names.half]);
  const isOwn = OwnerId === salesforceUserId && CreatedById === salesforceUserId;
  if (records.length > 1 || !isOwn || half === undefined || typeof recordId !== 'string') return { kind: 'unreadable' };
  return { kind: 'found', recordId, half };
}

/** Exactly 32 bytes as base64, in the one spelling that they have; base64url likewise. */
function halfIn(value: unknown): Buffer | undefined {
  if (typeof value !== 'string') return undefined;
  const half = Buffer.from(value, 'base64');
  const isExact = value === half.toString('base64') || value === half.toString('base64url');
  return half.length === HALF_BYTES && isExact ? half : undefined;
}

/** The rep may not make the record: no create right, a field that they may not write, no such object. */
function isDenied(error: unknown): boolean {
  return (
    error instanceof CrmAccessDenied ||
    error instanceof CrmObjectHidden ||
    error instanceof CrmFieldHidden ||
    error instanceof CrmNotFound
  );
}
