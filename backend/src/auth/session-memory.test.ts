import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { startStack, until, type Backend, type Stack } from '../../test/harness.ts';
import { signIn, type RepClient } from '../../test/sign-in.ts';
import { Database } from '../database/database.ts';
import { openCrmConnection } from '../salesforce/connect.ts';
import { CrmTransport } from '../salesforce/transport.ts';
import type { VerifiedToken } from './jwt.ts';
import { authModels, type AuthModels } from './model.ts';
import { Revocations } from './revocations.ts';
import { Sessions } from './sessions.ts';

let stack: Stack;
let backend: Backend;
let database: Database;
let models: AuthModels;
let revocations: Revocations;
const transport = new CrmTransport();
const opened: Sessions[] = [];
const IDLE_MS = 20_000;

beforeAll(async () => {
  stack = await startStack({ SANDBOX_ACCOUNTS: '5' });
  backend = stack.backend;
  database = new Database(backend.config);
  models = authModels(database.main, database.sessions);
  await database.connect(AbortSignal.timeout(60_000));
  revocations = await Revocations.open({ revocations: models.revocations, longestSessionMs: 60_000, pollMs: 200 });
}, 240_000);
afterAll(async () => {
  for (const sessions of opened) sessions.close();
  revocations.close();
  await transport.close();
  await database.close();
  await stack.close();
});

function memory(options: { readonly maxOpen?: number } = {}): Sessions {
  const sessions = new Sessions({
    sessions: models.sessions,
    revocations,
    region: 'us',
    openCrm: (grant) => openCrmConnection(grant, transport),
    idleMs: IDLE_MS,
    ...options,
  });
  opened.push(sessions);
  return sessions;
}

