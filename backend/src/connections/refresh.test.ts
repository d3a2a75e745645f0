import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Child } from '../../test/child.ts';
import { connect } from '../../test/connect.ts';
import { until } from '../../test/harness.ts';
import { REP, Refreshing } from '../../test/refreshing.ts';
import { withKeys } from '../../test/rotating.ts';
import type { Fault } from '../../test/sandbox-control.ts';
import { textOf, type Answer } from '../../test/sign-in.ts';

let on: Refreshing;

beforeAll(async () => {
  on = await Refreshing.start();
}, 240_000);
afterAll(() => on.close());
beforeEach(() => on.begin());

const problem = ({ status, body }: Answer): object => ({ status, code: body.error?.code });
const OK = { status: 200, code: undefined };
const AWAY = { status: 503, code: 'provider_unavailable' };

describe('a refresh', () => {
  test('is made once for many calls at the moment of expiry, and loses no token', async () => {
    for (let round = 0; round < 2; round += 1) {
      await on.expire();
      const answers = await Promise.all(Array.from({ length: 50 }, () => on.use()));
      expect(answers.filter(({ status }) => status !== 200).map(({ body }) => body)).toEqual([]);
      expect(await on.refreshes()).toEqual(Array.from({ length: round + 1 }, () => 200));
    }
  });

  test('comes early, before the token is over, and a failure of it is not noticed', async () => {
    await on.change({ refreshedAt: new Date(Date.now() - 7_000_000), expiresAt: new Date(Date.now() + 60_000) });
    await on.fault({ status: 503 });
    const before = Date.now();
    expect(problem(await on.use())).toEqual(OK);
    expect(await on.refreshes()).toEqual([503]);
    expect((await on.retryAt()) - before).toBeGreaterThan(500);
    // A pause that no slow machine outlasts.
    await on.change({ retryAt: new Date(Date.now() + 60_000) });
    expect(problem(await on.use())).toEqual(OK); // backing off
    expect(await on.refreshes()).toEqual([503]);
    await on.change({ retryAt: new Date(0) });
    expect(problem(await on.use())).toEqual(OK);
    expect(await on.refreshes()).toEqual([503, 200]);
    expect(problem(await on.use())).toEqual(OK);
    expect(await on.refreshes()).toEqual([503, 200]);
  });

  test('is made when the provider refuses a token that should be good, by a clock that is wrong', async () => {
    await on.stack.sandbox.tokens(REP, 'expire', 'outreach');
    expect(problem(await on.use())).toEqual(OK);
    expect(await on.refreshes()).toEqual([200]);
  });

  test('is made for a refused token that moved to another half of ours meanwhile, and is the same token', async () => {
    await on.stack.sandbox.tokens(REP, 'expire', 'outreach');
    await on.holdUp('/api/v2/sequences');
    const refused = on.use();
    await on.isHeldUp();
    const halves = async (): Promise<string> =>
      JSON.stringify((await on.databases.main.collection('connections').findOne({ provider: 'outreach' }))?.halves);
    // Looked at before: the sign-in that connected them may move them, too, as soon as there is another half.
    const before = await halves();
    await withKeys(on.stack, ({ repKeys }) => repKeys.rotateHalves(on.rep.org.id, new Date()));
    await (await on.stack.signIn(REP)).get('/v1/accounts');
    await until('the tokens moved', async () => (await halves()) !== before);
    expect(await on.refreshes()).toEqual([]);
    await on.letGo();
    expect(problem(await refused)).toEqual(OK);
    expect(await on.refreshes()).toEqual([200]);
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
    await on.expire();
    await on.fault(kind);
    const answer = await on.use();
    expect(problem(answer)).toEqual(AWAY);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(name === '429 with Retry-After' ? 15 : 0);
    expect(await on.state()).toMatchObject({ status: 'connected', reason: null });
    await on.change({ retryAt: new Date(0) });
    expect(problem(await on.use())).toEqual(OK);
  });

  test('whose answer is lost after the provider used the token up ends with that reason', async () => {
    await on.expire();
    await on.fault({ drop: 'after' });
    expect(problem(await on.use())).toEqual(AWAY);
    await on.change({ retryAt: new Date(0) });
    expect(problem(await on.use())).toEqual({ status: 409, code: 'reconnect_required' });
    expect(await on.state()).toMatchObject({ status: 'reconnect', reason: 'refresh_interrupted', action: 'reconnect' });
    expect((await connect(on.rep, 'outreach')).body).toMatchObject({ status: 'connected' });
    expect(problem(await on.use())).toEqual(OK);
  });

  test('of a grant that was revoked ends with that reason; of one that lay idle, with another', async () => {
    await on.stack.sandbox.tokens(REP, 'revoke', 'outreach');
    expect(problem(await on.use())).toEqual({ status: 409, code: 'reconnect_required' });
    expect(await on.state()).toMatchObject({ status: 'reconnect', reason: 'revoked' });
    await connect(on.rep, 'outreach');
    await on.stack.sandbox.tokens(REP, 'revoke', 'outreach');
    await on.change({ refreshedAt: new Date(Date.now() - 15 * 86_400_000), expiresAt: new Date(0) });
    await on.use();
    expect(await on.state()).toMatchObject({ status: 'reconnect', reason: 'unused' });
  });

  test('by another client than the one that the grant belongs to is not tried', async () => {
    await on.expire();
    await on.change({ clientId: 'another' });
    await on.use();
    expect(await on.state()).toMatchObject({ status: 'reconnect', reason: 'client_changed' });
    expect(await on.refreshes()).toEqual([]);
  });

  test('that runs shows, and a rep who goes away does not lose what it brings', async () => {
    await on.expire();
    await on.holdUp();
    const gone = new AbortController();
    const call = fetch(`${on.rep.target.url}/v1/outreach/sequences`, {
      headers: { authorization: `Bearer ${on.rep.token}`, origin: on.rep.target.origin },
      signal: gone.signal,
    }).catch(() => undefined);
    await until('it runs', async () => textOf((await on.state()).status) === 'refreshing');
    gone.abort();
    await call;
    await on.letGo();
    await until('it is saved', async () => textOf((await on.state()).status) === 'connected');
    expect(problem(await on.use())).toEqual(OK);
    expect(await on.refreshes()).toEqual([200]);
  });

  test('that runs while the rep signs out is saved, and fails no other tab of theirs', async () => {
    const other = await on.stack.signIn(REP);
    expect(problem(await on.use(other))).toEqual(OK);
    await on.expire();
    await on.holdUp();
    const running = on.use();
    await until('it runs', async () => textOf((await on.state()).status) === 'refreshing');
    const joined = on.use(other);
    expect((await on.rep.post('/v1/auth/sign-out')).status).toBe(204);
    await on.letGo();
    expect(problem(await joined)).toEqual(OK);
    await running;
    expect(await on.refreshes()).toEqual([200]);
    expect(problem(await on.use(other))).toEqual(OK);
  });

  test('that runs while the rep disconnects brings nothing back', async () => {
    await on.expire();
    await on.holdUp();
    const running = on.use();
    await until('it runs', async () => textOf((await on.state()).status) === 'refreshing');
    expect((await on.rep.delete('/v1/connections/outreach')).status).toBe(200);
    await on.letGo();
    expect(problem(await running)).toEqual({ status: 409, code: 'not_connected' });
    expect(await on.databases.main.collection('connections').countDocuments()).toBe(0);
  });

  test('of a lost process is taken over once its lease has stood still', async () => {
    await on.expire();
    await on.change({ lease: { fence: 1, at: new Date(Date.now() - 3_600_000) }, fence: 1, isInDoubt: true });
    expect(problem(await on.use())).toEqual(OK);
  });
});

