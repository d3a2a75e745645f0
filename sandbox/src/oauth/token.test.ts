import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { defaultClient } from '../index.ts';
import { pkce, readAnswer, redirectUri, repOne, repTwo, TestSandbox } from '../testing/browser.ts';

const minute = 60_000;
const day = 24 * 60 * minute;

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await TestSandbox.start();
});
afterAll(() => sandbox.close());
beforeEach(() => sandbox.control('POST', '/reset'));

async function freshCode(fields: Record<string, string> = {}) {
  const { verifier, challenge } = pkce();
  return { verifier, code: await sandbox.code({ code_challenge: challenge, ...fields }) };
}

const invalidCode = { error: 'invalid_grant', error_description: 'invalid authorization code' };
const expiredCode = { error: 'invalid_grant', error_description: 'expired authorization code' };
const invalidVerifier = { error: 'invalid_grant', error_description: 'invalid code verifier' };
const expiredToken = { error: 'invalid_grant', error_description: 'expired access/refresh token' };

test('of 200 parallel exchanges of one code one wins, and the replays end what it gave', async () => {
  const { code, verifier } = await freshCode();
  const answers = await Promise.all(Array.from({ length: 200 }, () => sandbox.exchange(code, verifier)));
  const won = answers.filter((answer) => answer.status === 200);
  expect(won).toHaveLength(1);
  for (const lost of answers.filter((answer) => answer.status !== 200)) expect(lost.body).toEqual(expiredCode);
  expect(await sandbox.isLive(won[0]?.body.access_token ?? '')).toBe(false);
});

test('a replayed code ends what it gave, refreshed tokens too', async () => {
  const { code, verifier } = await freshCode({ scope: 'api refresh_token' });
  const { body } = await sandbox.exchange(code, verifier);
  const refreshed = await sandbox.refresh(body.refresh_token);
  expect(refreshed.status).toBe(200);
  expect((await sandbox.exchange(code, verifier)).body).toEqual(expiredCode);
  expect(await sandbox.isLive(refreshed.body.access_token)).toBe(false);
  expect((await sandbox.refresh(body.refresh_token)).body).toEqual(expiredToken);
});

test('a code of another client is refused and stays usable for its own', async () => {
  const other = await sandbox.addClient('other');
  const { code, verifier } = await freshCode();
  expect((await sandbox.exchange(code, verifier, other)).body).toEqual(invalidCode);
  expect((await sandbox.exchange(code, verifier)).status).toBe(200);
});

test('a code is good for less than 15 minutes', async () => {
  const [early, late] = [await freshCode(), await freshCode()];
  await sandbox.control('POST', '/clock', { offsetMs: 15 * minute - 30_000 });
  expect((await sandbox.exchange(early.code, early.verifier)).status).toBe(200);
  await sandbox.control('POST', '/clock', { offsetMs: 15 * minute });
  expect((await sandbox.exchange(late.code, late.verifier)).body).toEqual(expiredCode);
});

test.each([
  ['another', () => pkce().verifier],
  ['none', () => undefined],
  ['an empty', () => ''],
])('with %s verifier a code is refused, and used up', async (_which, wrong) => {
  const { code, verifier } = await freshCode();
  expect((await sandbox.exchange(code, wrong())).body).toEqual(invalidVerifier);
  expect((await sandbox.exchange(code, verifier)).body).toEqual(expiredCode);
});

test.each([
  [42, 400],
  [43, 200],
  [128, 200],
  [129, 400],
  [171, 400],
])('a verifier of %i characters: %i', async (length, status) => {
  const { createHash } = await import('node:crypto');
  const verifier = 'v'.repeat(length);
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const code = await sandbox.code({ code_challenge: challenge });
  expect((await sandbox.exchange(code, verifier)).status).toBe(status);
});

test.each([
  ['another', `${redirectUri}/`, 'redirect_uri_mismatch'],
  ['no', undefined, 'redirect_uri_missing'],
])('with %s redirect URI a code is refused', async (_which, uri, error) => {
  const { code, verifier } = await freshCode();
  expect((await sandbox.exchange(code, verifier, { redirect_uri: uri })).body.error).toBe(error);
});

