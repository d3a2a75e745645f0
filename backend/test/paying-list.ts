import { AccountList, type ListQuery } from '../src/accounts/list/account-list.ts';
import type { AccountFields, PullSettings } from '../src/accounts/account-fields.ts';
import type { AccountRow } from '../src/accounts/account.ts';
import { pullAccounts, type PullProgress } from '../src/accounts/pull.ts';
import type { RowStore } from '../src/accounts/list/row-store.ts';
import type { CrmConnection, FieldDescribe } from '../src/salesforce/connection.ts';
import { JsonBytes } from '../src/salesforce/json-bytes.ts';
import { ACCOUNT_FIELDS, type AccountSource, type SourceAccount } from './account-source.ts';

export const SETTINGS: PullSettings = {
  payingField: 'ActiveARR__c',
  products: { source: 'accountField', field: 'Products__c' },
  cache: { enabled: true, minutes: 60 },
  isSaved: true,
};

/** The same without products. */
export const plain: PullSettings = { ...SETTINGS, products: { source: 'none' } };

export const never: AbortSignal = new AbortController().signal;

/** A connection without a network: it describes all fields, and has one page with these accounts. */
export function connectionOf(accounts: readonly SourceAccount[]): CrmConnection {
  const names = [...ACCOUNT_FIELDS, 'Products__c'];
  const fields = new Map(names.map((name) => [name, { name, type: 'double' } as FieldDescribe]));
  const parts: Partial<CrmConnection> = {
    describe: () => Promise.resolve({ name: 'Account', fields }),
    async *queryBytes() {
      const before = '{"records":';
      const page = Buffer.from(`${before}${JSON.stringify(accounts)}}`);
      const records = new JsonBytes(await Promise.resolve(page), before.length);
      yield { records, totalSize: accounts.length, isLast: true };
    },
  };
  return parts as CrmConnection;
}

/** Pulls these accounts into a list of the store. */
export async function pulledList(
  store: RowStore,
  crm: CrmConnection,
  settings: PullSettings = SETTINGS,
): Promise<{ readonly list: AccountList; readonly progress: PullProgress }> {
  const list = new AccountList(store);
  const salesforceUserId = '005000000000001AAA';
  const parts = { crm, salesforceUserId, settings, lastFields: undefined, list, onProgress: () => undefined };
  const progress = await pullAccounts(parts, never);
  return { list, progress };
}

export interface PullOptions {
  /** `plain` when left out. */
  readonly settings?: PullSettings;
  readonly lastFields?: AccountFields;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: PullProgress) => void;
}

/** Pulls a source's accounts over HTTP. */
export function pullInto(
  list: AccountList,
  source: AccountSource,
  { settings = plain, lastFields, signal = never, onProgress = () => undefined }: PullOptions = {},
): Promise<PullProgress> {
  const salesforceUserId = '005000000000001AAA';
  return pullAccounts({ crm: source.connect(), salesforceUserId, settings, lastFields, list, onProgress }, signal);
}

export interface FacetEntry {
  readonly value: string;
  readonly label: string;
  readonly count: number;
}

/** What a page says, parsed. */
export interface PageAnswer {
  readonly matched: number;
  readonly rows: readonly AccountRow[];
  readonly facets: Readonly<Record<'industry' | 'country' | 'owner' | 'product', readonly FacetEntry[]>>;
}

/** A page of a list, as a client reads it. */
export async function pageOf(list: AccountList, query: Partial<ListQuery> = {}): Promise<PageAnswer> {
  const full: ListQuery = { sort: 'arr', order: 'desc', offset: 0, limit: 200, ...query };
  while (!list.isReady(full.sort, full.order, false)) await list.prepare(full.sort, full.order);
  const body = list.page(full, (matched) => ({ before: `{"matched":${matched},"rows":`, after: '}' }));
  return JSON.parse(body.toString('utf8')) as PageAnswer;
}
