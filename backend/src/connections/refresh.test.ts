import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { connect } from '../../test/connect.ts';
import { openDatabases, type TestDatabases } from '../../test/databases.ts';
import { startStack, until, type Stack } from '../../test/harness.ts';
import type { Fault } from '../../test/sandbox-control.ts';
import { startChild, type Child } from '../../test/child.ts';
import { textOf, type Answer, type RepClient } from '../../test/sign-in.ts';

let stack: Stack;
let databases: TestDatabases;
let rep: RepClient;
const ONE = 'rep.one@demo.example';
const TOKEN = '/oauth/token';

beforeAll(async () => {
  stack = await startStack({ SANDBOX_ACCOUNTS: '5', RATE_LIMIT_PER_MINUTE: '100000' });
  databases = await openDatabases(stack.settings);
}, 60_000);
afterAll(async () => {
  await databases.close();
  await stack.close();
});
beforeEach(async () => {
  await stack.sandbox.reset();
  await databases.main.collection('connections').deleteMany({});
  rep = await stack.signIn(ONE);
  await connect(rep, 'outreach');
  await stack.sandbox.forgetRequests();
});

const use = (one: RepClient = rep): Promise<Answer> => one.get('/v1/outreach/sequences');

const fault = (more: Partial<Fault>): Promise<unknown> =>
  stack.sandbox.fault({ pathPattern: TOKEN, times: 1, ...more }, 'outreach');

const refreshes = async (): Promise<readonly number[]> =>
  (await stack.sandbox.requests('outreach')).filter(({ path }) => path.endsWith(TOKEN)).map(({ status }) => status);

/** The moment of expiry, as both sides see it. */
async function expire(): Promise<void> {
  await stack.sandbox.tokens(ONE, 'expire', 'outreach');
  await change({ expiresAt: new Date(Date.now() - 1_000) });
}

async function change(fields: Readonly<Record<string, unknown>>): Promise<void> {
  await databases.main.collection('connections').updateOne({ provider: 'outreach' }, { $set: fields });
}

async function state(): Promise<Answer['body']> {
  const { body } = await rep.get('/v1/connections');
  const row = (body.rows as unknown as Answer['body'][]).find((one) => textOf(one.provider) === 'outreach');
  if (row === undefined) throw new Error('There is no such row');
  return row;
}

const problem = ({ status, body }: Answer): object => ({ status, code: body.error?.code });
const OK = { status: 200, code: undefined };
const AWAY = { status: 503, code: 'provider_unavailable' };

