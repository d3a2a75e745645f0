import type { Rep } from '../auth/rep.ts';
import type { CrmRecord, SObjectDescribe } from '../salesforce/connection.ts';
import { CrmNotFound } from '../salesforce/errors.ts';
import { fields, ids, number, soql } from '../salesforce/soql.ts';
import { accountQuery, rowOf, type PullSettings, isOwnerNameHidden, withoutOwnerName } from './account-fields.ts';
import type { AccountRow } from './account.ts';
import { describeAccounts, ownCurrency, type ReadWith } from './currencies.ts';
import { isHidden, productsOfAccount } from './products.ts';
import { amountOf, textOf } from './values.ts';

export interface OpenOpportunity {
  readonly id: string;
  readonly name: string | null;
  readonly stage: string | null;
  readonly amount: number | null;
  readonly currency: string | null;
  /** A day, `2026-11-24`. */
  readonly closeDate: string | null;
}

export interface AccountDetail extends AccountRow {
  readonly isPaying: boolean;
  /** A day; null when there was none, or the rep may not see it. */
  readonly lastActivityDate: string | null;
  readonly openOpportunities: readonly OpenOpportunity[];
}

/** Opportunities that one account shows, next to close first. */
const OPPORTUNITIES = 200;
const LAST_ACTIVITY = 'LastActivityDate';

/**
 * Reads one account live, whether it pays or not; nothing is kept.
 * @throws CrmNotFound it does not exist, or the rep may not see it
 * @throws CrmFieldHidden, SetupMissing as the list does; the other Crm errors
 */
export async function readAccount(
  rep: Rep,
  id: string,
  readWith: ReadWith,
  signal: AbortSignal,
): Promise<AccountDetail> {
  const { crm } = rep;
  const [{ describe, fields: plan }, opportunities, named] = await Promise.all([
    describeAccounts(crm, readWith, signal),
    crm.describe('Opportunity', signal).catch(hiddenAs(undefined)),
    namedProducts(rep, id, readWith.settings, signal),
  ]);
  const more = describe.fields.has(LAST_ACTIVITY) ? [LAST_ACTIVITY] : [];
  const [records, currency, openOpportunities] = await Promise.all([
    crm.queryAll(accountQuery(plan, id, more), signal).catch((error: unknown) => {
      if (!isOwnerNameHidden(error, plan)) throw error;
      return crm.queryAll(accountQuery(withoutOwnerName(plan), id, more), signal);
    }),
    plan.isConverted ? ownCurrency(crm, rep.salesforceUserId, signal) : null,
    opportunities === undefined ? [] : readOpportunities(rep, id, opportunities, signal),
  ]);
  const [record] = records;
  if (record === undefined) throw new CrmNotFound();
  const row = rowOf(record, plan, currency);
  return {
    ...row,
    products: named ?? row.products,
    isPaying: row.arr !== null && row.arr > 0,
    lastActivityDate: textOf(record[LAST_ACTIVITY]),
    openOpportunities,
  };
}

/** Products that lie in other objects; undefined where they are on the account or nowhere. */
async function namedProducts(
  { crm }: Rep,
  id: string,
  { products: { source } }: PullSettings,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  return source === 'assets' || source === 'opportunityLines' ? productsOfAccount(crm, source, id, signal) : undefined;
}

async function readOpportunities(
  { crm }: Rep,
  id: string,
  describe: SObjectDescribe,
  signal: AbortSignal,
): Promise<readonly OpenOpportunity[]> {
  const wanted = ['Name', 'StageName', 'Amount', 'CurrencyIsoCode', 'CloseDate'];
  const visible = wanted.filter((name) => describe.fields.has(name));
  const query = soql`SELECT ${fields(['Id', ...visible])} FROM Opportunity WHERE AccountId IN ${ids([id])} AND IsClosed = FALSE ORDER BY CloseDate, Id LIMIT ${number(OPPORTUNITIES)}`;
  const records = await crm.queryAll(query, signal).catch(hiddenAs<readonly CrmRecord[]>([]));
  return records.map((record) => ({
    id: textOf(record.Id) ?? '',
    name: textOf(record.Name),
    stage: textOf(record.StageName),
    amount: amountOf(record.Amount),
    currency: textOf(record.CurrencyIsoCode),
    closeDate: textOf(record.CloseDate),
  }));
}

/** What stands for an object, or a field, that the rep may not see. */
function hiddenAs<T>(value: T): (error: unknown) => T {
  return (error) => {
    if (isHidden(error) || error instanceof CrmNotFound) return value;
    throw error;
  };
}
