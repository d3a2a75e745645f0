import { PullEnded } from '../list-pull.ts';
import type { AccountList } from './account-list.ts';
import { Slices } from './pause.ts';
import type { RowStore } from './row-store.ts';
import { SEGMENT_SHIFT, type Segment } from './segment.ts';
import { ID_AT, ID_BYTES, quoted } from './row-text.ts';
import { BestSlots, type Candidate } from './best-slots.ts';
import { overlap, sizeLikeness, WEIGHTS, withGroup } from '../similar/weights.ts';

/** What others are compared with. */
export interface Likeness {
  /** The account itself, which is never among the similar ones. */
  readonly id: string;
  readonly industry: string | null;
  readonly country: string | null;
  readonly products: readonly string[];
  /** What it pays, in the money that the list compares; null when it pays nothing. */
  readonly pays: number | null;
  /** Ids of accounts in its group. */
  readonly relatives: readonly string[];
  /** Beginnings of names in its group, folded. */
  readonly groupNames: readonly string[];
}

/** Where in an id the four characters begin that count up. */
const ID_TAIL = 11;
const SPACE = 0x20;
const LINE_END = 0x0a;

/**
 * Walks once over the rows of a list and keeps the best. Codes are compared, no text is read; the likeness of each list of
 * products is computed once. In slices: others are served meanwhile.
 * @throws PullEnded the list was erased meanwhile
 */
export async function bestMatches(list: AccountList, wanted: Likeness, count: number): Promise<readonly Candidate[]> {
  const scoring = new Scoring(list.store, wanted);
  const best = new BestSlots(count);
  const slices = new Slices();
  const { rows, store } = list;
  for (const number of rows.usedSegments()) {
    const segment = store.segment(number);
    if (segment === undefined) continue;
    scanSegment(segment, rows.wordsOf(number), scoring, best);
    if (!slices.isOver) continue;
    await slices.next();
    if (list.isErased) throw new PullEnded();
  }
  return best.sorted();
}

function scanSegment(segment: Segment, words: Uint32Array, scoring: Scoring, best: BestSlots): void {
  for (let word = 0; word < words.length; word += 1) {
    let rest = words[word]!;
    while (rest !== 0) {
      const place = (word << 5) | (31 - Math.clz32(rest & -rest));
      rest &= rest - 1;
      const score = scoring.of(segment, place);
      const pays = segment.arr[place]!;
      if (score > 0 && best.takes(score, pays) && !scoring.isSelf(segment, place))
        best.add((segment.number << SEGMENT_SHIFT) | place, score, pays);
    }
  }
}

/** The scores of one comparison, by code. */
class Scoring {
  readonly #store: RowStore;
  readonly #id: Buffer;
  readonly #industry: number;
  readonly #country: number;
  readonly #pays: number | null;
  /** By the last four characters that two ids differ in, as a number. */
  readonly #relatives = new Map<number, Buffer[]>();
  readonly #groupNames: readonly Buffer[];
  /** By code of a list of products. */
  readonly #products: Float64Array;

  constructor(store: RowStore, { id, industry, country, products, pays, relatives, groupNames }: Likeness) {
    this.#store = store;
    this.#id = Buffer.from(id, 'latin1');
    this.#industry = industry === null ? 0 : store.industries.find(Buffer.from(quoted(industry), 'utf8'));
    this.#country = country === null ? 0 : store.countries.find(Buffer.from(quoted(country), 'utf8'));
    this.#pays = pays;
    for (const relative of relatives) {
      const bytes = Buffer.from(relative, 'latin1');
      const key = bytes.readUInt32LE(ID_TAIL);
      this.#relatives.set(key, [...(this.#relatives.get(key) ?? []), bytes]);
    }
    this.#groupNames = groupNames.map((name) => Buffer.from(name, 'utf8'));
    this.#products = this.#productScores(products);
  }

  of(segment: Segment, place: number): number {
    let score = this.#products[segment.products[place]!] ?? 0;
    if (this.#industry !== 0 && segment.industry[place] === this.#industry) score += WEIGHTS.industry;
    if (this.#country !== 0 && segment.country[place] === this.#country) score += WEIGHTS.country;
    const pays = segment.arr[place]!;
    if (this.#pays !== null && pays > 0) score += WEIGHTS.size * sizeLikeness(this.#pays, pays);
    const isOfGroup = this.#isRelative(segment, place) || this.#isNamedLike(segment, place);
    return isOfGroup ? withGroup(score) : score;
  }

  isSelf(segment: Segment, place: number): boolean {
    return hasId(segment, place, this.#id);
  }

  #isRelative(segment: Segment, place: number): boolean {
    if (this.#relatives.size === 0) return false;
    const same = this.#relatives.get(segment.view.getUint32(segment.start(place) + ID_AT + ID_TAIL, true));
    return same?.some((id) => hasId(segment, place, id)) === true;
  }

  /** Whether the row's name, which its folded text begins with, begins with one of the group's names, as whole words. */
  #isNamedLike(segment: Segment, place: number): boolean {
    const { folded } = segment;
    const start = segment.foldedStart(place);
    return this.#groupNames.some((name) => {
      for (let at = 0; at < name.length; at += 1) if (folded[start + at] !== name[at]) return false;
      const behind = folded[start + name.length];
      return behind === SPACE || behind === LINE_END;
    });
  }

  #productScores(products: readonly string[]): Float64Array {
    const { products: sets } = this.#store;
    const scores = new Float64Array(sets.end);
    const wanted = new Set(products.map((product) => sets.products.find(Buffer.from(quoted(product), 'utf8'))));
    wanted.delete(0);
    if (wanted.size === 0) return scores;
    for (let code = 1; code < sets.end; code += 1) {
      const members = sets.members(code);
      const shared = members.filter((product) => wanted.has(product)).length;
      scores[code] = WEIGHTS.products * overlap(shared, members.length, products.length);
    }
    return scores;
  }
}

function hasId(segment: Segment, place: number, id: Buffer): boolean {
  const start = segment.start(place) + ID_AT;
  return segment.bytes.compare(id, 0, ID_BYTES, start, start + ID_BYTES) === 0;
}
