import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { openDatabases, type TestDatabases } from '../../test/databases.ts';
import { startStack, until, type Backend, type Stack } from '../../test/harness.ts';
import type { Fault } from '../../test/sandbox-control.ts';
import {
  passPopup,
  pkcePair,
  redeem,
  RepClient,
  signIn,
  SignInFailed,
  textOf,
  type Answer,
  type PkcePair,
  type SignInTarget,
} from '../../test/sign-in.ts';

let stack: Stack;
let backend: Backend;
let second: Backend;
let databases: TestDatabases;
const REP = 'rep.one@demo.example';

beforeAll(async () => {
  stack = await startStack({ SANDBOX_ACCOUNTS: '20' });
  backend = stack.backend;
  second = await stack.addBackend();
  databases = await openDatabases(stack.settings);
}, 240_000);
afterAll(async () => {
  await databases.close();
  await stack.close();
});
beforeEach(() => stack.sandbox.reset());

interface Code {
  readonly code: string;
  readonly pair: PkcePair;
}

async function freshCode(username = REP): Promise<Code> {
  const pair = pkcePair();
  return { pair, code: textOf((await passPopup(backend, username, { pair })).message.code) };
}

const newKey = (): string => randomBytes(16).toString('base64url');

/** The session that an answer gave, as the component would use it. */
const clientOf = (target: SignInTarget, answer: Answer): RepClient => new RepClient(target, answer.body);

async function expectInvalidCode(answer: Promise<Answer>): Promise<void> {
  const { status, body } = await answer;
  expect({ status, code: body.error?.code }).toEqual({ status: 400, code: 'invalid_code' });
}

/** How often Salesforce was asked. */
async function calls(path: RegExp): Promise<number> {
  return (await stack.sandbox.requests()).filter((request) => path.test(request.path)).length;
}

const sessionCount = (): Promise<number> => databases.sessions.collection('sessions').countDocuments();

