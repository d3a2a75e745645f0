import { Slices } from './pause.ts';

/** Rows that are sorted in one go; the runs are then merged. */
const RUN = 512;
const STEPS_PER_LOOK = 64;

/** Negative, zero or positive, as for Array.prototype.sort. */
export type CompareSlots = (a: number, b: number) => number;

/**
 * Sorts slots in slices: runs first, then merges of neighbours until one is left. Runs that follow one another in order
 * already (rows that came sorted by the paying field) are not compared again.
 */
export async function sortSlots(
  slots: Uint32Array,
  compare: CompareSlots,
  slices = new Slices(),
): Promise<Uint32Array> {
  let from = slots.slice();
  for (let start = 0; start < from.length; start += RUN) {
    from.subarray(start, start + RUN).sort(compare);
    if (slices.isOver) await slices.next();
  }
  let to = new Uint32Array(from.length);
  for (let width = RUN; width < from.length; width *= 2) {
    for (let start = 0; start < from.length; start += 2 * width) {
      await merge(from, to, start, start + width, start + 2 * width, compare, slices);
    }
    [from, to] = [to, from];
  }
  return from;
}

async function merge(
  from: Uint32Array,
  to: Uint32Array,
  start: number,
  middle: number,
  end: number,
  compare: CompareSlots,
  slices: Slices,
): Promise<void> {
  const stop = Math.min(end, from.length);
  if (middle >= stop || compare(from[middle - 1]!, from[middle]!) <= 0) {
    to.set(from.subarray(start, stop), start);
    return;
  }
  let left = start;
  let right = middle;
  for (let at = start; at < stop; at += 1) {
    const takesLeft = right >= stop || (left < middle && compare(from[left]!, from[right]!) <= 0);
    to[at] = (takesLeft ? from[left++] : from[right++])!;
    if (at % STEPS_PER_LOOK === 0 && slices.isOver) await slices.next();
  }
}

/** Puts a few sorted slots into many: a binary search for each of the few. */
export function mergeFew(many: Uint32Array, few: Uint32Array, compare: CompareSlots): Uint32Array {
  const merged = new Uint32Array(many.length + few.length);
  let copied = 0;
  few.forEach((slot, index) => {
    let low = copied;
    let high = many.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compare(many[middle]!, slot) <= 0) low = middle + 1;
      else high = middle;
    }
    merged.set(many.subarray(copied, low), copied + index);
    merged[low + index] = slot;
    copied = low;
  });
  merged.set(many.subarray(copied), copied + few.length);
  return merged;
}
