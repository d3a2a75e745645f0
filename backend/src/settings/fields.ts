import type { CrmConnection, FieldDescribe, SObjectDescribe } from '../salesforce/connection.ts';
import { field, number, soql } from '../salesforce/soql.ts';

/** A field of Account that an admin may choose. */
export interface FieldChoice {
  readonly name: string;
  readonly label: string;
  readonly type: string;
}

/** Types of numbers, also of formulas that give one (FACTS B, describe). */
const EXAMPLES = 3;

const NUMBER_TYPES = new Set(['int', 'long', 'double', 'currency', 'percent']);
const TEXT_TYPES = new Set(['string', 'picklist', 'multipicklist', 'combobox']);

/** Whether a field can say who pays: a number above which rows can be filtered. */
export function canCountPaying(described: FieldDescribe | undefined): boolean {
  return described !== undefined && described.filterable && NUMBER_TYPES.has(described.type);
}

/** Whether a field can name products. */
export function canNameProducts(described: FieldDescribe | undefined): boolean {
  return described !== undefined && described.filterable && !described.encrypted && TEXT_TYPES.has(described.type);
}

/** The fields of Account that may be chosen, by label. */
export function choices(account: SObjectDescribe): {
  readonly paying: readonly FieldChoice[];
  readonly products: readonly FieldChoice[];
} {
  const all = [...account.fields.values()];
  return { paying: all.filter(canCountPaying).map(choiceOf), products: all.filter(canNameProducts).map(choiceOf) };
}

function choiceOf({ name, label, type }: FieldDescribe): FieldChoice {
  return { name, label, type };
}

/** Names of the accounts that the admin can see with the most in a field, for a look whether it is the right one. */
export async function largest(crm: CrmConnection, fieldName: string, signal: AbortSignal): Promise<readonly string[]> {
  const records = await crm.queryAll(
    soql`SELECT Id, Name FROM Account WHERE ${field(fieldName)} > ${number(0)} ORDER BY ${field(fieldName)} DESC LIMIT ${number(EXAMPLES)}`,
    signal,
  );
  return records.flatMap(({ Name }) => (typeof Name === 'string' ? [Name] : []));
}

/** How many accounts the admin can see whose field is above 0, counted by Salesforce. */
export async function countPaying(crm: CrmConnection, fieldName: string, signal: AbortSignal): Promise<number> {
  const pages = crm.queryPages(
    soql`SELECT COUNT() FROM ${field('Account')} WHERE ${field(fieldName)} > ${number(0)}`,
    signal,
  );
  for await (const page of pages) return page.totalSize;
  return 0;
}
