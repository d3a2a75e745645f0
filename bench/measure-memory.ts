/**
 * What a list costs in memory, in a process of its own: `node measure-memory.js <way> <url>`.
 * `bare-peak`, `ours-peak`: the most that the process ever held; `cached`: what stays; `reps`: many reps of one org.
 */
import { ErasableMemory } from '@oneshot/backend/dist/accounts/list/memory.js';
import { RowStore } from '@oneshot/backend/dist/accounts/list/row-store.js';
import { barePull } from './bare.ts';
import { listOf } from './in-process.ts';
import { firstPage, pull, sortAll } from './ours.ts';
import { makeRecords, randomFrom } from './records.ts';

export interface MemoryFigures {
  /** Bytes. */
  readonly bytes: number;
  /** The same for one rep, where many were measured. */
  readonly oneRepBytes?: number;
}

const REPS = 200;
const ACCOUNTS = 10_000;
/** Accounts of the org, of which each rep sees 10,000. */
const ORG_ACCOUNTS = 10_500;

const [, , way, url] = process.argv;
const kept: unknown[] = [];

/** All that lives: JavaScript objects, and buffers outside of the heap. */
function living(): number {
  for (let round = 0; round < 3; round += 1) (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function cached(): Promise<MemoryFigures> {
  // Once without counting: compiled code and connections are no part of a list.
  const { list: warm } = await pull(url!);
  await sortAll(warm);
  firstPage(warm);
  warm.erase();
  const before = living();
  const { list } = await pull(url!);
  kept.push(list);
  await sortAll(list);
  firstPage(list);
  return { bytes: living() - before };
}

async function reps(): Promise<MemoryFigures> {
  const records = makeRecords(ORG_ACCOUNTS);
  const random = randomFrom(7);
  const mine = (): typeof records => {
    const chosen = records.map((record) => ({ record, rank: random() })).sort((a, b) => a.rank - b.rank);
    const ids = new Set(chosen.slice(0, ACCOUNTS).map(({ record }) => record.Id));
    return records.filter(({ Id }) => ids.has(Id));
  };
  const store = new RowStore(new ErasableMemory());
  (await listOf(store, mine())).erase();
  const before = living();
  const first = await listOf(store, mine());
  await sortAll(first);
  firstPage(first);
  kept.push(first);
  const oneRepBytes = living() - before;
  for (let rep = 1; rep < REPS; rep += 1) {
    const list = await listOf(store, mine());
    if (!list.isReady('arr', 'desc', true)) throw new Error('Not ready');
    firstPage(list);
    kept.push(list);
  }
  await sortAll(first);
  return { bytes: living() - before, oneRepBytes };
}

async function peak(work: Promise<unknown>): Promise<MemoryFigures> {
  kept.push(await work);
  return { bytes: process.resourceUsage().maxRSS * 1_024 };
}

const figures =
  way === 'cached'
    ? await cached()
    : way === 'reps'
      ? await reps()
      : await peak(way === 'bare-peak' ? barePull(url!) : pull(url!));
process.stdout.write(`${JSON.stringify(figures)}\n`, () => process.exit(kept.length > 0 ? 0 : 1));
