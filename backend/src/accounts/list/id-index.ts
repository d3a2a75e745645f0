import { hashOf } from './hash.ts';
import type { RowStore } from './row-store.ts';
import { ID_AT, ID_BYTES } from './row-text.ts';
import { SEGMENT_ROWS } from './segment.ts';

const EMPTY = -1;

/** Finds the rows of one pull by account id while the pull runs: a row that Salesforce sends twice must count once. */
export class IdIndex {
  readonly #store: RowStore;
  readonly #id = Buffer.alloc(ID_BYTES);
  #hashes = new Int32Array(1_024);
  #slots = new Int32Array(1_024).fill(EMPTY);
  #size = 0;

  constructor(store: RowStore) {
    this.#store = store;
  }

  /** Adds a slot, unless its account is there already. @returns whether it was added */
  add(slot: number): boolean {
    const segment = this.#store.segmentOf(slot);
    const start = segment.start(slot & (SEGMENT_ROWS - 1)) + ID_AT;
    const hash = hashOf(segment.bytes, start, start + ID_BYTES);
    const at = this.#locate(hash, segment.bytes, start);
    if (this.#slots[at] !== EMPTY) return false;
    this.#hashes[at] = hash;
    this.#slots[at] = slot;
    this.#size += 1;
    if (this.#size * 3 > this.#slots.length * 2) this.#widen();
    return true;
  }

  /** The slot of an account; -1 when there is none. */
  find(id: string): number {
    this.#id.write(id, 'latin1');
    return this.#slots[this.#locate(hashOf(this.#id, 0, ID_BYTES), this.#id, 0)]!;
  }

  /** An account's row was exchanged for another; both are still there. */
  replace(id: string, slot: number): void {
    this.#id.write(id, 'latin1');
    this.#slots[this.#locate(hashOf(this.#id, 0, ID_BYTES), this.#id, 0)] = slot;
  }

  /** Where the id is, or would be. */
  #locate(hash: number, bytes: Buffer, start: number): number {
    const mask = this.#slots.length - 1;
    let at = hash & mask;
    while (this.#slots[at] !== EMPTY && !(this.#hashes[at] === hash && this.#has(this.#slots[at]!, bytes, start)))
      at = (at + 1) & mask;
    return at;
  }

  #has(slot: number, bytes: Buffer, start: number): boolean {
    const segment = this.#store.segmentOf(slot);
    const own = segment.start(slot & (SEGMENT_ROWS - 1)) + ID_AT;
    return segment.bytes.compare(bytes, start, start + ID_BYTES, own, own + ID_BYTES) === 0;
  }

  #widen(): void {
    const hashes = this.#hashes;
    const slots = this.#slots;
    this.#hashes = new Int32Array(hashes.length * 2);
    this.#slots = new Int32Array(slots.length * 2).fill(EMPTY);
    const mask = this.#slots.length - 1;
    slots.forEach((slot, index) => {
      if (slot === EMPTY) return;
      let at = hashes[index]! & mask;
      while (this.#slots[at] !== EMPTY) at = (at + 1) & mask;
      this.#hashes[at] = hashes[index]!;
      this.#slots[at] = slot;
    });
  }
}
