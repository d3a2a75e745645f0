import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Child } from '../../test/child.ts';
import { DatabaseLine } from '../../test/database-line.ts';
import { until } from '../../test/harness.ts';
import { ProviderLine } from '../../test/provider-line.ts';
import { Refreshing, TOKEN_PATH } from '../../test/refreshing.ts';
import type { Answer } from '../../test/sign-in.ts';

/** How often many calls meet an expiry, and how often each killing is done. */
const EXPIRIES = Number(process.env.ONESHOT_EXPIRIES ?? '50');
const KILLINGS = Number(process.env.ONESHOT_KILLINGS ?? '5');
const PROCESSES = 4;
const CALLS = 200;
/** Outreach answers a user 10,000 times an hour: the rep begins anew before that. */
const ROUNDS_AN_HOUR = 9_000 / CALLS;
const TIMEOUT_MS = 60 * 60_000;
/** Longer than the time-out of a refresh. */
const LATE_MS = 9_000;
const API_PATH = '/outreach/api/v2/sequences';

let on: Refreshing;
beforeAll(async () => {
  on = await Refreshing.start({ OPEN_RATE_LIMIT_PER_MINUTE: '100000' });
}, 60_000);
afterAll(() => on.close());
beforeEach(() => on.begin());

const problem = ({ status, body }: Answer): object => ({ status, code: body.error?.code });
const OK = { status: 200, code: undefined };
const AWAY = { status: 503, code: 'provider_unavailable' };

describe(`${PROCESSES} processes on one database`, () => {
  let backends: readonly Child[] = [];
  beforeAll(async () => {
    backends = await Promise.all(Array.from({ length: PROCESSES }, () => on.process()));
  }, 60_000);
  afterAll(async () => {
    await Promise.all(backends.map((backend) => backend.stop()));
  });

  test(
    `refresh once for ${CALLS} parallel calls at the moment of expiry, ${EXPIRIES} times in a row`,
    async () => {
      let round = 0;
      for (let expiry = 1; expiry <= EXPIRIES; expiry += 1) {
        if (round === ROUNDS_AN_HOUR) await on.begin();
        round = (round % ROUNDS_AN_HOUR) + 1;
        await on.expire();
        const urls = Array.from({ length: CALLS }, (_, index) => backends[index % PROCESSES]?.url ?? '');
        const answers = await Promise.all(urls.map((url) => on.usePatiently(on.rep.at(url))));
        expect([expiry, answers.map(problem).filter((one) => 'status' in one && one.status !== 200)]).toEqual([
          expiry,
          [],
        ]);
        expect(await on.refreshes()).toEqual(Array.from({ length: round }, () => 200));
      }
    },
    TIMEOUT_MS,
  );
});

