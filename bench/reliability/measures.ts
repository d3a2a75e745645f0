import { spawnSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { signIn } from '../sign-in.ts';
import type { Cluster } from './cluster.ts';
import { ask, inTurn, Load, type Rep, type Seen } from './load.ts';
import type { Written } from './writers.ts';

export const describe = ({ counts, p50, p99 }: Seen): string =>
  `${Object.entries(counts)
    .map(([what, count]) => `${count} x ${what}`)
    .join(', ')}; p50 ${p50} ms, p99 ${p99} ms`;

/** Answers that were neither served nor refused with a time to come back. */
export const failures = ({ counts, withoutRetryAfter }: Seen): number =>
  withoutRetryAfter +
  Object.entries(counts).reduce((sum, [what, count]) => sum + (/^(200|304|429|503)/.test(what) ? 0 : count), 0);

export const isWhole = ({ mails, failed, twice, missing }: Written): boolean =>
  mails > 0 && failed === 0 && twice === 0 && missing === 0;

export const describeWritten = (written: Written): string =>
  `${written.mails} mails: ${written.accepted} accepted, ${written.unknown} unknown, ${written.failed} failed, ` +
  `${written.twice} twice, ${written.missing} missing; repeated ${JSON.stringify(written.repeated)}`;

export const served = ({ counts }: Seen): number => counts['200'] ?? 0;

/** The load goes on while something happens. */
export async function during(
  cluster: Cluster,
  reps: readonly Rep[],
  event: () => Promise<unknown>,
  width = 8,
  onlyLists = false,
): Promise<Seen> {
  const load = new Load(cluster, reps, width, 20, onlyLists);
  await delay(1_000);
  await event();
  await delay(1_000);
  return load.stop();
}

/** Milliseconds until a rep is served again. */
export async function recovery(cluster: Cluster, rep: Rep): Promise<number> {
  const startedAt = performance.now();
  while (performance.now() - startedAt < 60_000) {
    const answer = await ask(cluster.url, rep, '/v1/accounts?limit=1').catch(() => undefined);
    if (answer?.ok === true) return Math.round(performance.now() - startedAt);
    await delay(100);
  }
  return Infinity;
}

export const middle = (times: readonly number[]): number =>
  Math.round((times.toSorted((one, other) => one - other)[times.length >> 1] ?? NaN) * 100) / 100;

/**
 * Ends each rep's session at one process, the next one's at the next, and asks all of them until none serves it.
 * @returns milliseconds from the answer until then, for each rep
 */
export async function knownAfter(
  cluster: Cluster,
  reps: readonly Rep[],
  end: (rep: Rep, url: string) => Promise<Response>,
): Promise<number[]> {
  const urls = [...cluster.slots.values()].map(({ url }) => url);
  const times: number[] = [];
  await inTurn(reps, 4, async (rep) => {
    for (const url of urls) {
      const before = await ask(url, rep, '/v1/me');
      await before.arrayBuffer();
      if (before.status !== 200) throw new Error(`A session that was to be ended did not serve: ${before.status}`);
    }
    const ended = await end(rep, urls[reps.indexOf(rep) % urls.length] ?? '');
    await ended.arrayBuffer();
    if (ended.status !== 204) throw new Error(`A session was not ended: ${ended.status}`);
    const startedAt = performance.now();
    await Promise.all(
      urls.map(async (url) => {
        for (;;) {
          const answer = await ask(url, rep, '/v1/me');
          await answer.arrayBuffer();
          if (answer.status === 401 || performance.now() - startedAt > 15_000) return;
          await delay(50);
        }
      }),
    );
    times.push(Math.round(performance.now() - startedAt));
  });
  return times;
}

/** Ids of the reps whose list a process holds, as it tells an admin who asks that process. */
export async function listsOf(cluster: Cluster, slot: number): Promise<Set<string>> {
  const token = await signIn(cluster.url, cluster.origin, 'admin@demo.example');
  const answer = await fetch(`${cluster.slots.get(slot)?.url ?? ''}/v1/privacy/evidence`, {
    headers: { authorization: `Bearer ${token}` },
  });
  if (!answer.ok) throw new Error(`The evidence of slot ${slot}: ${answer.status}`);
  const { caches } = (await answer.json()) as { caches: readonly { rep: string }[] };
  return new Set(caches.map(({ rep }) => rep));
}

export async function pullAll(cluster: Cluster, reps: readonly Rep[]): Promise<void> {
  await inTurn(reps, 8, async (rep) => {
    await (await ask(cluster.url, rep, '/v1/accounts?limit=1')).arrayBuffer();
  });
}

export const total = ({ counts }: Seen): number => Object.values(counts).reduce((sum, count) => sum + count, 0);

/** Sets a limit of all backends as they run (util-linux, prlimit). */
export function limit(cluster: Cluster, what: string): void {
  for (const { pid } of cluster.slots.values()) {
    const { status, error } = spawnSync('prlimit', ['--pid', String(pid), what]);
    if (status !== 0) throw new Error(`prlimit is needed for this scenario: ${error?.message ?? 'it failed'}`);
  }
}
