/** `npm run bench`: what it costs, as ratios within one run. A figure beyond its goal is marked; the run still ends well. */
import { measure, startServer } from './child.ts';
import type { ListFigures } from './measure-list.ts';
import type { PullFigures } from './measure-pull.ts';

const ACCOUNTS = 100_000;
const ROUNDS = 5;
const LATENCY_MS = 80;
const PAGES = ACCOUNTS / 2_000;

interface Line {
  readonly what: string;
  readonly figure: number;
  readonly goal: number;
  readonly unit: string;
}

const lines: Line[] = [];

const near = await startServer('salesforce.js', ACCOUNTS, 0);
try {
  const pull = await measure<PullFigures>('measure-pull.js', near.url, ROUNDS);
  const list = await measure<ListFigures>('measure-list.js', near.url);
  lines.push(
    { what: 'pull of 100,000 / bare loop', figure: pull.ratio, goal: 1.15, unit: 'x' },
    { what: 'first page of a second pull / bare loop', figure: pull.warmFirstRatio, goal: 1.4, unit: 'x' },
    {
      what: 'longest stall while pulling',
      figure: pull.pullStallMs,
      goal: Math.max(20, 2 * pull.bareStallMs),
      unit: 'ms',
    },
    {
      what: 'longest stall while sorting',
      figure: pull.sortStallMs,
      goal: Math.max(20, 2 * pull.bareStallMs),
      unit: 'ms',
    },
    { what: 'memory of a cached account', figure: list.bytesPerAccount, goal: 450, unit: 'bytes' },
    { what: 'search, four fields, by name / naive scan', figure: list.searchRatio, goal: 0.33, unit: 'x' },
  );
} finally {
  await near.stop();
}

const far = await startServer('salesforce.js', ACCOUNTS, LATENCY_MS);
try {
  const pull = await measure<PullFigures>('measure-pull.js', far.url, 1);
  lines.push({
    what: `pull with ${LATENCY_MS} ms of latency / (pages x round trip)`,
    figure: pull.oursMs / (PAGES * LATENCY_MS),
    goal: 1.3,
    unit: 'x',
  });
} finally {
  await far.stop();
}

for (const { what, figure, goal, unit } of lines) {
  const mark = figure <= goal ? 'ok  ' : 'OVER';
  process.stdout.write(
    `${mark}  ${what.padEnd(52)} ${figure.toFixed(2).padStart(9)} ${unit} (goal ${goal.toFixed(2)})\n`,
  );
}
