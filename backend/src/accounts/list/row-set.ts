import { SEGMENT_ROWS, SEGMENT_SHIFT } from './segment.ts';

const WORDS_PER_SEGMENT = SEGMENT_ROWS / 32;

/** A set of slots, one bit each. What a rep may see costs a bit a row, however many reps see the same rows. */
export class RowSet {
  #bits: Uint32Array;
  #size = 0;

  constructor(segments = 1) {
    this.#bits = new Uint32Array(segments * WORDS_PER_SEGMENT);
  }

  get size(): number {
    return this.#size;
  }

  /** How many segments' numbers fit. */
  get segments(): number {
    return this.#bits.length / WORDS_PER_SEGMENT;
  }

  has(slot: number): boolean {
    return (((this.#bits[slot >>> 5] ?? 0) >>> (slot & 31)) & 1) === 1;
  }

  /** @returns whether it was not in it before */
  add(slot: number): boolean {
    const word = slot >>> 5;
    if (word >= this.#bits.length) this.#widen(slot);
    const bit = 1 << (slot & 31);
    const before = this.#bits[word]!;
    if ((before & bit) !== 0) return false;
    this.#bits[word] = before | bit;
    this.#size += 1;
    return true;
  }

  delete(slot: number): boolean {
    if (!this.has(slot)) return false;
    this.#bits[slot >>> 5] = this.#bits[slot >>> 5]! & ~(1 << (slot & 31));
    this.#size -= 1;
    return true;
  }

  /** Calls `visit` for each slot, lowest first. */
  forEach(visit: (slot: number) => void): void {
    const bits = this.#bits;
    for (let word = 0; word < bits.length; word += 1) {
      let rest = bits[word]!;
      while (rest !== 0) {
        visit((word << 5) | (31 - Math.clz32(rest & -rest)));
        rest &= rest - 1;
      }
    }
  }

  /** Numbers of the segments that hold any of the slots. */
  usedSegments(): number[] {
    const used: number[] = [];
    for (let segment = 0; segment < this.segments; segment += 1) {
      if (this.wordsOf(segment).some((word) => word !== 0)) used.push(segment);
    }
    return used;
  }

  /** The bits of one segment, to be read only. */
  wordsOf(segment: number): Uint32Array {
    return this.#bits.subarray(segment * WORDS_PER_SEGMENT, (segment + 1) * WORDS_PER_SEGMENT);
  }

  /** Takes the slots of one segment out, as a set of their own. */
  takeSegment(segment: number): RowSet {
    const taken = new RowSet(segment + 1);
    const words = this.wordsOf(segment);
    for (let word = 0; word < words.length; word += 1) {
      for (let rest = words[word]!; rest !== 0; rest &= rest - 1)
        taken.add(((segment * WORDS_PER_SEGMENT + word) << 5) | (31 - Math.clz32(rest & -rest)));
    }
    words.fill(0);
    this.#size -= taken.size;
    return taken;
  }

  clear(): void {
    this.#bits = new Uint32Array(0);
    this.#size = 0;
  }

  #widen(slot: number): void {
    const wider = new Uint32Array(((slot >>> SEGMENT_SHIFT) + 1) * WORDS_PER_SEGMENT);
    wider.set(this.#bits);
    this.#bits = wider;
  }
}