describe('a process that is killed', () => {
  let database: DatabaseLine;
  let provider: ProviderLine;
  let victim: Child | undefined;
  beforeEach(async () => {
    database = await DatabaseLine.open(on.stack.settings.MONGODB_URI ?? '');
    provider = await ProviderLine.open(on.stack.sandbox.url);
    const { MONGODB_URI = '', SESSIONS_MONGODB_URI = '' } = on.stack.settings;
    victim = await on.process({
      MONGODB_URI: database.uri(MONGODB_URI),
      SESSIONS_MONGODB_URI: database.uri(SESSIONS_MONGODB_URI),
      OUTREACH_LOGIN_URL: `${provider.url}/outreach`,
    });
    expect(problem(await on.use(on.rep.at(victim.url)))).toEqual(OK);
    await on.stack.sandbox.forgetRequests();
  }, 60_000);
  afterEach(async () => {
    await victim?.stop();
    await provider.close();
    await database.close();
  });

  type Outcome = 'survives' | 'lost';
  const forEver = (): Promise<void> => new Promise(() => undefined);
  /** Resolves when the step is reached; the process stands still there. */
  const steps: readonly (readonly [string, Outcome, () => Promise<void>])[] = [
    [
      'before it has the lease',
      'survives',
      async () => {
        database.hold();
        await delay(300);
      },
    ],
    [
      'with the lease, before the provider hears of it',
      'survives',
      () =>
        new Promise((resolve) => {
          provider.before = (path) => (path.endsWith(TOKEN_PATH) ? (resolve(), forEver()) : undefined);
        }),
    ],
    [
      'when the provider has given new tokens, before they arrive',
      'lost',
      () =>
        new Promise((resolve) => {
          provider.after = (path) => (path.endsWith(TOKEN_PATH) ? (resolve(), forEver()) : undefined);
        }),
    ],
    [
      'when they arrived, before they are saved',
      'lost',
      () =>
        new Promise((resolve) => {
          provider.after = (path) => {
            if (!path.endsWith(TOKEN_PATH)) return;
            database.hold();
            setTimeout(resolve, 500);
          };
        }),
    ],
    [
      'when they are saved, before they are used',
      'survives',
      () =>
        new Promise((resolve) => {
          provider.before = (path) => (path.startsWith(API_PATH) ? (resolve(), forEver()) : undefined);
        }),
    ],
  ];
  const runs = Array.from({ length: KILLINGS }, (_, run) => run + 1);

  describe.each(steps)('%s', (_step, outcome, reached) => {
    test.each(runs)(
      `leaves a connection that ${outcome === 'survives' ? 'another one goes on with' : 'says why it is lost'} (%i)`,
      async () => {
        await on.expire();
        const before = await on.version();
        const isThere = reached();
        const call = on.use(on.rep.at(victim?.url ?? '')).catch(() => undefined);
        await isThere;
        await victim?.kill();
        expect(await call).toBeUndefined(); // nobody was answered
        const isSaved = (await on.version()) !== before;

        const answer = await on.use();
        if (outcome === 'survives') {
          expect(problem(answer)).toEqual(OK);
          expect(await on.refreshes()).toEqual([200]);
          expect(await on.state()).toMatchObject({ status: 'connected', reason: null });
        } else {
          // A rotating provider was asked, and what it answered is nowhere.
          expect(isSaved).toBe(false);
          expect(problem(answer)).toEqual({ status: 409, code: 'reconnect_required' });
          expect(await on.state()).toMatchObject({ status: 'reconnect', reason: 'refresh_interrupted' });
        }
      },
      90_000,
    );
  });

  test('would have been lost by its kill alone: the same refresh without one ends well', async () => {
    await on.expire();
    expect(problem(await on.use(on.rep.at(victim?.url ?? '')))).toEqual(OK);
    expect(await on.refreshes()).toEqual([200]);
  }, 60_000);

  test('whose provider answers after the time-out ends with the true reason, and connects anew', async () => {
    const at = on.rep.at(victim?.url ?? '');
    await on.expire();
    provider.after = async (path) => {
      if (path.endsWith(TOKEN_PATH)) await delay(LATE_MS);
    };
    expect(problem(await on.use(at))).toEqual(AWAY);
    expect(await on.refreshes()).toEqual([200]); // it gave tokens that nobody got
    expect(await on.state()).toMatchObject({ status: 'connected', reason: null });
    provider.mend();
    await on.change({ retryAt: new Date(0) });
    expect(problem(await on.use(at))).toEqual({ status: 409, code: 'reconnect_required' });
    expect(await on.state()).toMatchObject({ status: 'reconnect', reason: 'refresh_interrupted' });
  }, 90_000);

  test('whose provider never heard of a refresh until the time-out refreshes again, and all is well', async () => {
    const at = on.rep.at(victim?.url ?? '');
    await on.expire();
    provider.before = (path) => (path.endsWith(TOKEN_PATH) ? forEver() : undefined);
    expect(problem(await on.use(at))).toEqual(AWAY);
    provider.mend();
    await on.change({ retryAt: new Date(0) });
    await until('it works again', async () => (await on.use(at)).status === 200);
    expect(await on.state()).toMatchObject({ status: 'connected', reason: null });
  }, 90_000);
});
