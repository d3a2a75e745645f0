import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CrmConnection, QueryPage } from '../salesforce/connection.ts';
import { CrmInvalid } from '../salesforce/errors.ts';
import { ids, soql, type Soql } from '../salesforce/soql.ts';
import {
  accountFields,
  assumedFields,
  payingAccountsCount,
  payingAccountsQuery,
  rowOf,
  type AccountFields,
  type PullSettings,
} from './account-fields.ts';
import { IdIndex } from './id-index.ts';
import type { AccountList } from './list/account-list.ts';
import { Slices } from './list/pause.ts';
import { RowWriter } from './list/row-writer.ts';
import { isHidden, productsObject, productsOfAccounts } from './products.ts';

/** Rows between two looks at the clock. */
const STEPS_PER_LOOK = 32;
/** Rows of one rep's list; more is no list that a person works. Bounds what a wrong field name can pull. */
export const MAX_ROWS = 1_000_000;

/** What a pull reads with, and for whom. */
export interface PullParts {
  readonly crm: CrmConnection;
  readonly salesforceUserId: string;
  readonly settings: PullSettings;
  /** What this rep could see last time, if known: names of fields only. A wrong one costs one call. */
  readonly lastFields: AccountFields | undefined;
  /** Empty; it has all rows at the end. After an error the caller erases it. */
  readonly list: AccountList;
  readonly onProgress: (progress: PullProgress) => void;
}

/** How far a pull is, told after each page and at the end. */
export interface PullProgress {
  readonly pages: number;
  /** Salesforce's count of the whole result; at the end, of the rows that came. */
  readonly total: number;
  readonly fields: AccountFields;
  /** API names of fields, and of an object with products, that the rep may not see. */
  readonly hiddenFields: readonly string[];
}

/**
 * Reads every account whose paying field is above zero, as the rep: rows first, largest first, then their products
 * where these lie in other objects. Works in slices; the next page is under way meanwhile.
 * @throws CrmFieldHidden the rep may not see the paying field
 * @throws SetupMissing nobody saved settings, and the default field is not there
 * @throws CrmInvalid what came is not what Salesforce counts; the other Crm errors; the signal's reason
 */
export async function pullAccounts(parts: PullParts, signal: AbortSignal): Promise<PullProgress> {
  const { crm, list, onProgress } = parts;
  const stopped = new AbortController();
  const either = AbortSignal.any([signal, stopped.signal]);
  const writer = new RowWriter(list.store);
  const byId = new IdIndex(list.store);
  try {
    const { fields, first, more } = await firstPage(parts, either);
    const currency = fields.isConverted ? await ownCurrency(crm, parts.salesforceUserId, either) : null;
    let progress: PullProgress = { pages: 0, total: first.totalSize, fields, hiddenFields: fields.hidden };
    const take = async (page: QueryPage): Promise<void> => {
      if (page.totalSize > MAX_ROWS || list.size > MAX_ROWS) throw new CrmInvalid();
      const slices = new Slices();
      let sinceLook = 0;
      for (const record of page.records) {
        const row = rowOf(record, fields, currency);
        // Salesforce reads rows page by page: one that changed meanwhile can come twice.
        if (byId.find(row.id) === -1) {
          const slot = writer.add(row);
          list.add(slot);
          byId.add(slot);
        }
        sinceLook += 1;
        if (sinceLook % STEPS_PER_LOOK === 0 && slices.isOver) {
          await slices.next();
          signal.throwIfAborted();
        }
      }
      progress = { ...progress, pages: progress.pages + 1 };
      onProgress(progress);
    };
    signal.throwIfAborted();
    await take(first);
    for await (const page of more) {
      await nextTurn(); // the page was parsed just now, in one go
      signal.throwIfAborted();
      await take(page);
    }
    await assertWhole(parts, fields, first.totalSize, either);
    const hiddenObject = await addProducts(parts, writer, byId, either);
    progress = {
      ...progress,
      total: list.size,
      hiddenFields: hiddenObject === undefined ? fields.hidden : [...fields.hidden, hiddenObject],
    };
    onProgress(progress);
    return progress;
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    stopped.abort();
    byId.clear();
    writer.close();
  }
}

