import { Slices } from './pause.ts';
import type { RowStore } from './row-store.ts';
import { SEGMENT_ROWS, SEGMENT_SHIFT } from './segment.ts';
import { rowComparison, type Sort } from './sort-keys.ts';
import { mergeFew, sortSlots } from './sort-slots.ts';

/** Rows may go while they are sorted, which can leave the others out of order; after so many attempts nobody is let in between. */
const ATTEMPTS = 3;
/** Rows that are sorted at once when there is no order yet. */
const SORTED_AT_ONCE = 512;

interface Ordered {
  readonly slots: Uint32Array;
  /** Rows from this position on are not in it yet. */
  readonly syncedTo: number;
  /** The store's version that it is right for. */
  readonly version: number;
}

/** One order of an org's rows, kept once for all its reps, made when it is first asked for and then kept up to date. */
export class SortOrder {
  readonly #store: RowStore;
  readonly #sort: Sort;
  readonly #isDescending: boolean;
  #ordered: Ordered | undefined;
  #building: Promise<void> | undefined;

  constructor(store: RowStore, sort: Sort, isDescending: boolean) {
    this.#store = store;
    this.#sort = sort;
    this.#isDescending = isDescending;
  }

  /**
   * The slots in order, or undefined when that takes long: await `prepare` and ask again, for rows may have come or gone
   * meanwhile. Few changes are merged in at once. Slots that are in nobody's set may be among them.
   * @param whatever merges them in at once however many they are
   */
  slots(whatever: boolean): Uint32Array | undefined {
    const { version, nextPosition: syncedTo } = this.#store;
    if (this.#ordered?.version === version) return this.#ordered.slots;
    const added = this.#slotsFrom(this.#ordered?.syncedTo ?? 0);
    const { compare, mergeAtOnce } = rowComparison(this.#store, this.#sort, this.#isDescending);
    const atMost = this.#ordered === undefined ? SORTED_AT_ONCE : mergeAtOnce;
    if (added.length > atMost && !whatever) return undefined;
    const kept =
      this.#ordered === undefined ? new Uint32Array(0) : this.#living(this.#ordered.slots, this.#ordered.syncedTo);
    const slots = added.length === 0 ? kept : mergeFew(kept, added.sort(compare), compare);
    this.#ordered = { slots, syncedTo, version };
    return slots;
  }

  /** Makes the order in slices; several callers share one making. */
  prepare(): Promise<void> {
    this.#building ??= this.#build().finally(() => (this.#building = undefined));
    return this.#building;
  }

  async #build(): Promise<void> {
    const store = this.#store;
    for (let attempt = 1; ; attempt += 1) {
      const { version, nextPosition: syncedTo, releases } = store;
      const { compare } = rowComparison(store, this.#sort, this.#isDescending);
      const all = this.#slotsFrom(0);
      if (attempt > ATTEMPTS) {
        this.#ordered = { slots: all.sort(compare), syncedTo, version };
        return;
      }
      const sorted = await sortSlots(all, compare, new Slices());
      if (store.releases === releases) {
        this.#ordered = { slots: sorted, syncedTo, version };
        return;
      }
    }
  }

  /** Slots of the rows that came at or after a position. */
  #slotsFrom(position: number): Uint32Array {
    const store = this.#store;
    const slots = new Uint32Array(Math.max(0, Math.min(store.rows, store.nextPosition - position)));
    let found = 0;
    for (let number = 0; number < store.segmentCount; number += 1) {
      const segment = store.segment(number);
      if (segment === undefined) continue;
      for (let place = Math.max(0, position - segment.serial * SEGMENT_ROWS); place < segment.count; place += 1) {
        if (segment.references[place]! > 0) slots[found++] = (number << SEGMENT_SHIFT) | place;
      }
    }
    return slots.slice(0, found);
  }

  /** A place can be empty by now, or hold another row that came later. */
  #living(slots: Uint32Array, syncedTo: number): Uint32Array {
    return slots.filter((slot) => {
      const position = this.#store.position(slot);
      return position !== -1 && position < syncedTo;
    });
  }
}
