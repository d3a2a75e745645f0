import { setImmediate as nextTurn } from 'node:timers/promises';

/** Milliseconds of work before others get their turn: far below the 20 ms that nobody may block the process. */
const SLICE_MS = 8;

/** Cuts long work into slices, so that requests of other reps are answered meanwhile. */
export class Slices {
  #began = performance.now();

  /** Whether the slice is used up. Cheap enough for each few dozen steps. */
  get isOver(): boolean {
    return performance.now() - this.#began >= SLICE_MS;
  }

  /** Lets others work, and begins the next slice. */
  async next(): Promise<void> {
    await nextTurn();
    this.#began = performance.now();
  }
}
