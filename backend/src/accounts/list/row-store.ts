import { Dictionary, hashOf } from './dictionary.ts';
import type { ErasableMemory } from './memory.ts';
import { ProductSets } from './product-sets.ts';
import type { RowSet } from './row-set.ts';
import { Segment, SEGMENT_ROWS, SEGMENT_SHIFT, type StagedRow } from './segment.ts';
import { SlotIndex } from './slot-index.ts';
import type { Sort } from './sort-keys.ts';
import { SortOrder } from './sort-order.ts';

/**
 * The rows of one org, each kept once where it is equal in every byte, and counted: reps that see the same account with
 * the same fields share it, a rep who may not see a field has rows of their own. A row that nobody holds is overwritten.
 * No method awaits.
 */
export class RowStore {
  readonly memory: ErasableMemory;
  readonly industries: Dictionary;
  readonly countries: Dictionary;
  readonly owners: Dictionary;
  readonly products: ProductSets;
  readonly #orders = new Map<string, SortOrder>();
  readonly #segments: (Segment | undefined)[] = [];
  readonly #index: SlotIndex;
  #open: Segment | undefined;
  #serials = 0;
  #rows = 0;
  #version = 0;
  #releases = 0;

  constructor(memory: ErasableMemory) {
    this.memory = memory;
    this.industries = new Dictionary(memory);
    this.countries = new Dictionary(memory);
    this.owners = new Dictionary(memory);
    this.products = new ProductSets(memory);
    this.#index = new SlotIndex((slot) => this.segmentOf(slot).hashes[slot & (SEGMENT_ROWS - 1)]!);
  }

  /** Rows that somebody holds. */
  get rows(): number {
    return this.#rows;
  }

  /** Another number after each change. */
  get version(): number {
    return this.#version;
  }

  /** Another number after rows may have gone. */
  get releases(): number {
    return this.#releases;
  }

  /** The position that the next row will have; positions only grow. */
  get nextPosition(): number {
    return this.#open === undefined
      ? this.#serials * SEGMENT_ROWS
      : this.#open.serial * SEGMENT_ROWS + this.#open.count;
  }

  get segmentCount(): number {
    return this.#segments.length;
  }

  segment(number: number): Segment | undefined {
    return this.#segments[number];
  }

  /** The segment of a slot; undefined when it is gone. */
  segmentAt(slot: number): Segment | undefined {
    return this.#segments[slot >>> SEGMENT_SHIFT];
  }

  /** The segment of a slot that somebody holds. */
  segmentOf(slot: number): Segment {
    return this.#segments[slot >>> SEGMENT_SHIFT]!;
  }

  /** When a row came, compared with others; -1 when its place is empty. */
  position(slot: number): number {
    const segment = this.#segments[slot >>> SEGMENT_SHIFT];
    const place = slot & (SEGMENT_ROWS - 1);
    if (segment === undefined || (segment.references[place] ?? 0) === 0) return -1;
    return segment.serial * SEGMENT_ROWS + place;
  }

  /** Adds a reference to the row that equals this one, or the row itself with its first reference. @returns its slot */
  intern(row: StagedRow): number {
    const hash = hashOf(row.bytes, 0, row.length);
    const known = this.#index.find(hash, (slot) => this.#equals(slot, row));
    if (known !== -1) {
      const segment = this.segmentOf(known);
      if (!segment.isClosed || segment.live >= SEGMENT_ROWS / 2) {
        const place = known & (SEGMENT_ROWS - 1);
        segment.references[place] = segment.references[place]! + 1;
        return known;
      }
      // Most of this segment is gone: the row moves on, and the segment empties as older lists go.
      this.#index.delete(known);
    }
    return this.#append(row, hash);
  }

  /** One more holder of a row. */
  retain(slot: number): void {
    const { references } = this.segmentOf(slot);
    const place = slot & (SEGMENT_ROWS - 1);
    references[place] = references[place]! + 1;
  }

  /** Gives references back; a row without any is overwritten, a segment without rows is given back. */
  release(slots: Iterable<number> | RowSet): void {
    const emptied = new Set<Segment>();
    const giveBack = (slot: number): void => {
      const segment = this.segmentOf(slot);
      const place = slot & (SEGMENT_ROWS - 1);
      const left = segment.references[place]! - 1;
      segment.references[place] = left;
      if (left > 0) return;
      this.#index.delete(slot);
      this.industries.release(segment.industry[place]!);
      this.countries.release(segment.country[place]!);
      this.owners.release(segment.owner[place]!);
      this.products.release(segment.products[place]!);
      segment.erase(place);
      this.#rows -= 1;
      if (segment.live === 0) emptied.add(segment);
    };
    if ('forEach' in slots) slots.forEach(giveBack);
    else for (const slot of slots) giveBack(slot);
    for (const segment of emptied) this.#drop(segment);
    this.#version += 1;
    this.#releases += 1;
  }

  /** All rows in an order. */
  order(sort: Sort, isDescending: boolean): SortOrder {
    const name = `${sort} ${isDescending ? 'desc' : 'asc'}`;
    let order = this.#orders.get(name);
    if (order === undefined) this.#orders.set(name, (order = new SortOrder(this, sort, isDescending)));
    return order;
  }

  /** Bytes of a row, to be read at once and not kept. */
  values(slot: number): Buffer {
    const segment = this.segmentOf(slot);
    const place = slot & (SEGMENT_ROWS - 1);
    return segment.bytes.subarray(segment.start(place), segment.ends[place]);
  }

  #append(row: StagedRow, hash: number): number {
    this.#open ??= this.#newSegment();
    const segment = this.#open;
    this.industries.retain(row.industry);
    this.countries.retain(row.country);
    this.owners.retain(row.owner);
    this.products.retain(row.products);
    const slot = (segment.number << SEGMENT_SHIFT) | segment.append(row, hash);
    this.#index.add(slot);
    this.#rows += 1;
    this.#version += 1;
    if (segment.isClosed) this.#open = undefined;
    return slot;
  }

  #equals(slot: number, row: StagedRow): boolean {
    const segment = this.segmentOf(slot);
    const place = slot & (SEGMENT_ROWS - 1);
    const start = segment.start(place);
    const end = segment.ends[place]!;
    return end - start === row.length && segment.bytes.compare(row.bytes, 0, row.length, start, end) === 0;
  }

  #newSegment(): Segment {
    const free = this.#segments.indexOf(undefined);
    const number = free === -1 ? this.#segments.length : free;
    const segment = new Segment(this.memory, number, this.#serials);
    this.#segments[number] = segment;
    this.#serials += 1;
    return segment;
  }

  #drop(segment: Segment): void {
    segment.release();
    this.#segments[segment.number] = undefined;
    if (this.#open === segment) this.#open = undefined;
    if (this.#rows > 0) return;
    this.#segments.length = 0;
    this.#index.clear();
  }
}
