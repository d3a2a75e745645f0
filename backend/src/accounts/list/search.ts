import { RowSet } from './row-set.ts';
import type { RowStore } from './row-store.ts';
import { SEGMENT_ROWS, SEGMENT_SHIFT, type Segment } from './segment.ts';

/** Where more than one row in this many holds the word, a call for each hit costs more than reading on by ourselves. */
const DENSE = 3;
/** Hits of a segment before its density is judged. */
const SAMPLE = 64;

/**
 * The rows among `among` whose folded text holds all words.
 * @param words folded, without white space, so that no match spans two fields or rows
 */
export function rowsWithWords(store: RowStore, among: RowSet, words: readonly string[]): RowSet {
  const needles = words.map((word) => new Needle(word));
  // The longest word is the rarest, most of the time: it leaves the least to look at for the others.
  needles.sort((a, b) => b.bytes.length - a.bytes.length);
  const found = new RowSet(among.segments);
  const hits = new Uint32Array(SEGMENT_ROWS / 32);
  for (const number of among.usedSegments()) {
    const segment = store.segment(number);
    const [first, ...others] = needles;
    if (segment === undefined || first === undefined) continue;
    hits.fill(0);
    markRows(segment, first, hits);
    const mine = among.wordsOf(number);
    for (let word = 0; word < hits.length; word += 1) {
      let rest = hits[word]! & mine[word]!;
      while (rest !== 0) {
        const place = (word << 5) | (31 - Math.clz32(rest & -rest));
        rest &= rest - 1;
        if (others.every((needle) => needle.isIn(segment, place))) found.add((number << SEGMENT_SHIFT) | place);
      }
    }
  }
  return found;
}

/** Sets the bit of each row of a segment that holds the word: Node's own search over the whole text, row by row where hits are many. */
function markRows(segment: Segment, needle: Needle, hits: Uint32Array): void {
  const { folded, foldedEnds, count } = segment;
  let place = 0;
  let found = 0;
  let at = folded.indexOf(needle.bytes, 0);
  while (at !== -1) {
    while (place < count && foldedEnds[place]! <= at) place += 1;
    if (place >= count) return;
    hits[place >>> 5] = hits[place >>> 5]! | (1 << (place & 31));
    found += 1;
    place += 1;
    if (found >= SAMPLE && found * DENSE > place) break;
    at = folded.indexOf(needle.bytes, foldedEnds[place - 1]);
  }
  if (at === -1) return;
  for (; place < count; place += 1) {
    if (needle.isIn(segment, place)) hits[place >>> 5] = hits[place >>> 5]! | (1 << (place & 31));
  }
}

/** A word to look for, with the table of Horspool's search. */
class Needle {
  readonly bytes: Buffer;
  /** How far to go on after each byte that stands below the word's last one. */
  readonly #skips: Uint8Array;

  constructor(word: string) {
    this.bytes = Buffer.from(word, 'utf8');
    const { length } = this.bytes;
    this.#skips = new Uint8Array(256).fill(Math.min(length, 255));
    for (let index = 0; index < length - 1; index += 1) {
      this.#skips[this.bytes[index]!] = Math.min(length - 1 - index, 255);
    }
  }

  isIn(segment: Segment, place: number): boolean {
    const text = segment.folded;
    const end = segment.foldedEnds[place]!;
    const word = this.bytes;
    const skips = this.#skips;
    const last = word.length - 1;
    for (let at = segment.foldedStart(place) + last; at < end;) {
      const byte = text[at]!;
      if (byte === word[last]) {
        let matched = 1;
        while (matched <= last && text[at - matched] === word[last - matched]) matched += 1;
        if (matched > last) return true;
      }
      at += skips[byte]!;
    }
    return false;
  }
}
