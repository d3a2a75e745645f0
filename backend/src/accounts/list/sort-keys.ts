import type { Dictionary } from './dictionary.ts';
import type { RowStore } from './row-store.ts';
import { ID_AT, ID_BYTES, nameRange } from './row-text.ts';
import { SEGMENT_ROWS } from './segment.ts';
import type { CompareSlots } from './sort-slots.ts';

export const SORTS = ['arr', 'name', 'industry', 'country', 'modified'] as const;
export type Sort = (typeof SORTS)[number];

/** How the rows of a store compare. Made for one sorting and dropped with it: it may hold names as strings. */
export interface RowComparison {
  /** By key in the given direction, rows without a key last in both; ties by id, ascending. */
  readonly compare: CompareSlots;
  /** Rows that the event loop can bear to have merged in at once. */
  readonly mergeAtOnce: number;
}

/** Root collation with accents and case as the last differences; "en" has the fast path for plain ASCII. */
const collator = new Intl.Collator('en');

const placeOf = (slot: number): number => slot & (SEGMENT_ROWS - 1);

/** @returns the comparison of the rows as they are now; a slot whose row is gone meanwhile compares as any */
export function rowComparison(store: RowStore, sort: Sort, isDescending: boolean): RowComparison {
  const compareKeys = keysOf(store, sort, isDescending ? -1 : 1);
  return {
    compare: (a, b) => compareKeys(a, b) || compareIds(store, a, b) || a - b,
    mergeAtOnce: sort === 'name' ? 256 : 8_192,
  };
}

function keysOf(store: RowStore, sort: Sort, direction: 1 | -1): CompareSlots {
  switch (sort) {
    case 'arr':
      return byNumber(direction, (slot) => store.segmentAt(slot)?.arr[placeOf(slot)] ?? Number.NaN);
    case 'industry':
      return byRank(direction, store.industries, (slot) => store.segmentAt(slot)?.industry[placeOf(slot)] ?? 0);
    case 'country':
      return byRank(direction, store.countries, (slot) => store.segmentAt(slot)?.country[placeOf(slot)] ?? 0);
    case 'modified':
      return byTime(direction, store);
    case 'name':
      return byName(direction, store);
  }
}

/** `"2026-11-24T12:00:00.000Z"`: of one length, so bytes compare as times do. */
const TIME_BYTES = 26;
const QUOTE = 0x22;

function compareIds(store: RowStore, a: number, b: number): number {
  const one = store.segmentAt(a);
  const other = store.segmentAt(b);
  if (one === undefined || other === undefined) return 0;
  return compareBytes(one.bytes, one.start(placeOf(a)) + ID_AT, other.bytes, other.start(placeOf(b)) + ID_AT, ID_BYTES);
}

/** NaN: no key. */
function byNumber(direction: number, valueOf: (slot: number) => number): CompareSlots {
  return (a, b) => {
    const one = valueOf(a);
    const other = valueOf(b);
    if (one < other) return -direction;
    if (one > other) return direction;
    return one === other ? 0 : Number(Number.isNaN(one)) - Number(Number.isNaN(other));
  };
}

/** Few different texts: they are collated once, rows compare by rank. */
function byRank(direction: number, dictionary: Dictionary, codeOf: (slot: number) => number): CompareSlots {
  const texts: { readonly code: number; readonly text: string }[] = [];
  for (let code = 1; code < dictionary.end; code += 1) {
    const bytes = dictionary.bytes(code);
    if (bytes !== undefined) texts.push({ code, text: JSON.parse(bytes.toString('utf8')) as string });
  }
  texts.sort((a, b) => collator.compare(a.text, b.text) || (a.text < b.text ? -1 : 1));
  const ranks = new Float64Array(dictionary.end).fill(Number.NaN);
  texts.forEach(({ code }, rank) => (ranks[code] = rank));
  return byNumber(direction, (slot) => ranks[codeOf(slot)] ?? Number.NaN);
}

/** The time is the last of a row's own text. */
function byTime(direction: number, store: RowStore): CompareSlots {
  return (a, b) => {
    const one = store.segmentAt(a);
    const other = store.segmentAt(b);
    if (one === undefined || other === undefined) return 0;
    const oneEnd = one.ends[placeOf(a)]!;
    const otherEnd = other.ends[placeOf(b)]!;
    const oneHas = one.bytes[oneEnd - 1] === QUOTE;
    const otherHas = other.bytes[otherEnd - 1] === QUOTE;
    if (!oneHas || !otherHas) return Number(otherHas) - Number(oneHas);
    return direction * compareBytes(one.bytes, oneEnd - TIME_BYTES, other.bytes, otherEnd - TIME_BYTES, TIME_BYTES);
  };
}

/** Names are decoded when they are first compared, and kept for the rest of this sorting. */
function byName(direction: number, store: RowStore): CompareSlots {
  const names: (string | null | undefined)[] = [];
  const nameOf = (slot: number): string | null => {
    const known = names[slot];
    if (known !== undefined) return known;
    if (store.position(slot) === -1) return null;
    const segment = store.segmentOf(slot);
    const place = placeOf(slot);
    const [from, to] = nameRange(segment.bytes, segment.start(place));
    return (names[slot] = JSON.parse(segment.bytes.toString('utf8', from, to)) as string | null);
  };
  return (a, b) => {
    const one = nameOf(a);
    const other = nameOf(b);
    if (one === null || other === null) return Number(one === null) - Number(other === null);
    return direction * collator.compare(one, other);
  };
}

function compareBytes(one: Uint8Array, oneAt: number, other: Uint8Array, otherAt: number, length: number): number {
  for (let index = 0; index < length; index += 1) {
    const difference = one[oneAt + index]! - other[otherAt + index]!;
    if (difference !== 0) return difference;
  }
  return 0;
}
