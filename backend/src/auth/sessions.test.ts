import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { openDatabases, type TestDatabases } from '../../test/databases.ts';
import { DatabaseLine, startStack, until, type Backend, type Stack } from '../../test/harness.ts';
import { call, signIn, textOf, type Answer, type RepClient } from '../../test/sign-in.ts';
import { openKeyFile } from '../vault/key-file.ts';

let stack: Stack;
let backend: Backend;
let second: Backend;
let databases: TestDatabases;
const REP = 'rep.one@demo.example';
const ADMIN = 'admin@demo.example';

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

type Claims = Record<string, unknown>;

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function decode(token: string): { readonly header: Claims; readonly claims: Claims } {
  const [header = '', claims = ''] = token.split('.');
  const read = (part: string): Claims => JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Claims;
  return { header: read(header), claims: read(claims) };
}

/** The key that signs, which an attacker does not have: to show that a right signature alone opens nothing. */
async function signingKey(): Promise<{ readonly kid: string; readonly bytes: Buffer }> {
  const masterKey = await openKeyFile(stack.dataDir, false);
  const stored = await databases.main.collection('signingKeys').findOne({ sequence: 1 });
  const kid = String(stored?._id);
  const bytes = await masterKey.unwrap(String(stored?.wrapped), {
    app: 'oneshot',
    purpose: 'signing-key',
    region: 'us',
    kid,
  });
  return { kid, bytes };
}

async function forge(header: Claims, claims: Claims, key?: Buffer): Promise<string> {
  const body = `${encode(header)}.${encode(claims)}`;
  const bytes = key ?? (await signingKey()).bytes;
  const digest = header.alg === 'HS512' ? 'sha512' : 'sha256';
  return `${body}.${createHmac(digest, bytes).update(body).digest('base64url')}`;
}

const me = (target: { readonly url: string }, authorization: string, origin?: string): Promise<Answer> =>
  call(target.url, 'GET', '/v1/me', undefined, { authorization, ...(origin === undefined ? {} : { origin }) });

async function expectEnded(answer: Promise<Answer>): Promise<void> {
  const { status, body } = await answer;
  expect({ status, code: body.error?.code, action: body.error?.action }).toEqual({
    status: 401,
    code: 'session_ended',
    action: 'sign_in',
  });
}

