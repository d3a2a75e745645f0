import { hashOf } from './list/dictionary.ts';
import type { RowStore } from './list/row-store.ts';
import { SEGMENT_ROWS } from './list/segment.ts';
import { SlotIndex } from './list/slot-index.ts';

/** The id in quotes, which every row begins with. */
const ID_BYTES = 20;

/** Finds the rows of one pull by account id, while the pull runs: a row that Salesforce sends twice must count once. */
export class IdIndex {
  readonly #store: RowStore;
  readonly #index: SlotIndex;
  readonly #id = Buffer.alloc(ID_BYTES);

  constructor(store: RowStore) {
    this.#store = store;
    this.#index = new SlotIndex((slot) => {
      const { bytes, start } = this.#place(slot);
      return hashOf(bytes, start, start + ID_BYTES);
    });
  }

  /** The slot of an account; -1 when there is none. */
  find(id: string): number {
    const wanted = this.#id;
    wanted.write(`"${id}"`, 'latin1');
    return this.#index.find(hashOf(wanted), (slot) => {
      const { bytes, start } = this.#place(slot);
      return bytes.compare(wanted, 0, ID_BYTES, start, start + ID_BYTES) === 0;
    });
  }

  add(slot: number): void {
    this.#index.add(slot);
  }

  /** An account's row was exchanged for another; both must still be there. */
  replace(slot: number, by: number): void {
    this.#index.delete(slot);
    this.#index.add(by);
  }

  clear(): void {
    this.#index.clear();
    this.#id.fill(0);
  }

  #place(slot: number): { readonly bytes: Buffer; readonly start: number } {
    const segment = this.#store.segmentOf(slot);
    return { bytes: segment.bytes, start: segment.start(slot & (SEGMENT_ROWS - 1)) };
  }
}