test('another registered redirect URI than the one of the authorization is refused', async () => {
  const second = 'http://127.0.0.1:4000/second';
  const client = await sandbox.addClient('two', { redirectUris: [redirectUri, second] });
  const { code, verifier } = await freshCode({ client_id: 'two' });
  const answer = await sandbox.exchange(code, verifier, { ...client, redirect_uri: second });
  expect(answer.body.error).toBe('redirect_uri_mismatch');
});

test.each([
  [{ client_secret: 'wrong' }, 'invalid_client', 'invalid client credentials'],
  [{ client_secret: undefined }, 'invalid_client', 'invalid client credentials'],
  [{ client_id: 'nobody' }, 'invalid_client_id', 'client identifier invalid'],
  [{ client_id: undefined }, 'invalid_client_id', 'client identifier invalid'],
  [{ grant_type: 'password' }, 'unsupported_grant_type', 'grant type not supported'],
  [{ grant_type: undefined }, 'unsupported_grant_type', 'grant type not supported'],
  [{ code: undefined }, 'invalid_request', 'missing required parameter: code'],
  [{ code: 'aPrxguessed==' }, 'invalid_grant', 'invalid authorization code'],
])('%j is refused, and a wrong client uses no code up', async (fields, error, description) => {
  const { code, verifier } = await freshCode();
  const answer = await sandbox.exchange(code, verifier, fields);
  expect([answer.status, answer.body]).toEqual([400, { error, error_description: description }]);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect((await sandbox.exchange(code, verifier)).status).toBe(200);
});

test.each(['grant_type', 'code', 'client_id', 'client_secret', 'redirect_uri', 'code_verifier', 'anything'])(
  'a second %s is refused',
  async (name) => {
    const { code, verifier } = await freshCode();
    const body = new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      client_id: defaultClient.clientId,
      client_secret: defaultClient.clientSecret,
      redirect_uri: redirectUri,
      code_verifier: verifier,
      anything: 'x',
    });
    body.append(name, body.get(name) ?? '');
    const url = `${sandbox.salesforce}/services/oauth2/token`;
    const { status, body: answer } = await readAnswer(await fetch(url, { method: 'POST', body }));
    expect([status, answer.error]).toEqual([400, 'invalid_request']);
    expect(answer.error_description).toBe(`parameter must appear once: ${name}`);
    expect((await sandbox.exchange(code, verifier)).status).toBe(200);
  },
);

async function send(type: string | undefined, body: string, query = '') {
  const url = `${sandbox.salesforce}/services/oauth2/token${query}`;
  const answer = await fetch(url, {
    method: 'POST',
    body: Buffer.from(body),
    headers: type === undefined ? {} : { 'content-type': type },
  });
  return readAnswer(answer);
}

test('only a form is taken, whatever the body says', async () => {
  const { code, verifier } = await freshCode();
  const fields = {
    grant_type: 'authorization_code',
    code,
    client_id: defaultClient.clientId,
    client_secret: defaultClient.clientSecret,
    redirect_uri: redirectUri,
    code_verifier: verifier,
  };
  const form = new URLSearchParams(fields).toString();
  const refused = { error: 'unsupported_grant_type', error_description: 'grant type not supported' };
  expect((await send('application/json', JSON.stringify(fields))).body).toEqual(refused);
  for (const type of ['text/plain', 'multipart/form-data; boundary=x', undefined]) {
    expect((await send(type, form)).body).toEqual(refused);
  }
  expect((await send('application/x-www-form-urlencoded', '', `?${form}`)).body).toEqual(refused);
  expect((await send('Application/X-WWW-Form-URLEncoded; charset=UTF-8', form)).status).toBe(200);
});

test('malformed and oversized bodies get the error body of the provider', async () => {
  const form = 'application/x-www-form-urlencoded';
  for (const body of ['grant_type=%zz', 'grant_type=%ff%fe', 'grant_type=%']) {
    const answer = await send(form, body);
    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request']);
  }
  const answer = await send(form, `grant_type=refresh_token&refresh_token=${'x'.repeat(70_000)}`);
  expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request']);
});

