import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startStack, until, type Backend, type Stack } from '../../test/harness.ts';
import { textOf, signIn, type Json, type RepClient } from '../../test/sign-in.ts';

let stack: Stack;
let other: Backend;
const ADMIN = 'admin@demo.example';
const REP = 'rep.one@demo.example';

beforeAll(async () => {
  stack = await startStack({ SANDBOX_ACCOUNTS: '60' });
  other = await stack.addBackend();
}, 240_000);
afterAll(() => stack.close());
beforeEach(() => stack.sandbox.reset());

interface Row {
  readonly id: string;
  readonly name: string | null;
  readonly email: string;
  readonly status: string;
  readonly lastSignInAt: string;
  readonly sessions: number;
  readonly connections: readonly unknown[];
}

async function users(admin: RepClient): Promise<readonly Row[]> {
  const answer = await admin.get('/v1/admin/users');
  expect(answer.status).toBe(200);
  return answer.body.rows as unknown as readonly Row[];
}

const actions = async (admin: RepClient): Promise<unknown[]> =>
  ((await admin.get('/v1/audit')).body.rows as unknown as readonly Json[]).map(({ action, actor, target }) =>
    [actor, action, target].map((word) => textOf(word)).join(' '),
  );

describe('who is connected', () => {
  test('name live from Salesforce, email opened, sessions counted, who came last first', async () => {
    const rep = await stack.signIn(REP);
    await stack.signIn(REP);
    const admin = await stack.signIn(ADMIN);
    const [first, second] = await users(admin);
    expect(first).toMatchObject({ id: admin.user.id, name: 'Ada Minister', email: ADMIN, status: 'active' });
    expect(second).toEqual({
      id: rep.user.id,
      name: 'Robin Onesmith',
      email: REP,
      status: 'active',
      lastSignInAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      sessions: 2,
      connections: [],
    });
    await stack.sandbox.upsert('User', [{ Id: await idOf(REP), LastName: 'Newname', Name: 'Robin Newname' }]);
    expect((await users(admin))[1]?.name).toBe('Robin Newname');
  });

  test('deactivated in Salesforce, and where users cannot be read: no name, and the list is there', async () => {
    const rep = await stack.signIn(REP);
    const admin = await stack.signIn(ADMIN);
    await stack.sandbox.user(REP, { active: false });
    expect((await users(admin)).find(({ id }) => id === rep.user.id)?.status).toBe('inactive');
    await stack.sandbox.access(ADMIN, 'User', { read: false });
    expect((await users(admin)).map(({ name }) => name)).toEqual([null, null]);
  });

  test('in pages', async () => {
    const admin = await stack.signIn(ADMIN);
    const people = Array.from({ length: 51 }, (_unused, n) => `p${n}@demo.example`);
    await Promise.all(people.map((who) => stack.sandbox.user(who, { permissions: ['OneShot_User'] })));
    await Promise.all(people.map((who) => stack.signIn(who)));
    const first = (await admin.get('/v1/admin/users')).body;
    const rows = first.rows as unknown as readonly Row[];
    expect(rows).toHaveLength(50);
    const cursor: unknown = first.nextCursor;
    const rest = (await admin.get(`/v1/admin/users?cursor=${String(cursor)}`)).body;
    const more = rest.rows as unknown as readonly Row[];
    expect(rest.nextCursor).toBeNull();
    expect(new Set([...rows, ...more].map(({ id }) => id)).size).toBe(53);
  }, 240_000);

  test.each(['x', '1.usr_x', '1%00', '-1.usr_AAAAAAAAAAAAAAAAAAAAAA'])('a cursor that is none: %s', async (cursor) => {
    const admin = await stack.signIn(ADMIN);
    expect((await admin.get(`/v1/admin/users?cursor=${cursor}`)).status).toBe(400);
  });
});