describe('a ciphertext', () => {
  test('moved to another rep, another provider, or put back after a refresh opens nothing', async () => {
    const connections = on.databases.main.collection('connections');
    const before = await connections.findOne({ provider: 'outreach' });
    await on.expire();
    expect(problem(await on.use())).toEqual(OK);
    const after = await connections.findOne({ provider: 'outreach' });
    await on.change({ sealed: before?.sealed });
    expect(problem(await on.use())).toEqual({ status: 409, code: 'reconnect_required' });
    await on.change({ sealed: after?.sealed });
    expect(problem(await on.use())).toEqual(OK);
    const two = await on.stack.signIn('rep.two@demo.example');
    await connect(two, 'outreach');
    await connections.updateOne({ userId: two.user.id }, { $set: { sealed: after?.sealed, version: after?.version } });
    expect(problem(await on.use(two))).toEqual({ status: 409, code: 'reconnect_required' });
  });
});

describe('four processes on one database', () => {
  let backends: readonly Child[] = [];
  beforeAll(async () => {
    backends = await Promise.all(Array.from({ length: 4 }, () => on.process()));
  }, 240_000);
  afterAll(async () => {
    await Promise.all(backends.map((backend) => backend.stop()));
  });

  test('refresh once for 200 parallel calls at the moment of expiry', async () => {
    await Promise.all(backends.map(({ url }) => on.use(on.rep.at(url))));
    await on.expire();
    const calls = Array.from({ length: 200 }, (_, index) => on.usePatiently(on.rep.at(backends[index % 4]?.url ?? '')));
    const answers = await Promise.all(calls);
    expect(answers.filter(({ status }) => status !== 200).map(problem)).toEqual([]);
    expect(await on.refreshes()).toEqual([200]);
  }, 240_000);
});
