import { copyText, SLACK } from './row-text.ts';
import type { ErasableMemory } from './memory.ts';

/** Rows of one segment; a slot is a segment's number and a row's place in it. */
export const SEGMENT_ROWS = 2048;
export const SEGMENT_SHIFT = 11;
const FIRST_ROWS = 128;

/** Buffers that a segment is filled in. The next one takes them over: large buffers that come and go make V8 collect garbage. */
export interface Staging {
  readonly bytes: Buffer;
  readonly folded: Buffer;
  readonly rows: number;
}

/** A row on its way into the store. Whoever holds it also holds a reference to each of its codes. */
export interface StagedRow {
  /** `bytes[0, length)`: the row's own text (row-text.ts). */
  readonly bytes: Buffer;
  /** The same bytes, with SLACK behind the row. */
  readonly view: DataView;
  readonly length: number;
  /** `folded[0, foldedLength)`: name, city, website and owner, folded, a line each, closed by a zero byte. */
  readonly folded: Buffer;
  readonly foldedLength: number;
  /** What sorting by `arr` compares; NaN where there is none. */
  readonly arr: number;
  readonly currency: number;
  readonly industry: number;
  readonly country: number;
  readonly owner: number;
  readonly products: number;
}

/**
 * Up to 2,048 rows in the order in which they came, never moved: their own text, their folded text, and columns for what
 * they share, for filters and sorting. A row that goes is overwritten where it lies; its place is not used again.
 */
export class Segment {
  readonly number: number;
  /** Grows with each segment of a store: later rows have higher positions. */
  readonly serial: number;
  count = 0;
  live = 0;
  isClosed = false;
  /** With SLACK behind the last row. */
  bytes: Buffer;
  /** The same bytes, to be read by words. */
  view: DataView;
  folded: Buffer;
  /** Where row `i` ends in `bytes` and `folded`; it begins where the one before ends. */
  ends: Uint32Array<ArrayBuffer>;
  foldedEnds: Uint32Array<ArrayBuffer>;
  references: Uint32Array<ArrayBuffer>;
  arr: Float64Array<ArrayBuffer>;
  currency: Uint32Array<ArrayBuffer>;
  industry: Uint32Array<ArrayBuffer>;
  country: Uint32Array<ArrayBuffer>;
  owner: Uint32Array<ArrayBuffer>;
  products: Uint32Array<ArrayBuffer>;
  readonly #memory: ErasableMemory;

  /** @param staging what the segment before was filled in; without one it begins small */
  constructor(memory: ErasableMemory, number: number, serial: number, staging?: Staging) {
    this.#memory = memory;
    this.number = number;
    this.serial = serial;
    const rows = staging?.rows ?? FIRST_ROWS;
    this.bytes = staging?.bytes ?? memory.allocate(rows * 192);
    this.view = new DataView(this.bytes.buffer);
    this.folded = staging?.folded ?? memory.allocate(rows * 64);
    this.ends = new Uint32Array(rows);
    this.foldedEnds = new Uint32Array(rows);
    this.references = new Uint32Array(rows);
    this.arr = new Float64Array(rows);
    this.currency = new Uint32Array(rows);
    this.industry = new Uint32Array(rows);
    this.country = new Uint32Array(rows);
    this.owner = new Uint32Array(rows);
    this.products = new Uint32Array(rows);
  }

  start(row: number): number {
    return row === 0 ? 0 : this.ends[row - 1]!;
  }

  foldedStart(row: number): number {
    return row === 0 ? 0 : this.foldedEnds[row - 1]!;
  }

  /** Adds a row with one reference. @returns its place */
  append(row: StagedRow): number {
    const place = this.count;
    if (place === this.ends.length) this.#resizeColumns(place * 2);
    const start = this.start(place);
    const foldedStart = this.foldedStart(place);
    this.#setBytes(this.#withRoom(this.bytes, start + row.length + SLACK));
    this.folded = this.#withRoom(this.folded, foldedStart + row.foldedLength);
    copyText(row.view, 0, row.length, this.view, start);
    const { folded } = this;
    for (let at = 0; at < row.foldedLength; at += 1) folded[foldedStart + at] = row.folded[at]!;
    this.ends[place] = start + row.length;
    this.foldedEnds[place] = foldedStart + row.foldedLength;
    this.references[place] = 1;
    this.arr[place] = row.arr;
    this.currency[place] = row.currency;
    this.industry[place] = row.industry;
    this.country[place] = row.country;
    this.owner[place] = row.owner;
    this.products[place] = row.products;
    this.count += 1;
    this.live += 1;
    return place;
  }

  /** Overwrites a row that nobody holds any more. */
  erase(place: number): void {
    this.bytes.fill(0, this.start(place), this.ends[place]);
    this.folded.fill(0, this.foldedStart(place), this.foldedEnds[place]);
    this.arr[place] = 0;
  }

  /** Gives all memory back; the segment is not used any more. */
  release(): void {
    this.#memory.release(this.bytes);
    this.#memory.release(this.folded);
    this.arr.fill(0);
  }

  /** A full segment keeps not one byte more than its rows need. @returns what it was filled in, overwritten */
  close(): Staging {
    const staging = { bytes: this.bytes, folded: this.folded, rows: SEGMENT_ROWS };
    this.#setBytes(this.#memory.copy(staging.bytes, this.ends[this.count - 1]! + SLACK));
    this.folded = this.#memory.copy(staging.folded, this.foldedEnds[this.count - 1]!);
    staging.bytes.fill(0);
    staging.folded.fill(0);
    this.isClosed = true;
    return staging;
  }

  #setBytes(bytes: Buffer): void {
    if (bytes === this.bytes) return;
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
  }

  #withRoom(buffer: Buffer, bytes: number): Buffer {
    return bytes <= buffer.length ? buffer : this.#memory.grow(buffer, Math.max(bytes, buffer.length * 2));
  }

  #resizeColumns(rows: number): void {
    this.ends = resized(this.ends, rows);
    this.foldedEnds = resized(this.foldedEnds, rows);
    this.references = resized(this.references, rows);
    const arr = new Float64Array(rows);
    arr.set(this.arr);
    this.arr.fill(0);
    this.arr = arr;
    this.currency = resized(this.currency, rows);
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