describe('ending sessions', () => {
  test("one person's, at once here and within 5 s elsewhere, with an audit entry", async () => {
    const rep = await stack.signIn(REP);
    await rep.get('/v1/accounts');
    const there = rep.at(other.url);
    expect((await there.get('/v1/me')).status).toBe(200);
    const admin = await stack.signIn(ADMIN);
    expect((await admin.delete(`/v1/admin/users/${rep.user.id}/sessions`)).status).toBe(204);
    expect((await rep.get('/v1/me')).status).toBe(401);
    await until('ended elsewhere', async () => (await there.get('/v1/me')).status === 401, 5_000);
    expect(await actions(admin)).toContain(`${admin.user.id} sessions_ended ${rep.user.id}`);
    expect((await admin.get('/v1/me')).status).toBe(200);
  });

  test('of nobody in this org is 404, of no id 400', async () => {
    const admin = await stack.signIn(ADMIN);
    expect((await admin.delete(`/v1/admin/users/usr_${'A'.repeat(22)}/sessions`)).status).toBe(404);
    expect((await admin.delete('/v1/admin/users/x/sessions')).status).toBe(400);
  });

  test('all of the org, only after a fresh sign-in; it ends the own one too', async () => {
    const rep = await stack.signIn(REP);
    const usual = await stack.signIn(ADMIN);
    const refused = await usual.delete('/v1/admin/sessions');
    expect([refused.status, refused.body.error?.code]).toEqual([403, 'reauthentication_required']);
    const fresh = await signIn(stack.backend, ADMIN, { reauth: true });
    expect((await fresh.delete('/v1/admin/sessions')).status).toBe(204);
    for (const ended of [rep, usual, fresh]) expect((await ended.get('/v1/me')).status).toBe(401);
    const again = await stack.signIn(ADMIN);
    expect(await actions(again)).toContain(`${fresh.user.id} all_sessions_ended ${fresh.org.id}`);
  });
});

