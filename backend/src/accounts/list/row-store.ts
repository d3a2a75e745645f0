import { Dictionary } from './dictionary.ts';
import { hashOf } from './hash.ts';
import type { ErasableMemory } from './memory.ts';
import { ProductSets } from './product-sets.ts';
import { RecentAnswers } from './recent-answers.ts';
import type { RowSet } from './row-set.ts';
import { FRAMES, ID_AT, ID_BYTES } from './row-text.ts';
import { Segment, SEGMENT_ROWS, SEGMENT_SHIFT, type StagedRow, type Staging } from './segment.ts';
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
  readonly currencies: Dictionary;
  readonly industries: Dictionary;
  readonly countries: Dictionary;
  readonly owners: Dictionary;
  readonly products: ProductSets;
  readonly answers: RecentAnswers;
  readonly #orders = new Map<string, SortOrder>();
  readonly #segments: (Segment | undefined)[] = [];
  readonly #index = new SlotIndex();
  #open: Segment | undefined;
  #staging: Staging | undefined;
  #serials = 0;
  #rows = 0;
  #version = 0;
  #releases = 0;

  constructor(memory: ErasableMemory) {
    this.memory = memory;
    this.currencies = new Dictionary(memory, FRAMES.currency);
    this.industries = new Dictionary(memory, FRAMES.industry);
    this.countries = new Dictionary(memory, FRAMES.country);
    this.owners = new Dictionary(memory, FRAMES.owner);
    this.products = new ProductSets(memory);
    this.answers = new RecentAnswers(memory);
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
    const hash = hashOfId(row.bytes, 0);
    for (let place = this.#index.first(hash); place !== -1; place = this.#index.next(place, hash)) {
      const slot = this.#index.slotAt(place);
      if (!this.#equals(slot, row)) continue;
      const segment = this.segmentOf(slot);
      if (!segment.isClosed || segment.live >= SEGMENT_ROWS / 2) {
        segment.references[slot & (SEGMENT_ROWS - 1)]! += 1;
        return slot;
      }
      // Most of this segment is gone: the row moves on, and the segment empties as older lists go.
      this.#index.delete(hash, slot);
      break;
    }
    return this.#append(row, hash);
  }

  /** One more holder of a row. */
  retain(slot: number): void {
    const { references } = this.segmentOf(slot);
    const place = slot & (SEGMENT_ROWS - 1);
    references[place] = references[place]! + 1;
  }

  /** To be called when no more rows come for now. */
  rest(): void {
    if (this.#staging === undefined) return;
    this.memory.release(this.#staging.bytes);
    this.memory.release(this.#staging.folded);
    this.#staging = undefined;
  }

  /** Gives references back; a row without any is overwritten, a segment without rows is given back. */
  release(slots: RowSet): void {
    const gone: number[] = [];
    slots.forEach((slot) => {
      if (this.#dropReference(slot)) gone.push(slot);
    });
    this.#forget(gone);
  }

  /** Gives one reference back. */
  releaseOne(slot: number): void {
    if (this.#dropReference(slot)) this.#forget([slot]);
  }

  /** All rows in an order. */
  order(sort: Sort, isDescending: boolean): SortOrder {
    const name = `${sort} ${isDescending ? 'desc' : 'asc'}`;
    let order = this.#orders.get(name);
    if (order === undefined) this.#orders.set(name, (order = new SortOrder(this, sort, isDescending)));
    return order;
  }

  /** @returns whether it was the row's last */
  #dropReference(slot: number): boolean {
    const { references } = this.segmentOf(slot);
    const left = references[slot & (SEGMENT_ROWS - 1)]! - 1;
    references[slot & (SEGMENT_ROWS - 1)] = left;
    return left === 0;
  }

  #forget(gone: readonly number[]): void {
    if (gone.length === 0) return;
    const isEmpty = gone.length === this.#rows;
    for (const slot of gone) {
      const segment = this.segmentOf(slot);
      const place = slot & (SEGMENT_ROWS - 1);
      if (!isEmpty) this.#index.delete(this.#hashOf(slot), slot);
      this.currencies.release(segment.currency[place]!);
      this.industries.release(segment.industry[place]!);
      this.countries.release(segment.country[place]!);
      this.owners.release(segment.owner[place]!);
      this.products.release(segment.products[place]!);
      segment.live -= 1;
    }
    this.#rows -= gone.length;
    if (isEmpty) this.#index.clear();
    for (const slot of gone) {
      const segment = this.segmentAt(slot);
      if (segment === undefined) continue; // given back with an earlier row
      if (segment.live === 0) this.#drop(segment);
      else segment.erase(slot & (SEGMENT_ROWS - 1));
    }
    this.#version += 1;
    this.#releases += 1;
  }

  #append(row: StagedRow, hash: number): number {
    this.#open ??= this.#newSegment();
    const segment = this.#open;
    this.currencies.retain(row.currency);
    this.industries.retain(row.industry);
    this.countries.retain(row.country);
    this.owners.retain(row.owner);
    this.products.retain(row.products);
    const slot = (segment.number << SEGMENT_SHIFT) | segment.append(row);
    this.#index.add(hash, slot);
    this.#rows += 1;
    this.#version += 1;
    if (segment.count === SEGMENT_ROWS) {
      this.#staging = segment.close();
      this.#open = undefined;
    }
    return slot;
  }

  #hashOf(slot: number): number {
    const segment = this.segmentOf(slot);
    const place = slot & (SEGMENT_ROWS - 1);
    return hashOfId(segment.bytes, segment.start(place));
  }

  #equals(slot: number, row: StagedRow): boolean {
    const segment = this.segmentOf(slot);
    const place = slot & (SEGMENT_ROWS - 1);
    const start = segment.start(place);
    const end = segment.ends[place]!;
    return (
      end - start === row.length &&
      segment.currency[place] === row.currency &&
      segment.industry[place] === row.industry &&
      segment.country[place] === row.country &&
      segment.owner[place] === row.owner &&
      segment.products[place] === row.products &&
      segment.bytes.compare(row.bytes, 0, row.length, start, end) === 0
    );
  }

  #newSegment(): Segment {
    const free = this.#segments.indexOf(undefined);
    const number = free === -1 ? this.#segments.length : free;
    const segment = new Segment(this.memory, number, this.#serials, this.#staging);
    this.#staging = undefined;
    this.#segments[number] = segment;
    this.#serials += 1;
    return segment;
  }

  #drop(segment: Segment): void {
    segment.release();
    this.#segments[segment.number] = undefined;
    if (this.#open === segment) this.#open = undefined;
    if (this.#rows === 0 && this.#segments.every((other) => other === undefined)) this.#segments.length = 0;
  }
}

/** Rows of one account differ seldom, and then in what few reps may see: the id alone finds them, in a tenth of the time. */
function hashOfId(bytes: Buffer, start: number): number {
  return hashOf(bytes, start + ID_AT, start + ID_AT + ID_BYTES);
}