interface FirstPage {
  readonly fields: AccountFields;
  readonly first: QueryPage;
  readonly more: AsyncGenerator<QueryPage, void, undefined>;
}

/**
 * Describe and the first page are asked for at once, so that the rep waits for one round trip and not for two; if
 * describe says that the query was a wrong guess, its answer is dropped and the right query is asked.
 */
async function firstPage(parts: PullParts, signal: AbortSignal): Promise<FirstPage> {
  const { crm, settings, lastFields } = parts;
  const assumed = lastFields ?? assumedFields(settings);
  const guess = payingAccountsQuery(assumed);
  const guessed = open(crm, guess, signal);
  const fields = accountFields(await crm.describe('Account', signal), settings);
  const query = payingAccountsQuery(fields);
  let pages = guessed;
  if (query !== guess) {
    void guessed.more.return();
    pages = open(crm, query, signal);
  }
  const page = await pages.first;
  if (page.done === true) throw new CrmInvalid();
  return { fields, first: page.value, more: pages.more };
}

interface OpenQuery {
  readonly first: Promise<IteratorResult<QueryPage, void>>;
  readonly more: AsyncGenerator<QueryPage, void, undefined>;
}

function open(crm: CrmConnection, query: Soql, signal: AbortSignal): OpenQuery {
  const more = crm.queryPages(query, signal);
  const first = more.next();
  first.catch(() => undefined); // met when it is awaited; a wrong guess never is
  return { first, more };
}

/** The rep's own currency, which `convertCurrency` converts to; null where it cannot be read. */
export async function ownCurrency(crm: CrmConnection, userId: string, signal: AbortSignal): Promise<string | null> {
  try {
    const [user] = await crm.queryAll(
      soql`SELECT DefaultCurrencyIsoCode FROM User WHERE Id IN ${ids([userId])}`,
      signal,
    );
    const code: unknown = user?.DefaultCurrencyIsoCode;
    return typeof code === 'string' ? code : null;
  } catch (error) {
    if (isHidden(error)) return null;
    throw error;
  }
}

/**
 * Salesforce counts a result when the query runs and reads rows when their page is asked for: rows that were deleted,
 * stopped paying or came twice meanwhile make a difference, which a second count explains. A difference that it does not
 * explain means rows that the rep would miss without knowing: an error.
 */
async function assertWhole(
  parts: PullParts,
  fields: AccountFields,
  counted: number,
  signal: AbortSignal,
): Promise<void> {
  const { crm, list } = parts;
  if (list.size === counted) return;
  for await (const page of crm.queryPages(payingAccountsCount(fields), signal)) {
    const now = page.totalSize;
    if (list.size < Math.min(counted, now) || list.size > Math.max(counted, now)) throw new CrmInvalid();
    return;
  }
}

/** @returns the object that the rep may not see, if so */
async function addProducts(
  { crm, settings, list }: PullParts,
  writer: RowWriter,
  byId: IdIndex,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { source } = settings.products;
  if (source !== 'opportunityLines' && source !== 'assets') return undefined;
  const slices = new Slices();
  try {
    for await (const accounts of productsOfAccounts(crm, source, settings.payingField, signal)) {
      signal.throwIfAborted();
      for (const { accountId, products } of accounts) {
        const slot = byId.find(accountId);
        if (slot === -1) continue;
        const changed = writer.addWithProducts(slot, products);
        byId.replace(slot, changed);
        list.replace(slot, changed);
        if (slices.isOver) await slices.next();
        signal.throwIfAborted();
      }
    }
    return undefined;
  } catch (error) {
    if (isHidden(error)) return productsObject(source);
    throw error;
  }
}
