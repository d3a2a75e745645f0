import { spawnSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { Cluster } from './cluster.ts';
import { ask, inTurn, Load, pulls, signInAll, type Rep, type Seen } from './load.ts';
import { Writers, type Written } from './writers.ts';

/**
 * What clients see while parts fail: `npm run chaos -- [--reps 100] [--only name]`. Loopback only, bounded; ends with
 * exit code 1 when a scenario broke its rule.
 */
const option = (name: string, standard: string): string => {
  const index = process.argv.indexOf(`--${name}`);
  return index < 0 ? standard : (process.argv[index + 1] ?? standard);
};
const REPS = Number(option('reps', '100'));
const ONLY = option('only', '');
const KEY = '11111111-1111-4111-8111-111111111111';
const BACKENDS = 4;
/** Of the reps, how many write mails meanwhile. */
const WRITERS = 12;

interface Outcome {
  readonly holds: boolean;
  readonly saw: string;
}

interface Scenario {
  readonly name: string;
  readonly rule: string;
  run(cluster: Cluster, reps: readonly Rep[]): Promise<Outcome>;
}

const describe = ({ counts, p50, p99 }: Seen): string =>
  `${Object.entries(counts)
    .map(([what, count]) => `${count} x ${what}`)
    .join(', ')}; p50 ${p50} ms, p99 ${p99} ms`;

/** Answers that were neither served nor refused with a time to come back. */
const failures = ({ counts, withoutRetryAfter }: Seen): number =>
  withoutRetryAfter +
  Object.entries(counts).reduce((sum, [what, count]) => sum + (/^(200|304|429|503)/.test(what) ? 0 : count), 0);

const isWhole = ({ mails, failed, twice, missing }: Written): boolean =>
  mails > 0 && failed === 0 && twice === 0 && missing === 0;

const describeWritten = (written: Written): string =>
  `${written.mails} mails: ${written.accepted} accepted, ${written.unknown} unknown, ${written.failed} failed, ` +
  `${written.twice} twice, ${written.missing} missing; repeated ${JSON.stringify(written.repeated)}`;

const served = ({ counts }: Seen): number => counts['200'] ?? 0;

/** The load goes on while something happens. */
async function during(
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
async function recovery(cluster: Cluster, rep: Rep): Promise<number> {
  const startedAt = performance.now();
  while (performance.now() - startedAt < 60_000) {
    const answer = await ask(cluster.url, rep, '/v1/accounts?limit=1').catch(() => undefined);
    if (answer?.ok === true) return Math.round(performance.now() - startedAt);
    await delay(100);
  }
  return Infinity;
}

async function pullAll(cluster: Cluster, reps: readonly Rep[]): Promise<void> {
  await inTurn(reps, 8, async (rep) => {
    await (await ask(cluster.url, rep, '/v1/accounts?limit=1')).arrayBuffer();
  });
}

const scenarios: readonly Scenario[] = [
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
    rule: 'a killed process costs no GET, and only its own reps lists are pulled again',
    async run(cluster, reps) {
      await pullAll(cluster, reps);
      await cluster.control('DELETE', 'requests?provider=salesforce');
      const seen = await during(cluster, reps, async () => {
        process.kill(cluster.slots.get(1)?.pid ?? 0, 'SIGKILL');
        await delay(6_000);
      });
      const again = (await pulls(cluster)).size;
      return {
        holds: failures(seen) === 0 && served(seen) === total(seen) && seen.strangers === 0 && again < reps.length / 2,
        saw: `${describe(seen)}; ${again} of ${reps.length} lists pulled again`,
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
    rule: 'a sign-out at one process ends the session on the other three within 5 s',
    async run(cluster, reps) {
      const some = await signInAll(cluster, Math.min(100, reps.length));
      const urls = [...cluster.slots.values()].map(({ url }) => url);
      let slowest = 0;
      await inTurn(some, 4, async (rep) => {
        for (const url of urls) await (await ask(url, rep, '/v1/me')).arrayBuffer();
        const at = urls[some.indexOf(rep) % urls.length] ?? '';
        const headers = { authorization: `Bearer ${rep.token}`, origin: cluster.origin };
        await fetch(`${at}/v1/auth/sign-out`, { method: 'POST', headers });
        const startedAt = performance.now();
        for (const url of urls)
          while ((await ask(url, rep, '/v1/me')).status !== 401) {
            if (performance.now() - startedAt > 10_000) break;
            await delay(20);
          }
        slowest = Math.max(slowest, performance.now() - startedAt);
      });
      return {
        holds: slowest < 5_000,
        saw: `${some.length} sign-outs; the slowest was known everywhere after ${Math.round(slowest)} ms`,
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

const total = ({ counts }: Seen): number => Object.values(counts).reduce((sum, count) => sum + count, 0);

/** Sets a limit of all backends as they run (util-linux, prlimit). */
function limit(cluster: Cluster, what: string): void {
  for (const { pid } of cluster.slots.values()) {
    const { status, error } = spawnSync('prlimit', ['--pid', String(pid), what]);
    if (status !== 0) throw new Error(`prlimit is needed for this scenario: ${error?.message ?? 'it failed'}`);
  }
}

let broken = 0;
for (const scenario of scenarios.filter(({ name }) => ONLY === '' || ONLY.split(',').includes(name))) {
  // A cluster of its own: what one scenario broke must not be the next one's trouble.
  const cluster = await Cluster.start(BACKENDS, { KMS_KEY_ID: KEY, KMS_ENDPOINT: 'sandbox', SANDBOX_ACCOUNTS: '400' });
  try {
    const reps = await signInAll(cluster, REPS);
    const { holds, saw } = await scenario.run(cluster, reps);
    if (!holds) broken += 1;
    process.stdout.write(`${holds ? 'ok  ' : 'FAIL'} ${scenario.name}: ${scenario.rule}\n     ${saw}\n`);
  } catch (error) {
    broken += 1;
    process.stdout.write(`FAIL ${scenario.name}: ${error instanceof Error ? error.message : String(error)}\n`);
  } finally {
    await cluster.stop();
  }
}
process.stdout.write(`${broken} broken\n`);
process.exit(broken === 0 ? 0 : 1);
