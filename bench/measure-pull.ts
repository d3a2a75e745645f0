/** Pull against the bare loop in one process, in turns: `node measure-pull.js <url> <rounds>`. */
import { barePull } from './bare.ts';
import { firstPage, pull, sortAll } from './ours.ts';
import { longestStall, median } from './statistics.ts';

/** Milliseconds; medians. Ratios are medians of each round's own. */
export interface PullFigures {
  readonly bareMs: number;
  readonly oursMs: number;
  readonly ratio: number;
  readonly bareFirstMs: number;
  readonly coldFirstMs: number;
  readonly coldFirstRatio: number;
  readonly warmFirstMs: number;
  readonly warmFirstRatio: number;
  readonly sortMs: number;
  readonly bareStallMs: number;
  readonly pullStallMs: number;
  readonly sortStallMs: number;
  readonly eraseMs: number;
}

const url = process.argv[2]!;
const rounds = Number(process.argv[3]);

async function timed(
  work: (onPage: () => void) => Promise<unknown>,
): Promise<{ ms: number; firstMs: number; stallMs: number }> {
  let firstMs = 0;
  let ms = 0;
  const stallMs = await longestStall(async () => {
    const started = performance.now();
    await work(() => {
      if (firstMs === 0) firstMs = performance.now() - started;
    });
    ms = performance.now() - started;
  });
  return { ms, firstMs, stallMs };
}

const samples: Record<keyof PullFigures, number[]> = {
  bareMs: [],
  oursMs: [],
  ratio: [],
  bareFirstMs: [],
  coldFirstMs: [],
  coldFirstRatio: [],
  warmFirstMs: [],
  warmFirstRatio: [],
  sortMs: [],
  bareStallMs: [],
  pullStallMs: [],
  sortStallMs: [],
  eraseMs: [],
};

let last: Awaited<ReturnType<typeof pull>>['progress'] | undefined;
for (let round = -1; round < rounds; round += 1) {
  const bare = await timed((onPage) => barePull(url, onPage));
  const cold = await timed((onPage) => pull(url, { onPage }).then(({ list }) => list.erase()));
  let list: Awaited<ReturnType<typeof pull>>['list'] | undefined;
  const ours = await timed(async (onPage) => {
    const pulled = await pull(url, { ...(last === undefined ? {} : { last }), onPage });
    list = pulled.list;
    last = pulled.progress;
  });
  if (list === undefined) throw new Error('No list');
  const pulled = list;
  const sort = await timed(() => sortAll(pulled));
  const wroteFirst = firstPage(pulled).length > 0;
  const started = performance.now();
  pulled.erase();
  const eraseMs = performance.now() - started;
  if (round < 0 || !wroteFirst) continue; // the first round compiles
  samples.bareMs.push(bare.ms);
  samples.oursMs.push(ours.ms);
  samples.ratio.push(ours.ms / bare.ms);
  samples.bareFirstMs.push(bare.firstMs);
  samples.coldFirstMs.push(cold.firstMs);
  samples.coldFirstRatio.push(cold.firstMs / bare.firstMs);
  samples.warmFirstMs.push(ours.firstMs);
  samples.warmFirstRatio.push(ours.firstMs / bare.firstMs);
  samples.sortMs.push(sort.ms);
  samples.bareStallMs.push(bare.stallMs);
  samples.pullStallMs.push(ours.stallMs);
  samples.sortStallMs.push(sort.stallMs);
  samples.eraseMs.push(eraseMs);
}
const figures = Object.fromEntries(Object.entries(samples).map(([name, values]) => [name, median(values)]));
process.stdout.write(`${JSON.stringify(figures)}\n`, () => process.exit(0));
