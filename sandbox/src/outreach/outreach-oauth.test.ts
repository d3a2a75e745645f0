import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import * as openid from 'openid-client';
import { defaultClient } from '../index.ts';
import { pkce, repOne, TestSandbox } from '../testing/browser.ts';
import { Dance } from '../testing/dance.ts';

const scope = 'prospects.all accounts.read sequences.read sequenceStates.write mailboxes.read users.read';
const day = 86_400_000;

let sandbox: TestSandbox;
let outreach: Dance;
beforeAll(async () => {
  sandbox = await TestSandbox.start();
  outreach = new Dance(sandbox, {
    provider: 'outreach',
    authorize: '/oauth/authorize',
    token: '/oauth/token',
    ask: { scope },
  });
});
afterAll(() => sandbox.close());
beforeEach(() => sandbox.control('POST', '/reset'));

/** A refresh as Outreach wants it, with the redirect URI. */
const refresh = (token: string | undefined, more = {}) =>
  outreach.refresh(token, { redirect_uri: outreach.redirectUri, ...more });

test('the token answer, without PKCE too', async () => {
  const { body } = await outreach.exchange(await outreach.code());
  expect(body).toEqual({
    access_token: expect.any(String),
    token_type: 'Bearer',
    expires_in: 7200,
    refresh_token: expect.any(String),
    scope,
    created_at: expect.any(Number),
  });
});

test('an access token lives two hours, a refresh token fourteen days', async () => {
  const tokens = await outreach.signIn();
  const status = async (token: string) =>
    (await outreach.get('/api/v2', token, { 'content-type': 'application/vnd.api+json' })).status;
  await sandbox.control('POST', '/clock', { offsetMs: 119 * 60_000 });
  expect(await status(tokens.access_token)).toBe(200);
  await sandbox.control('POST', '/clock', { offsetMs: 121 * 60_000 });
  expect(await status(tokens.access_token)).toBe(401);
  await sandbox.control('POST', '/clock', { offsetMs: 13.9 * day });
  const next = await refresh(tokens.refresh_token);
  expect(next.status).toBe(200);
  await sandbox.control('POST', '/clock', { offsetMs: 28 * day });
  expect((await refresh(next.body.refresh_token)).body.error).toBe('invalid_grant');
});

test('each use gives a new refresh token; an old one used again ends the family, not another one', async () => {
  const [one, two] = [await outreach.signIn(), await outreach.signIn()];
  const next = await refresh(one.refresh_token);
  expect(next.body.refresh_token).not.toBe(one.refresh_token);
  expect((await refresh(one.refresh_token)).body.error).toBe('invalid_grant');
  expect((await refresh(next.body.refresh_token)).body.error).toBe('invalid_grant');
  const headers = { 'content-type': 'application/vnd.api+json' };
  expect((await outreach.get('/api/v2', next.body.access_token, headers)).status).toBe(401);
  expect((await refresh(two.refresh_token)).status).toBe(200);
});