describe('a JWT', () => {
  test('is needed', async () => {
    await expectEnded(call(backend.url, 'GET', '/v1/me', undefined, {}));
  });

  test.each([
    ['nothing', ''],
    ['a word alone', 'Bearer'],
    ['an empty token', 'Bearer '],
    ['any text', 'Bearer x'],
    ['three parts of nothing', 'Bearer a.b.c'],
    ['another scheme', 'Basic dXNlcjpwYXNz'],
    ['a very long text', `Bearer ${'a'.repeat(7_000)}`],
  ])('is not %s', async (_, authorization) => {
    await expectEnded(me(backend, authorization));
  });

  test('that is right opens the session, at any process', async () => {
    const rep = await signIn(backend, REP);
    const { header, claims } = decode(rep.token);
    // The forger of the tests below can sign: otherwise they would all pass for the wrong reason.
    expect((await me(second, `Bearer ${await forge(header, claims)}`)).status).toBe(200);
  });

  const now = Math.floor(Date.now() / 1_000);
  test.each<[string, Claims, Claims]>([
    ['signed with nothing', { alg: 'none' }, {}],
    ['that names another algorithm', { alg: 'HS512' }, {}],
    ['of another type', { typ: 'JWT' }, {}],
    ['with an unknown key id', { kid: 'k9-AAAAAAAAAAA' }, {}],
    ['with no key id', { kid: undefined }, {}],
    ['with a key id that is a path', { kid: '../../etc/passwd' }, {}],
    ['that brings its own key', { jwk: { kty: 'oct', k: 'AAAA' }, kid: undefined }, {}],
    ['for another audience', {}, { aud: 'someone-else' }],
    ['for no audience', {}, { aud: undefined }],
    ['from another issuer', {}, { iss: 'oneshot:eu' }],
    ['that expired', {}, { exp: now - 1 }],
    ['that never expires', {}, { exp: undefined }],
    ['with another `key`', {}, { key: Buffer.alloc(32, 7).toString('base64url') }],
    ['with a short `key`', {}, { key: 'AAAA' }],
    ['with no `key`', {}, { key: undefined }],
    ['of no session', {}, { sid: 'ses_AAAAAAAAAAAAAAAAAAAAAA' }],
    ['whose session is a query', {}, { sid: { $ne: null } }],
  ])('%s is refused', async (_, wrongHeader, wrongClaims) => {
    const rep = await signIn(backend, REP);
    const { header, claims } = decode(rep.token);
    const forged = await forge({ ...header, ...wrongHeader }, { ...claims, ...wrongClaims });
    // Both where the session is open in memory and where it is not.
    expect((await rep.get('/v1/me')).status).toBe(200);
    for (const target of [backend, second]) await expectEnded(me(target, `Bearer ${forged}`));
    expect((await rep.get('/v1/me')).status).toBe(200);
  });

  test('without its signature, or with another, is refused', async () => {
    const rep = await signIn(backend, REP);
    const [header = '', claims = '', signature = ''] = rep.token.split('.');
    const { header: parsed } = decode(rep.token);
    for (const token of [
      `${header}.${claims}`,
      `${header}.${claims}.`,
      `${encode({ ...parsed, alg: 'none' })}.${claims}.`,
      `${encode({ ...parsed, alg: 'none' })}.${claims}.${signature}`,
      `${header}.${claims}.${signature.slice(0, -2)}`,
      await forge(parsed, decode(rep.token).claims, Buffer.alloc(32)),
    ])
      await expectEnded(me(backend, `Bearer ${token}`));
  });

  test('counts in one spelling only: whoever changes its last letter has none', async () => {
    const { token } = await signIn(backend, REP);
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    // The three neighbours stand for the same 32 bytes.
    for (let other = 1; other <= 3; other += 1) {
      const changed = token.slice(0, -1) + (letters[letters.indexOf(token.at(-1) ?? '') ^ other] ?? '');
      expect(Buffer.from(changed.slice(-43), 'base64url')).toEqual(Buffer.from(token.slice(-43), 'base64url'));
      await expectEnded(me(backend, `Bearer ${changed}`));
      await expectEnded(
        call(backend.url, 'POST', '/v1/auth/sign-out', undefined, { authorization: `Bearer ${changed}` }),
      );
    }
    expect((await me(backend, `Bearer ${token}`)).status).toBe(200);
  });

  test('decides neither user nor rights: the session does', async () => {
    const rep = await signIn(backend, REP);
    const { header, claims } = decode(rep.token);
    const forged = await forge(header, { ...claims, sub: 'usr_AAAAAAAAAAAAAAAAAAAAAA', isAdmin: true });
    const answer = await me(second, `Bearer ${forged}`);
    expect(answer.body.user).toMatchObject({ id: rep.user.id, isAdmin: false });
  });

  test('opens nothing when somebody made its session an admin in the database', async () => {
    const rep = await signIn(backend, REP);
    const { sid } = decode(rep.token).claims;
    await databases.sessions.collection('sessions').updateOne({ _id: sid as never }, { $set: { isAdmin: true } });
    await expectEnded(rep.at(second.url).get('/v1/me'));
  });

  test('ends with its session, whatever it says itself', async () => {
    const rep = await signIn(backend, REP);
    const { sid, ...claims } = decode(rep.token).claims;
    expect(Number(claims.exp) - Number(claims.iat)).toBe(3_600);
    const changed = await databases.sessions
      .collection('sessions')
      .updateOne({ _id: sid as never }, { $set: { expiresAt: new Date(Date.now() - 1) } });
    expect(changed.modifiedCount).toBe(1);
    await expectEnded(rep.at(second.url).get('/v1/me'));
  });
});