describe('a refresh', () => {
  test('is made once for many calls at the moment of expiry, and loses no token', async () => {
    for (let round = 0; round < 3; round += 1) {
      await expire();
      const answers = await Promise.all(Array.from({ length: 50 }, () => use()));
      expect(answers.filter(({ status }) => status !== 200).map(({ body }) => body)).toEqual([]);
      expect(await refreshes()).toEqual(Array.from({ length: round + 1 }, () => 200));
    }
  });

  test('comes early, before the token is over, and a failure of it is not noticed', async () => {
    await change({ refreshedAt: new Date(Date.now() - 7_000_000), expiresAt: new Date(Date.now() + 60_000) });
    await fault({ status: 503 });
    expect(problem(await use())).toEqual(OK);
    expect(await refreshes()).toEqual([503]);
    expect(problem(await use())).toEqual(OK); // backing off
    expect(await refreshes()).toEqual([503]);
    await change({ retryAt: new Date(0) });
    expect(problem(await use())).toEqual(OK);
    expect(await refreshes()).toEqual([503, 200]);
    expect(problem(await use())).toEqual(OK);
    expect(await refreshes()).toEqual([503, 200]);
  });

  test('is made when the provider refuses a token that should be good, by a clock that is wrong', async () => {
    await stack.sandbox.tokens(ONE, 'expire', 'outreach');
    expect(problem(await use())).toEqual(OK);
    expect(await refreshes()).toEqual([200]);
  });

  test.each<[string, Partial<Fault>]>([
    ['429 with Retry-After', { status: 429, headers: { 'retry-after': '20' } }],
    ['429 without', { status: 429 }],
    ['503 with HTML', { status: 503, body: '<html>' }],
    ['200 with HTML', { status: 200, body: '<html>' }],
    ['a redirect', { status: 302, headers: { location: 'https://evil.example/' } }],
    ['a wrong secret of ours', { status: 401, body: { error: 'invalid_client' } }],
    ['a cut line', { drop: 'before' }],
  ])('%s never asks the rep to reconnect, and backs off', async (name, kind) => {
    await expire();
    await fault(kind);
    const answer = await use();
    expect(problem(answer)).toEqual(AWAY);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(name === '429 with Retry-After' ? 15 : 0);
    expect(await state()).toMatchObject({ status: 'connected', reason: null });
    await change({ retryAt: new Date(0) });
    expect(problem(await use())).toEqual(OK);
  });

  test('whose answer is lost after the provider used the token up ends with that reason', async () => {
    await expire();
    await fault({ drop: 'after' });
    expect(problem(await use())).toEqual(AWAY);
    await change({ retryAt: new Date(0) });
    expect(problem(await use())).toEqual({ status: 409, code: 'reconnect_required' });
    expect(await state()).toMatchObject({ status: 'reconnect', reason: 'refresh_interrupted', action: 'reconnect' });
    expect((await connect(rep, 'outreach')).body).toMatchObject({ status: 'connected' });
    expect(problem(await use())).toEqual(OK);
  });

  test('of a grant that was revoked ends with that reason; of one that lay idle, with another', async () => {
    await stack.sandbox.tokens(ONE, 'revoke', 'outreach');
    expect(problem(await use())).toEqual({ status: 409, code: 'reconnect_required' });
    expect(await state()).toMatchObject({ status: 'reconnect', reason: 'revoked' });
    await connect(rep, 'outreach');
    await stack.sandbox.tokens(ONE, 'revoke', 'outreach');
    await change({ refreshedAt: new Date(Date.now() - 15 * 86_400_000), expiresAt: new Date(0) });
    await use();
    expect(await state()).toMatchObject({ status: 'reconnect', reason: 'unused' });
  });

  test('by another client than the one that the grant belongs to is not tried', async () => {
    await expire();
    await change({ clientId: 'another' });
    await use();
    expect(await state()).toMatchObject({ status: 'reconnect', reason: 'client_changed' });
    expect(await refreshes()).toEqual([]);
  });

  test('that runs shows, and a rep who goes away does not lose what it brings', async () => {
    await expire();
    await fault({ latencyMs: 1_200 });
    const gone = new AbortController();
    const call = fetch(`${rep.target.url}/v1/outreach/sequences`, {
      headers: { authorization: `Bearer ${rep.token}`, origin: rep.target.origin },
      signal: gone.signal,
    }).catch(() => undefined);
    await until('it runs', async () => textOf((await state()).status) === 'refreshing');
    gone.abort();
    await call;
    await until('it is saved', async () => textOf((await state()).status) === 'connected');
    expect(problem(await use())).toEqual(OK);
    expect(await refreshes()).toEqual([200]);
  });

  test('that runs while the rep disconnects brings nothing back', async () => {
    await expire();
    await fault({ latencyMs: 800 });
    const running = use();
    await until('it runs', async () => textOf((await state()).status) === 'refreshing');
    expect((await rep.delete('/v1/connections/outreach')).status).toBe(200);
    expect(problem(await running)).toEqual({ status: 409, code: 'not_connected' });
    expect(await databases.main.collection('connections').countDocuments()).toBe(0);
  });

  test('of a lost process is taken over once its lease has stood still', async () => {
    await expire();
    await change({ lease: { fence: 1, at: new Date(Date.now() - 3_600_000) }, fence: 1, isInDoubt: true });
    expect(problem(await use())).toEqual(OK);
  });
});

describe('a ciphertext', () => {
  test('moved to another rep, another provider, or put back after a refresh opens nothing', async () => {
    const connections = databases.main.collection('connections');
    const before = await connections.findOne({ provider: 'outreach' });
    await expire();
    expect(problem(await use())).toEqual(OK);
    const after = await connections.findOne({ provider: 'outreach' });
    await change({ sealed: before?.sealed });
    expect(problem(await use())).toEqual({ status: 409, code: 'reconnect_required' });
    await change({ sealed: after?.sealed });
    expect(problem(await use())).toEqual(OK);
    const two = await stack.signIn('rep.two@demo.example');
    await connect(two, 'outreach');
    await connections.updateOne({ userId: two.user.id }, { $set: { sealed: after?.sealed, version: after?.version } });
    expect(problem(await use(two))).toEqual({ status: 409, code: 'reconnect_required' });
  });
});

describe('four processes on one database', () => {
  const backends: Child[] = [];
  beforeAll(async () => {
    for (let index = 0; index < 4; index += 1)
      backends.push(
        await startChild('backend/dist/main.js', {
          ...stack.settings,
          NODE_ENV: 'test',
          LOG_LEVEL: 'info',
          PORT: '0',
          PUBLIC_URL: stack.backend.url,
        }),
      );
  }, 60_000);
  afterAll(async () => {
    await Promise.all(backends.map((backend) => backend.stop()));
  });

  test('refresh once for 200 parallel calls at the moment of expiry', async () => {
    await Promise.all(backends.map(({ url }) => use(rep.at(url))));
    await expire();
    // A database that is too slow for a moment says "retry": what counts is what the retries do at the provider.
    const patient = async (one: RepClient): Promise<Answer> => {
      for (let attempt = 1; ; attempt += 1) {
        const answer = await use(one);
        if (textOf(answer.body.error?.code ?? ('' as never)) !== 'database_unavailable' || attempt === 5) return answer;
        await new Promise((resolve) => setTimeout(resolve, 500 * attempt));
      }
    };
    const calls = Array.from({ length: 200 }, (_, index) => patient(rep.at(backends[index % 4]?.url ?? '')));
    const answers = await Promise.all(calls);
    expect(answers.filter(({ status }) => status !== 200).map(problem)).toEqual([]);
    expect(await refreshes()).toEqual([200]);
  }, 60_000);
});
