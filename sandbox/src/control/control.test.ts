import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { pkce, redirectUri, repOne, sentBack, TestSandbox } from '../testing/browser.ts';

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await TestSandbox.start();
});
afterAll(() => sandbox.close());
beforeEach(() => sandbox.control('POST', '/reset'));

const fault = { provider: 'salesforce', pathPattern: '^/id/', times: 1, status: 503 };
const client = { provider: 'salesforce', clientId: 'x', clientSecret: 'y', redirectUris: [redirectUri] };

test.each([
  ['/records', {}, 'object'],
  ['/records', { object: 'Account', upsert: {} }, 'upsert'],
  ['/records', { object: 'Account', upsert: ['x'] }, 'upsert.0'],
  ['/records', { object: 'Account', delete: 'some' }, 'delete'],
  ['/faults', { ...fault, provider: 'hubspot' }, 'provider'],
  ['/faults', { ...fault, provider: undefined }, 'provider'],
  ['/faults', { ...fault, pathPattern: '(' }, 'pathPattern'],
  ['/faults', { ...fault, times: 0 }, 'times'],
  ['/faults', { ...fault, times: '1' }, 'times'],
  ['/faults', { ...fault, status: 99 }, 'status'],
  ['/faults', { ...fault, headers: { a: 1 } }, 'headers.a'],
  ['/faults', { ...fault, headers: { 'a b': 'c' } }, 'headers.a b'],
  ['/faults', { ...fault, headers: { a: 'b\r\nc: d' } }, 'headers.a'],
  ['/faults', { ...fault, latencyMs: -1 }, 'latencyMs'],
  ['/faults', { ...fault, drop: 'sometimes' }, 'drop'],
  ['/faults', { ...fault, latency: 5 }, 'latency'],
  ['/tokens', { provider: 'salesforce', username: repOne, action: 'delete' }, 'action'],
  ['/tokens', { provider: 'salesforce', username: 'nobody', action: 'expire' }, 'username'],
  ['/clients', { ...client, redirectUris: [] }, 'redirectUris'],
  ['/clients', { ...client, redirectUris: ['javascript:alert(1)'] }, 'redirectUris.0'],
  ['/clients', { ...client, redirectUris: ['http://:80/'] }, 'redirectUris'],
  ['/clients', { ...client, rotation: 'keep' }, 'rotation'],
  ['/clients', { ...client, scopes: ['everything'] }, 'scopes'],
  ['/users', { active: true }, 'username'],
  ['/users', { username: repOne, active: 'no' }, 'active'],
  ['/access', { username: repOne }, 'object'],
  ['/schema', { object: 'Account', fields: {} }, 'fields'],
  ['/org', { appInstalled: 'no' }, 'appInstalled'],
  ['/org', { dailyApiLimit: -1 }, 'dailyApiLimit'],
  ['/org', { loginRefusal: 'because' }, 'loginRefusal'],
  ['/org', { unknown: true }, 'unknown'],
  ['/clock', { offsetMs: '5' }, 'offsetMs'],
  ['/clock', {}, 'offsetMs'],
])('%s refuses %j and names %s', async (path, body, field) => {
  const answer = await sandbox.tryControl('POST', path, body);
  expect(answer.status).toBe(400);
  expect(answer.body).toMatchObject({ error: expect.stringContaining(field), field });
});

test.each([
  ['POST', '/reset', { all: true }],
  ['POST', '/records', { object: 'Account' }],
  ['POST', '/faults', { provider: 'salesforce', pathPattern: '.', times: 1 }],
  ['GET', '/records', undefined],
  ['GET', '/requests?provider=hubspot', undefined],
])('%s %s refuses %j with a sentence', async (method, path, body) => {
  const answer = await sandbox.tryControl(method, path, body);
  expect(answer.status).toBe(400);
  expect(answer.body).toMatchObject({ error: expect.stringMatching(/\w+ .+\.$/) });
});

test('what is no JSON, and what is no control call, is said so', async () => {
  const url = `${sandbox.url}/__control`;
  const headers = { 'content-type': 'application/json' };
  const broken = await fetch(`${url}/clock`, { method: 'POST', headers, body: '{' });
  expect([broken.status, await broken.json()]).toEqual([400, { error: 'The body is not JSON.' }]);
  const form = await fetch(`${url}/clock`, { method: 'POST', body: new URLSearchParams({ offsetMs: '5' }) });
  expect(form.status).toBe(415);
  expect((await sandbox.tryControl('POST', '/clocks', {})).status).toBe(404);
  const empty = await fetch(`${url}/reset`, { method: 'POST', headers });
  expect(empty.status).toBe(200);
});

test('reset forgets clients, faults, flags, clock, requests, tokens and approvals; the default client stays', async () => {
  const rotating = await sandbox.addClient('rotating');
  const tokens = await sandbox.signIn('api refresh_token');
  const cookie = (await sandbox.decide({}, 'allow', repOne)).headers.get('set-cookie')?.split(';')[0];
  const page = await (await sandbox.visit(sandbox.authorizeUrl())).text();
  const code = await sandbox.code();
  await sandbox.control('POST', '/org', { appBlocked: true, appInstalled: false });
  await sandbox.control('POST', '/faults', { ...fault, pathPattern: '.', times: 1000 });
  await sandbox.control('POST', '/clock', { offsetMs: -1000 });

  await sandbox.control('POST', '/reset');
  expect(await sandbox.control('GET', '/requests')).toEqual({ rows: [] });
  expect(await sandbox.control('GET', '/faults')).toEqual({ rows: [] });
  expect(await sandbox.isLive(tokens.access_token)).toBe(false);
  expect((await sandbox.refresh(tokens.refresh_token)).status).toBe(400);
  expect((await sandbox.refresh(tokens.refresh_token, rotating)).body.error).toBe('invalid_client_id');
  expect((await sandbox.exchange(code, pkce().verifier)).body.error_description).toBe('invalid authorization code');
  expect((await sandbox.submit(page, { username: repOne, decision: 'allow' })).status).toBe(400);
  expect((await sandbox.visit(sandbox.authorizeUrl(), cookie)).status).toBe(200);
  expect((await sandbox.identity(await sandbox.signIn())).status).toBe(200);
});