describe('who is no admin', () => {
  const ROUTES = [
    ['GET', '/v1/settings'],
    ['PUT', '/v1/settings'],
    ['GET', '/v1/settings/fields'],
    ['GET', '/v1/setup/checklist'],
    ['GET', '/v1/setup/reps'],
    ['GET', '/v1/admin/users'],
    ['DELETE', `/v1/admin/users/usr_${'A'.repeat(22)}/sessions`],
    ['DELETE', '/v1/admin/sessions'],
    ['DELETE', `/v1/admin/users/usr_${'A'.repeat(22)}`],
    ['DELETE', '/v1/admin/org'],
    ['DELETE', '/v1/admin/contacts/003000000000001AAA/activity'],
    ['GET', '/v1/admin/keys'],
    ['POST', '/v1/admin/keys/rotate'],
    ['GET', '/v1/admin/usage'],
    ['GET', '/v1/audit'],
    ['GET', '/v1/audit/head'],
    ['GET', '/v1/audit/heads'],
    ['POST', '/v1/audit/heads'],
    ['GET', '/v1/privacy/evidence'],
    ['GET', '/v1/privacy/evidence/signed'],
  ] as const;

  test('is meant by each of these routes, and the contract has no others for admins', async () => {
    const document = (await (await fetch(`${stack.backend.url}/openapi.json`)).json()) as {
      readonly paths: Readonly<Record<string, object>>;
    };
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/\{\w+\}/g, '*')}`),
    );
    const tried = ROUTES.map(([method, path]) => `${method} ${path.replace(/usr_A+|003\w+/g, '*')}`);
    const forAdmins = described.filter((route) => /\/v1\/(admin|settings|setup|audit|privacy\/evidence)/.test(route));
    expect([...tried].sort()).toEqual(forAdmins.sort());
  });

  test('gets 403 on every admin route, each with one audit entry, however often they knock', async () => {
    const rep = await stack.signIn(REP);
    for (const [method, path] of ROUTES) {
      for (let time = 0; time < 2; time += 1) {
        const answer = await rep.request(method, path, undefined, {});
        expect({ path, status: answer.status, code: answer.body.error?.code }).toEqual({
          path,
          status: 403,
          code: 'not_admin',
        });
      }
    }
    const admin = await stack.signIn(ADMIN);
    const entries = (await actions(admin)).filter((line) => String(line).startsWith(`${rep.user.id} admin_refused`));
    expect(entries.map((line) => String(line).split(' ')[2]).sort()).toEqual(
      [
        'delete_admin_contacts_contactid_activity',
        'delete_admin_org',
        'delete_admin_sessions',
        'delete_admin_users_id',
        'delete_admin_users_id_sessions',
        'get_admin_keys',
        'get_admin_usage',
        'get_admin_users',
        'get_audit',
        'get_audit_head',
        'get_audit_heads',
        'get_privacy_evidence',
        'get_privacy_evidence_signed',
        'get_settings',
        'get_settings_fields',
        'get_setup_checklist',
        'get_setup_reps',
        'post_admin_keys_rotate',
        'post_audit_heads',
        'put_settings',
      ].sort(),
    );
  });

  test('since a moment: as usual until the next sign-in, for what cannot be undone at once', async () => {
    const fresh = await signIn(stack.backend, ADMIN, { reauth: true });
    await stack.sandbox.user(ADMIN, { permissions: ['OneShot_User'] });
    expect((await fresh.get('/v1/settings')).status).toBe(200);
    expect((await fresh.delete('/v1/admin/sessions')).body.error?.code).toBe('not_admin');
    const now = await stack.signIn(ADMIN);
    expect((await now.get('/v1/settings')).status).toBe(403);
  });
});

describe('API calls', () => {
  test('are counted by purpose in every process, as Salesforce counts them', async () => {
    const admin = await stack.signIn(ADMIN);
    await settled();
    const before = (await admin.get('/v1/admin/usage')).body;
    await stack.sandbox.forgetRequests();
    const here = await stack.signIn(REP);
    await here.get('/v1/accounts');
    const [row] = (await here.get('/v1/accounts')).body.rows as unknown as readonly { readonly id: string }[];
    await here.at(other.url).get('/v1/accounts');
    await here.at(other.url).get(`/v1/accounts/${row?.id ?? ''}`);
    let after = before;
    // The other process writes what it counted within two seconds.
    await until('both count the same', async () => {
      after = (await admin.get('/v1/admin/usage')).body;
      return Number(after.apiCallsToday) - Number(before.apiCallsToday) === (await made());
    });
    const more = (purpose: string): number => Number(after.byPurpose?.[purpose]) - Number(before.byPurpose?.[purpose]);
    expect([more('sign_in') >= 1, more('customer_list') >= 4, more('records') >= 1]).toEqual([true, true, true]);
    expect(after).toMatchObject({ orgLimit: 100_000, orgRemaining: expect.any(Number) });
    const sum = Object.values(after.byPurpose as unknown as Record<string, number>).reduce((a, b) => a + b, 0);
    expect(after.apiCallsToday).toBe(sum);
  });

  test('used up: nothing remains, and the counts are there', async () => {
    const admin = await stack.signIn(ADMIN);
    await stack.sandbox.org({ dailyApiLimit: 0 });
    const { status, body } = await admin.get('/v1/admin/usage');
    expect({ status, limit: body.orgLimit, left: body.orgRemaining }).toEqual({ status: 200, limit: null, left: 0 });
  });

  test('where Salesforce does not say the limit, it is null', async () => {
    const admin = await stack.signIn(ADMIN);
    await stack.sandbox.fault({ pathPattern: '/limits$', times: 3, status: 503 });
    expect((await admin.get('/v1/admin/usage')).body).toMatchObject({ orgLimit: null, orgRemaining: null });
  });
});

/** Calls to the REST API that Salesforce got. */
async function made(): Promise<number> {
  return (await stack.sandbox.requests()).filter(({ path }) => path.startsWith('/services/data/')).length;
}

/** What sign-ins still do in the background is over: each looks for its key record, two seconds later. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 2_100));
  let calls = -1;
  await until('no more calls come', async () => {
    const now = await made();
    const isQuiet = now === calls;
    calls = now;
    await new Promise((resolve) => setTimeout(resolve, 200));
    return isQuiet;
  });
}

async function idOf(username: string): Promise<unknown> {
  return (await stack.sandbox.records('User')).find(({ Username }) => Username === username)?.Id;
}
