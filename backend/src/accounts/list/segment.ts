import type { ErasableMemory } from './memory.ts';

/** Rows of one segment; a slot is a segment's number and a row's place in it. */
export const SEGMENT_ROWS = 2048;
export const SEGMENT_SHIFT = 11;
const FIRST_ROWS = 128;

/** A row on its way into the store. Whoever holds it also holds a reference to each of its codes. */
export interface StagedRow {
  /** `bytes[0, length)`: the row's values (row-text.ts). */
  readonly bytes: Buffer;
  readonly length: number;
  /** `folded[0, foldedLength)`: name, city, website and owner, folded, a line each, closed by a zero byte. */
  readonly folded: Buffer;
  readonly foldedLength: number;
  /** What sorting by `arr` compares; NaN where there is none. */
  readonly arr: number;
  readonly industry: number;
  readonly country: number;
  readonly owner: number;
  readonly products: number;
}

/**
 * Up to 2,048 rows in the order in which they came, never moved: their values, their folded text, and columns for
 * filters and sorting. A row that goes is overwritten where it lies; its place is not used again.
 */
export class Segment {
  readonly number: number;
  /** Grows with each segment of a store: later rows have higher positions. */
  readonly serial: number;
  count = 0;
  live = 0;
  isClosed = false;
  bytes: Buffer;
  folded: Buffer;
  /** Where row `i` ends in `bytes` and `folded`; it begins where the one before ends. */
  ends = new Uint32Array(FIRST_ROWS);
  foldedEnds = new Uint32Array(FIRST_ROWS);
  references = new Uint32Array(FIRST_ROWS);
  hashes = new Uint32Array(FIRST_ROWS);
  arr = new Float64Array(FIRST_ROWS);
  industry = new Uint32Array(FIRST_ROWS);
  country = new Uint32Array(FIRST_ROWS);
  owner = new Uint32Array(FIRST_ROWS);
  products = new Uint32Array(FIRST_ROWS);
  readonly #memory: ErasableMemory;

  constructor(memory: ErasableMemory, number: number, serial: number) {
    this.#memory = memory;
    this.number = number;
    this.serial = serial;
    this.bytes = memory.allocate(FIRST_ROWS * 192);
    this.folded = memory.allocate(FIRST_ROWS * 64);
  }

  start(row: number): number {
    return row === 0 ? 0 : this.ends[row - 1]!;
  }

  foldedStart(row: number): number {
    return row === 0 ? 0 : this.foldedEnds[row - 1]!;
  }

  /** Adds a row with one reference. @returns its place */
  append(row: StagedRow, hash: number): number {
    const place = this.count;
    if (place === this.ends.length) this.#resizeColumns(place * 2);
    const start = this.start(place);
    const foldedStart = this.foldedStart(place);
    this.bytes = this.#withRoom(this.bytes, start + row.length);
    this.folded = this.#withRoom(this.folded, foldedStart + row.foldedLength);
    row.bytes.copy(this.bytes, start, 0, row.length);
    row.folded.copy(this.folded, foldedStart, 0, row.foldedLength);
    this.ends[place] = start + row.length;
    this.foldedEnds[place] = foldedStart + row.foldedLength;
    this.references[place] = 1;
    this.hashes[place] = hash;
    this.arr[place] = row.arr;
    this.industry[place] = row.industry;
    this.country[place] = row.country;
    this.owner[place] = row.owner;
    this.products[place] = row.products;
    this.count += 1;
    this.live += 1;
    if (this.count === SEGMENT_ROWS) this.#close();
    return place;
  }

  /** Overwrites a row that nobody holds any more. */
  erase(place: number): void {
    this.bytes.fill(0, this.start(place), this.ends[place]);
    this.folded.fill(0, this.foldedStart(place), this.foldedEnds[place]);
    this.hashes[place] = 0;
    this.arr[place] = 0;
    this.live -= 1;
  }

  /** Gives all memory back; the segment is not used any more. */
  release(): void {
    this.#memory.release(this.bytes);
    this.#memory.release(this.folded);
    this.hashes.fill(0);
    this.arr.fill(0);
  }

  /** A full segment keeps not one byte more than its rows need. */
  #close(): void {
    this.bytes = this.#memory.trim(this.bytes, this.ends[this.count - 1]!);
    this.folded = this.#memory.trim(this.folded, this.foldedEnds[this.count - 1]!);
    this.isClosed = true;
  }

  #withRoom(buffer: Buffer, bytes: number): Buffer {
    return bytes <= buffer.length ? buffer : this.#memory.grow(buffer, Math.max(bytes, buffer.length * 2));
  }

  #resizeColumns(rows: number): void {
    this.ends = resized(this.ends, rows);
    this.foldedEnds = resized(this.foldedEnds, rows);
    this.references = resized(this.references, rows);
    this.hashes = resized(this.hashes, rows);
    const arr = new Float64Array(rows);
    arr.set(this.arr);
    this.arr.fill(0);
    this.arr = arr;
    this.industry = resized(this.industry, rows);
    this.country = resized(this.country, rows);
    this.owner = resized(this.owner, rows);
    this.products = resized(this.products, rows);
  }
}

function resized(column: Uint32Array, rows: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(rows);
  larger.set(column);
  return larger;
}