test('the client may use HTTP Basic instead, but not both', async () => {
  const { code, verifier } = await freshCode();
  const post = async (credentials: string, fields: Record<string, string> = {}) => {
    const body = new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier,
      ...fields,
    });
    const headers = { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
    const url = `${sandbox.salesforce}/services/oauth2/token`;
    return readAnswer(await fetch(url, { method: 'POST', body, headers }));
  };
  const right = `${defaultClient.clientId}:${defaultClient.clientSecret}`;
  expect((await post(`${defaultClient.clientId}:wrong`)).body.error).toBe('invalid_client');
  expect((await post('no colon')).body.error).toBe('invalid_client');
  expect((await post(right, { client_secret: defaultClient.clientSecret })).body.error).toBe('invalid_request');
  expect((await post(right, { client_id: 'other' })).body.error).toBe('invalid_request');
  expect((await post(right, { client_id: defaultClient.clientId })).status).toBe(200);
});

test('without the scope there is no refresh token, with either of its names there is', async () => {
  for (const scope of ['openid id api custom_permissions', 'full', 'web', undefined]) {
    const { verifier, challenge } = pkce();
    const code = await sandbox.code({ scope, code_challenge: challenge });
    expect((await sandbox.exchange(code, verifier)).body).not.toHaveProperty('refresh_token');
  }
  for (const scope of ['api refresh_token', 'api offline_access']) {
    const tokens = await sandbox.signIn(scope);
    expect(tokens.refresh_token).toMatch(/^5Aep861/);
    expect(tokens.scope).toBe('refresh_token api id');
  }
});

test('a refresh token goes on unchanged for a client that does not rotate', async () => {
  const first = await sandbox.signIn('api refresh_token openid');
  const { status, body } = await sandbox.refresh(first.refresh_token);
  expect(status).toBe(200);
  expect(body).not.toHaveProperty('refresh_token');
  expect(body).not.toHaveProperty('id_token');
  expect(body.access_token).not.toBe(first.access_token);
  expect(body.instance_url).toBe(sandbox.salesforce);
  expect((await sandbox.refresh(first.refresh_token)).status).toBe(200);
  expect(await sandbox.isLive(first.access_token)).toBe(true);
});

test('with rotation each use gives a new one, and using an old one again ends the family', async () => {
  const client = await sandbox.addClient('rotating');
  const first = await sandbox.signIn('api refresh_token', client);
  const second = (await sandbox.refresh(first.refresh_token, client)).body;
  const third = (await sandbox.refresh(second.refresh_token, client)).body;
  expect(new Set([first.refresh_token, second.refresh_token, third.refresh_token]).size).toBe(3);
  expect(await sandbox.isLive(first.access_token, client)).toBe(true);

  expect((await sandbox.refresh(first.refresh_token, client)).body).toEqual(expiredToken);
  expect((await sandbox.refresh(third.refresh_token, client)).body).toEqual(expiredToken);
  for (const tokens of [first, second, third]) expect(await sandbox.isLive(tokens.access_token, client)).toBe(false);
});

test('the end of one family leaves another family of the same rep alone', async () => {
  const client = await sandbox.addClient('rotating');
  const [one, two] = [
    await sandbox.signIn('api refresh_token', client),
    await sandbox.signIn('api refresh_token', client),
  ];
  await sandbox.refresh(one.refresh_token, client);
  await sandbox.refresh(one.refresh_token, client);
  expect((await sandbox.refresh(two.refresh_token, client)).status).toBe(200);
});

test('of 200 parallel rotations one wins', async () => {
  const client = await sandbox.addClient('rotating');
  const { refresh_token } = await sandbox.signIn('api refresh_token', client);
  const answers = await Promise.all(Array.from({ length: 200 }, () => sandbox.refresh(refresh_token, client)));
  expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1);
});

