import type { CrmConnection, QueryBytes } from '../salesforce/connection.ts';
import { CrmInvalid } from '../salesforce/errors.ts';
import { emptyFields, KIND, RecordShape, type JsonBytes } from '../salesforce/json-bytes.ts';
import type { Soql } from '../salesforce/soql.ts';
import {
  isOwnerNameHidden,
  payingAccountsCount,
  payingAccountsQuery,
  wantedOf,
  withoutOwnerName,
  type AccountFields,
} from './account-fields.ts';
import { describeAccounts, ownCurrency, type ReadWith } from './currencies.ts';
import type { AccountList } from './list/account-list.ts';
import { IdIndex } from './list/id-index.ts';
import { Slices } from './list/pause.ts';
import { FIELD_COUNT } from './list/record-fields.ts';
import { RowWriter } from './list/row-writer.ts';
import { isHidden, productsObject, productsOfAccounts } from './products.ts';

/** Rows between two looks at the clock. */
const STEPS_PER_LOOK = 32;
/** Rows of one rep's list; more is no list that a person works. Bounds what a wrong field name can pull. */
export const MAX_ROWS = 1_000_000;

/** What a pull reads with, and for whom. */
export interface PullParts extends ReadWith {
  readonly crm: CrmConnection;
  readonly salesforceUserId: string;
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
  const { crm, salesforceUserId, list, onProgress } = parts;
  const stopped = new AbortController();
  const either = AbortSignal.any([signal, stopped.signal]);
  let writer: RowWriter | undefined;
  try {
    const { fields, pages } = await openPages(parts, either);
    writer = new RowWriter(list.store, fields.isConverted ? await ownCurrency(crm, salesforceUserId, either) : null);
    const taker = new PageTaker(list, writer, fields, signal);
    let progress: PullProgress = { pages: 0, total: 0, fields, hiddenFields: fields.hidden };
    for await (const page of pages) {
      const before = list.size;
      await taker.take(page);
      // A page that brings nothing and names a next one could go on for ever.
      if (list.size === before && !page.isLast) throw new CrmInvalid();
      // One result has one size: of several that are told, the largest leaves no row out unnoticed.
      progress = { ...progress, pages: progress.pages + 1, total: Math.max(progress.total, page.totalSize) };
      onProgress(progress);
    }
    await assertWhole(parts, fields, progress.total, either);
    const hiddenObject = await addProducts(parts, writer, taker.byId, either);
    const hiddenFields = hiddenObject === undefined ? fields.hidden : [...fields.hidden, hiddenObject];
    progress = { ...progress, total: list.size, hiddenFields };
    onProgress(progress);
    return progress;
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    stopped.abort();
    writer?.close();
  }
}

/** Puts the records of pages into the list, and overwrites the pages. */
class PageTaker {
  readonly byId: IdIndex;
  readonly #list: AccountList;
  readonly #writer: RowWriter;
  readonly #shape: RecordShape;
  readonly #fields = emptyFields(FIELD_COUNT);
  #view: DataView = new DataView(new ArrayBuffer(0));
  readonly #signal: AbortSignal;

  constructor(list: AccountList, writer: RowWriter, fields: AccountFields, signal: AbortSignal) {
    this.byId = new IdIndex(list.store);
    this.#list = list;
    this.#writer = writer;
    this.#shape = new RecordShape(wantedOf(fields));
    this.#signal = signal;
  }

  async take({ records, totalSize }: QueryBytes): Promise<void> {
    try {
      this.#signal.throwIfAborted();
      if (totalSize > MAX_ROWS || this.#list.size > MAX_ROWS) throw new CrmInvalid();
      const { buffer, byteOffset, byteLength } = records.bytes;
      this.#view = new DataView(buffer, byteOffset, byteLength);
      const slices = new Slices();
      let taken = 0;
      if (!records.openArray()) {
        records.endEnvelope();
        return;
      }
      do {
        this.#add(records);
        taken += 1;
        if (taken % STEPS_PER_LOOK === 0 && slices.isOver) {
          await slices.next();
          this.#signal.throwIfAborted();
        }
      } while (records.nextElement());
      records.endEnvelope();
    } finally {
      records.bytes.fill(0);
    }
  }

  /** Salesforce reads rows page by page: one that changed meanwhile can come twice; its first version stays. */
  #add(records: JsonBytes): void {
    this.#fields.kinds.fill(KIND.none);
    this.#shape.read(records, this.#fields);
    const slot = this.#writer.add({ bytes: records.bytes, view: this.#view, fields: this.#fields });
    if (this.byId.add(slot)) this.#list.add(slot);
    else this.#list.store.releaseOne(slot);
  }
}

/**
 * Where it is known what this rep could see last time, describe and the first page are asked for at once, so that they
 * wait for one round trip and not for two. If describe says otherwise now, that page is dropped and the right query is
 * asked. Without knowledge no page is guessed: a wrong guess costs one of the org's API calls.
 */
async function openPages({ crm, settings, lastFields }: PullParts, signal: AbortSignal): Promise<OpenPages> {
  const guess = lastFields?.hasOwnerName === true ? payingAccountsQuery(lastFields) : undefined;
  const guessed = guess === undefined ? undefined : open(crm, guess, signal);
  const { fields } = await describeAccounts(crm, { settings, lastFields }, signal);
  const query = payingAccountsQuery(fields);
  if (query !== guess) void guessed?.pages.return();
  const { first, pages } = query === guess && guessed !== undefined ? guessed : open(crm, query, signal);
  try {
    await first;
    return { fields, pages: inOrder(first, pages) };
  } catch (error) {
    if (!isOwnerNameHidden(error, fields)) throw error;
    const fewer = withoutOwnerName(fields);
    const opened = open(crm, payingAccountsQuery(fewer), signal);
    return { fields: fewer, pages: inOrder(opened.first, opened.pages) };
  }
}

type Pages = AsyncGenerator<QueryBytes, void, undefined>;

interface OpenPages {
  readonly fields: AccountFields;
  readonly pages: Pages;
}

/** The first page is asked for now, and not when it is awaited. */
function open(
  crm: CrmConnection,
  query: Soql,
  signal: AbortSignal,
): { first: ReturnType<Pages['next']>; pages: Pages } {
  const pages = crm.queryBytes(query, signal);
  const first = pages.next();
  first.catch(() => undefined); // met when it is awaited; that of a wrong guess never is
  return { first, pages };
}

async function* inOrder(first: ReturnType<Pages['next']>, pages: Pages): Pages {
  for (let page = await first; page.done !== true; page = await pages.next()) yield page.value;
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
        byId.replace(accountId, changed);
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
