import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  connect,
  consentAt,
  finish,
  go,
  passConnectPopup,
  startUrl,
  STAND_INS,
  visit,
  type ProviderName,
} from '../../test/connect.ts';
import { openDatabases, type TestDatabases } from '../../test/databases.ts';
import { startStack, type Stack } from '../../test/harness.ts';
import { pkcePair, readPage, textOf, type Answer, type RepClient } from '../../test/sign-in.ts';

let stack: Stack;
let databases: TestDatabases;
const ONE = 'rep.one@demo.example';
const TWO = 'rep.two@demo.example';
const ALL = ['gmail', 'outlook', 'outreach'] as const;

beforeAll(async () => {
  stack = await startStack({ SANDBOX_ACCOUNTS: '5' });
  databases = await openDatabases(stack.settings);
}, 240_000);
afterAll(async () => {
  await databases.close();
  await stack.close();
});
beforeEach(async () => {
  await stack.sandbox.reset();
  await databases.main.collection('connections').deleteMany({});
  await databases.main.collection('users').deleteMany({});
});

const problem = ({ status, body }: Answer): object => ({ status, code: body.error?.code });

async function rowOf(rep: RepClient, provider: ProviderName): Promise<Answer['body']> {
  const { body } = await rep.get('/v1/connections');
  const row = (body.rows as unknown as Answer['body'][]).find((one) => textOf(one.provider) === provider);
  if (row === undefined) throw new Error('There is no such row');
  return row;
}

const exchanges = async (provider: ProviderName): Promise<number> =>
  (await stack.sandbox.requests(STAND_INS[provider])).filter(({ path }) => path.endsWith('/token')).length;

describe('connecting', () => {
  test.each(ALL)('%s goes through the popup, and the rep sees whose account it is', async (provider) => {
    const rep = await stack.signIn(ONE);
    const answer = await connect(rep, provider);
    expect(answer.body).toMatchObject({ provider, status: 'connected', reason: null, label: ONE, action: null });
    expect(answer.status).toBe(200);
    expect(await rowOf(rep, provider)).toEqual(answer.body);
    expect((await rep.get('/v1/me')).body.connections).toEqual((await rep.get('/v1/connections')).body.rows);
    const stored = await databases.main.collection('connections').findOne({ provider });
    expect(JSON.stringify(stored)).not.toContain(ONE);
  });

  test('keeps what stands when it is done again with the same account', async () => {
    const rep = await stack.signIn(ONE);
    const first = await connect(rep, 'gmail');
    const second = await connect(rep, 'gmail');
    expect(second.body).toMatchObject({ status: 'connected', since: first.body.since });
  });

  test('another account is refused, and neither grant ends by it', async () => {
    const [one, two] = [await stack.signIn(ONE), await stack.signIn(TWO)];
    await connect(one, 'gmail');
    await connect(two, 'gmail');
    expect(problem(await connect(one, 'gmail', TWO))).toEqual({ status: 409, code: 'other_account' });
    expect((await stack.sandbox.requests('google')).filter(({ path }) => path.endsWith('/revoke'))).toEqual([]);
    expect(await rowOf(one, 'gmail')).toMatchObject({ status: 'connected', label: ONE });
  });

  test('another account that nobody else connected is let go at Google', async () => {
    const rep = await stack.signIn(ONE);
    await connect(rep, 'gmail');
    expect(problem(await connect(rep, 'gmail', TWO))).toEqual({ status: 409, code: 'other_account' });
    const revoked = (await stack.sandbox.requests('google')).filter(({ path }) => path.endsWith('/revoke'));
    expect(revoked.map(({ status }) => status)).toEqual([200]);
  });

  test('an unticked box is told, and the fresh tokens end', async () => {
    const rep = await stack.signIn(ONE);
    const answer = await connect(rep, 'gmail', ONE, { untick: 'gmail.send' });
    expect(problem(answer)).toEqual({ status: 422, code: 'scope_missing' });
    expect(await rowOf(rep, 'gmail')).toMatchObject({ status: 'not_connected' });
    const revoked = (await stack.sandbox.requests('google')).filter(({ path }) => path.endsWith('/revoke'));
    expect(revoked.map(({ status }) => status)).toEqual([200]);
  });

  test('an unticked box on a reconnect leaves the older grant alone', async () => {
    const rep = await stack.signIn(ONE);
    await connect(rep, 'gmail');
    expect(problem(await connect(rep, 'gmail', ONE, { untick: 'gmail.send' }))).toEqual({
      status: 422,
      code: 'scope_missing',
    });
    expect((await stack.sandbox.requests('google')).filter(({ path }) => path.endsWith('/revoke'))).toEqual([]);
    expect(await rowOf(rep, 'gmail')).toMatchObject({ status: 'connected' });
  });

  test.each(ALL)('denied at %s is told to the page that asked', async (provider) => {
    const rep = await stack.signIn(ONE);
    const page = await passConnectPopup(rep, provider, ONE, { pair: pkcePair(), decision: 'deny' });
    expect(page).toMatchObject({
      status: 403,
      target: rep.target.origin,
      message: { source: 'oneshot', type: 'connection-error', provider, error: { code: 'access_denied' } },
    });
  });
});

