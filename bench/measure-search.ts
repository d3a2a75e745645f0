/** Search over 100,000 accounts against a naive scan of the same rows: `node measure-search.js`. */
import { ErasableMemory } from '@oneshot/backend/dist/accounts/list/memory.js';
import { RowStore } from '@oneshot/backend/dist/accounts/list/row-store.js';
import { listOf } from './in-process.ts';
import { SORTS, sortAll } from './ours.ts';
import { makeRecords, randomFrom } from './records.ts';
import { median } from './statistics.ts';

export interface SearchFigures {
  /** Medians over all words, milliseconds. */
  readonly naiveMs: number;
  readonly searchMs: number;
  readonly ratio: number;
  /** The word for which the ratio is worst. */
  readonly worstRatio: number;
  readonly words: number;
}

const ACCOUNTS = 100_000;
const WORDS = 120;
/** Searches that are not counted: code is compiled meanwhile. */
const WARM_UP = 10;

const records = makeRecords(ACCOUNTS);
const rows = records.map((record) => ({
  name: String(record.Name),
  city: String(record.BillingCity),
  website: String(record.Website),
  owner: (record.Owner as { Name: string }).Name,
}));
const list = await listOf(new RowStore(new ErasableMemory()), records);
await sortAll(list);
for (const sort of SORTS) while (!list.isReady(sort, 'desc', false)) await list.prepare(sort, 'desc');

/** The least that somebody would write: no accents folded, nothing sorted, no facets counted. */
function naive(search: string): number {
  const words = search.toLowerCase().split(' ');
  return rows.filter((row) =>
    words.every(
      (word) =>
        row.name.toLowerCase().includes(word) ||
        row.city.toLowerCase().includes(word) ||
        row.website.toLowerCase().includes(word) ||
        row.owner.toLowerCase().includes(word),
    ),
  ).length;
}

const random = randomFrom(99);
const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;

/** What a rep types: the beginning of a word of some row, of 2 letters or more, sometimes a second word. */
function someSearch(): string {
  const row = pick(rows);
  const word = (): string => {
    const whole = pick(
      [row.name, row.name, row.city, row.owner]
        .join(' ')
        .split(' ')
        .filter(({ length }) => length > 2),
    );
    return whole.slice(0, 2 + Math.floor(random() * (whole.length - 1)));
  };
  return random() < 0.3 ? `${word()} ${word()}` : word();
}

const searches = new Set<string>();
while (searches.size < WORDS) searches.add(someSearch());

const naiveMs: number[] = [];
const searchMs: number[] = [];
const ratios: number[] = [];
let found = 0;
let asked = 0;
for (const search of searches) {
  let started = performance.now();
  found += naive(search);
  const scan = performance.now() - started;
  started = performance.now();
  const query = { search, sort: pick(SORTS), order: pick(['asc', 'desc'] as const), offset: 0, limit: 50 };
  list.page(query, (matched) => ({ before: `{"matched":${matched},"rows":`, after: '}' }));
  const took = performance.now() - started;
  asked += 1;
  if (asked <= WARM_UP) continue;
  naiveMs.push(scan);
  searchMs.push(took);
  ratios.push(took / scan);
}
if (found === 0) throw new Error('Nothing was found');
const figures: SearchFigures = {
  naiveMs: median(naiveMs),
  searchMs: median(searchMs),
  ratio: median(ratios),
  worstRatio: Math.max(...ratios),
  words: ratios.length,
};
process.stdout.write(`${JSON.stringify(figures)}\n`);
