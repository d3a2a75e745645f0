import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { defaultClient } from '../index.ts';
import { pkce, repOne, repTwo, TestSandbox } from '../testing/browser.ts';
import { Dance, readJson } from '../testing/dance.ts';
import { tenantId } from './policy.ts';

const scope = 'openid offline_access User.Read Mail.Send';
const admin = 'admin@demo.example';
const day = 86_400_000;

let sandbox: TestSandbox;
let microsoft: Dance;
beforeAll(async () => {
  sandbox = await TestSandbox.start();
  microsoft = new Dance(sandbox, {
    provider: 'microsoft',
    authorize: '/common/oauth2/v2.0/authorize',
    token: '/common/oauth2/v2.0/token',
    ask: { scope },
  });
});
afterAll(() => sandbox.close());
beforeEach(() => sandbox.control('POST', '/reset'));

/** A whole error body of Microsoft's. */
const aad = (error: string, code: number, more: Record<string, unknown> = {}) => ({
  error,
  error_description: expect.stringMatching(
    new RegExp(`^AADSTS${code}: .+ Trace ID: .+ Correlation ID: .+ Timestamp: .+Z$`),
  ),
  error_codes: [code],
  timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$/),
  trace_id: expect.any(String),
  correlation_id: expect.any(String),
  ...more,
});

const isLive = async (token: string) => (await microsoft.get('/v1.0/me', token)).status === 200;
const requireConsent = () => sandbox.control('POST', '/tenant', { provider: 'microsoft', adminConsent: 'required' });

test('the token answer, and who it is', async () => {
  const tokens = await microsoft.signIn({ nonce: 'n-1' });
  expect(tokens).toMatchObject({
    token_type: 'Bearer',
    scope: 'openid User.Read Mail.Send',
    expires_in: 3600,
    ext_expires_in: 3600,
    refresh_token: expect.any(String),
  });
  const claims = decodeJwt(tokens.id_token ?? '');
  expect(claims).toMatchObject({ tid: tenantId, ver: '2.0', nonce: 'n-1', aud: defaultClient.clientId });
  expect(claims.iss).toBe(`${microsoft.base}/${tenantId}/v2.0`);
  const me = await readJson(await microsoft.get('/v1.0/me', tokens.access_token));
  expect(me.body).toMatchObject({ id: claims.oid, mail: repOne, userPrincipalName: repOne });
  const [again, other] = [await microsoft.signIn(), await microsoft.signIn({}, { username: repTwo })];
  expect(decodeJwt(again.id_token ?? '').oid).toBe(claims.oid);
  expect(decodeJwt(other.id_token ?? '').oid).not.toBe(claims.oid);
  expect(await microsoft.signIn({ scope: 'openid https://graph.microsoft.com/mail.send' })).toEqual(
    expect.not.objectContaining({ refresh_token: expect.anything() }),
  );
});

test('each use gives a new refresh token, and the old one stays good for its 90 days', async () => {
  const one = await microsoft.signIn();
  const answers = await Promise.all(Array.from({ length: 200 }, () => microsoft.refresh(one.refresh_token)));
  expect(answers.every(({ status }) => status === 200)).toBe(true);
  expect(new Set(answers.map(({ body }) => body.refresh_token)).size).toBe(200);
  await sandbox.control('POST', '/clock', { offsetMs: 89 * day });
  const two = await microsoft.refresh(one.refresh_token);
  expect(two.status).toBe(200);
  await sandbox.control('POST', '/clock', { offsetMs: 91 * day });
  expect((await microsoft.refresh(one.refresh_token)).body).toEqual(aad('invalid_grant', 700082));
  expect((await microsoft.refresh(two.body.refresh_token)).status).toBe(200);
});

test('of 200 parallel exchanges one wins, and the replays end what it gave', async () => {
  const { verifier, challenge } = pkce();
  const code = await microsoft.code({ code_challenge: challenge, code_challenge_method: 'S256' });
  const answers = await Promise.all(Array.from({ length: 200 }, () => microsoft.exchange(code, verifier)));
  const won = answers.filter(({ status }) => status === 200);
  expect(won).toHaveLength(1);
  expect(answers.find(({ status }) => status !== 200)?.body).toEqual(aad('invalid_grant', 54005));
  expect(await isLive(won[0]?.body.access_token ?? '')).toBe(false);
});

test.each([
  [{ client_secret: 'wrong' }, 401, 'invalid_client', 7000215],
  [{ client_secret: undefined }, 401, 'invalid_client', 7000218],
  [{ client_id: 'nobody' }, 400, 'unauthorized_client', 700016],
  [{ code: '1.guessed' }, 400, 'invalid_grant', 70000],
  [{ code: undefined }, 400, 'invalid_request', 900144],
  [{ code_verifier: pkce().verifier }, 400, 'invalid_grant', 501481],
  [{ code_verifier: undefined }, 400, 'invalid_grant', 501481],
  [{ redirect_uri: 'https://evil.example/' }, 400, 'invalid_grant', 500112],
  [{ grant_type: 'password' }, 400, 'unsupported_grant_type', 70003],
  [{ grant_type: ['a', 'b'] }, 400, 'invalid_request', 9000411],
])('a token request with %j is refused', async (fields, status, error, code) => {
  const { verifier, challenge } = pkce();
  const fresh = await microsoft.code({ code_challenge: challenge, code_challenge_method: 'S256' });
  const answer = await microsoft.exchange(fresh, verifier, fields);
  expect([answer.status, answer.body]).toEqual([status, aad(error, code)]);
});

