import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { pkce, redirectUri, repOne, repTwo, sentBack, TestSandbox } from '../testing/browser.ts';

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await TestSandbox.start();
});
afterAll(() => sandbox.close());
beforeEach(() => sandbox.control('POST', '/reset'));

test('whoever allows is sent back with a code and the state as it was sent', async () => {
  const params = sentBack(await sandbox.decide({}, 'allow', repOne));
  expect([...params.keys()]).toEqual(['code', 'state']);
  expect(params.get('state')).toBe('a state & more');
  expect(params.get('code')).toMatch(/^aPrx.{64}==$/);
});

test('whoever denies is sent back with access_denied, also without saying who they are', async () => {
  for (const username of [repOne, '']) {
    const params = sentBack(await sandbox.decide({}, 'deny', username));
    expect(Object.fromEntries(params)).toEqual({
      error: 'access_denied',
      error_description: 'end-user denied authorization',
      state: 'a state & more',
    });
  }
});

test('a request without state is answered without state', async () => {
  const params = sentBack(await sandbox.decide({ state: undefined }, 'allow', repOne));
  expect([...params.keys()]).toEqual(['code']);
});

test.each([
  ['a longer path', `${redirectUri}/more`],
  ['a trailing slash', `${redirectUri}/`],
  ['a query', `${redirectUri}?a=b`],
  ['a fragment', `${redirectUri}#a`],
  ['another case', redirectUri.replace('callback', 'Callback')],
  ['another port', redirectUri.replace('4000', '4001')],
  ['another name of the same host', redirectUri.replace('127.0.0.1', 'localhost')],
  ['another host', 'https://evil.example/v1/auth/salesforce/callback'],
  ['a user in front of another host', 'http://127.0.0.1:4000@evil.example/v1/auth/salesforce/callback'],
  ['dot segments', redirectUri.replace('/v1', '/x/../v1')],
  ['percent-encoding', redirectUri.replace('callback', 'c%61llback')],
])('a redirect URI with %s stays on a page of Salesforce', async (_what, uri) => {
  const answer = await sandbox.visit(sandbox.authorizeUrl({ redirect_uri: uri }));
  expect(answer.status).toBe(400);
  expect(answer.headers.get('location')).toBeNull();
  expect(await answer.text()).toContain('redirect_uri must match configuration');
});

test.each([
  [{ redirect_uri: undefined }, 'redirect_uri_missing'],
  [{ client_id: undefined }, 'invalid_client_id'],
  [{ client_id: 'nobody' }, 'invalid_client_id'],
  [{ client_id: '__proto__' }, 'invalid_client_id'],
])('without client or redirect URI nobody is redirected: %j', async (fields, error) => {
  const answer = await sandbox.visit(sandbox.authorizeUrl(fields));
  expect(answer.status).toBe(400);
  expect(answer.headers.get('location')).toBeNull();
  expect(await answer.text()).toContain(`error=${error}`);
});

test('what the error page shows of the request is escaped', async () => {
  const answer = await sandbox.visit(sandbox.authorizeUrl({ client_id: '<script>alert(1)</script>' }));
  expect(await answer.text()).not.toContain('<script');
  const form = await sandbox.visit(sandbox.authorizeUrl({ login_hint: '"><script>alert(1)</script>' }));
  expect(await form.text()).not.toContain('<script');
});

test.each([
  [{ response_type: undefined }, 'unsupported_response_type', 'response type not supported'],
  [{ response_type: 'token' }, 'unsupported_response_type', 'response type not supported'],
  [{ response_type: 'code id_token' }, 'unsupported_response_type', 'response type not supported'],
  [{ scope: 'api everything' }, 'invalid_scope', 'the requested scope is not allowed'],
  [{ scope: 'Api' }, 'invalid_scope', 'the requested scope is not allowed'],
  [{ scope: 'api  id' }, 'invalid_scope', 'the requested scope is not allowed'],
  [{ code_challenge: undefined }, 'invalid_request', 'missing required code challenge'],
  [{ code_challenge: 'short' }, 'invalid_request', 'invalid code challenge'],
  [{ code_challenge: `${pkce().challenge}=` }, 'invalid_request', 'invalid code challenge'],
  [{ code_challenge_method: 'plain' }, 'invalid_request', 'invalid code challenge method'],
  [{ prompt: 'none' }, 'invalid_request', 'invalid prompt'],
])('%j is sent back as an error', async (fields, error, description) => {
  const params = sentBack(await sandbox.visit(sandbox.authorizeUrl(fields)));
  expect(Object.fromEntries(params)).toEqual({ error, error_description: description, state: 'a state & more' });
});

