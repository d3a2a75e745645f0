/** Similar customers among 100,000 against one linear scan of the same rows: `node measure-similar.js`. */
import { fold } from '@oneshot/backend/dist/accounts/list/fold.js';
import { ErasableMemory } from '@oneshot/backend/dist/accounts/list/memory.js';
import { RowStore } from '@oneshot/backend/dist/accounts/list/row-store.js';
import { bestMatches, type Likeness } from '@oneshot/backend/dist/accounts/list/similar-rows.js';
import { overlap, sizeLikeness, WEIGHTS } from '@oneshot/backend/dist/accounts/similar/weights.js';
import { listOf } from './in-process.ts';
import { makeRecords, randomFrom } from './records.ts';
import { longestStall, median } from './statistics.ts';

export interface SimilarFigures {
  /** Medians, milliseconds. */
  readonly naiveMs: number;
  readonly oursMs: number;
  readonly ratio: number;
  /** The longest of all rounds: of the search, and of waiting as long without doing anything. */
  readonly stallMs: number;
  readonly idleStallMs: number;
}

const ACCOUNTS = 100_000;
const KEPT = 200;
const ROUNDS = 40;
/** Not counted: code is compiled meanwhile. */
const WARM_UP = 8;

const random = randomFrom(77);
const records = makeRecords(ACCOUNTS);
const list = await listOf(new RowStore(new ErasableMemory()), records);
const rows: {
  name: string;
  arr: number;
  industry: string | null;
  country: string | null;
  products: readonly string[];
}[] = [];
list.rows.forEach((slot) => {
  const { name, arr, industry, country, products } = list.row(slot);
  rows.push({ name: `${fold(name ?? '')} `, arr: arr ?? 0, industry, country, products });
});

/** The least that somebody would write: every row looked at once, scored, the best 200 kept in a sorted array. */
function naive({ industry, country, products, pays, groupNames }: Likeness): number {
  const wanted = new Set(products);
  const best: { score: number; arr: number }[] = [];
  for (const row of rows) {
    let score = 0;
    if (row.industry !== null && row.industry === industry) score += WEIGHTS.industry;
    if (row.country !== null && row.country === country) score += WEIGHTS.country;
    if (wanted.size > 0) {
      let shared = 0;
      for (const product of row.products) if (wanted.has(product)) shared += 1;
      score += WEIGHTS.products * overlap(shared, row.products.length, wanted.size);
    }
    if (pays !== null && row.arr > 0) score += WEIGHTS.size * sizeLikeness(pays, row.arr);
    for (const begin of groupNames) if (row.name.startsWith(`${begin} `)) score += (1 - score) / 2;
    const worst = best.at(-1);
    if (best.length === KEPT && worst !== undefined && score <= worst.score) continue;
    const at = best.findIndex((other) => other.score < score);
    best.splice(at === -1 ? best.length : at, 0, { score, arr: row.arr });
    if (best.length > KEPT) best.pop();
  }
  return best[0]?.score ?? 0;
}

function someAccount(): Likeness {
  const row = rows[Math.floor(random() * rows.length)]!;
  const { industry, country, products, arr } = row;
  const begin = row.name.split(' ').slice(0, 2).join(' ');
  return {
    id: 'x'.repeat(18),
    industry,
    country,
    products,
    pays: random() < 0.5 ? arr : null,
    relatives: [],
    groupNames: [begin],
  };
}

const naiveMs: number[] = [];
const oursMs: number[] = [];
const stalls: number[] = [];
const idleStalls: number[] = [];
for (let round = 0; round < ROUNDS; round += 1) {
  const wanted = someAccount();
  let started = performance.now();
  const top = naive(wanted);
  const scan = performance.now() - started;
  let took = 0;
  const stall = await longestStall(async () => {
    started = performance.now();
    const found = await bestMatches(list, wanted, KEPT);
    took = performance.now() - started;
    if (Math.abs((found[0]?.score ?? 0) - top) > 1e-9) throw new Error('They do not agree about the best');
  });
  const idle = await longestStall(() => new Promise((resolve) => setTimeout(resolve, took)));
  if (round < WARM_UP) continue;
  idleStalls.push(idle);
  naiveMs.push(scan);
  oursMs.push(took);
  stalls.push(stall);
}
const figures: SimilarFigures = {
  naiveMs: median(naiveMs),
  oursMs: median(oursMs),
  ratio: median(oursMs) / median(naiveMs),
  stallMs: Math.max(...stalls),
  idleStallMs: Math.max(...idleStalls),
};
process.stdout.write(`${JSON.stringify(figures)}\n`);
