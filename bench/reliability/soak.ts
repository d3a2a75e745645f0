import { setTimeout as delay } from 'node:timers/promises';
import { Cluster } from './cluster.ts';
import { ask, Load, signInAll } from './load.ts';

/**
 * Reps at work for a long time: `npm run soak -- [--minutes 20] [--reps 50]`. Memory and handles must stay flat after
 * warm-up (a quarter of the time), with no error. Loopback only.
 */
const option = (name: string, standard: number): number => {
  const index = process.argv.indexOf(`--${name}`);
  return index < 0 ? standard : Number(process.argv[index + 1]);
};
const MINUTES = option('minutes', 20);
const REPS = option('reps', 50);
const BACKENDS = 2;
/** Memory that is used again and again differs by so much between two looks of one process, in bytes. */
const MOST_GROWTH = 1.05;

interface Sample {
  readonly rss: number;
  readonly heap: number;
  readonly handles: number;
}

async function sample(cluster: Cluster): Promise<Sample> {
  let sum = { rss: 0, heap: 0, handles: 0 };
  for (const { metrics } of cluster.slots.values()) {
    const text = await (await fetch(metrics)).text();
    const read = (name: string): number => Number(new RegExp(`^oneshot_${name} (\\S+)$`, 'm').exec(text)?.[1] ?? NaN);
    sum = {
      rss: sum.rss + read('process_resident_memory_bytes'),
      heap: sum.heap + read('nodejs_heap_size_used_bytes'),
      handles: sum.handles + read('process_open_fds'),
    };
  }
  return sum;
}

const median = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[values.length >> 1] ?? NaN;
const mb = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;

const cluster = await Cluster.start(BACKENDS, { SANDBOX_ACCOUNTS: '2000' });
let isFlat = false;
try {
  const reps = await signInAll(cluster, REPS);
  const load = new Load(cluster, reps, 6, 30);
  const refreshing = setInterval(() => {
    const rep = reps[Math.floor(Math.random() * reps.length)];
    if (rep === undefined) return;
    const headers = { authorization: `Bearer ${rep.token}`, 'x-oneshot-rep': rep.id, origin: cluster.origin };
    void fetch(`${cluster.url}/v1/accounts/refresh`, { method: 'POST', headers })
      .then((answer) => answer.arrayBuffer())
      .catch(() => undefined);
  }, 500);
  const samples: Sample[] = [];
  const step = Math.max(1_000, (MINUTES * 60_000) / 120);
  for (const until = Date.now() + MINUTES * 60_000; Date.now() < until;) {
    await delay(step);
    samples.push(await sample(cluster));
  }
  clearInterval(refreshing);
  const seen = await load.stop();
  const after = samples.slice(Math.floor(samples.length / 4));
  const half = Math.floor(after.length / 2);
  const growth = (of: keyof Sample): number =>
    median(after.slice(half).map((one) => one[of])) / median(after.slice(0, half).map((one) => one[of]));
  const errors = Object.entries(seen.counts).reduce((sum, [what, count]) => sum + (what === '200' ? 0 : count), 0);
  isFlat = errors === 0 && growth('rss') <= MOST_GROWTH && growth('handles') <= MOST_GROWTH && seen.strangers === 0;
  const last = after.at(-1);
  process.stdout.write(
    [
      `${MINUTES} minutes, ${BACKENDS} processes, ${REPS} reps, ${samples.length} samples, the first quarter is warm-up`,
      `answers   ${JSON.stringify(seen.counts)}; p50 ${seen.p50} ms, p99 ${seen.p99} ms`,
      `errors    ${errors}`,
      `memory    x ${growth('rss').toFixed(3)} (${mb(last?.rss ?? NaN)} at the end, all processes)`,
      `heap      x ${growth('heap').toFixed(3)} (${mb(last?.heap ?? NaN)})`,
      `handles   x ${growth('handles').toFixed(3)} (${last?.handles ?? NaN})`,
      isFlat ? 'flat' : 'NOT FLAT',
      '',
    ].join('\n'),
  );
  await ask(cluster.url, reps[0]!, '/v1/me');
} finally {
  await cluster.stop();
}
process.exit(isFlat ? 0 : 1);