test('what is no form, an old code, an unknown tenant', async () => {
  const json = await readJson(await microsoft.send('/common/oauth2/v2.0/token', undefined, {}));
  expect([json.status, json.body]).toEqual([400, aad('invalid_request', 900144)]);
  const { verifier, challenge } = pkce();
  const code = await microsoft.code({ code_challenge: challenge, code_challenge_method: 'S256' });
  await sandbox.control('POST', '/clock', { offsetMs: 600_000 });
  expect((await microsoft.exchange(code, verifier)).body).toEqual(aad('invalid_grant', 70008));
  const elsewhere = await microsoft.post('/contoso.example/oauth2/v2.0/token', {});
  expect([elsewhere.status, elsewhere.body]).toEqual([400, aad('invalid_request', 90002)]);
  expect((await microsoft.get('/contoso.example/oauth2/v2.0/authorize')).status).toBe(400);
  expect((await microsoft.get('/contoso.example/v2.0/.well-known/openid-configuration')).status).toBe(400);
});

test('the browser comes back with a code, or with an error and its number', async () => {
  const back = await microsoft.allow(microsoft.authorizeUrl());
  expect([...back.searchParams.keys()]).toEqual(['code', 'session_state', 'state']);
  const denied = await microsoft.allow(microsoft.authorizeUrl(), { decision: 'deny' });
  expect(denied.searchParams.get('error')).toBe('access_denied');
  expect(denied.searchParams.get('error_description')).toMatch(/^AADSTS65004: /);
  const foreign = await sandbox.visit(microsoft.authorizeUrl({ redirect_uri: 'https://evil.example/' }));
  expect([foreign.status, foreign.headers.get('location')]).toEqual([400, null]);
  expect(await foreign.text()).toContain('AADSTS50011: ');
  const wrong = await sandbox.visit(microsoft.authorizeUrl({ scope: 'Everything.Read' }));
  expect(new URL(wrong.headers.get('location') ?? '').searchParams.get('error_description')).toMatch(/^AADSTS70011: /);
});

test('where an admin has to consent, nobody else can sign in until one did', async () => {
  const before = await microsoft.signIn();
  await requireConsent();
  const back = await microsoft.allow(microsoft.authorizeUrl());
  expect(back.searchParams.get('error')).toBe('access_denied');
  expect(back.searchParams.get('error_description')).toMatch(/^AADSTS90094: /);
  const refused = await microsoft.refresh(before.refresh_token);
  expect([refused.status, refused.body]).toEqual([400, aad('invalid_grant', 65001, { suberror: 'consent_required' })]);

  const query = new URLSearchParams({
    client_id: defaultClient.clientId,
    redirect_uri: microsoft.redirectUri,
    state: 's 1',
  });
  const url = `${microsoft.base}/organizations/v2.0/adminconsent?${query.toString()}`;
  expect((await microsoft.decide(url, { username: repOne })).status).toBe(400);
  const denied = await microsoft.allow(url, { username: admin, decision: 'deny' });
  expect(denied.searchParams.get('error')).toBe('access_denied');
  expect((await microsoft.allow(microsoft.authorizeUrl())).searchParams.has('code')).toBe(false);
  const granted = await microsoft.allow(url, { username: admin });
  expect(Object.fromEntries(granted.searchParams)).toEqual({
    admin_consent: 'True',
    tenant: tenantId,
    scope: 'User.Read Mail.Send',
    state: 's 1',
  });
  expect((await microsoft.refresh(before.refresh_token)).status).toBe(200);
  expect(await isLive((await microsoft.signIn()).access_token)).toBe(true);
});

test('the admin consent page sends nobody to a foreign address; reset opens the tenant', async () => {
  await requireConsent();
  const query = new URLSearchParams({ client_id: defaultClient.clientId, redirect_uri: 'https://evil.example/' });
  const answer = await sandbox.visit(`${microsoft.base}/common/v2.0/adminconsent?${query.toString()}`);
  expect([answer.status, answer.headers.get('location')]).toEqual([400, null]);
  await sandbox.control('POST', '/reset');
  expect(await isLive((await microsoft.signIn()).access_token)).toBe(true);
  expect((await sandbox.tryControl('POST', '/tenant', { provider: 'google', adminConsent: 'required' })).status).toBe(
    400,
  );
});

test('a grant that was revoked says so', async () => {
  const tokens = await microsoft.signIn();
  await sandbox.control('POST', '/tokens', { provider: 'microsoft', username: repOne, action: 'expire' });
  expect(await isLive(tokens.access_token)).toBe(false);
  expect((await microsoft.refresh(tokens.refresh_token)).status).toBe(200);
  await sandbox.control('POST', '/tokens', { provider: 'microsoft', username: repOne, action: 'revoke' });
  expect((await microsoft.refresh(tokens.refresh_token)).body).toEqual(aad('invalid_grant', 50173));
  expect((await microsoft.refresh('1.guessed')).body).toEqual(aad('invalid_grant', 70000));
});