test('of 200 parallel rotations one wins', async () => {
  const { refresh_token } = await outreach.signIn();
  const answers = await Promise.all(Array.from({ length: 200 }, () => refresh(refresh_token)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
});

test('a refresh token dies once 100 newer ones were issued to its person', async () => {
  const old = await outreach.signIn();
  let latest = await outreach.signIn();
  for (let count = 1; count < 99; count += 1) {
    latest = (await refresh(latest.refresh_token)).body;
  }
  const kept = await refresh(old.refresh_token);
  expect(kept.status).toBe(200);
  for (let count = 0; count < 100; count += 1) latest = (await refresh(latest.refresh_token)).body;
  expect((await refresh(kept.body.refresh_token)).body.error).toBe('invalid_grant');
  expect((await refresh(latest.refresh_token)).status).toBe(200);
});

test.each([
  ['no redirect URI', { redirect_uri: undefined }, 400, 'invalid_request'],
  ['a foreign redirect URI', { redirect_uri: 'https://evil.example/' }, 400, 'invalid_grant'],
  ['a wrong secret', { client_secret: 'wrong' }, 401, 'invalid_client'],
  ['no such client', { client_id: 'nobody' }, 401, 'invalid_client'],
  ['a guessed token', { refresh_token: 'guessed' }, 400, 'invalid_grant'],
  ['a wider scope', { scope: 'accounts.all' }, 400, 'invalid_scope'],
])('a refresh with %s is refused and uses nothing up', async (_what, fields, status, error) => {
  const { refresh_token } = await outreach.signIn();
  const answer = await refresh(refresh_token, fields);
  expect([answer.status, answer.body.error]).toEqual([status, error]);
  expect((await refresh(refresh_token)).status).toBe(200);
});

test('a code works once, with its own redirect URI and verifier', async () => {
  const { verifier, challenge } = pkce();
  const fresh = () => outreach.code({ code_challenge: challenge, code_challenge_method: 'S256' });
  const code = await fresh();
  const answers = await Promise.all(Array.from({ length: 200 }, () => outreach.exchange(code, verifier)));
  const won = answers.filter(({ status }) => status === 200);
  expect(won).toHaveLength(1);
  expect((await refresh(won[0]?.body.refresh_token)).body.error).toBe('invalid_grant');
  expect((await outreach.exchange(await fresh(), pkce().verifier)).body.error).toBe('invalid_grant');
  const elsewhere = await outreach.exchange(await fresh(), verifier, { redirect_uri: 'https://evil.example/' });
  expect(elsewhere.body.error).toBe('invalid_grant');
  // No challenge, but a verifier: PKCE was taken away on the way.
  expect((await outreach.exchange(await outreach.code(), verifier)).body.error).toBe('invalid_grant');
});

test('what is wrong with an authorization request', async () => {
  const denied = await outreach.allow(outreach.authorizeUrl(), { decision: 'deny' });
  expect(denied.searchParams.get('error')).toBe('access_denied');
  expect(denied.searchParams.get('state')).toBe('a state & more');
  const wrong = await sandbox.visit(outreach.authorizeUrl({ scope: 'prospects.everything' }));
  expect(new URL(wrong.headers.get('location') ?? '').searchParams.get('error')).toBe('invalid_scope');
  const foreign = await sandbox.visit(outreach.authorizeUrl({ redirect_uri: 'https://evil.example/' }));
  expect([foreign.status, foreign.headers.get('location')]).toEqual([401, null]);
  expect((await fetch(`${outreach.base}/oauth/revoke`, { method: 'POST' })).status).toBe(404);
});

test('control revokes by username', async () => {
  const { refresh_token } = await outreach.signIn();
  await sandbox.control('POST', '/tokens', { provider: 'outreach', username: repOne, action: 'revoke' });
  expect((await refresh(refresh_token)).body.error).toBe('invalid_grant');
});

test('openid-client signs in and refreshes', async () => {
  const config = new openid.Configuration(
    {
      issuer: outreach.base,
      authorization_endpoint: `${outreach.base}/oauth/authorize`,
      token_endpoint: `${outreach.base}/oauth/token`,
    },
    defaultClient.clientId,
    undefined,
    openid.ClientSecretPost(defaultClient.clientSecret),
  );
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- marked so to stand out; the sandbox is http on loopback
  openid.allowInsecureRequests(config);
  const [state, verifier] = [openid.randomState(), openid.randomPKCECodeVerifier()];
  const url = openid.buildAuthorizationUrl(config, {
    redirect_uri: outreach.redirectUri,
    scope,
    state,
    code_challenge: await openid.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
  const back = await outreach.allow(url.href);
  const tokens = await openid.authorizationCodeGrant(config, back, {
    expectedState: state,
    pkceCodeVerifier: verifier,
  });
  const again = await openid.refreshTokenGrant(config, tokens.refresh_token ?? '', {
    redirect_uri: outreach.redirectUri,
  });
  expect(again.refresh_token).not.toBe(tokens.refresh_token);
});
