/** Memory and search of one list: `node measure-list.js <url>`. */
import { makeRecords } from './records.ts';
import { firstPage, pull, sortAll } from './ours.ts';
import { median } from './statistics.ts';

/** Bytes for an account with everything counted, and search against a naive scan of the same rows. */
export interface ListFigures {
  readonly bytesPerAccount: number;
  readonly searchMs: number;
  readonly naiveMs: number;
  readonly searchRatio: number;
}

const url = process.argv[2]!;
const collect = (globalThis as { gc?: () => void }).gc ?? ((): void => undefined);
const ROUNDS = 9;
const SEARCHES = ['munchen', 'silver atlas', 'zz', 'ana ruiz', 'oslo'];

/** Heap and buffers; what the process itself needs is taken off by measuring before and after. */
function used(): number {
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const fold = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

await pull(url).then(({ list }) => list.erase()); // compiles, and opens connections
const before = used();
const { list } = await pull(url);
await sortAll(list);
firstPage(list);
const bytesPerAccount = (used() - before) / list.size;

const rows = makeRecords(list.size).map((record) =>
  [record.Name, record.BillingCity, record.Website, (record.Owner as { Name: string }).Name].map(String),
);
const searchMs: number[] = [];
const naiveMs: number[] = [];
for (let round = 0; round < ROUNDS; round += 1) {
  for (const search of SEARCHES) {
    let started = performance.now();
    list.page({ sort: 'name', order: 'asc', offset: 0, limit: 50, search }, () => ({
      before: '',
      after: '',
    }));
    searchMs.push(performance.now() - started);
    started = performance.now();
    const words = fold(search).split(' ');
    const found = rows.filter((fields) => words.every((word) => fields.some((field) => fold(field).includes(word))));
    if (found.length > rows.length) throw new Error('More rows than there are');
    naiveMs.push(performance.now() - started);
  }
}
const figures: ListFigures = {
  bytesPerAccount,
  searchMs: median(searchMs),
  naiveMs: median(naiveMs),
  searchRatio: median(searchMs) / median(naiveMs),
};
process.stdout.write(`${JSON.stringify(figures)}\n`, () => process.exit(0));
