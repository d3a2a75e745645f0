import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { defaultClient } from '../../index.ts';
import { pkce, repOne, sentBack, TestSandbox } from '../../testing/browser.ts';

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await TestSandbox.start();
});
afterAll(() => sandbox.close());
beforeEach(() => sandbox.control('POST', '/reset'));

const generic = 'An unexpected error has occurred during authentication. Please try again.';

test.each([
  [{ appInstalled: false }, 'OAUTH_APPROVAL_ERROR_GENERIC', generic],
  [{ appBlocked: true }, 'OAUTH_APP_BLOCKED', 'this app is blocked by admin'],
  [{ loginRefusal: 'organisation_locked' }, 'inactive_org', 'organization is locked or closed'],
  [{ loginRefusal: 'too_many_logins' }, 'rate_limit_exceeded', 'login rate exceeded'],
  [{ loginRefusal: 'app_not_in_org' }, 'OAUTH_EC_APP_NOT_FOUND', 'External client app was not found in this org'],
  [{ loginRefusal: 'response_type' }, 'unsupported_response_type', 'response type not supported'],
  [{ loginRefusal: 'scope' }, 'invalid_scope', 'the requested scope is not allowed'],
  [{ loginRefusal: 'scope_not_on_app' }, 'OAUTH_APPROVAL_ERROR_GENERIC', generic],
  [{ loginRefusal: 'challenge_missing' }, 'invalid_request', 'missing required code challenge'],
])('an org with %j sends the rep back with %s', async (flags, error, description) => {
  await sandbox.control('POST', '/org', flags);
  const params = sentBack(await sandbox.decide({}, 'allow', repOne));
  expect(Object.fromEntries(params)).toEqual({ error, error_description: description, state: 'a state & more' });
});

test.each([
  [{ appInstalled: false }, 'app_not_found', 'External client app is not installed in this org'],
  [{ appBlocked: true }, 'OAUTH_APP_BLOCKED', 'this app is blocked by admin'],
  [{ loginRefusal: 'organisation_locked' }, 'inactive_org', 'organization is locked or closed'],
  [{ loginRefusal: 'too_many_logins' }, 'rate_limit_exceeded', 'login rate exceeded'],
  [{ loginRefusal: 'login_restricted' }, 'invalid_grant', 'ip restricted or invalid login hours'],
  [{ loginRefusal: 'consumer_not_approved' }, 'invalid_grant', "user hasn't approved this consumer"],
  [{ loginRefusal: 'client' }, 'invalid_client_id', 'client identifier invalid'],
  [{ loginRefusal: 'secret' }, 'invalid_client', 'invalid client credentials'],
  [{ loginRefusal: 'code' }, 'invalid_grant', 'invalid authorization code'],
  [{ loginRefusal: 'code_expired' }, 'invalid_grant', 'expired authorization code'],
  [{ loginRefusal: 'verifier' }, 'invalid_grant', 'invalid code verifier'],
])('an org that turns to %j answers an exchange and a refresh with %s', async (flags, error, error_description) => {
  const { refresh_token } = await sandbox.signIn('api refresh_token');
  const { verifier, challenge } = pkce();
  const code = await sandbox.code({ code_challenge: challenge });
  await sandbox.control('POST', '/org', flags);
  for (const answer of [await sandbox.exchange(code, verifier), await sandbox.refresh(refresh_token)]) {
    expect([answer.status, answer.body]).toEqual([400, { error, error_description }]);
  }
});

test.each([
  ['client', 'invalid_client_id'],
  ['redirect_uri', 'redirect_uri_mismatch'],
  ['redirect_uri_missing', 'redirect_uri_missing'],
])('an org that refuses with %s keeps the browser on a page of Salesforce', async (loginRefusal, error) => {
  await sandbox.control('POST', '/org', { loginRefusal });
  const answer = await sandbox.decide({}, 'allow', repOne);
  expect([answer.status, answer.headers.get('location')]).toEqual([400, null]);
  expect(await answer.text()).toContain(`error=${error}`);
});

test('a refusal of the org does not use the refresh token up', async () => {
  const client = await sandbox.addClient('rotating');
  const { refresh_token } = await sandbox.signIn('api refresh_token', client);
  await sandbox.control('POST', '/org', { loginRefusal: 'too_many_logins' });
  expect((await sandbox.refresh(refresh_token, client)).status).toBe(400);
  await sandbox.control('POST', '/org', { loginRefusal: null });
  expect((await sandbox.refresh(refresh_token, client)).status).toBe(200);
});