function tokenOf(rep: RepClient): VerifiedToken {
  const claims = JSON.parse(Buffer.from(rep.token.split('.')[1] ?? '', 'base64url').toString('utf8')) as {
    sid: string;
    key: string;
    exp: number;
  };
  return { sessionId: claims.sid, key: Buffer.from(claims.key, 'base64url'), expiresAt: claims.exp * 1_000 };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The clock by which sessions leave memory, in the test's hands: what a slow machine takes between two steps is nothing to it. */
function movedClock(): { forward(ms: number): Promise<void>; restore(): void } {
  const now = performance.now.bind(performance);
  let ahead = 0;
  const spy = jest.spyOn(performance, 'now').mockImplementation(() => now() + ahead);
  return {
    forward: async (ms) => {
      ahead += ms;
      // The cache reads its clock a thousand times in that time, and by a timer.
      await pause(IDLE_MS / 1_000 + 20);
    },
    restore: () => spy.mockRestore(),
  };
}

describe('an opened session', () => {
  test('is opened once for requests that come together, and then needs no database', async () => {
    const sessions = memory();
    const token = tokenOf(await signIn(backend, 'rep.one@demo.example'));
    const [one, two] = await Promise.all([sessions.open(token), sessions.open(token)]);
    expect(one).toBe(two);
    expect(sessions.inMemory(token)).toBe(one);
    expect(sessions.openCount).toBe(1);
  });

  test('stays while it is used, and leaves memory with its JWT when it is not', async () => {
    const sessions = memory();
    const rep = await signIn(backend, 'rep.one@demo.example');
    const token = tokenOf(rep);
    sessions.remember(rep.token, token, await sessions.open(token));
    const clock = movedClock();
    try {
      for (let used = 1; used <= 4; used += 1) {
        await clock.forward(IDLE_MS / 2);
        expect(sessions.inMemory(token)).toBeDefined();
      }
      expect(sessions.verified(rep.token)).toBe(token);
      await clock.forward(IDLE_MS * 2);
      expect(sessions.inMemory(token)).toBeUndefined();
      expect(sessions.verified(rep.token)).toBeUndefined();
      expect(token.key).toEqual(Buffer.alloc(32));
    } finally {
      clock.restore();
    }
    // The same JWT is simply opened again.
    await expect(sessions.open(tokenOf(rep))).resolves.toMatchObject({ name: 'Robin Onesmith' });
  });

  test('leaves memory with its JWT when it ends in another process', async () => {
    const sessions = memory();
    const rep = await signIn(backend, 'rep.one@demo.example');
    const token = tokenOf(rep);
    sessions.remember(rep.token, token, await sessions.open(token));
    const heard: string[] = [];
    revocations.onEnded(({ scope, userId }) => heard.push(`${scope} ${userId ?? ''}`));
    await rep.post('/v1/auth/sign-out');
    await until('it was told', () => heard.length > 0);
    expect(heard).toEqual([`session ${rep.user.id}`]);
    expect(sessions.verified(rep.token)).toBeUndefined();
    expect(sessions.openCount).toBe(0);
    await expect(sessions.open(tokenOf(rep))).rejects.toThrow(/ended/);
  });

  test('is one of a bounded number', async () => {
    const sessions = memory({ maxOpen: 2 });
    const reps = [];
    for (let signedIn = 0; signedIn < 3; signedIn += 1) reps.push(await signIn(backend, 'rep.one@demo.example'));
    for (const rep of reps) await sessions.open(tokenOf(rep));
    expect(sessions.openCount).toBe(2);
  });

  test('prints neither its token nor the name of its rep through its secrets', async () => {
    const session = await memory().open(tokenOf(await signIn(backend, 'rep.one@demo.example')));
    const token = session.accessToken.reveal();
    for (const text of [
      inspect(session, { depth: 9, showHidden: true }),
      JSON.stringify(session),
      session.accessToken.toString(),
    ])
      expect(text).not.toContain(token);
  });
});

describe('all sessions', () => {
  test('of a rep, or of an org, end at once', async () => {
    const sessions = memory();
    const one = await signIn(backend, 'rep.one@demo.example');
    const again = await signIn(backend, 'rep.one@demo.example');
    const other = await signIn(backend, 'rep.two@demo.example');
    expect(await sessions.endAll(one.org.id, one.user.id)).toBeGreaterThanOrEqual(2);
    for (const rep of [one, again])
      await until('it ended', async () => (await rep.get('/v1/me')).status === 401, 5_000);
    expect((await other.get('/v1/me')).status).toBe(200);
    await sessions.endAll(one.org.id);
    await until('the other ended too', async () => (await other.get('/v1/me')).status === 401, 5_000);
    expect((await (await signIn(backend, 'rep.two@demo.example')).get('/v1/me')).status).toBe(200);
  });
});

describe('revocations', () => {
  test('of many processes at once are all heard by each', async () => {
    const processes = await Promise.all(
      Array.from({ length: 4 }, () =>
        Revocations.open({ revocations: models.revocations, longestSessionMs: 60_000, pollMs: 50 }),
      ),
    );
    try {
      const ids = Array.from({ length: 40 }, (_, index) => `ses_test${index}`);
      await Promise.all(
        ids.map(async (id, index) => {
          await processes[index % 4]?.add({ scope: 'session', orgId: 'org_x', userId: 'usr_x', sessionIds: [id] });
        }),
      );
      const knowAll = (): boolean => processes.every((one) => ids.every((id) => one.covers(id)));
      await until('each knows all', knowAll);
    } finally {
      for (const one of processes) one.close();
    }
  }, 240_000);

  test('are told once, also in the process that made them', async () => {
    const heard: (readonly string[])[] = [];
    const own = await Revocations.open({
      revocations: models.revocations,
      longestSessionMs: 60_000,
      pollMs: 30,
    });
    own.onEnded(({ sessionIds }) => heard.push(sessionIds));
    await own.add({ scope: 'session', orgId: 'org_x', userId: 'usr_x', sessionIds: ['ses_once'] });
    await pause(200);
    own.close();
    expect(heard).toEqual([['ses_once']]);
  });
});