describe('a bearer', () => {
  test('counts on its own page and outside a browser, nowhere else', async () => {
    const rep = await signIn(backend, REP);
    const authorization = `Bearer ${rep.token}`;
    expect((await me(backend, authorization, backend.origin)).status).toBe(200);
    expect((await me(backend, authorization)).status).toBe(200);
    for (const target of [backend, second]) {
      for (const origin of [
        'https://evil.example',
        'null',
        `${backend.origin}.evil.example`,
        'http://127.0.0.1:44201',
      ]) {
        const answer = await me(target, authorization, origin);
        expect(answer.status).toBe(403);
        expect(answer.body.error).toMatchObject({ code: 'origin_mismatch' });
        expect(answer.headers.get('access-control-allow-origin')).toBeNull();
      }
    }
  });
});

describe('signing out', () => {
  test('a sign-out ends the session at once here and within five seconds everywhere; repeating it is fine', async () => {
    const rep = await signIn(backend, REP);
    const elsewhere = rep.at(second.url);
    expect((await elsewhere.get('/v1/me')).status).toBe(200);
    expect((await rep.post('/v1/auth/sign-out')).status).toBe(204);
    await expectEnded(rep.get('/v1/me'));
    const since = Date.now();
    await until('the other process knows', async () => (await elsewhere.get('/v1/me')).status === 401, 5_000);
    expect(Date.now() - since).toBeLessThan(5_000);
    for (const target of [rep, elsewhere]) expect((await target.post('/v1/auth/sign-out')).status).toBe(204);
    const { sid } = decode(rep.token).claims;
    expect(await databases.sessions.collection('sessions').findOne({ _id: sid as never })).toBeNull();
  });

  test('revokes the token at Salesforce with the last session of the rep', async () => {
    const [one, two] = [await signIn(backend, REP), await signIn(backend, REP)];
    const revoked = async (): Promise<number> =>
      (await stack.sandbox.requests()).filter(({ path }) => path.endsWith('/revoke')).length;
    await forgetOlder(one);
    await one.post('/v1/auth/sign-out');
    expect(await revoked()).toBe(0);
    await two.post('/v1/auth/sign-out');
    await until('the token was revoked', async () => (await revoked()) === 1);
  });

  test('leaves the same rep in another tab signed in', async () => {
    const [one, two] = [await signIn(backend, REP), await signIn(backend, REP)];
    await one.post('/v1/auth/sign-out');
    expect((await two.get('/v1/me')).status).toBe(200);
  });

  test('needs a JWT of ours, from its own page', async () => {
    const rep = await signIn(backend, REP);
    await expectEnded(call(backend.url, 'POST', '/v1/auth/sign-out', undefined, {}));
    await expectEnded(call(backend.url, 'POST', '/v1/auth/sign-out', undefined, { authorization: 'Bearer x' }));
    const { header, claims } = decode(rep.token);
    const forged = await forge(header, { ...claims, key: Buffer.alloc(32, 7).toString('base64url') });
    await expectEnded(call(backend.url, 'POST', '/v1/auth/sign-out', undefined, { authorization: `Bearer ${forged}` }));
    expect((await rep.post('/v1/auth/sign-out', undefined, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await rep.get('/v1/me')).status).toBe(200);
  });

  test('of an expired JWT is done already', async () => {
    const rep = await signIn(backend, REP);
    const { header, claims } = decode(rep.token);
    await rep.post('/v1/auth/sign-out');
    const expired = await forge(header, { ...claims, exp: Math.floor(Date.now() / 1_000) - 1 });
    const answer = await call(backend.url, 'POST', '/v1/auth/sign-out', undefined, {
      authorization: `Bearer ${expired}`,
    });
    expect(answer.status).toBe(204);
  });
});

describe('the length of a session', () => {
  test('is what the admin chose, at the next sign-in', async () => {
    const admin = await signIn(backend, ADMIN);
    const { version, settings } = (await admin.get('/v1/settings')).body;
    const saved = await admin.put('/v1/settings', { version, settings: { ...settings, sessionMinutes: 5 } });
    expect(saved.status).toBe(200);
    try {
      const before = Date.now();
      const rep = await signIn(backend, REP);
      // Whole seconds, as a JWT has them.
      expect(Date.parse(rep.expiresAt)).toBeGreaterThan(before + 5 * 60_000 - 1_000);
      expect(Date.parse(rep.expiresAt)).toBeLessThanOrEqual(Date.now() + 5 * 60_000);
      expect((await rep.get('/v1/me')).body.settings).toMatchObject({ sessionMinutes: 5 });
    } finally {
      await admin.put('/v1/settings', { version: saved.body.version, settings });
    }
  });
});

describe('what only an admin may do', () => {
  test('is refused to a rep', async () => {
    const rep = await signIn(backend, REP);
    const answer = await rep.get('/v1/settings');
    expect(answer.status).toBe(403);
    expect(answer.body.error).toMatchObject({ code: 'not_admin', action: 'contact_admin' });
  });

  test('follows the permission at the next sign-in', async () => {
    await stack.sandbox.user(ADMIN, { permissions: ['OneShot_User'] });
    const former = await signIn(backend, ADMIN);
    expect(former.user.isAdmin).toBe(false);
    expect((await former.get('/v1/settings')).status).toBe(403);
  });
});

describe('a process that cannot read revocations', () => {
  test('refuses everybody after five seconds, and recovers by itself', async () => {
    const uri = stack.settings.MONGODB_URI ?? '';
    const line = await DatabaseLine.open(uri);
    /** When it asked for revocations, by `performance.now()`; the last question may be on its way, those before had answers. */
    const reads: number[] = [];
    const own = { MONGODB_URI: line.uri(uri), OPEN_RATE_LIMIT_PER_MINUTE: '30' };
    const cutOff = await stack.addBackend(own, ({ commandName, command }) => {
      if (commandName === 'find' && command.find === 'revocations') reads.push(performance.now());
    });
    try {
      const here = await signIn(backend, REP);
      const there = here.at(cutOff.url);
      // What a rep may not do is refused from memory alone: the database has no part in it.
      const answered = async (): Promise<string> => textOf((await there.get('/v1/settings')).body.error?.code);
      expect(await answered()).toBe('not_admin');
      await until('it read them twice', () => reads.length > 1);
      line.cut();
      const [since, readAt = 0] = [performance.now(), reads.at(-2)];
      await until('they are signed out', async () => (await here.post('/v1/auth/sign-out')).status === 204);
      // Nothing that was asked five seconds later is answered, and nothing before is refused.
      let lastAskedAt = 0;
      await until('it refuses', async () => {
        const askedAt = performance.now();
        const code = await answered();
        if (code === 'database_unavailable') return true;
        expect(code).toBe('not_admin');
        lastAskedAt = askedAt;
        return false;
      });
      expect(performance.now() - readAt).toBeGreaterThan(4_500);
      expect(lastAskedAt - since).toBeLessThan(5_000);
      // That is not the rep's doing: whoever asks from this address is answered at once when it is over.
      for (let asked = 0; asked < 40; asked += 1) expect(await answered()).toBe('database_unavailable');
      line.mend();
      let last = '';
      await until(
        () => `it knows who signed out, last said ${last}`,
        async () => (last = await answered()) === 'session_ended',
      );
    } finally {
      await line.close();
    }
  }, 240_000);
});

/** Deletes the older sessions of a rep, so that a test counts its own. */
async function forgetOlder(rep: RepClient): Promise<void> {
  const sessions = databases.sessions.collection('sessions');
  const own = await sessions.findOne({ _id: decode(rep.token).claims.sid as never });
  await sessions.deleteMany({ userId: rep.user.id, signedInAt: { $lt: own?.signedInAt as Date } });
}