test.each(['response_type', 'scope', 'code_challenge', 'code_challenge_method', 'nonce', 'prompt', 'anything'])(
  'a second %s is sent back as an error',
  async (name) => {
    const url = `${sandbox.authorizeUrl({ [name]: 'x' })}&${name}=y`;
    const params = sentBack(await sandbox.visit(url));
    expect(params.get('error')).toBe('invalid_request');
    expect(params.get('error_description')).toBe(`parameter must appear once: ${name}`);
  },
);

test('a second state is an error, and neither is sent back', async () => {
  const params = sentBack(await sandbox.visit(`${sandbox.authorizeUrl()}&state=other`));
  expect(params.get('error')).toBe('invalid_request');
  expect(params.has('state')).toBe(false);
});

test.each(['client_id', 'redirect_uri'])('a second %s redirects nobody', async (name) => {
  const url = sandbox.authorizeUrl();
  const answer = await sandbox.visit(`${url}&${name}=${encodeURIComponent(new URL(url).searchParams.get(name) ?? '')}`);
  expect(answer.status).toBe(400);
  expect(answer.headers.get('location')).toBeNull();
});

test('a form works once and only with its own id', async () => {
  const page = await (await sandbox.visit(sandbox.authorizeUrl())).text();
  const decisions = await Promise.all(
    Array.from({ length: 20 }, () => sandbox.submit(page, { username: repOne, decision: 'allow' })),
  );
  expect(decisions.map((answer) => answer.status).sort()).toEqual([302, ...Array<number>(19).fill(400)]);
  const forged = await sandbox.submit(page, { request: 'guessed', username: repOne, decision: 'allow' });
  expect(forged.status).toBe(400);
});

test('a form is too old after 15 minutes', async () => {
  const page = await (await sandbox.visit(sandbox.authorizeUrl())).text();
  await sandbox.control('POST', '/clock', { offsetMs: 15 * 60_000 });
  const answer = await sandbox.submit(page, { username: repOne, decision: 'allow' });
  expect(answer.status).toBe(400);
});

test('an unknown username or decision is asked for again, and the form still works', async () => {
  const page = await (await sandbox.visit(sandbox.authorizeUrl())).text();
  for (const fields of [
    { username: 'nobody@demo.example', decision: 'allow' },
    { username: repOne, decision: 'maybe' },
  ]) {
    const again = await sandbox.submit(page, fields);
    expect(again.status).toBe(400);
    expect(await again.text()).toContain('role="alert"');
  }
  expect((await sandbox.submit(page, { username: repOne, decision: 'allow' })).status).toBe(302);
});

test('a browser that is signed in and approved the app passes without a form', async () => {
  const first = await sandbox.decide({}, 'allow', repOne);
  const setCookie = first.headers.get('set-cookie') ?? '';
  expect(setCookie).toMatch(/; Path=\/salesforce; HttpOnly; SameSite=Lax$/);
  const cookie = setCookie.split(';')[0] ?? '';
  const visit = (fields: Record<string, string>) => sandbox.visit(sandbox.authorizeUrl(fields), cookie);

  expect(sentBack(await visit({})).get('code')).toBeTruthy();
  expect(sentBack(await visit({ scope: 'api', login_hint: repOne })).get('code')).toBeTruthy();
  const shown: Record<string, string>[] = [
    { prompt: 'login' },
    { prompt: 'consent' },
    { login_hint: repTwo },
    { scope: 'api refresh_token' },
  ];
  for (const fields of shown) expect((await visit(fields)).status).toBe(200);
  expect((await sandbox.visit(sandbox.authorizeUrl(), 'sandbox_browser=guessed')).status).toBe(200);

  await sandbox.control('POST', '/tokens', { provider: 'salesforce', username: repOne, action: 'revoke' });
  expect((await visit({})).status).toBe(200);
});

test('somebody who was deactivated meanwhile does not pass silently', async () => {
  const cookie = (await sandbox.decide({}, 'allow', repOne)).headers.get('set-cookie')?.split(';')[0];
  await sandbox.control('POST', '/users', { username: repOne, active: false });
  const params = sentBack(await sandbox.visit(sandbox.authorizeUrl(), cookie));
  expect(params.get('error')).toBe('inactive_user');
});

test('login_hint fills in the username', async () => {
  const page = await (await sandbox.visit(sandbox.authorizeUrl({ login_hint: repTwo }))).text();
  expect(page).toContain(`name="username" value="${repTwo}"`);
});