test('where an admin approves, only people with a permission come in', async () => {
  await sandbox.control('POST', '/org', { adminApprovalRequired: true });
  const params = sentBack(await sandbox.decide({}, 'allow', 'outsider@demo.example'));
  expect(params.get('error')).toBe('OAUTH_APP_ACCESS_DENIED');
  expect(params.get('error_description')).toBe('user is not admin approved to access this app');
  expect(sentBack(await sandbox.decide({}, 'allow', repOne)).get('code')).toBeTruthy();
});

test('an app that lacks a scope fails as an app that is not installed', async () => {
  await sandbox.addClient('narrow', { scopes: ['api'] });
  const visit = (scope: string) => sandbox.visit(sandbox.authorizeUrl({ client_id: 'narrow', scope }));
  expect(sentBack(await visit('api openid')).get('error')).toBe('OAUTH_APPROVAL_ERROR_GENERIC');
  expect((await visit('api id')).status).toBe(200);
});

test('an inactive user is sent back; one deactivated later loses code, refresh token and session', async () => {
  const tokens = await sandbox.signIn('api refresh_token');
  const { verifier, challenge } = pkce();
  const code = await sandbox.code({ code_challenge: challenge });
  await sandbox.control('POST', '/users', { username: repOne, active: false });
  expect(sentBack(await sandbox.decide({}, 'allow', repOne)).get('error')).toBe('inactive_user');
  const refused = { error: 'invalid_grant', error_description: 'inactive user' };
  expect((await sandbox.exchange(code, verifier)).body).toEqual(refused);
  expect((await sandbox.refresh(tokens.refresh_token)).body).toEqual(refused);
  expect((await sandbox.identity(tokens)).status).toBe(403);
});

test('the token response is the one of Salesforce', async () => {
  const before = Date.now();
  const tokens = await sandbox.signIn();
  expect(Object.keys(tokens).sort()).toEqual(
    ['access_token', 'id', 'id_token', 'instance_url', 'issued_at', 'scope', 'signature', 'token_type'].sort(),
  );
  expect(tokens.access_token).toMatch(/^00D\w{12}![\w.]{80,}$/);
  expect(tokens.instance_url).toBe(sandbox.salesforce);
  expect(tokens.id).toMatch(new RegExp(`^${sandbox.salesforce}/id/00D\\w{15}/005\\w{15}$`));
  expect(tokens.token_type).toBe('Bearer');
  expect(tokens.scope.split(' ').sort()).toEqual(['api', 'custom_permissions', 'id', 'openid']);
  expect(Number(tokens.issued_at)).toBeGreaterThanOrEqual(before);
  const signed = createHmac('sha256', defaultClient.clientSecret).update(tokens.id + tokens.issued_at);
  expect(tokens.signature).toBe(signed.digest('base64'));
});

test('the id_token is signed with the published key, for this client and nonce, and only with openid', async () => {
  const { verifier, challenge } = pkce();
  const code = await sandbox.code({ code_challenge: challenge, nonce: 'a nonce' });
  const { body } = await sandbox.exchange(code, verifier);
  const { payload, protectedHeader } = await jwtVerify(
    body.id_token ?? '',
    createRemoteJWKSet(new URL(`${sandbox.salesforce}/id/keys`)),
    { issuer: sandbox.salesforce, audience: defaultClient.clientId },
  );
  expect(protectedHeader.alg).toBe('RS256');
  expect(payload.sub).toBe(body.id);
  expect(payload.nonce).toBe('a nonce');
  expect(await sandbox.signIn('api')).not.toHaveProperty('id_token');
});

test('the identity tells who it is, and custom permissions only with that scope', async () => {
  const tokens = await sandbox.signIn();
  const identity = (await (await sandbox.identity(tokens)).json()) as Record<string, unknown>;
  const [org, user] = tokens.id.split('/').slice(-2);
  expect(identity).toMatchObject({
    id: tokens.id,
    organization_id: org,
    user_id: user,
    username: repOne,
    active: true,
    is_app_installed: true,
    custom_permissions: { OneShot_User: true },
    urls: { custom_domain: sandbox.salesforce, rest: `${sandbox.salesforce}/services/data/v{version}/` },
  });
  expect(identity.custom_permissions).not.toHaveProperty('OneShot_Admin');
  expect(typeof identity.utcOffset).toBe('number');
  const without = await (await sandbox.identity(await sandbox.signIn('api id'))).json();
  expect(without).not.toHaveProperty('custom_permissions');
});

test('a changed permission shows at the next look', async () => {
  const tokens = await sandbox.signIn();
  await sandbox.control('POST', '/users', { username: repOne, permissions: ['OneShot_User', 'OneShot_Admin'] });
  expect(await (await sandbox.identity(tokens)).json()).toMatchObject({
    custom_permissions: { OneShot_User: true, OneShot_Admin: true },
  });
});