test('a client of its own is sent back only to its own redirect URIs', async () => {
  const own = 'https://else.example/back';
  await sandbox.control('POST', '/clients', { ...client, redirectUris: [own] });
  const visit = (redirect_uri: string) => sandbox.visit(sandbox.authorizeUrl({ client_id: 'x', redirect_uri }));
  expect((await visit(own)).status).toBe(200);
  expect((await visit(redirectUri)).status).toBe(400);
});

test('the calls of a provider are listed with who made them and what came of it', async () => {
  const tokens = await sandbox.signIn();
  await sandbox.identity(tokens);
  await sandbox.get('/services/oauth2/userinfo?a=1&b=2&b=3', 'guessed');
  const { rows } = await sandbox.control<{ rows: Record<string, unknown>[] }>('GET', '/requests?provider=salesforce');
  const path = new URL(tokens.id).pathname.replace('/salesforce', '');
  expect(rows.map((row) => [row.method, row.path, row.username, row.status])).toEqual([
    ['GET', '/services/oauth2/authorize', null, 200],
    ['POST', '/services/oauth2/approve', repOne, 302],
    ['POST', '/services/oauth2/token', repOne, 200],
    ['GET', path, repOne, 200],
    ['GET', '/services/oauth2/userinfo', null, 403],
  ]);
  expect(Object.keys(rows[0] ?? {}).sort()).toEqual(['at', 'method', 'path', 'query', 'status', 'username']);
  expect(rows[4]?.query).toEqual({ a: '1', b: ['2', '3'] });
  expect(rows[0]?.at).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  await sandbox.control('DELETE', '/requests?provider=salesforce');
  expect(await sandbox.control('GET', '/requests')).toEqual({ rows: [] });
});

test('no mail has been accepted', async () => {
  expect(await sandbox.control('GET', '/mail')).toEqual({ rows: [] });
});

test('the clock moves what the provider takes for now', async () => {
  await sandbox.control('POST', '/clock', { offsetMs: 86_400_000 });
  const { issued_at } = await sandbox.signIn();
  expect(Math.abs(Number(issued_at) - Date.now() - 86_400_000)).toBeLessThan(60_000);
});

test('a new person can be made and signs in', async () => {
  await sandbox.control('POST', '/users', { username: 'new@demo.example', permissions: ['OneShot_User'] });
  const tokens = await sandbox.signIn(undefined, {}, 'new@demo.example');
  expect(await (await sandbox.identity(tokens)).json()).toMatchObject({
    username: 'new@demo.example',
    custom_permissions: { OneShot_User: true },
  });
});

test('an org can be copied, as a full sandbox is: another org id, the same people', async () => {
  const before = await sandbox.signIn();
  const organizationId = '00D8c000000AAAA';
  await sandbox.control('POST', '/org', { organizationId });
  const after = await sandbox.signIn();
  const path = (id: unknown): string[] => new URL(String(id)).pathname.split('/').slice(-2);
  const [, user] = path(before.id);
  expect(path(after.id)).toEqual([expect.stringMatching(/^00D8c000000AAAA[A-Z0-5]{3}$/), user]);
  expect(await (await sandbox.identity(after)).json()).toMatchObject({ organization_id: path(after.id)[0] });
  await sandbox.control('POST', '/reset', {});
  expect(path((await sandbox.signIn()).id)).toEqual(path(before.id));
});

test('records are changed and read as somebody in the CRM would', async () => {
  const { rows } = await sandbox.control<{ rows: { Id: string; Name: string }[] }>('GET', '/records?object=Account');
  const [first, ...others] = rows;
  await sandbox.control('POST', '/records', { object: 'Account', upsert: [{ Id: first?.Id, Name: 'Renamed' }] });
  const after = await sandbox.control<{ rows: { Id: string; Name: string }[] }>('GET', '/records?object=Account');
  expect(after.rows.find((row) => row.Id === first?.Id)?.Name).toBe('Renamed');
  await sandbox.control('POST', '/records', { object: 'Account', delete: others.map((row) => row.Id) });
  const left = await sandbox.control<{ rows: { Id: string }[] }>('GET', '/records?object=Account');
  expect(left.rows.map((row) => row.Id)).toEqual([first?.Id]);
});

test('someone who is sent back carries what the org says now', async () => {
  await sandbox.control('POST', '/org', { appInstalled: false });
  expect(sentBack(await sandbox.decide({}, 'allow', repOne)).has('error')).toBe(true);
  const flags = await sandbox.control('POST', '/org', { appInstalled: true });
  expect(flags).toMatchObject({ appInstalled: true, appBlocked: false, loginRefusal: null });
  expect(sentBack(await sandbox.decide({}, 'allow', repOne)).has('code')).toBe(true);
});
