import type { Rep } from '../../auth/rep.ts';
import type { CrmConnection, CrmRecord } from '../../salesforce/connection.ts';
import { CrmNotFound } from '../../salesforce/errors.ts';
import { field, fields, ids, number, soql } from '../../salesforce/soql.ts';
import { accountQuery, rowOf, withoutOwnerName, type PullSettings } from '../account-fields.ts';
import type { AccountRow } from '../account.ts';
import { describeAccounts, ownCurrency, type ReadWith } from '../currencies.ts';
import { productsOfAccount } from '../products.ts';
import { amountOf, textOf } from '../values.ts';

/** What the list in memory does not have of an account, where the rep may see it. */
export interface Company {
  readonly employees: number | null;
  readonly parentId: string | null;
  readonly parentName: string | null;
}

/** The account that others are compared with, read live, whether it pays or not. */
export interface Target extends Company {
  readonly row: AccountRow;
  /** Ids of customers above, beside and below it in Salesforce's hierarchy. */
  readonly relatives: readonly string[];
  /** Which of a company's fields this rep may see. */
  readonly visible: readonly string[];
}

/** More daughters than anybody reads; the largest are taken. */
const RELATIVES = 100;
const COMPANY_FIELDS = ['NumberOfEmployees', 'ParentId'];

/** @throws CrmNotFound; CrmFieldHidden, SetupMissing as the list does; the other Crm errors */
export async function readTarget(
  { crm, salesforceUserId }: Rep,
  id: string,
  readWith: ReadWith,
  signal: AbortSignal,
): Promise<Target> {
  const { settings } = readWith;
  const { source } = settings.products;
  const elsewhere = source === 'assets' || source === 'opportunityLines';
  const [{ describe, fields: seen }, named] = await Promise.all([
    describeAccounts(crm, readWith, signal),
    elsewhere ? productsOfAccount(crm, source, id, signal) : undefined,
  ]);
  // Who owns it is not compared, and their name may be hidden.
  const plan = withoutOwnerName(seen);
  const visible = COMPANY_FIELDS.filter((name) => describe.fields.has(name));
  const [records, currency] = await Promise.all([
    crm.queryAll(accountQuery(plan, id, withParent(visible)), signal),
    plan.isConverted ? ownCurrency(crm, salesforceUserId, signal) : null,
  ]);
  const [record] = records;
  if (record === undefined) throw new CrmNotFound();
  const row = rowOf(record, plan, currency);
  const company = companyOf(record);
  return {
    row: { ...row, products: named ?? row.products },
    visible,
    ...company,
    relatives: visible.includes('ParentId') ? await readRelatives(crm, id, company, settings, signal) : [],
  };
}

/** Customers that are its parent, have the same parent, or have it as their parent. */
async function readRelatives(
  crm: CrmConnection,
  id: string,
  { parentId }: Company,
  { payingField }: PullSettings,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const parents = ids(parentId === null ? [id] : [id, parentId]);
  const records = await crm.queryAll(
    soql`SELECT ${fields(['Id'])} FROM Account WHERE ${field(payingField)} > ${number(0)} AND (ParentId IN ${parents} OR Id IN ${ids([parentId ?? id])}) ORDER BY ${field(payingField)} DESC LIMIT ${number(RELATIVES)}`,
    signal,
  );
  return records.flatMap((record) => (typeof record.Id === 'string' && record.Id !== id ? [record.Id] : []));
}

/** The same of some of the rep's customers, read live, by id. @param visible as the target's @throws the Crm errors */
export async function readCompanies(
  { crm }: Rep,
  accountIds: readonly string[],
  visible: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Company>> {
  if (accountIds.length === 0 || visible.length === 0) return new Map();
  const columns = fields(['Id', ...withParent(visible)]);
  const records = await crm.queryAll(soql`SELECT ${columns} FROM Account WHERE Id IN ${ids(accountIds)}`, signal);
  return new Map(records.map((record) => [textOf(record.Id) ?? '', companyOf(record)]));
}

function withParent(visible: readonly string[]): readonly string[] {
  return visible.includes('ParentId') ? [...visible, 'Parent.Name'] : visible;
}

function companyOf(record: CrmRecord): Company {
  const parent = record.Parent as CrmRecord | null | undefined;
  return {
    employees: amountOf(record.NumberOfEmployees),
    parentId: textOf(record.ParentId),
    parentName: textOf(parent?.Name),
  };
}
