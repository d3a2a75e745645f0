/** A row that was kept, best first. */
export interface Candidate {
  readonly slot: number;
  readonly score: number;
  /** What it pays; NaN when that is unknown. */
  readonly pays: number;
}

/** The best so many of all rows that come by: a heap with the worst on top. Of equal scores the larger customer is better. */
export class BestSlots {
  readonly #count: number;
  readonly #heap: Candidate[] = [];

  constructor(count: number) {
    this.#count = count;
  }

  /** Whether a row would be kept; most are not, and cost no more than this. */
  takes(score: number, pays: number): boolean {
    const worst = this.#heap[0];
    if (this.#heap.length < this.#count || worst === undefined) return true;
    return score > worst.score || (score === worst.score && pays > worst.pays);
  }

  add(slot: number, score: number, pays: number): void {
    const heap = this.#heap;
    const candidate = { slot, score, pays };
    if (heap.length < this.#count) {
      heap.push(candidate);
      this.#up(heap.length - 1);
    } else {
      heap[0] = candidate;
      this.#down();
    }
  }

  /** Best first; empties it. */
  sorted(): Candidate[] {
    return this.#heap.splice(0).sort((a, b) => -compare(a, b));
  }

  #up(from: number): void {
    const heap = this.#heap;
    for (let at = from; at > 0;) {
      const parent = (at - 1) >> 1;
      if (compare(heap[at]!, heap[parent]!) >= 0) return;
      [heap[at], heap[parent]] = [heap[parent]!, heap[at]!];
      at = parent;
    }
  }

  #down(): void {
    const heap = this.#heap;
    for (let at = 0; ;) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2])
        if (child < heap.length && compare(heap[child]!, heap[least]!) < 0) least = child;
      if (least === at) return;
      [heap[at], heap[least]] = [heap[least]!, heap[at]!];
      at = least;
    }
  }
}

function compare(a: Candidate, b: Candidate): number {
  if (a.score !== b.score) return a.score - b.score;
  if (a.pays !== b.pays && !Number.isNaN(a.pays) && !Number.isNaN(b.pays)) return a.pays - b.pays;
  return b.slot - a.slot;
}