describe('the one-time code', () => {
  test('with a wrong verifier is burned, and never exchanged', async () => {
    const { code, pair } = await freshCode();
    await expectInvalidCode(redeem(backend, code, pkcePair().verifier));
    await expectInvalidCode(redeem(backend, code, pair.verifier));
    expect(await calls(/oauth2\/token/)).toBe(0);
  });

  test('of another click is worth nothing', async () => {
    const [mine, theirs] = [await freshCode(), await freshCode('rep.two@demo.example')];
    await expectInvalidCode(redeem(backend, theirs.code, mine.pair.verifier));
    expect((await redeem(backend, mine.code, mine.pair.verifier)).status).toBe(200);
  });

  test('that was never given out is refused', async () => {
    await expectInvalidCode(redeem(backend, randomBytes(32).toString('base64url'), pkcePair().verifier));
  });

  test('ends after a minute', async () => {
    const { code, pair } = await freshCode();
    const changed = await databases.sessions
      .collection('signIns')
      .updateOne({ codeHash: hash(code) }, { $set: { validUntil: new Date(Date.now() - 1) } });
    expect(changed.modifiedCount).toBe(1);
    await expectInvalidCode(redeem(backend, code, pair.verifier));
    expect(await calls(/oauth2\/token/)).toBe(0);
  });

  test('lives for a minute and no longer', async () => {
    const before = Date.now();
    const { code } = await freshCode();
    const after = Date.now();
    const trip = await databases.sessions.collection('signIns').findOne({ codeHash: hash(code) });
    const until = (trip?.validUntil as Date).getTime();
    expect(until).toBeGreaterThanOrEqual(before + 60_000);
    expect(until).toBeLessThanOrEqual(after + 60_000);
  });

  test('shown from another page is burned', async () => {
    const { code, pair } = await freshCode();
    const answer = await redeem(backend, code, pair.verifier, undefined, { origin: 'https://evil.example' });
    expect(answer.body.error).toMatchObject({ code: 'origin_mismatch' });
    await expectInvalidCode(redeem(backend, code, pair.verifier));
    expect(await calls(/oauth2\/token/)).toBe(0);
  });

  test.each([
    ['code', { code: 5, verifier: 'v'.repeat(43) }],
    ['code', { verifier: 'v'.repeat(43) }],
    ['verifier', { code: 'c'.repeat(43) }],
    ['verifier', { code: 'c'.repeat(43), verifier: { $gt: '' } }],
    ['extra', { code: 'c'.repeat(43), verifier: 'v'.repeat(43), extra: 1 }],
  ])('with a wrong %s in the body is refused: %j', async (field, body) => {
    const answer = await fetch(`${backend.url}/v1/auth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(answer.status).toBe(400);
    expect(((await answer.json()) as { error: object }).error).toMatchObject({ code: 'invalid', field });
  });

  test('that is none of ours, or whose verifier is no verifier, is an invalid code, and the latter is burned', async () => {
    const { code, pair } = await freshCode();
    for (const unknown of ['x', "' || '1' == '1", '\u00e9\u0000', 'c'.repeat(1_024)])
      await expectInvalidCode(redeem(backend, unknown, pair.verifier));
    const answer = await redeem(backend, code, 'short');
    expect(answer.status).toBe(400);
    expect(answer.body.error).toMatchObject({ code: 'invalid_code', field: 'verifier', rule: 'pattern' });
    await expectInvalidCode(redeem(backend, code, pair.verifier));
  });

  test('with a malformed Idempotency-Key is not touched', async () => {
    const { code, pair } = await freshCode();
    const answer = await redeem(backend, code, pair.verifier, 'short');
    expect(answer.status).toBe(400);
    expect(answer.body.error).toMatchObject({ code: 'invalid', field: 'idempotency-key' });
    expect((await redeem(backend, code, pair.verifier)).status).toBe(200);
  });
});

describe('a request that the browser repeats by itself', () => {
  test('gives the same session again, at any process', async () => {
    const { code, pair } = await freshCode();
    const key = newKey();
    const first = await redeem(backend, code, pair.verifier, key);
    const again = await redeem(second, code, pair.verifier, key);
    expect(again.body).toEqual(first.body);
    expect((await clientOf(second, again).get('/v1/me')).status).toBe(200);
    expect(await calls(/oauth2\/token/)).toBe(1);
  });

  test('waits for the first', async () => {
    await stack.sandbox.fault({ pathPattern: 'oauth2/token', times: 1, latencyMs: 400 });
    const { code, pair } = await freshCode();
    const key = newKey();
    const answers = await Promise.all(
      [backend, second, backend, second].map((target) => redeem(target, code, pair.verifier, key)),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(new Set(answers.map(({ body }) => textOf(body.token))).size).toBe(1);
    expect(await calls(/oauth2\/token/)).toBe(1);
  });

  test.each([
    ['with a key', newKey()],
    ['without one, as browsers do at 421', undefined],
  ])('hears the same refusal again, %s', async (_, key) => {
    const { code, pair } = await freshCode('outsider@demo.example');
    const answers = [await redeem(backend, code, pair.verifier, key), await redeem(second, code, pair.verifier, key)];
    for (const answer of answers) {
      expect(answer.status).toBe(403);
      expect(answer.body.error).toMatchObject({ code: 'permission_missing' });
    }
    expect(await calls(/oauth2\/token/)).toBe(1);
  });

  test('is over after a minute, and does no harm', async () => {
    const { code, pair } = await freshCode();
    const key = newKey();
    const first = await redeem(backend, code, pair.verifier, key);
    await databases.sessions
      .collection('signIns')
      .updateOne({ codeHash: hash(code) }, { $set: { redeemedAt: new Date(Date.now() - 60_000) } });
    await expectInvalidCode(redeem(backend, code, pair.verifier, key));
    expect((await clientOf(backend, first).get('/v1/me')).status).toBe(200);
  });
});

describe('a replay', () => {
  test.each([
    ['another key', true],
    ['no key', false],
  ])('with %s is refused and ends the session that the code made', async (_, withKey) => {
    const { code, pair } = await freshCode();
    const rep = clientOf(backend, await redeem(backend, code, pair.verifier, newKey()));
    expect((await rep.get('/v1/me')).status).toBe(200);
    await expectInvalidCode(redeem(second, code, pair.verifier, withKey ? newKey() : undefined));
    await until('the session ended', async () => (await rep.get('/v1/me')).status === 401, 5_000);
    await expectInvalidCode(redeem(backend, code, pair.verifier));
  });

  test('of a request that had no key ends the session', async () => {
    const { code, pair } = await freshCode();
    const rep = clientOf(backend, await redeem(backend, code, pair.verifier));
    await expectInvalidCode(redeem(backend, code, pair.verifier));
    expect((await rep.get('/v1/me')).status).toBe(401);
  });

  test('with a wrong verifier changes nothing', async () => {
    const { code, pair } = await freshCode();
    const key = newKey();
    const first = await redeem(backend, code, pair.verifier, key);
    await expectInvalidCode(redeem(backend, code, pkcePair().verifier, key));
    await expectInvalidCode(redeem(backend, code, pkcePair().verifier));
    expect((await clientOf(backend, first).get('/v1/me')).status).toBe(200);
    expect((await redeem(backend, code, pair.verifier, key)).body).toEqual(first.body);
  });

  test('while the first is on its way leaves no session', async () => {
    await stack.sandbox.fault({ pathPattern: 'oauth2/token', times: 1, latencyMs: 60_000 });
    const before = await sessionCount();
    const { code, pair } = await freshCode();
    const running = redeem(backend, code, pair.verifier, newKey());
    await until('the exchange runs', async () => (await stack.sandbox.waitingFaults()).length === 0);
    const trip = await databases.sessions.collection('signIns').findOne({ codeHash: hash(code) });
    expect(trip?.phase).toBe('exchanging');
    await expectInvalidCode(redeem(second, code, pair.verifier, newKey()));
    await stack.sandbox.takeFaultsBack();
    await expectInvalidCode(running);
    expect(await sessionCount()).toBe(before);
    expect(await calls(/oauth2\/revoke/)).toBe(1);
  });

  test('of twenty at once without a key leaves at most one session, which then ends', async () => {
    const before = await sessionCount();
    const { code, pair } = await freshCode();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => redeem(index % 2 === 0 ? backend : second, code, pair.verifier)),
    );
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
    expect(await sessionCount()).toBe(before);
  });
});

describe('who may not sign in', () => {
  test.each([
    ['has no permission', 'outsider@demo.example', {}, 'permission_missing'],
    ['lost the permission', REP, { permissions: [] }, 'permission_missing'],
  ])('who %s is told whom to ask, and the token is revoked', async (_, username, change, code) => {
    if (Object.keys(change).length > 0) await stack.sandbox.user(username, change);
    const before = await sessionCount();
    await expect(signIn(backend, username)).rejects.toMatchObject({
      status: 403,
      body: { error: { code, action: 'contact_admin', message: expect.stringContaining('admin') } },
    });
    expect(await sessionCount()).toBe(before);
    expect(await calls(/oauth2\/revoke/)).toBe(1);
  });

  test('who was deactivated on the way is told so', async () => {
    const { code, pair } = await freshCode();
    await stack.sandbox.user(REP, { active: false });
    const answer = await redeem(backend, code, pair.verifier);
    expect(answer.status).toBe(403);
    expect(answer.body.error).toMatchObject({ code: 'user_inactive' });
  });

  test('whose identity says inactive is told so, and the token is revoked', async () => {
    await replaceIdentity((identity) => ({ ...identity, active: false }));
    await expect(signIn(backend, REP)).rejects.toMatchObject({ body: { error: { code: 'user_inactive' } } });
    expect(await calls(/oauth2\/revoke/)).toBe(1);
  });

  test('whose org has the API switched off is told so', async () => {
    await stack.sandbox.org({ apiEnabled: false });
    await expect(signIn(backend, REP)).rejects.toMatchObject({
      status: 403,
      body: { error: { code: 'api_disabled' } },
    });
  });

  test.each([
    ['login_restricted', 403, 'access_denied'],
    ['consumer_not_approved', 403, 'app_not_approved'],
    ['organisation_locked', 403, 'access_denied'],
    ['too_many_logins', 503, 'crm_unavailable'],
  ])('whom Salesforce refuses with %s hears %d %s', async (loginRefusal, status, code) => {
    await stack.sandbox.org({ loginRefusal });
    const pair = pkcePair();
    const page = await passPopup(backend, REP, { pair });
    const heard =
      textOf(page.message.type) === 'sign-in'
        ? await redeem(backend, textOf(page.message.code), pair.verifier)
        : { status: page.status, body: page.message };
    expect(heard.body.error).toMatchObject({ code });
    expect(heard.status).toBe(status);
  });
});

describe('an answer of Salesforce that points elsewhere', () => {
  const wrong = async (change: object): Promise<unknown> => {
    const before = await sessionCount();
    await stack.sandbox.fault({
      pathPattern: 'oauth2/token',
      times: 1,
      status: 200,
      body: {
        access_token: 'a-token-of-the-test',
        instance_url: `${stack.sandbox.url}/salesforce`,
        id: `${stack.sandbox.url}/salesforce/id/00D5g0000012AbCEAU/0055g0000000001AAA`,
        token_type: 'Bearer',
        ...change,
      },
    });
    const failure = await signIn(backend, REP).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(SignInFailed);
    expect(await sessionCount()).toBe(before);
    return (failure as SignInFailed).body;
  };

  test.each([
    ['instance_url', 'https://evil.example'],
    ['instance_url', 'https://acme.my.salesforce.com.evil.example'],
    ['instance_url', undefined],
    ['id', 'https://evil.example/id/00D5g0000012AbCEAU/0055g0000000001AAA/../../../x'],
    ['id', 'https://evil.example/elsewhere'],
    ['id', 'https://evil.example/x/id/00D5g0000012AbCEAU/0055g0000000001AAA'],
    ['token_type', 'mac'],
  ])('in %s (%s) gives no session, and the fresh token is revoked', async (name, value) => {
    expect(await wrong({ [name]: value })).toMatchObject({ error: { code: 'crm_invalid' } });
    expect(await calls(/oauth2\/revoke/)).toBe(1);
    expect(await calls(/\/id\//)).toBe(0);
  });

  test('with the host of `id` elsewhere is read at the login host', async () => {
    // The token is made up: the real identity endpoint refuses it, and nobody else was asked.
    await wrong({ id: 'https://evil.example/id/00D5g0000012AbCEAU/0055g0000000001AAA' });
    expect(await calls(/^\/id\/00D5g0000012AbCEAU\/0055g0000000001AAA$/)).toBe(1);
  });

  test.each([
    ['user_id', '0055g0000000002AAA'],
    ['organization_id', '00D5g0000099999EAA'],
    ['email', undefined],
  ])('in the identity (%s) gives no session', async (name, value) => {
    await replaceIdentity((identity) => ({ ...identity, [name]: value }));
    await expect(signIn(backend, REP)).rejects.toMatchObject({ status: 502, body: { error: { code: 'crm_invalid' } } });
    expect(await calls(/oauth2\/revoke/)).toBe(1);
  });
});

describe('Salesforce in trouble', () => {
  const html = { body: '<html>maintenance CANARY</html>', headers: { 'content-type': 'text/html' } };

  test.each<['token' | 'identity' | 'region', string, Omit<Fault, 'pathPattern' | 'times'>, number, string]>([
    ['token', 'cut before', { drop: 'before' }, 503, 'crm_unavailable'],
    ['token', 'cut after', { drop: 'after' }, 503, 'crm_unavailable'],
    ['token', '503 with HTML', { status: 503, ...html }, 503, 'crm_unavailable'],
    ['token', '200 with HTML', { status: 200, ...html }, 502, 'crm_invalid'],
    ['token', 'a redirect', { status: 302, headers: { location: 'https://evil.example' } }, 502, 'crm_invalid'],
    ['identity', 'cut before', { drop: 'before' }, 503, 'crm_unavailable'],
    ['identity', 'cut half way', { drop: 'middle' }, 503, 'crm_unavailable'],
    ['identity', '503 with HTML', { status: 503, ...html }, 503, 'crm_unavailable'],
    ['identity', '200 with HTML', { status: 200, ...html }, 502, 'crm_invalid'],
    ['identity', 'Bad_OAuth_Token', { status: 403, body: 'Bad_OAuth_Token' }, 502, 'crm_invalid'],
    ['identity', 'a redirect', { status: 302, headers: { location: 'https://evil.example' } }, 502, 'crm_invalid'],
    ['region', '200 with HTML', { status: 200, ...html }, 502, 'crm_invalid'],
  ])('at %s: %s', async (step, _, fault, status, code) => {
    const pathPattern = { token: 'oauth2/token', identity: '/id/', region: '/query' }[step];
    // More than it takes: sign-ins of before still look for their key records.
    await stack.sandbox.fault({ pathPattern, times: 10, ...fault });
    const before = await sessionCount();
    const failure = (await signIn(backend, REP).catch((error: unknown) => error)) as SignInFailed;
    expect(failure.body).toMatchObject({ error: { code } });
    expect(failure.status).toBe(status);
    expect(JSON.stringify(failure.body)).not.toContain('CANARY');
    expect(await sessionCount()).toBe(before);
    if (step !== 'token') expect(await calls(/oauth2\/revoke/)).toBe(1);
  });

  test('that answers far too late is given up, and the token revoked', async () => {
    await stack.sandbox.fault({ pathPattern: '/id/', times: 1, latencyMs: 60_000 });
    const { code, pair } = await freshCode();
    const startedAt = performance.now();
    const answer = await redeem(backend, code, pair.verifier);
    expect([answer.status, answer.body.error?.code]).toEqual([503, 'crm_unavailable']);
    expect(performance.now() - startedAt).toBeLessThan(15_000);
    expect(await calls(/oauth2\/revoke/)).toBe(1);
  });

  test('that only lasts a moment needs one more click', async () => {
    await stack.sandbox.fault({ pathPattern: 'oauth2/token', times: 1, drop: 'before' });
    await expect(signIn(backend, REP)).rejects.toThrow(/crm_unavailable/);
    await expect(signIn(backend, REP)).resolves.toBeInstanceOf(RepClient);
  });
});

describe('the home region', () => {
  const record = (HomeRegion__c: string | null, Id?: string): Promise<unknown> =>
    stack.sandbox.upsert('OneShotOrg__c', [{ HomeRegion__c, ...(Id === undefined ? {} : { Id }) }]);

  test('that is this one is fine', async () => {
    await record('us');
    await expect(signIn(backend, REP)).resolves.toBeInstanceOf(RepClient);
  });

  test('that is another one refuses with its address, stores nothing and ends the sessions here', async () => {
    const rep = await signIn(backend, REP);
    const elsewhere = rep.at(second.url);
    expect((await elsewhere.get('/v1/me')).status).toBe(200);
    await record('eu');
    await expect(signIn(backend, 'rep.two@demo.example')).rejects.toMatchObject({
      status: 421,
      body: {
        error: {
          code: 'wrong_region',
          url: 'https://eu.api.oneshot.example',
          message: expect.stringContaining('Europe'),
        },
      },
    });
    expect(await calls(/oauth2\/revoke/)).toBe(1);
    expect((await rep.get('/v1/me')).status).toBe(401);
    await until('the other process knows', async () => (await elsewhere.get('/v1/me')).status === 401, 5_000);
    expect(await databases.sessions.collection('sessions').countDocuments({ orgId: rep.org.id })).toBe(0);
  });

  test.each([
    ['names no region of ours', () => record('mars')],
    ['names nothing', () => record(null)],
    ['stands there twice', async () => [await record('us'), await record('us')]],
    ['cannot be read', () => stack.sandbox.access(REP, 'OneShotOrg__c', { read: false })],
    ['hides its field', () => stack.sandbox.access(REP, 'OneShotOrg__c', { field: 'HomeRegion__c', read: false })],
    ['has no object', () => stack.sandbox.schema('OneShotOrg__c', { remove: ['HomeRegion__c'] })],
  ])('whose record %s lets nobody in and stores nothing', async (_, prepare) => {
    await prepare();
    const before = await sessionCount();
    await expect(signIn(backend, REP)).rejects.toMatchObject({
      status: 403,
      body: { error: { code: 'region_unreadable', message: expect.stringContaining('admin') } },
    });
    expect(await sessionCount()).toBe(before);
    expect(await calls(/oauth2\/revoke/)).toBe(1);
  });

  test('of an org that never signed in stores nothing at all when it is elsewhere', async () => {
    const fresh = await startStack({ SANDBOX_ACCOUNTS: '5' });
    const stored = await openDatabases(fresh.settings);
    try {
      await fresh.sandbox.upsert('OneShotOrg__c', [{ HomeRegion__c: 'asia' }]);
      await expect(fresh.signIn(REP)).rejects.toMatchObject({ status: 421 });
      for (const name of ['orgs', 'users', 'auditEntries'])
        expect(await stored.main.collection(name).countDocuments()).toBe(0);
      expect(await stored.sessions.collection('sessions').countDocuments()).toBe(0);
    } finally {
      await stored.close();
      await fresh.close();
    }
  }, 240_000);
});

/** The identity answer of the next sign-in, changed. */
async function replaceIdentity(change: (identity: Record<string, unknown>) => Record<string, unknown>): Promise<void> {
  const body = change({
    user_id: '0055g0000000001AAA',
    organization_id: '00D5g0000012AbCEAU',
    username: REP,
    email: REP,
    display_name: 'Robin Onesmith',
    active: true,
    custom_permissions: { OneShot_User: true },
  });
  await stack.sandbox.fault({ pathPattern: '/id/', times: 1, status: 200, body });
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
