import type { Rep } from '../auth/rep.ts';
import type { CrmConnection, CrmRecord, FieldDescribe, SObjectDescribe } from '../salesforce/connection.ts';
import { CrmFieldHidden, CrmNotFound, CrmObjectHidden } from '../salesforce/errors.ts';
import { MERGE_SOURCES, type MergeField, type MergeSource } from './merge-fields.ts';

const OBJECTS: Readonly<Record<MergeSource, string>> = {
  contact: 'Contact',
  account: 'Account',
  user: 'User',
  organization: 'Organization',
};

/** Fields that are made of several and have no text of their own. */
const NO_TEXT = new Set(['address', 'location', 'base64', 'complexvalue', 'anyType']);

/** The text of a merge field; undefined when it is empty, hidden from the rep, or not there. */
export type ValueOf = (field: MergeField) => string | undefined;

/**
 * Reads what a template's merge fields ask for, as the rep, one record for each object that is named.
 * @throws CrmNotFound the contact does not exist, or the rep may not see it; the Crm errors of CrmConnection
 */
export async function readMergeValues(
  rep: Pick<Rep, 'crm' | 'salesforceUserId' | 'salesforceOrgId'>,
  contactId: string,
  mergeFields: readonly MergeField[],
  signal: AbortSignal,
): Promise<ValueOf> {
  const { crm } = rep;
  const contact = await crm.retrieve('Contact', contactId, ['Id', 'AccountId'], signal).catch(withoutAccount);
  if (contact === undefined) throw new CrmNotFound();
  const ids: Readonly<Record<MergeSource, unknown>> = {
    contact: contactId,
    account: contact.AccountId,
    user: rep.salesforceUserId,
    organization: rep.salesforceOrgId,
  };
  const read = await Promise.all(
    MERGE_SOURCES.map(async (source) => {
      const wanted = mergeFields.flatMap(({ from }) => (from?.source === source ? [from.field] : []));
      const id = ids[source];
      return wanted.length === 0 || typeof id !== 'string'
        ? undefined
        : readTexts(crm, OBJECTS[source], id, wanted, signal);
    }),
  );
  const bySource = new Map(MERGE_SOURCES.map((source, index) => [source, read[index]]));
  return ({ from }) => (from === undefined ? undefined : bySource.get(from.source)?.get(from.field.toLowerCase()));
}

/** An org where the rep may not see which account a contact belongs to. */
function withoutAccount(error: unknown): CrmRecord {
  if (error instanceof CrmFieldHidden) return {};
  throw error;
}

/** @returns texts by lower-cased field name: Salesforce ignores the case of names */
async function readTexts(
  crm: CrmConnection,
  sObject: string,
  id: string,
  wanted: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string> | undefined> {
  const describe = await crm.describe(sObject, signal).catch(hidden);
  if (describe === undefined) return undefined;
  const known = fieldsOf(describe, wanted);
  if (known.length === 0) return undefined;
  const record = await crm.retrieve(
    sObject,
    id,
    known.map(({ name }) => name),
    signal,
  );
  if (record === undefined) return undefined;
  return new Map(
    known.flatMap((field) => {
      const text = textOf(record[field.name], field.type);
      return text === undefined ? [] : [[field.name.toLowerCase(), text] as const];
    }),
  );
}

function fieldsOf(describe: SObjectDescribe, wanted: readonly string[]): readonly FieldDescribe[] {
  const names = new Set(wanted.map((name) => name.toLowerCase()));
  return [...describe.fields.values()].filter(({ name, type }) => names.has(name.toLowerCase()) && !NO_TEXT.has(type));
}

function textOf(value: unknown, type: string): string | undefined {
  if (typeof value === 'string' && value !== '') return type === 'datetime' ? value.slice(0, 10) : value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

function hidden(error: unknown): undefined {
  if (error instanceof CrmObjectHidden) return undefined;
  throw error;
}
