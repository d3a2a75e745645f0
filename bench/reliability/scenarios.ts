import { setTimeout as delay } from 'node:timers/promises';
import { signIn } from '../sign-in.ts';
import type { Cluster } from './cluster.ts';
import { ask, inTurn, Load, pulls, signInAll, type Rep } from './load.ts';
import {
  describe,
  describeWritten,
  during,
  failures,
  isWhole,
  knownAfter,
  limit,
  listsOf,
  middle,
  pullAll,
  recovery,
  served,
  total,
} from './measures.ts';
import { Writers } from './writers.ts';

/** Of the reps, how many write mails meanwhile. */
const WRITERS = 12;

export interface Outcome {
  readonly holds: boolean;
  readonly saw: string;
}

export interface Scenario {
  readonly name: string;
  readonly rule: string;
  /** On top of those of every cluster. */
  readonly settings?: Readonly<Record<string, string>>;
  run(cluster: Cluster, reps: readonly Rep[]): Promise<Outcome>;
}

/** What is broken on purpose, and what must hold meanwhile. */
export const scenarios: readonly Scenario[] = [
  {
    name: 'sticky',
    rule: 'each list is pulled once, however often it is asked for, and a forged X-OneShot-Rep gives nobody another row',
    async run(cluster, reps) {
      await cluster.control('DELETE', 'requests?provider=salesforce');
      for (let round = 0; round < 3; round += 1) await pullAll(cluster, reps);
      const counted = await pulls(cluster);
      const often = [...counted.values()].filter((count) => count > 1).length;
      let strangers = 0;
      await inTurn(reps, 8, async (rep) => {
        const other = reps[(reps.indexOf(rep) + 1) % reps.length];
        const { user } = (await (await ask(cluster.url, rep, '/v1/me', other?.id)).json()) as { user: { id: string } };
        if (user.id !== rep.id) strangers += 1;
      });
      return {
        holds: counted.size === reps.length && often === 0 && strangers === 0,
        saw: `${counted.size} of ${reps.length} lists pulled, ${often} more than once; ${strangers} forged headers believed`,
      };
    },
  },
  {
    name: 'killed',
    rule: 'each list is pulled once; a killed process costs no GET, and only its own lists are pulled again',
    async run(cluster, reps) {
      await cluster.control('DELETE', 'requests?provider=salesforce');
      await pullAll(cluster, reps);
      await pullAll(cluster, reps);
      const first = await pulls(cluster);
      const often = [...first.values()].filter((count) => count > 1).length;
      const own = await listsOf(cluster, 1);
      await cluster.control('DELETE', 'requests?provider=salesforce');
      const seen = await during(cluster, reps, async () => {
        process.kill(cluster.slots.get(1)?.pid ?? 0, 'SIGKILL');
        await delay(6_000);
        await pullAll(cluster, reps);
      });
      const again = [...(await pulls(cluster)).keys()];
      const others = reps.filter(({ id, username }) => again.includes(username) && !own.has(id)).length;
      return {
        holds:
          first.size === reps.length &&
          often === 0 &&
          failures(seen) === 0 &&
          served(seen) === total(seen) &&
          seen.strangers === 0 &&
          others === 0,
        saw: `${first.size} of ${reps.length} lists pulled, ${often} more than once; ${own.size} in the killed process; ${describe(seen)}; ${again.length} pulled again, ${others} of them not its own`,
      };
    },
  },
  {
    name: 'rolling-restart',
    rule: 'all four processes restarted while reps read and write: no failed request, no mail and no Task twice, none lost',
    async run(cluster, reps) {
      const writers = await Writers.begin(cluster, reps.slice(0, WRITERS));
      const seen = await during(cluster, reps, () => cluster.rollingRestart());
      const written = await writers.stop();
      return {
        holds:
          served(seen) === total(seen) &&
          seen.strangers === 0 &&
          isWhole(written) &&
          written.accepted === written.mails,
        saw: `${describe(seen)}; ${describeWritten(written)}`,
      };
    },
  },
  {
    name: 'killed-writing',
    rule: 'two processes killed while reps write: no mail and no Task twice, and what is not known is said to be unknown',
    async run(cluster, reps) {
      const writers = await Writers.begin(cluster, reps.slice(0, WRITERS));
      for (const slot of [1, 2]) {
        await delay(2_000);
        process.kill(cluster.slots.get(slot)?.pid ?? 0, 'SIGKILL');
        await delay(6_000);
      }
      const written = await writers.stop();
      return { holds: isWhole(written), saw: describeWritten(written) };
    },
  },
  {
    name: 'sign-out',
    rule: 'a sign-out, or a revocation by an admin, at one process ends the session on the other three within 5 s',
    async run(cluster, reps) {
      const count = Math.min(100, reps.length);
      const headersOf = (token: string): Record<string, string> => ({
        authorization: `Bearer ${token}`,
        origin: cluster.origin,
      });
      const signOuts = await knownAfter(cluster, await signInAll(cluster, count), (rep, url) =>
        fetch(`${url}/v1/auth/sign-out`, { method: 'POST', headers: headersOf(rep.token) }),
      );
      const admin = await signIn(cluster.url, cluster.origin, 'admin@demo.example');
      const revocations = await knownAfter(cluster, await signInAll(cluster, count), (rep, url) =>
        fetch(`${url}/v1/admin/users/${rep.id}/sessions`, { method: 'DELETE', headers: headersOf(admin) }),
      );
      const say = (times: readonly number[]): string =>
        `${times.length}, known everywhere after ${middle(times)} ms (median), ${Math.max(...times)} ms at most`;
      return {
        holds: [...signOuts, ...revocations].every((ms) => ms < 5_000),
        saw: `sign-outs: ${say(signOuts)}; revocations: ${say(revocations)}`,
      };
    },
  },
  {
    name: 'overhead',
    settings: { RATE_LIMIT_PER_MINUTE: '100000' },
    rule: 'HAProxy costs at most 1.5 x of the time without it (median, the same page in turn with and without)',
    async run(cluster, reps) {
      const [rep] = reps;
      const direct = cluster.slots.get(1)?.url ?? '';
      if (rep === undefined) throw new Error('overhead needs a rep');
      const times = { direct: [] as number[], through: [] as number[] };
      for (let turn = 0; turn < 1_100; turn += 1)
        for (const [way, url] of [
          ['direct', direct],
          ['through', cluster.url],
        ] as const) {
          const startedAt = performance.now();
          const answer = await ask(url, rep, '/v1/accounts?limit=50');
          await answer.arrayBuffer();
          if (!answer.ok) throw new Error(`${way}: ${answer.status}`);
          if (turn >= 100) times[way].push(performance.now() - startedAt);
        }
      const [without, through] = [middle(times.direct), middle(times.through)];
      return {
        holds: through <= 1.5 * without,
        saw: `p50 ${without} ms without, ${through} ms through HAProxy: x ${(through / without).toFixed(2)}, ${times.direct.length} pairs`,
      };
    },
  },
  {
    name: 'database-away',
    rule: 'the database is away for 30 s: 503 with Retry-After meanwhile, no other failure, back within 10 s',
    async run(cluster, reps) {
      const seen = await during(cluster, reps, async () => {
        cluster.database.set({ mode: 'cut' });
        await delay(30_000);
        cluster.database.mend();
      });
      const back = await recovery(cluster, reps[0]!);
      return { holds: failures(seen) === 0 && back < 10_000, saw: `${describe(seen)}; back after ${back} ms` };
    },
  },
  {
    name: 'database-silent',
    rule: 'the line to the database is half open for 15 s: answers are bounded, back within 10 s',
    async run(cluster, reps) {
      const seen = await during(cluster, reps, async () => {
        cluster.database.set({ mode: 'halfOpen' });
        await delay(15_000);
        cluster.database.mend();
      });
      const back = await recovery(cluster, reps[0]!);
      return { holds: failures(seen) === 0 && back < 10_000, saw: `${describe(seen)}; back after ${back} ms` };
    },
  },
  {
    name: 'salesforce-slow',
    rule: 'Salesforce takes 2 s longer: lists in memory are served at their usual pace',
    async run(cluster, reps) {
      await pullAll(cluster, reps);
      await cluster.control('POST', 'faults', {
        provider: 'salesforce',
        pathPattern: '.*',
        times: 100_000,
        latencyMs: 2_000,
      });
      const seen = await during(cluster, reps, () => delay(5_000), 8, true);
      await cluster.control('DELETE', 'faults');
      return { holds: served(seen) === total(seen) && seen.p99 < 1_500, saw: describe(seen) };
    },
  },
  {
    name: 'kms-away',
    rule: 'KMS is away for 10 s: sessions go on, and new ones work again afterwards',
    async run(cluster, reps) {
      const seen = await during(cluster, reps, async () => {
        await cluster.control('POST', 'faults', { provider: 'kms', pathPattern: '.*', times: 100_000, drop: 'before' });
        await delay(10_000);
        await cluster.control('DELETE', 'faults');
      });
      const fresh = await signInAll(cluster, 1).then(() => 'a new sign-in works', String);
      return { holds: failures(seen) === 0 && fresh === 'a new sign-in works', saw: `${describe(seen)}; ${fresh}` };
    },
  },
  {
    name: 'disk-full',
    rule: 'no backend may write a byte to a file: nothing of what it serves needs one',
    async run(cluster, reps) {
      limit(cluster, '--fsize=0');
      const seen = await during(cluster, reps, () => delay(3_000));
      const fresh = await signInAll(cluster, 1).then(() => 'a new sign-in works', String);
      return {
        holds: served(seen) === total(seen) && fresh === 'a new sign-in works',
        saw: `${describe(seen)}; ${fresh}`,
      };
    },
  },
  {
    name: 'descriptors',
    rule: 'no backend gets another file descriptor for 5 s: refused or served, and back within 10 s',
    async run(cluster, reps) {
      const seen = await during(
        cluster,
        reps,
        async () => {
          limit(cluster, '--nofile=20:20000');
          await delay(5_000);
          limit(cluster, '--nofile=20000:20000');
        },
        32,
      );
      const back = await recovery(cluster, reps[0]!);
      return { holds: seen.strangers === 0 && back < 10_000, saw: `${describe(seen)}; back after ${back} ms` };
    },
  },
  {
    name: 'clock',
    rule: "Salesforce's clock jumps two hours ahead and back: its tokens have expired, which is said, and nothing else breaks",
    async run(cluster, reps) {
      await pullAll(cluster, reps);
      const seen = await during(cluster, reps, async () => {
        await cluster.control('POST', 'clock', { offsetMs: 7_200_000 });
        await delay(3_000);
        await cluster.control('POST', 'clock', { offsetMs: 0 });
      });
      const back = await recovery(cluster, reps[0]!);
      const expired = seen.counts['401 crm_session_expired'] ?? 0;
      return { holds: failures(seen) === expired && back < 10_000, saw: describe(seen) };
    },
  },
  {
    name: 'ten-times',
    rule: '10 x the usual load: served, or refused with 429 or 503 and Retry-After; p99 bounded, back within 10 s',
    async run(cluster, reps) {
      const usual = await during(cluster, reps, () => delay(5_000), 4);
      const load = new Load(cluster, reps, 40);
      await delay(15_000);
      const seen = await load.stop();
      const back = await recovery(cluster, reps[0]!);
      return {
        holds: failures(seen) === 0 && seen.strangers === 0 && seen.p99 < 5_000 && back < 10_000,
        saw: `usual: ${describe(usual)}; ten times: ${describe(seen)}; back after ${back} ms`,
      };
    },
  },
];
