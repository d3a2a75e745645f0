import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { openDatabases, type TestDatabases } from '../../test/databases.ts';
import { startStack, type Backend, type Stack } from '../../test/harness.ts';
import {
  consent,
  passPopup,
  pkcePair,
  readPage,
  redeem,
  signIn,
  start,
  textOf,
  visitCallback,
  type Page,
} from '../../test/sign-in.ts';

let stack: Stack;
let backend: Backend;
let databases: TestDatabases;
const REP = 'rep.one@demo.example';

beforeAll(async () => {
  stack = await startStack({ SANDBOX_ACCOUNTS: '20' });
  backend = stack.backend;
  databases = await openDatabases(stack.settings);
}, 240_000);
afterAll(async () => {
  await databases.close();
  await stack.close();
});
beforeEach(() => stack.sandbox.reset());

async function open(query: Readonly<Record<string, string>> | string): Promise<Response> {
  const search = typeof query === 'string' ? query : new URLSearchParams(query).toString();
  return fetch(`${backend.url}/v1/auth/salesforce/start?${search}`, { redirect: 'manual' });
}

function problemOf(page: Page): { readonly code: string; readonly field?: string; readonly message: string } {
  expect(page.message).toMatchObject({
    source: 'oneshot',
    type: 'sign-in-error',
    error: { requestId: expect.stringMatching(/^req_/) },
  });
  return page.message.error as unknown as { code: string; field?: string; message: string };
}

describe('signing in', () => {
  test('gives a rep a session, and says who they are', async () => {
    const before = Date.now();
    const rep = await signIn(backend, REP);
    expect(rep.user).toEqual({
      id: expect.stringMatching(/^usr_[\w-]{22}$/),
      name: 'Robin Onesmith',
      email: REP,
      isAdmin: false,
    });
    expect(rep.org).toEqual({ id: expect.stringMatching(/^org_[\w-]{22}$/), region: 'us' });
    expect(Date.parse(rep.expiresAt)).toBeGreaterThan(before + 60 * 60_000 - 1_000);
    expect(Date.parse(rep.expiresAt)).toBeLessThanOrEqual(Date.now() + 60 * 60_000);
    const me = await rep.get('/v1/me');
    expect(me.status).toBe(200);
    expect(me.headers.get('cache-control')).toBe('no-store');
    expect(me.body).toMatchObject({
      user: rep.user,
      org: rep.org,
      expiresAt: rep.expiresAt,
      setUp: true,
      settings: {
        sessionMinutes: 60,
        cache: { enabled: true, minutes: 60 },
        channels: { gmail: true, outlook: true, outreach: true },
        logSendsToSalesforce: 'ask',
      },
    });
    expect(Object.keys(me.body.settings ?? {})).toHaveLength(4);
    const connections = me.body.connections as unknown as readonly { provider: string; status: string }[];
    expect(connections.map(({ provider, status }) => [provider, status])).toEqual([
      ['gmail', 'not_connected'],
      ['outlook', 'not_connected'],
      ['outreach', 'not_connected'],
    ]);
  });

  test('tells a JWT that says nothing about the person and carries no token', async () => {
    const rep = await signIn(backend, REP);
    const [header, claims] = rep.token.split('.').map((part) => Buffer.from(part, 'base64url').toString('utf8'));
    expect(JSON.parse(header ?? '')).toEqual({ alg: 'HS256', typ: 'oneshot-session+jwt', kid: expect.any(String) });
    const parsed = JSON.parse(claims ?? '') as Record<string, unknown>;
    expect(Object.keys(parsed).sort()).toEqual(['aud', 'exp', 'iat', 'iss', 'key', 'org', 'sid', 'sub']);
    expect(parsed).toMatchObject({ sub: rep.user.id, org: rep.org.id, sid: expect.stringMatching(/^ses_/) });
    expect(Buffer.from(String(parsed.key), 'base64url')).toHaveLength(32);
    expect(claims).not.toMatch(/Robin|demo\.example|00D/);
  });

  test('finds the same user and org again, and keeps two people apart', async () => {
    const [first, again, other] = [
      await signIn(backend, REP),
      await signIn(backend, REP),
      await signIn(backend, 'rep.two@demo.example'),
    ];
    expect(again.user.id).toBe(first.user.id);
    expect(again.org.id).toBe(first.org.id);
    expect(again.token).not.toBe(first.token);
    expect(other.org.id).toBe(first.org.id);
    expect(other.user.id).not.toBe(first.user.id);
  });

  test('knows an admin', async () => {
    expect((await signIn(backend, 'admin@demo.example')).user.isAdmin).toBe(true);
  });

  test('of twenty tabs at once makes one org and one user', async () => {
    const reps = await Promise.all(Array.from({ length: 20 }, () => signIn(backend, REP)));
    expect(new Set(reps.map((rep) => `${rep.org.id} ${rep.user.id}`)).size).toBe(1);
    expect(new Set(reps.map((rep) => rep.token)).size).toBe(20);
    for (const rep of reps) expect((await rep.get('/v1/me')).status).toBe(200);
  });

  test('asks Salesforce for no refresh token, and to have the rep sign in anew only when told to', async () => {
    const { location } = await start(backend);
    const query = new URL(location).searchParams;
    expect(query.get('scope')).toBe('openid id api custom_permissions');
    expect(query.get('code_challenge_method')).toBe('S256');
    expect(query.get('prompt')).toBeNull();
    expect(query.get('redirect_uri')).toBe(`${backend.url}/v1/auth/salesforce/callback`);
    expect(new URL((await start(backend, { reauth: true })).location).searchParams.get('prompt')).toBe('login');
  });

  test('leaves an entry in the audit trail and a line in the log', async () => {
    const admin = await signIn(backend, 'admin@demo.example');
    const entry = await databases.main.collection('auditEntries').findOne({ actor: admin.user.id });
    expect(entry).toMatchObject({ orgId: admin.org.id, action: 'signed_in', target: admin.user.id });
    const line = backend.lines.findLast(({ event }) => event === 'signedIn');
    expect(line).toMatchObject({ org: admin.org.id, rep: admin.user.id, admin: true });
  });
});

