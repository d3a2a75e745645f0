/**
 * `npm run bench`: what the list costs, each figure against its floor in the same run. Ends with 1 where a figure is beyond
 * its bound; `npm run bench -- pull serve` runs some parts only.
 */
import { measure, startServer, type Child } from './child.ts';
import { measureFirstRows } from './first-rows.ts';
import type { AuditFigures } from './measure-audit.ts';
import type { MemoryFigures } from './measure-memory.ts';
import type { PullFigures } from './measure-pull.ts';
import type { SearchFigures } from './measure-search.ts';
import type { SimilarFigures } from './measure-similar.ts';
import type { VaultFigures } from './measure-vault.ts';
import { measureServing } from './serve.ts';
import { printTable, type Line } from './table.ts';

const ACCOUNTS = 100_000;
const PAGE = 2_000;
const ROUNDS = 7;
const LATENCY_MS = 80;
const FAR_ROUNDS = 3;

const parts: Readonly<Record<string, () => Promise<readonly Line[]>>> = {
  pull: () => withServer(0, pullLines),
  latency: () => withServer(LATENCY_MS, latencyLines),
  memory: () => withServer(0, memoryLines),
  search: searchLines,
  similar: similarLines,
  audit: auditLines,
  vault: vaultLines,
  serve: serveLines,
};

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !Object.hasOwn(parts, name));
if (unknown.length > 0) {
  process.stderr.write(`There is no part ${unknown.join(', ')}; there are ${Object.keys(parts).join(', ')}\n`);
  process.exit(2);
}
const lines: Line[] = [];
for (const [name, part] of Object.entries(parts)) {
  if (chosen.length === 0 || chosen.includes(name)) lines.push(...(await part()));
}
process.exitCode = printTable(lines) ? 0 : 1;

async function withServer(
  latencyMs: number,
  work: (server: Child) => Promise<readonly Line[]>,
): Promise<readonly Line[]> {
  const server = await startServer('salesforce.js', ACCOUNTS, latencyMs);
  try {
    return await work(server);
  } finally {
    await server.stop();
  }
}

async function pullLines({ url }: Child): Promise<readonly Line[]> {
  const figures = await measure<PullFigures>('measure-pull.js', url, ROUNDS);
  const stall = Math.max(20, 2 * figures.bareStallMs);
  return [
    { what: '100,000 accounts: bare loop, undici and JSON.parse', figure: figures.bareMs, unit: 'ms' },
    { what: '100,000 accounts: pull, with folding and all columns', figure: figures.oursMs, unit: 'ms' },
    { what: 'pull / bare loop', figure: figures.ratio, unit: 'x', goal: 1.15, bound: 1.8 },
    { what: 'sorting by five columns, when first asked for', figure: figures.sortMs, unit: 'ms' },
    { what: 'longest stall of the bare loop', figure: figures.bareStallMs, unit: 'ms' },
    { what: 'longest stall while pulling', figure: figures.pullStallMs, unit: 'ms', goal: stall, bound: 2 * stall },
    { what: 'longest stall while sorting', figure: figures.sortStallMs, unit: 'ms', goal: stall, bound: 2 * stall },
    { what: 'overwriting 100,000 rows', figure: figures.eraseMs, unit: 'ms', goal: stall, bound: 2 * stall },
  ];
}

async function latencyLines({ url }: Child): Promise<readonly Line[]> {
  const figures = await measure<PullFigures>('measure-pull.js', url, FAR_ROUNDS);
  const floor = (ACCOUNTS / PAGE) * LATENCY_MS;
  return [
    {
      what: `at ${LATENCY_MS} ms: pull / (pages x round trip)`,
      figure: figures.oursMs / floor,
      unit: 'x',
      goal: 1.3,
      bound: 1.6,
    },
    {
      what: `at ${LATENCY_MS} ms: first rows / bare loop's first page`,
      figure: figures.warmFirstRatio,
      unit: 'x',
      goal: 1.4,
      bound: 2,
    },
    { what: '... of a rep whom this process never saw', figure: figures.coldFirstRatio, unit: 'x', bound: 3 },
  ];
}