test('identity and userinfo answer a bad token with 403 and a bare text', async () => {
  const tokens = await sandbox.signIn();
  const other = await sandbox.signIn(undefined, {}, 'rep.two@demo.example');
  const path = new URL(tokens.id).pathname.replace('/salesforce', '');
  const answers = [
    await sandbox.get(path),
    await sandbox.get(path, 'guessed'),
    await sandbox.get(path, other.access_token),
    await sandbox.get(`${path}?oauth_token=guessed`, tokens.access_token),
    await sandbox.get('/services/oauth2/userinfo', 'guessed'),
  ];
  for (const answer of answers) expect([answer.status, await answer.text()]).toEqual([403, 'Bad_OAuth_Token']);
  expect((await sandbox.get(`${path}?oauth_token=${encodeURIComponent(tokens.access_token)}`)).status).toBe(200);
});

test('userinfo has the claims of Salesforce', async () => {
  const tokens = await sandbox.signIn();
  const answer = await sandbox.get('/services/oauth2/userinfo', tokens.access_token);
  expect(await answer.json()).toMatchObject({ sub: tokens.id, preferred_username: repOne, email_verified: true });
});

test('introspection shows a client its own tokens only, and does not prolong them', async () => {
  const client = await sandbox.addClient('other');
  const tokens = await sandbox.signIn('api refresh_token');
  const ask = async (token: string, credentials: Record<string, string | undefined>) =>
    (await (await sandbox.post('/services/oauth2/introspect', { token, ...credentials })).json()) as Record<
      string,
      unknown
    >;
  const own = { client_id: defaultClient.clientId, client_secret: defaultClient.clientSecret };
  const seen = await ask(tokens.access_token, own);
  expect(seen).toMatchObject({
    active: true,
    client_id: defaultClient.clientId,
    username: repOne,
    sub: tokens.id,
    token_type: 'access_token',
  });
  expect(Number(seen.exp) - Number(seen.iat)).toBe(7200);
  expect(await ask(tokens.refresh_token ?? '', own)).toMatchObject({ active: true, token_type: 'refresh_token' });
  expect(await ask(tokens.access_token, client)).toEqual({ active: false });
  expect(await ask('guessed', own)).toEqual({ active: false });
  expect(await ask(tokens.access_token, { ...own, client_secret: 'wrong' })).toMatchObject({ error: 'invalid_client' });
  await sandbox.control('POST', '/clock', { offsetMs: 119 * 60_000 });
  expect((await ask(tokens.access_token, own)).active).toBe(true);
  await sandbox.control('POST', '/clock', { offsetMs: 120 * 60_000 });
  expect(await ask(tokens.access_token, own)).toEqual({ active: false });
});

test('revoking answers 200 and nothing; a refresh token takes its access tokens along', async () => {
  const tokens = await sandbox.signIn('api refresh_token');
  const second = (await sandbox.refresh(tokens.refresh_token)).body;
  const revoke = (token: string) => sandbox.post('/services/oauth2/revoke', { token });
  const answer = await revoke(tokens.access_token);
  expect([answer.status, await answer.text()]).toEqual([200, '']);
  expect(await sandbox.isLive(tokens.access_token)).toBe(false);
  expect(await sandbox.isLive(second.access_token)).toBe(true);
  expect((await revoke(tokens.refresh_token ?? '')).status).toBe(200);
  expect(await sandbox.isLive(second.access_token)).toBe(false);

  for (const bad of [tokens.refresh_token ?? '', tokens.access_token, 'guessed']) {
    const refused = await revoke(bad);
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ error: 'unsupported_token_type' });
  }
});

test('the REST API wants a live token in the header, a scope for it, and an org that has it on', async () => {
  const path = '/services/data/v67.0/limits';
  const tokens = await sandbox.signIn();
  expect((await sandbox.get(path, tokens.access_token)).status).toBe(200);

  const narrow = await sandbox.signIn('openid id');
  for (const [query, token, message] of [
    ['', undefined, 'Session expired or invalid'],
    ['', 'guessed', 'Session expired or invalid'],
    [`?oauth_token=${encodeURIComponent(tokens.access_token)}`, undefined, 'Session expired or invalid'],
    ['', narrow.access_token, 'This session is not valid for use with the REST API'],
  ] as const) {
    const answer = await sandbox.get(path + query, token);
    expect(answer.status).toBe(401);
    expect(await answer.json()).toEqual([{ message, errorCode: 'INVALID_SESSION_ID' }]);
  }

  await sandbox.control('POST', '/org', { apiEnabled: false });
  const disabled = await sandbox.get(path, tokens.access_token);
  expect(disabled.status).toBe(403);
  expect(await disabled.json()).toEqual([
    { message: 'The REST API is not enabled for this Organization.', errorCode: 'API_DISABLED_FOR_ORG' },
  ]);
});