describe('start', () => {
  test('binds the popup to this browser', async () => {
    const { challenge } = pkcePair();
    const answer = await open({ challenge, origin: backend.origin });
    expect(answer.status).toBe(302);
    const cookie = answer.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(
      new RegExp(`^oneshot-${challenge.slice(0, 16)}=[\\w-]{43}; Path=/; Max-Age=600; HttpOnly; SameSite=Lax$`),
    );
    expect(answer.headers.get('cross-origin-opener-policy')).toBe('unsafe-none');
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  test.each([
    ['another page', 'https://evil.example'],
    ['a page that only looks like Lightning', 'https://acme.lightning.force.com.evil.example'],
    ['Lightning itself, while the sandbox is the login host', 'https://acme.lightning.force.com'],
    ['an origin with a path', 'http://127.0.0.1:44200/'],
    ['nothing', ''],
    ['null', 'null'],
  ])('refuses %s and tells it nothing', async (_, origin) => {
    const answer = await open({ challenge: pkcePair().challenge, origin });
    expect(answer.status).toBe(400);
    expect(answer.headers.get('location')).toBeNull();
    const page = await readPage(answer);
    expect(problemOf(page)).toMatchObject({ code: 'invalid', field: 'origin' });
    expect(page.target).toBeUndefined();
    if (origin.includes('/')) expect(page.html).not.toContain(origin);
  });

  test.each([
    ['challenge', 'challenge=short'],
    ['challenge', 'challenge=' + 'A'.repeat(44)],
    ['challenge', 'challenge=' + '%3C'.repeat(43)],
    ['challenge', ''],
    ['challenge', `challenge=${'A'.repeat(43)}&challenge=${'B'.repeat(43)}`],
    ['reauth', `challenge=${'A'.repeat(43)}&reauth=yes`],
    ['extra', `challenge=${'A'.repeat(43)}&extra=1`],
  ])('refuses a wrong %s: %s', async (field, query) => {
    const answer = await open(`${query}&origin=${encodeURIComponent(backend.origin)}`);
    expect(answer.status).toBe(400);
    const page = await readPage(answer);
    expect(problemOf(page)).toMatchObject({ code: 'invalid', field });
    expect(page.target).toBe(backend.origin);
  });

  test('makes three trips of one challenge, in two processes at once too, and no fourth', async () => {
    const second = await stack.addBackend();
    const pair = pkcePair();
    const answers = await Promise.all(
      [backend, second, backend, second, backend, second].map((target) =>
        start(target, { pair }).then(
          () => 302,
          (error: unknown) => (error as { status: number }).status,
        ),
      ),
    );
    expect(answers.sort()).toEqual([302, 302, 302, 400, 400, 400]);
  });
});

describe('start, for real orgs', () => {
  let real: Backend;
  const CLIENT = { SALESFORCE_CLIENT_ID: 'a-real-client', SALESFORCE_CLIENT_SECRET: 'its-secret' };
  const from = async (origin: string): Promise<Response> => {
    const query = new URLSearchParams({ challenge: pkcePair().challenge, origin });
    return fetch(`${real.url}/v1/auth/salesforce/start?${query.toString()}`, { redirect: 'manual' });
  };

  beforeAll(async () => {
    const PUBLIC_URL = 'https://us.api.oneshot.example';
    // Processes with different clients do not share a database.
    const MONGODB_URI = `${stack.settings.MONGODB_URI ?? ''}_r`;
    const SESSIONS_MONGODB_URI = `${stack.settings.SESSIONS_MONGODB_URI ?? ''}_r`;
    const own = { SALESFORCE_LOGIN_URL: '', PREVIEW_ORIGIN: '', MONGODB_URI, SESSIONS_MONGODB_URI };
    real = await stack.addBackend({ ...CLIENT, PUBLIC_URL, ...own });
  });

  test.each([
    ['https://acme.lightning.force.com', 'https://acme.my.salesforce.com'],
    ['https://acme--uat.sandbox.lightning.force.com', 'https://acme--uat.sandbox.my.salesforce.com'],
    ['https://acme.develop.lightning.force.com', 'https://acme.develop.my.salesforce.com'],
    ['https://army.lightning.crmforce.mil', 'https://army.my.salesforce.mil'],
  ])('%s signs in at its own org, %s', async (origin, loginHost) => {
    const answer = await from(origin);
    expect(answer.status).toBe(302);
    const location = new URL(answer.headers.get('location') ?? '');
    expect(`${location.origin}${location.pathname}`).toBe(`${loginHost}/services/oauth2/authorize`);
    expect(location.searchParams.get('client_id')).toBe(CLIENT.SALESFORCE_CLIENT_ID);
    expect(location.searchParams.get('redirect_uri')).toBe(
      'https://us.api.oneshot.example/v1/auth/salesforce/callback',
    );
    expect(answer.headers.get('set-cookie')).toMatch(
      /^__Host-oneshot-[\w-]{16}=[\w-]{43}; Path=\/; Max-Age=600; HttpOnly; Secure; SameSite=Lax$/,
    );
  });

  test.each([
    'https://x.lightning.force.com.evil.example',
    'https://lightning.force.com',
    'https://evil.example/.lightning.force.com',
    'https://evil.example#.lightning.force.com',
    'https://user@acme.lightning.force.com',
    'https://acme.lightning.force.com:444',
    'http://acme.lightning.force.com',
    'https://ACME.lightning.force.com',
    'https://acme.lightning.force.com/',
    'https://acmelightning.force.com',
    'https://acme.my.salesforce.com',
    'http://127.0.0.1:44200',
  ])('%s is refused', async (origin) => {
    const answer = await from(origin);
    expect(answer.status).toBe(400);
    expect(problemOf(await readPage(answer))).toMatchObject({ code: 'invalid', field: 'origin' });
  });
});

describe('the callback', () => {
  test('serves a page that posts the code to exactly one origin, and exchanges nothing', async () => {
    await stack.sandbox.forgetRequests();
    const page = await passPopup(backend, REP);
    expect(page.status).toBe(200);
    expect(page.message).toEqual({ source: 'oneshot', type: 'sign-in', code: expect.stringMatching(/^[\w-]{43}$/) });
    expect(page.target).toBe(backend.origin);
    expect(page.headers.get('cross-origin-opener-policy')).toBe('unsafe-none');
    expect(page.headers.get('cache-control')).toBe('no-store');
    const nonce = /script-src 'nonce-([^']+)'/.exec(page.headers.get('content-security-policy') ?? '')?.[1];
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none';.*frame-ancestors 'none'$/);
    expect(page.html).toContain(`<script nonce="${nonce ?? 'none'}">`);
    expect(page.html).not.toMatch(/<script>|\son\w+=/);
    expect(page.headers.get('set-cookie')).toMatch(/Max-Age=0/);
    expect((await stack.sandbox.requests()).map(({ path }) => path)).not.toContain('/services/oauth2/token');
  });

  test.each(['missing', 'foreign', 'of another trip'])('refuses when the cookie is %s', async (kind) => {
    const { location, cookie } = await start(backend);
    const callback = await consent(location, REP, 'allow');
    const other = await start(backend);
    const name = cookie.split('=')[0] ?? '';
    const sent = {
      missing: '',
      foreign: other.cookie,
      'of another trip': `${name}=${other.cookie.split('=')[1] ?? ''}`,
    };
    const page = await visitCallback(backend, callback, sent[kind as keyof typeof sent]);
    expect(page.status).toBe(400);
    expect(problemOf(page)).toMatchObject({ code: 'invalid', field: 'cookie' });
    expect(page.target).toBeUndefined();
    expect((await visitCallback(backend, callback, cookie)).status).toBe(200);
  });

  test.each([
    ['unknown', 'state=' + 'A'.repeat(43) + '&code=x', 'state'],
    ['malformed', 'state=x&code=x', 'state'],
    ['missing', 'code=x', 'state'],
    ['twice', `state=${'A'.repeat(43)}&state=${'A'.repeat(43)}&code=x`, 'state'],
    ['without an answer', `state=${'A'.repeat(43)}`, 'code'],
  ])('refuses a state that is %s', async (_, query, field) => {
    const page = await readPage(await fetch(`${backend.url}/v1/auth/salesforce/callback?${query}`));
    expect(page.status).toBe(400);
    expect(problemOf(page)).toMatchObject({ code: 'invalid', field });
    expect(page.target).toBeUndefined();
  });

  test('takes a state once', async () => {
    const { location, cookie } = await start(backend);
    const callback = await consent(location, REP, 'allow');
    const pages = await Promise.all([1, 2, 3].map(() => visitCallback(backend, callback, cookie)));
    expect(pages.map(({ status }) => status).sort()).toEqual([200, 400, 400]);
  });

  test('of a click that was requested twice ends the other trip', async () => {
    const pair = pkcePair();
    const first = await start(backend, { pair });
    const second = await start(backend, { pair });
    const callbacks = [
      await consent(first.location, REP, 'allow'),
      await consent(second.location, REP, 'allow'),
    ] as const;
    // The browser has the cookie of the last request only.
    expect(problemOf(await visitCallback(backend, callbacks[0], second.cookie))).toMatchObject({ field: 'cookie' });
    expect((await visitCallback(backend, callbacks[1], second.cookie)).status).toBe(200);
    expect(problemOf(await visitCallback(backend, callbacks[0], first.cookie))).toMatchObject({ field: 'state' });
  });

  test('may reach another process than the start', async () => {
    const second = await stack.addBackend();
    const pair = pkcePair();
    const { location, cookie } = await start(backend, { pair });
    const page = await visitCallback(second, await consent(location, REP, 'allow'), cookie);
    expect((await redeem(backend, textOf(page.message.code), pair.verifier)).status).toBe(200);
  });

  test.each<[string, string, Record<string, boolean>, 'allow' | 'deny', string]>([
    ['the rep said no', REP, {}, 'deny', 'access_denied'],
    ['the app is not installed', REP, { appInstalled: false }, 'allow', 'app_not_installed'],
    ['the admin blocked the app', REP, { appBlocked: true }, 'allow', 'app_not_approved'],
    ['the admin has to approve', 'outsider@demo.example', { adminApprovalRequired: true }, 'allow', 'app_not_approved'],
  ])('says so when %s', async (_, username, org, decision, code) => {
    if (Object.keys(org).length > 0) await stack.sandbox.org(org);
    const page = await passPopup(backend, username, { decision });
    expect(page.status).toBe(403);
    expect(problemOf(page)).toMatchObject({ code, message: expect.stringMatching(/admin|Allow/) });
    expect(page.target).toBe(backend.origin);
    expect(page.html).toContain('id="severed"');
  });

  test('never repeats what Salesforce or the address said', async () => {
    const { location, cookie } = await start(backend);
    const state = new URL(location).searchParams.get('state') ?? '';
    const query = new URLSearchParams({
      state,
      error: '</script><script>alert(1)</script>',
      error_description: 'CANARY',
    });
    const page = await visitCallback(backend, `${backend.url}/v1/auth/salesforce/callback?${query.toString()}`, cookie);
    expect(page.status).toBe(502);
    expect(problemOf(page)).toMatchObject({ code: 'crm_invalid' });
    expect(page.html).not.toMatch(/alert|CANARY/);
  });
});
