import { randomBytes } from 'node:crypto';
import type { AccountRow } from '../account.ts';
import { facetsJson } from './facets.ts';
import { filterKey, matchRows, type Filter } from './match.ts';
import { Slices } from './pause.ts';
import { RowSet } from './row-set.ts';
import { rowSize, writeRow } from './row-json.ts';
import type { RowStore } from './row-store.ts';
import { SLACK } from './row-text.ts';
import { SEGMENT_ROWS } from './segment.ts';
import type { Sort } from './sort-keys.ts';

/** Answers of searches that are kept with the list, so that paging through them searches once. */
const KEPT_RESULTS = 4;

export interface ListQuery extends Filter {
  readonly sort: Sort;
  readonly order: 'asc' | 'desc';
  readonly offset: number;
  readonly limit: number;
}

/** What an answer says around rows and facets. Both are plain ASCII. */
export interface Around {
  /** Ends behind `"rows":`. */
  readonly before: string;
  /** Begins behind the facets. */
  readonly after: string;
}

interface Result {
  readonly rows: RowSet;
  readonly matched: number;
  readonly facets: Buffer;
}

/**
 * One rep's list: which of the org's rows are theirs. It holds a reference to each of them until `erase`. Nothing here
 * awaits but `prepare`, so a page is cut from one state of the list.
 */
export class AccountList {
  /** Names the pull in ETags; says nothing about the data. */
  readonly id = randomBytes(9).toString('base64url');
  readonly store: RowStore;
  readonly #rows = new RowSet();
  readonly #results = new Map<string, Result>();
  #isErased = false;

  constructor(store: RowStore) {
    this.store = store;
  }

  get size(): number {
    return this.#rows.size;
  }

  get isErased(): boolean {
    return this.#isErased;
  }

  /** Its rows, to be read and not changed. Who pauses looks at `isErased` before going on. */
  get rows(): RowSet {
    return this.#rows;
  }

  /** One of its rows, as a copy. */
  row(slot: number): AccountRow {
    const { store } = this;
    const segment = store.segmentOf(slot);
    const place = slot & (SEGMENT_ROWS - 1);
    const json = store.memory.allocate(rowSize(store, segment, place) + SLACK);
    const end = writeRow(store, segment, place, new DataView(json.buffer), 0);
    const row = JSON.parse(json.toString('utf8', 0, end)) as AccountRow;
    store.memory.release(json);
    return row;
  }

  /** Takes over a reference to a row. */
  add(slot: number): void {
    if (this.#isErased || !this.#rows.add(slot)) this.store.releaseOne(slot);
    this.#forgetResults();
  }

  /** Exchanges a row for another version of it, whose reference it takes over. */
  replace(slot: number, by: number): void {
    if (this.#rows.delete(slot)) this.store.releaseOne(slot);
    this.add(by);
  }

  /** Whether an order can be walked without a pause. @param whatever it may cost */
  isReady(sort: Sort, order: 'asc' | 'desc', whatever: boolean): boolean {
    return this.store.order(sort, order === 'desc').slots(whatever) !== undefined;
  }

  /** Makes an order; ask `isReady` again behind it. */
  prepare(sort: Sort, order: 'asc' | 'desc'): Promise<void> {
    return this.store.order(sort, order === 'desc').prepare();
  }

  /**
   * Cuts a page and puts it into its answer.
   * @param around told how many rows match
   * @param take gives the buffer to write into
   * @returns what was written, the beginning of that buffer
   * @throws Error when the list was erased, or the order is not ready
   */
  page(
    { sort, order, offset, limit, ...filter }: ListQuery,
    around: (matched: number) => Around,
    take: (bytes: number) => Buffer = (bytes) => Buffer.allocUnsafeSlow(bytes),
  ): Buffer {
    if (this.#isErased) throw new Error('The list was erased');
    const slots = this.store.order(sort, order === 'desc').slots(false);
    if (slots === undefined) throw new Error('The order is not ready');
    const result = this.#result(filter);
    return this.#json(cut(slots, result, offset, limit), result.facets, around(result.matched), take);
  }

  /** Gives all rows back; what nobody else holds is overwritten. */
  erase(): void {
    if (!this.#beginErasure()) return;
    this.store.release(this.#rows);
    this.#rows.clear();
  }

  /** The same in slices, so that a list of 100,000 rows holds nobody up. It serves nothing from the call on. */
  async eraseInSlices(): Promise<void> {
    if (!this.#beginErasure()) return;
    const slices = new Slices();
    for (const segment of this.#rows.usedSegments()) {
      if (slices.isOver) await slices.next();
      this.store.release(this.#rows.takeSegment(segment));
    }
    this.#rows.clear();
  }

  #beginErasure(): boolean {
    if (this.#isErased) return false;
    this.#isErased = true;
    this.store.answers.erase(this.id);
    this.#forgetResults();
    // V8 keeps the text that a regular expression matched last; this match puts an empty one in its place.
    /(?:)/.test('');
    return true;
  }

  #result(filter: Filter): Result {
    const key = filterKey(filter);
    const known = this.#results.get(key);
    if (known !== undefined) {
      this.#results.delete(key);
      this.#results.set(key, known);
      return known;
    }
    const { rows, counts } = matchRows(this.store, this.#rows, filter);
    const result = { rows, matched: rows.size, facets: facetsJson(this.store, counts, this.store.memory) };
    this.#results.set(key, result);
    for (const [oldest, { facets }] of this.#results) {
      if (this.#results.size <= KEPT_RESULTS) break;
      this.store.memory.release(facets);
      this.#results.delete(oldest);
    }
    return result;
  }

  #forgetResults(): void {
    if (this.#results.size === 0) return;
    for (const { facets } of this.#results.values()) this.store.memory.release(facets);
    this.#results.clear();
  }

  #json(slots: Uint32Array, facets: Buffer, { before, after }: Around, take: (bytes: number) => Buffer): Buffer {
    const { store } = this;
    let rowsSize = Math.max(0, slots.length - 1);
    for (const slot of slots) rowsSize += rowSize(store, store.segmentOf(slot), slot & (SEGMENT_ROWS - 1));
    const size = before.length + 1 + rowsSize + BETWEEN.length + facets.length + after.length;
    const json = take(size + SLACK);
    const view = new DataView(json.buffer, json.byteOffset, json.length);
    let at = json.write(before, 'latin1');
    json[at++] = OPENING_BRACKET;
    for (const slot of slots) {
      at = writeRow(store, store.segmentOf(slot), slot & (SEGMENT_ROWS - 1), view, at);
      json[at++] = COMMA;
    }
    if (slots.length > 0) at -= 1;
    at += json.write(BETWEEN, at, 'latin1');
    at += facets.copy(json, at);
    json.write(after, at, 'latin1');
    return json.subarray(0, size);
  }
}

const BETWEEN = '],"facets":';
const COMMA = 0x2c;
const OPENING_BRACKET = 0x5b;

/** The slots of a page: the order is walked, what is not in the result is passed over. */
function cut(slots: Uint32Array, { rows, matched }: Result, offset: number, limit: number): Uint32Array {
  // An order has each row of the org once: as many rows in the result are the same rows.
  if (matched === slots.length) return slots.subarray(offset, offset + limit);
  const end = Math.min(offset + limit, matched);
  const page = new Uint32Array(Math.max(0, end - offset));
  for (let at = 0, passed = 0; at < slots.length && passed < end; at += 1) {
    const slot = slots[at]!;
    if (!rows.has(slot)) continue;
    if (passed >= offset) page[passed - offset] = slot;
    passed += 1;
  }
  return page;
}
