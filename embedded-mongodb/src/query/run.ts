import { decode } from '../bson/decode.ts';
import type { Doc, Value } from '../bson/values.ts';
import { MongoError } from '../errors.ts';
import type { Collection, Row } from '../storage/collection.ts';
import { compileFilter } from './match.ts';
import { planFor, type Plan, type Question } from './plan.ts';
import { parseSort, sortBy } from './sort.ts';

/** A found document: its bytes as stored, and decoded. */
export type FoundRow = Row & { document: Doc };

/** What looking cost, as `explain` reports it. */
export type Statistics = { keysExamined: number; docsExamined: number };

export type Search = Question & { skip?: number | undefined; limit?: number | undefined; deadline?: Deadline };

/** Ends a command that runs for longer than its maxTimeMS. */
export class Deadline {
  readonly #at: number;

  /** @param maxTimeMs 0: no limit */
  constructor(maxTimeMs: number) {
    this.#at = maxTimeMs > 0 ? Date.now() + maxTimeMs : Infinity;
  }

  /** @throws MongoError 50 */
  check(): void {
    if (this.#at !== Infinity && Date.now() > this.#at) throw new MongoError(50, 'operation exceeded time limit');
  }
}

/** Finds documents lazily, in order; what is taken later sees what was written meanwhile, as a MongoDB cursor does. */
export function search(
  collection: Collection | undefined,
  wanted: Search,
  statistics: Statistics = { keysExamined: 0, docsExamined: 0 },
): Generator<FoundRow> {
  const matches = compileFilter(wanted.filter);
  const pattern = wanted.sort?.has('$natural') ? [] : parseSort(wanted.sort ?? new Map<string, Value>());
  // All checks above also hold for a collection that does not exist.
  if (!collection) return none();
  const plan = planFor(collection, wanted);
  return found(collection, plan, matches, pattern, wanted, statistics);
}

function* none(): Generator<FoundRow> {
  return;
}

function* found(
  collection: Collection,
  plan: Plan,
  matches: (document: Doc) => boolean,
  pattern: ReturnType<typeof parseSort>,
  { skip = 0, limit = 0, deadline }: Search,
  statistics: Statistics,
): Generator<FoundRow> {
  let rows: Iterable<FoundRow> = filtered(candidates(collection, plan, statistics), matches, deadline, statistics);
  if (!plan.sorted) rows = sortBy([...rows], (row) => row.document, pattern);
  let skipped = 0;
  let given = 0;
  for (const row of rows) {
    if (skipped < skip) {
      skipped++;
      continue;
    }
    yield row;
    if (++given === limit) return;
  }
}

function* filtered(
  rows: Iterable<Row>,
  matches: (document: Doc) => boolean,
  deadline: Deadline | undefined,
  statistics: Statistics,
): Generator<FoundRow> {
  for (const row of rows) {
    if (statistics.docsExamined++ % 128 === 0) deadline?.check();
    const document = decode(row.bytes);
    if (matches(document)) yield { ...row, document };
  }
}

function* candidates(collection: Collection, plan: Plan, statistics: Statistics): Generator<Row> {
  if (plan.kind === 'scan') {
    yield* collection.scan(plan.reverse);
    return;
  }
  const seen = plan.index.multikey ? new Set<number>() : undefined;
  const intervals = plan.reverse ? [...plan.intervals].reverse() : plan.intervals;
  for (const interval of intervals)
    for (const rid of collection.entries(plan.index, interval, plan.reverse)) {
      statistics.keysExamined++;
      if (seen?.has(rid)) continue;
      seen?.add(rid);
      const bytes = collection.get(rid);
      if (bytes) yield { rid, bytes };
    }
}
