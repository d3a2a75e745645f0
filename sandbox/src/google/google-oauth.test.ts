import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { pkce, repOne, repTwo, TestSandbox } from '../testing/browser.ts';
import { Dance } from '../testing/dance.ts';
import { gmailSend } from './scopes.ts';

let sandbox: TestSandbox;
let google: Dance;
beforeAll(async () => {
  sandbox = await TestSandbox.start();
  google = new Dance(sandbox, {
    provider: 'google',
    authorize: '/o/oauth2/v2/auth',
    token: '/token',
    ask: { scope: `openid email ${gmailSend}`, access_type: 'offline', prompt: 'consent' },
  });
});
afterAll(() => sandbox.close());
beforeEach(() => sandbox.control('POST', '/reset'));

const dead = { error: 'invalid_grant', error_description: 'Token has been expired or revoked.' };
const email = 'https://www.googleapis.com/auth/userinfo.email';

test('offline access with consent gives a refresh token, an id_token and the scopes by their long names', async () => {
  const tokens = await google.signIn({ nonce: 'n-1' });
  expect(tokens).toMatchObject({ expires_in: 3599, token_type: 'Bearer', scope: `openid ${email} ${gmailSend}` });
  expect(tokens.refresh_token).toMatch(/^1\/\/0/);
  const claims = decodeJwt(tokens.id_token ?? '');
  expect(claims).toMatchObject({ iss: google.base, nonce: 'n-1', email: repOne, email_verified: true });
  expect(claims.sub).toMatch(/^\d{21}$/);
  const [again, other] = [await google.signIn(), await google.signIn({}, { username: repTwo })];
  expect(decodeJwt(again.id_token ?? '').sub).toBe(claims.sub);
  expect(decodeJwt(other.id_token ?? '').sub).not.toBe(claims.sub);
});

test.each([
  ['no access_type', { access_type: undefined }],
  ['online', { access_type: 'online' }],
  ['no prompt', { prompt: undefined }],
  ['another prompt', { prompt: 'select_account' }],
])('%s: no refresh token', async (_what, fields) => {
  expect(await google.signIn(fields)).not.toHaveProperty('refresh_token');
});

test('what the person unticks is not granted', async () => {
  const shown = { boxes: 'shown' };
  expect((await google.signIn({}, shown)).scope).toBe(`openid ${email}`);
  expect((await google.signIn({}, { ...shown, scope: gmailSend })).scope).toContain(gmailSend);
  const both = { scope: `openid ${gmailSend} https://www.googleapis.com/auth/gmail.readonly` };
  expect((await google.signIn(both, { scope: gmailSend })).scope).toBe(`openid ${gmailSend}`);
  // What was not asked for cannot be ticked.
  expect((await google.signIn({ scope: 'openid' }, { scope: gmailSend })).scope).toBe('openid');
  const page = await (await sandbox.visit(google.authorizeUrl())).text();
  expect(page).toContain(`<input type="checkbox" name="scope" value="${gmailSend}" checked>`);
  expect(page).not.toContain('value="openid"');
});

test('the browser comes back with issuer and granted scopes, or with access_denied alone', async () => {
  const back = await google.allow(google.authorizeUrl(), { boxes: 'shown' });
  expect(Object.fromEntries(back.searchParams)).toMatchObject({
    code: expect.stringMatching(/^4\/0A/),
    iss: google.base,
    scope: `openid ${email}`,
    state: 'a state & more',
  });
  const denied = await google.allow(google.authorizeUrl(), { decision: 'deny' });
  expect([...denied.searchParams]).toEqual([
    ['error', 'access_denied'],
    ['state', 'a state & more'],
  ]);
});

test.each([
  [{ client_id: 'nobody' }, 401, 'invalid_client'],
  [{ redirect_uri: 'https://evil.example/v1/connections/gmail/callback' }, 400, 'redirect_uri_mismatch'],
  [{ redirect_uri: 'http://127.0.0.1:4000/v1/auth/salesforce/callback' }, 400, 'redirect_uri_mismatch'],
  [{ response_type: 'token' }, 400, 'unsupported_response_type'],
  [{ scope: 'openid everything' }, 400, 'invalid_scope'],
  [{ scope: undefined }, 400, 'invalid_request'],
  [{ code_challenge: 'short', code_challenge_method: 'S256' }, 400, 'invalid_request'],
])('%j stays on a page of Google', async (fields, status, error) => {
  const answer = await sandbox.visit(google.authorizeUrl(fields));
  expect([answer.status, answer.headers.get('location')]).toEqual([status, null]);
  expect(await answer.text()).toContain(`error=${error}`);
});

test('of 200 parallel exchanges one wins, and the replays end what it gave', async () => {
  const { verifier, challenge } = pkce();
  const code = await google.code({ code_challenge: challenge, code_challenge_method: 'S256' });
  const answers = await Promise.all(Array.from({ length: 200 }, () => google.exchange(code, verifier)));
  const won = answers.filter((answer) => answer.status === 200);
  expect(won).toHaveLength(1);
  const bodies = new Set(answers.filter((answer) => answer.status !== 200).map(({ body }) => JSON.stringify(body)));
  expect([...bodies]).toEqual(['{"error":"invalid_grant","error_description":"Bad Request"}']);
  expect((await google.refresh(won[0]?.body.refresh_token)).body).toEqual(dead);
});