describe('account linking', () => {
  test("a rep's start that is finished by another rep links nothing, and the code is never exchanged", async () => {
    const [victim, attacker] = [await stack.signIn(ONE), await stack.signIn(TWO)];
    const pair = pkcePair();
    const page = await passConnectPopup(attacker, 'gmail', ONE, { pair });
    const code = textOf(page.message.code);
    expect(problem(await finish(victim, 'gmail', code, pair.verifier))).toEqual({ status: 400, code: 'invalid_code' });
    expect(problem(await finish(attacker, 'gmail', code, pair.verifier))).toEqual({
      status: 400,
      code: 'invalid_code',
    });
    expect(await exchanges('gmail')).toBe(0);
    expect(await databases.main.collection('connections').countDocuments()).toBe(0);
  });

  test("a start url opened in somebody else's browser posts its code there, where the verifier is missing", async () => {
    const attacker = await stack.signIn(TWO);
    const victim = await stack.signIn(ONE);
    const page = await passConnectPopup(attacker, 'gmail', ONE, { pair: pkcePair() });
    const code = textOf(page.message.code);
    expect(problem(await finish(victim, 'gmail', code, pkcePair().verifier))).toEqual({
      status: 400,
      code: 'invalid_code',
    });
    expect(await exchanges('gmail')).toBe(0);
  });

  test('a wrong verifier burns the code', async () => {
    const rep = await stack.signIn(ONE);
    const pair = pkcePair();
    const code = textOf((await passConnectPopup(rep, 'gmail', ONE, { pair })).message.code);
    for (const verifier of [pkcePair().verifier, pair.verifier])
      expect(problem(await finish(rep, 'gmail', code, verifier))).toEqual({ status: 400, code: 'invalid_code' });
    expect(await exchanges('gmail')).toBe(0);
  });

  test('another session of the same rep may finish', async () => {
    const [tab, other] = [await stack.signIn(ONE), await stack.signIn(ONE)];
    const pair = pkcePair();
    const code = textOf((await passConnectPopup(tab, 'gmail', ONE, { pair })).message.code);
    expect((await finish(other, 'gmail', code, pair.verifier)).body).toMatchObject({ status: 'connected' });
  });

  test('a code shown twice is refused; the same request repeated gets the same answer', async () => {
    const rep = await stack.signIn(ONE);
    const pair = pkcePair();
    const code = textOf((await passConnectPopup(rep, 'gmail', ONE, { pair })).message.code);
    const key = 'k'.repeat(22);
    const both = await Promise.all([1, 2].map(() => finish(rep, 'gmail', code, pair.verifier, key)));
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    expect(both[1]?.body).toEqual(both[0]?.body);
    expect(problem(await finish(rep, 'gmail', code, pair.verifier))).toEqual({ status: 400, code: 'invalid_code' });
    expect(await exchanges('gmail')).toBe(1);
  });

  test('go is good for three trips of one ticket, of which one comes back', async () => {
    const rep = await stack.signIn(ONE);
    const pair = pkcePair();
    const url = await startUrl(rep, 'gmail', pair);
    const [first, second] = [await go(url), await go(url), await go(url)];
    const fourth = await readPage(await fetch(url, { redirect: 'manual' }));
    expect(fourth).toMatchObject({ status: 400, target: rep.target.origin, message: { error: { field: 'ticket' } } });
    const back = await Promise.all([first, second].map(async ({ location }) => consentAt(location, ONE)));
    const page = await visit(back[0] ?? '', first.cookie);
    expect((await visit(back[1] ?? '', second.cookie)).status).toBe(400);
    expect((await finish(rep, 'gmail', textOf(page.message.code), pair.verifier)).status).toBe(200);
  });

  test('a callback in a browser without the cookie, or of another provider, is told to nobody', async () => {
    const rep = await stack.signIn(ONE);
    const { location, cookie } = await go(await startUrl(rep, 'gmail', pkcePair()));
    const callback = await consentAt(location, ONE);
    expect(await visit(callback, '')).toMatchObject({ status: 400, target: undefined });
    expect(await visit(callback.replace('/gmail/', '/outlook/'), cookie)).toMatchObject({
      status: 400,
      target: undefined,
    });
    expect(await visit(callback, cookie)).toMatchObject({ status: 200, target: rep.target.origin });
  });

  test("another rep's state under one's own cookie connects nobody, and ends nobody's own trip", async () => {
    const reps = [await stack.signIn(ONE), await stack.signIn(TWO)] as const;
    const pairs = [pkcePair(), pkcePair()] as const;
    const [mine, theirs] = [
      await go(await startUrl(reps[0], 'gmail', pairs[0])),
      await go(await startUrl(reps[1], 'gmail', pairs[1])),
    ];
    const [myCallback, theirCallback] = [await consentAt(mine.location, ONE), await consentAt(theirs.location, TWO)];
    expect(await visit(theirCallback, mine.cookie)).toMatchObject({ status: 400, target: undefined });
    const page = await visit(myCallback, mine.cookie);
    expect((await finish(reps[0], 'gmail', textOf(page.message.code), pairs[0].verifier)).body).toMatchObject({
      status: 'connected',
      label: ONE,
    });
    expect(await rowOf(reps[1], 'gmail')).toMatchObject({ status: 'not_connected' });
    expect(await exchanges('gmail')).toBe(1);
  });

  test("a provider's own error page, which sends nobody back, leaves all as it was for the next click", async () => {
    const rep = await stack.signIn(ONE);
    const body = '<html>Error 400: redirect_uri_mismatch</html>';
    await stack.sandbox.fault({ pathPattern: '/o/oauth2/v2/auth', times: 1, status: 400, body }, 'google');
    const { location } = await go(await startUrl(rep, 'gmail', pkcePair()));
    await expect(consentAt(location, ONE)).rejects.toMatchObject({ status: 400, body });
    expect(await rowOf(rep, 'gmail')).toMatchObject({ status: 'not_connected', reason: null });
    expect(await exchanges('gmail')).toBe(0);
    expect((await connect(rep, 'gmail')).body).toMatchObject({ status: 'connected', label: ONE });
  });

  test('a ticket opens only its own provider, and no page but the own one may start', async () => {
    const rep = await stack.signIn(ONE);
    const url = await startUrl(rep, 'gmail', pkcePair());
    const other = await readPage(await fetch(url.replace('/gmail/', '/outreach/'), { redirect: 'manual' }));
    expect(other).toMatchObject({ status: 400, target: undefined });
    const { challenge } = pkcePair();
    const answer = await rep.post('/v1/connections/gmail/start', {
      challenge,
      origin: 'https://evil.lightning.force.com',
    });
    expect(problem(answer)).toEqual({ status: 400, code: 'invalid' });
  });

  test('a code of signing in connects nothing, and one of connecting signs nobody in', async () => {
    const rep = await stack.signIn(ONE);
    const pair = pkcePair();
    const code = textOf((await passConnectPopup(rep, 'gmail', ONE, { pair })).message.code);
    const answer = await fetch(`${stack.backend.url}/v1/auth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: rep.target.origin },
      body: JSON.stringify({ code, verifier: pair.verifier }),
    });
    expect(answer.status).toBe(400);
    expect(await exchanges('gmail')).toBe(0);
  });
});

describe('a token endpoint in trouble', () => {
  const tokenPath = { gmail: '^/token$', outlook: 'oauth2/v2.0/token', outreach: '/oauth/token' } as const;
  test.each<[string, object, number, string]>([
    ['HTML', { status: 200, body: '<html>', headers: { 'content-type': 'text/html' } }, 502, 'provider_invalid'],
    ['200 with an error inside', { status: 200, body: { error: 'invalid_grant' } }, 400, 'invalid_code'],
    ['no access token', { status: 200, body: { token_type: 'Bearer', expires_in: 1 } }, 502, 'provider_invalid'],
    ['429 with Retry-After', { status: 429, headers: { 'retry-after': '7' } }, 503, 'provider_unavailable'],
    ['429 without', { status: 429 }, 503, 'provider_unavailable'],
    ['503', { status: 503, body: '<html>' }, 503, 'provider_unavailable'],
    ['a redirect', { status: 302, headers: { location: 'https://evil.example/' } }, 502, 'provider_invalid'],
    ['a cut line', { drop: 'before' }, 503, 'provider_unavailable'],
    ['a wrong secret', { status: 401, body: { error: 'invalid_client' } }, 502, 'provider_invalid'],
  ])('%s connects nothing and says so', async (_name, fault, status, code) => {
    const rep = await stack.signIn(ONE);
    await stack.sandbox.fault({ pathPattern: tokenPath.gmail, times: 1, ...fault }, 'google');
    const answer = await connect(rep, 'gmail');
    expect(problem(answer)).toEqual({ status, code });
    if (code === 'provider_unavailable') expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(await rowOf(rep, 'gmail')).toMatchObject({ status: 'not_connected' });
  });

  test('a missing refresh token is no connection', async () => {
    const rep = await stack.signIn(ONE);
    const scope = 'openid email https://www.googleapis.com/auth/gmail.send';
    const body = { access_token: 'ya29.x', token_type: 'Bearer', expires_in: 3599, scope };
    await stack.sandbox.fault({ pathPattern: tokenPath.gmail, times: 1, status: 200, body }, 'google');
    await stack.sandbox.fault(
      { pathPattern: 'userinfo', times: 1, status: 200, body: { sub: '1', email: ONE } },
      'google',
    );
    expect(problem(await connect(rep, 'gmail'))).toEqual({ status: 502, code: 'provider_invalid' });
  });

  test.each([-5, 5])('clocks that are %d minutes apart do not matter', async (minutes) => {
    const rep = await stack.signIn(ONE);
    await stack.sandbox.clock(minutes * 60_000);
    for (const provider of ALL) expect((await connect(rep, provider)).body).toMatchObject({ status: 'connected' });
  });

  test("Microsoft's need of an admin is a state of its own, with the link to pass on", async () => {
    const rep = await stack.signIn(ONE);
    const body = {
      error: 'invalid_grant',
      error_description: 'AADSTS65001: consent',
      error_codes: [65001],
      suberror: 'consent_required',
    };
    await stack.sandbox.fault({ pathPattern: tokenPath.outlook, times: 1, status: 400, body }, 'microsoft');
    expect(problem(await connect(rep, 'outlook'))).toEqual({ status: 403, code: 'waiting_for_admin' });
    expect(await rowOf(rep, 'outlook')).toMatchObject({
      status: 'waiting_for_admin',
      reason: 'admin_consent_required',
    });
    const { adminUrl } = await rowOf(rep, 'outlook');
    expect(textOf(adminUrl)).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/microsoft\/organizations\/v2\.0\/adminconsent\?/);
    expect((await connect(rep, 'outlook')).body).toMatchObject({ status: 'connected', adminUrl: null });
  });
});

describe('ending a connection', () => {
  test.each<[ProviderName, string]>([
    ['gmail', 'revoked'],
    ['outlook', 'no_endpoint'],
    ['outreach', 'no_endpoint'],
  ])('%s says what it did at the provider', async (provider, revocation) => {
    const rep = await stack.signIn(ONE);
    await connect(rep, provider);
    const answer = await rep.delete(`/v1/connections/${provider}`);
    expect({ status: answer.status, body: answer.body }).toEqual({ status: 200, body: { revocation } });
    expect(await rowOf(rep, provider)).toMatchObject({ status: 'not_connected', label: null });
    expect(problem(await rep.delete(`/v1/connections/${provider}`))).toEqual({ status: 404, code: 'not_found' });
  });

  test('says that it failed where Google does not answer, and is over here all the same', async () => {
    const rep = await stack.signIn(ONE);
    await connect(rep, 'gmail');
    await stack.sandbox.fault({ pathPattern: '/revoke', times: 1, status: 503 }, 'google');
    expect((await rep.delete('/v1/connections/gmail')).body).toEqual({ revocation: 'failed' });
    expect(await databases.main.collection('connections').countDocuments()).toBe(0);
  });

  test('is written into the audit trail, as its beginning is', async () => {
    const rep = await stack.signIn(ONE);
    await connect(rep, 'gmail');
    await rep.delete('/v1/connections/gmail');
    const entries = await databases.main.collection('auditEntries').find({ actor: rep.user.id }).toArray();
    const told = entries.map(({ action, target }) => `${String(action)} ${String(target)}`);
    expect(told).toEqual(expect.arrayContaining(['connected gmail', 'disconnected gmail']));
  });
});