async function memoryLines({ url }: Child): Promise<readonly Line[]> {
  const cached = await measure<MemoryFigures>('measure-memory.js', 'cached', url);
  const bare = await measure<MemoryFigures>('measure-memory.js', 'bare-peak', url);
  const ours = await measure<MemoryFigures>('measure-memory.js', 'ours-peak', url);
  const reps = await measure<MemoryFigures>('measure-memory.js', 'reps', url);
  return [
    {
      what: 'a cached account, everything counted',
      figure: cached.bytes / ACCOUNTS,
      unit: 'bytes',
      goal: 450,
      bound: 550,
    },
    { what: 'peak memory of a pull / bare loop', figure: ours.bytes / bare.bytes, unit: 'x', goal: 1.2, bound: 1.5 },
    {
      what: '200 reps with 10,000 accounts each / one rep',
      figure: reps.bytes / (reps.oneRepBytes ?? 1),
      unit: 'x',
      goal: 3,
      bound: 4,
    },
  ];
}

async function searchLines(): Promise<readonly Line[]> {
  const { naiveMs, searchMs, ratio, worstRatio, words } = await measure<SearchFigures>('measure-search.js');
  return [
    { what: 'naive scan of four fields of 100,000', figure: naiveMs, unit: 'ms' },
    { what: 'search with facets, any order', figure: searchMs, unit: 'ms' },
    { what: `search / naive scan, median of ${words} searches`, figure: ratio, unit: 'x', goal: 1 / 3, bound: 0.6 },
    { what: '... the worst of them', figure: worstRatio, unit: 'x', bound: 2 },
  ];
}

async function similarLines(): Promise<readonly Line[]> {
  const { naiveMs, oursMs, ratio, stallMs, idleStallMs } = await measure<SimilarFigures>('measure-similar.js');
  const stall = Math.max(20, 2 * idleStallMs);
  return [
    { what: 'one linear scan of 100,000 with the same scores', figure: naiveMs, unit: 'ms' },
    { what: 'similar customers among 100,000', figure: oursMs, unit: 'ms' },
    { what: 'similar / linear scan', figure: ratio, unit: 'x', goal: 2, bound: 3 },
    { what: 'longest stall of doing nothing as long', figure: idleStallMs, unit: 'ms' },
    { what: 'longest stall meanwhile', figure: stallMs, unit: 'ms', goal: stall, bound: 2 * stall },
  ];
}

async function serveLines(): Promise<readonly Line[]> {
  const { bytes, same, any } = await measureServing();
  return [
    { what: `bare route, ${bytes} bytes, CPU`, figure: same.bareUs, unit: 'us' },
    { what: 'a page asked for again, everything on / bare', figure: same.ratio, unit: 'x', goal: 2.5, bound: 4 },
    { what: '... gzipped / bare route that compresses', figure: same.gzipRatio, unit: 'x', goal: 1.3, bound: 2 },
    { what: 'pages anywhere in the list / bare', figure: any.ratio, unit: 'x', goal: 2.5, bound: 5 },
    {
      what: '... gzipped / bare route that compresses the same',
      figure: any.gzipRatio,
      unit: 'x',
      goal: 1.3,
      bound: 2.5,
    },
  ];
}

async function auditLines(): Promise<readonly Line[]> {
  const { insertMs, appendMs, ratio } = await measure<AuditFigures>('measure-audit.js');
  return [
    { what: 'one insert of an audit entry', figure: insertMs, unit: 'ms' },
    { what: 'an append to the trail: chained, signed', figure: appendMs, unit: 'ms' },
    { what: 'append / insert', figure: ratio, unit: 'x', goal: 1.5, bound: 2 },
  ];
}

async function vaultLines(): Promise<readonly Line[]> {
  const { findMs, tokenMs, ratio } = await measure<VaultFigures>('measure-vault.js');
  const rows = await measureFirstRows();
  return [
    { what: 'one indexed findOne of a connection', figure: findMs, unit: 'ms' },
    { what: 'a live token from the vault', figure: tokenMs, unit: 'ms' },
    { what: 'token / findOne', figure: ratio, unit: 'x', goal: 1.5, bound: 2 },
    { what: 'sign-in to first rows, without halves', figure: rows.withoutMs, unit: 'ms' },
    { what: 'sign-in to first rows', figure: rows.withMs, unit: 'ms' },
    { what: 'with halves / without', figure: rows.ratio, unit: 'x', goal: 1.05, bound: 1.2 },
  ];
}