test.each([
  [{ client_secret: 'wrong' }, 401, 'invalid_client', 'Unauthorized'],
  [{ client_id: 'nobody' }, 401, 'invalid_client', 'The OAuth client was not found.'],
  [{ code: '4/guessed' }, 400, 'invalid_grant', 'Malformed auth code.'],
  [{ code_verifier: pkce().verifier }, 400, 'invalid_grant', 'Invalid code verifier.'],
  [{ code_verifier: undefined }, 400, 'invalid_grant', 'Missing code verifier.'],
  [{ redirect_uri: 'https://evil.example/' }, 400, 'redirect_uri_mismatch', 'Bad Request'],
  [{ grant_type: 'password' }, 400, 'unsupported_grant_type', 'Invalid grant_type: '],
  [{ code: undefined }, 400, 'invalid_request', 'Missing required parameter: code'],
  [{ code: ['a', 'b'] }, 400, 'invalid_request', 'OAuth 2 parameters can only have a single value: code'],
])('a token request with %j is refused', async (fields, status, error, error_description) => {
  const { verifier, challenge } = pkce();
  const code = await google.code({ code_challenge: challenge, code_challenge_method: 'S256' });
  const answer = await google.exchange(code, verifier, fields);
  expect([answer.status, answer.body]).toEqual([status, { error, error_description }]);
});

test('a body that is no form gets an answer of Google', async () => {
  const json = await google.send('/token', undefined, { grant_type: 'refresh_token' });
  expect([json.status, await json.json()]).toEqual([400, expect.objectContaining({ error: 'unsupported_grant_type' })]);
  const broken = await google.send('/token', undefined, '%', 'application/x-www-form-urlencoded');
  expect([broken.status, await broken.json()]).toEqual([400, expect.objectContaining({ error: 'invalid_request' })]);
});

test('a refresh gives no new refresh token, and goes on for half a year without use', async () => {
  const { refresh_token } = await google.signIn();
  const day = 86_400_000;
  for (const days of [0, 180, 360]) {
    await sandbox.control('POST', '/clock', { offsetMs: days * day });
    const { status, body } = await google.refresh(refresh_token);
    expect([status, body.refresh_token]).toEqual([200, undefined]);
  }
  await sandbox.control('POST', '/clock', { offsetMs: 543 * day });
  expect((await google.refresh(refresh_token)).body).toEqual(dead);
});

test('revoking one token ends all that the person allowed this client, and asks again', async () => {
  const [one, two, other] = [
    await google.signIn(),
    await google.signIn(),
    await google.signIn({}, { username: repTwo }),
  ];
  const answer = await google.post('/revoke', { token: one.access_token });
  expect(answer.status).toBe(200);
  for (const { refresh_token } of [one, two]) expect((await google.refresh(refresh_token)).body).toEqual(dead);
  expect((await google.get('/v1/userinfo', two.access_token)).status).toBe(401);
  expect((await google.refresh(other.refresh_token)).status).toBe(200);
  const again = await google.post('/revoke', { token: one.access_token });
  expect([again.status, again.body.error]).toEqual([400, 'invalid_token']);
});

test('control expires and revokes by username; tokens end by the clock', async () => {
  const tokens = await google.signIn();
  const isLive = async (token: string) => (await google.get('/v1/userinfo', token)).status === 200;
  await sandbox.control('POST', '/clock', { offsetMs: 3_590_000 });
  expect(await isLive(tokens.access_token)).toBe(true);
  await sandbox.control('POST', '/clock', { offsetMs: 3_601_000 });
  expect(await isLive(tokens.access_token)).toBe(false);
  const fresh = (await google.refresh(tokens.refresh_token)).body.access_token;
  await sandbox.control('POST', '/tokens', { provider: 'google', username: repOne, action: 'expire' });
  expect(await isLive(fresh)).toBe(false);
  expect((await google.refresh(tokens.refresh_token)).status).toBe(200);
  await sandbox.control('POST', '/tokens', { provider: 'google', username: repOne, action: 'revoke' });
  expect((await google.refresh(tokens.refresh_token)).body).toEqual(dead);
});

test("a token of one provider is nobody's at another", async () => {
  const tokens = await google.signIn();
  expect((await sandbox.get('/services/oauth2/userinfo', tokens.access_token)).status).toBe(403);
  const salesforce = await sandbox.signIn();
  expect((await google.get('/v1/userinfo', salesforce.access_token)).status).toBe(401);
  const { rows } = await sandbox.control<{ rows: { path: string }[] }>('GET', '/requests?provider=google');
  expect(rows.at(-1)).toMatchObject({ method: 'GET', path: '/v1/userinfo', status: 401, username: null });
});
