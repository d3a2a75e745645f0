import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Backend, startStack, type Stack } from '../../test/harness.ts';
import { Secret } from '../vault/secret.ts';
import { Database } from './database.ts';
import { joinDeployment, type DeploymentOptions, type Membership } from './deployment.ts';

/** Who lives must beat within three of them, whatever the machine does meanwhile. */
const BEAT_MS = 600;
/** For who has been killed. */
const SHORT_BEAT_MS = 100;
let stack: Stack;
let database: Database;

beforeAll(async () => {
  stack = await startStack({ SANDBOX_ACCOUNTS: '1' });
  // A database of its own: the stack's backend is a process, too.
  database = new Database({
    mongodbUri: Secret.of(`${stack.settings.MONGODB_URI ?? ''}_d`),
    sessionsMongodbUri: Secret.of(`${stack.settings.SESSIONS_MONGODB_URI ?? ''}_d`),
  });
  await database.connect(AbortSignal.timeout(60_000));
}, 240_000);
afterAll(async () => {
  await database.close();
  await stack.close();
});

const join = (options: Partial<DeploymentOptions> = {}): Promise<Membership> =>
  joinDeployment({
    main: database.main,
    sessions: database.sessions,
    region: 'us',
    shared: { SALESFORCE_CLIENT_ID: 'client' },
    beatMs: BEAT_MS,
    ...options,
  });

test('processes with the same settings run beside each other; one with another setting is told which', async () => {
  const members = await Promise.all(Array.from({ length: 4 }, () => join()));
  const refused = join({ shared: { SALESFORCE_CLIENT_ID: 'canary' } });
  await expect(refused).rejects.toThrow(/^SALESFORCE_CLIENT_ID: is another one than that of the processes that run/);
  await expect(refused).rejects.not.toThrow(/canary/);
  for (const member of members) await member.leave();
  await (await join({ shared: { SALESFORCE_CLIENT_ID: 'canary' } })).leave();
});

test('a process that was killed is not waited for longer than three beats', async () => {
  await database.main.collection('processes').insertOne({
    _id: 'prc_killed' as never,
    format: 1,
    settings: { SALESFORCE_CLIENT_ID: 'other' },
    beat: 7,
    startedAt: new Date(),
    deleteAt: new Date(Date.now() + 60_000),
  });
  const startedAt = performance.now();
  const member = await join({ beatMs: SHORT_BEAT_MS });
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(3 * SHORT_BEAT_MS - 5);
  expect(performance.now() - startedAt).toBeLessThan(100 * SHORT_BEAT_MS);
  await member.leave();
  await database.main.collection('processes').deleteMany({});
});

test('a newer version does not start beside processes of an older one, and leaves their database as it is', async () => {
  const older = await join();
  await expect(join({ format: 2 })).rejects.toThrow(
    /^Processes of another version run on this database \(format 1, this one is 2\): stop them first$/,
  );
  await older.leave();
  await (await join()).leave();
});

test('a database of another region, or of a newer version, is refused', async () => {
  await expect(join({ region: 'eu' })).rejects.toThrow(/^ONESHOT_REGION: this database is of region us/);
  const newer = await join({ format: 2 });
  await expect(join()).rejects.toThrow(/written by a newer version \(format 2, this version knows 1\)/);
  await newer.leave();
});

test('another database of sessions is found out', async () => {
  const other = new Database({
    mongodbUri: Secret.of(`${stack.settings.MONGODB_URI ?? ''}_d`),
    sessionsMongodbUri: Secret.of(`${stack.settings.SESSIONS_MONGODB_URI ?? ''}_other`),
  });
  await other.connect(AbortSignal.timeout(60_000));
  const member = await join({ format: 2 });
  try {
    await expect(join({ sessions: other.sessions, format: 2 })).rejects.toThrow(
      /^SESSIONS_MONGODB_URI: is another one/,
    );
  } finally {
    await member.leave();
    await other.close();
  }
});

test('the backend says so at its start', async () => {
  const own = { ...stack.settings, PORT: '0', SALESFORCE_CLIENT_ID: 'another', SALESFORCE_CLIENT_SECRET: 'x' };
  const backend = await Backend.listen({ ...own, SALESFORCE_LOGIN_URL: stack.settings.SALESFORCE_LOGIN_URL ?? '' });
  await expect(backend.service.ready).rejects.toThrow(/^SALESFORCE_CLIENT_ID: is another one/);
  await backend.close();
}, 240_000);