test('a refresh token works for its own client only, and not as an access token', async () => {
  const client = await sandbox.addClient('rotating');
  const tokens = await sandbox.signIn('api refresh_token', client);
  expect((await sandbox.refresh(tokens.refresh_token)).body).toEqual(expiredToken);
  expect((await sandbox.refresh(tokens.access_token, client)).body).toEqual(expiredToken);
  expect((await sandbox.refresh(undefined, client)).body.error).toBe('invalid_request');
  expect((await sandbox.identity({ ...tokens, access_token: tokens.refresh_token ?? '' })).status).toBe(403);
  expect((await sandbox.refresh(tokens.refresh_token, client)).status).toBe(200);
});

test('a refresh cannot widen the scope', async () => {
  const { refresh_token } = await sandbox.signIn('api refresh_token');
  const ask = (scope: string) => sandbox.token({ grant_type: 'refresh_token', refresh_token, scope });
  expect((await ask('api openid')).body.error).toBe('invalid_scope');
  expect((await ask('api')).status).toBe(200);
});

test('the sixth grant of a rep and a client ends the oldest; rotation uses none up', async () => {
  const client = await sandbox.addClient('rotating');
  const scope = 'api refresh_token';
  const grants = [];
  for (let count = 0; count < 5; count += 1) grants.push(await sandbox.signIn(scope, client));
  let first = grants[0];
  for (let count = 0; count < 10; count += 1) first = (await sandbox.refresh(first?.refresh_token, client)).body;
  expect(await sandbox.isLive(grants[4]?.access_token ?? '', client)).toBe(true);

  // Neither another rep, nor another client, nor sign-ins without a refresh token count.
  const others = [
    await sandbox.signIn(scope, client, repTwo),
    await sandbox.signIn(scope),
    await sandbox.signIn('api', client),
  ];
  expect((first = (await sandbox.refresh(first?.refresh_token, client)).body)).toHaveProperty('refresh_token');

  await sandbox.signIn(scope, client);
  expect((await sandbox.refresh(first.refresh_token, client)).body).toEqual(expiredToken);
  expect(await sandbox.isLive(first.access_token, client)).toBe(false);
  expect((await sandbox.refresh(grants[1]?.refresh_token, client)).status).toBe(200);
  expect((await sandbox.refresh(others[1]?.refresh_token)).status).toBe(200);
});

test('a session ends two hours after its last use', async () => {
  const tokens = await sandbox.signIn();
  await sandbox.control('POST', '/clock', { offsetMs: 119 * minute });
  expect((await sandbox.identity(tokens)).status).toBe(200);
  await sandbox.control('POST', '/clock', { offsetMs: 238 * minute });
  expect((await sandbox.identity(tokens)).status).toBe(200);
  await sandbox.control('POST', '/clock', { offsetMs: 359 * minute });
  expect((await sandbox.identity(tokens)).status).toBe(403);
});

test('a refresh token dies after 30 days without use', async () => {
  const { refresh_token } = await sandbox.signIn('api refresh_token');
  for (const days of [29, 58]) {
    await sandbox.control('POST', '/clock', { offsetMs: days * day });
    expect((await sandbox.refresh(refresh_token)).status).toBe(200);
  }
  await sandbox.control('POST', '/clock', { offsetMs: 89 * day });
  expect((await sandbox.refresh(refresh_token)).body).toEqual(expiredToken);
});

test('control can expire the access tokens of a rep, or revoke everything', async () => {
  const [tokens, bystander] = [await sandbox.signIn('api refresh_token'), await sandbox.signIn('api', {}, repTwo)];
  const { code, verifier } = await freshCode();
  await sandbox.control('POST', '/tokens', { provider: 'salesforce', username: repOne, action: 'expire' });
  expect(await sandbox.isLive(tokens.access_token)).toBe(false);
  const refreshed = await sandbox.refresh(tokens.refresh_token);
  expect(refreshed.status).toBe(200);
  await sandbox.control('POST', '/tokens', { provider: 'salesforce', username: repOne, action: 'revoke' });
  expect(await sandbox.isLive(refreshed.body.access_token)).toBe(false);
  expect((await sandbox.refresh(tokens.refresh_token)).body).toEqual(expiredToken);
  expect((await sandbox.exchange(code, verifier)).status).toBe(400);
  expect(await sandbox.isLive(bystander.access_token)).toBe(true);
});
