import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { mongo } from 'mongoose';
import { openDatabases, type TestDatabases } from '../../test/databases.ts';
import { startStack, type Stack } from '../../test/harness.ts';
import { createLog } from '../http/log.ts';
import { createServer } from '../http/server.ts';
import { MongodbLedger } from '../ledger/mongodb-ledger.ts';
import { Secret } from '../vault/secret.ts';
import { holdSending } from './sending.ts';
import type { Restore } from './restore.ts';

/** A database that is put back to what a backup held (DESIGN 6). */
const REP = 'rep.one@demo.example';
const WEEK_IN_BEATS = 7 * 24 * 60;

let stack: Stack;
let databases: TestDatabases;

beforeAll(async () => {
  stack = await startStack({ SANDBOX_ACCOUNTS: '5' });
  databases = await openDatabases(stack.settings);
}, 240_000);
afterAll(async () => {
  await databases.close();
  await stack.close();
});

type Backup = ReadonlyMap<string, readonly mongo.BSON.Document[]>;

async function backUp(): Promise<Backup> {
  const backup = new Map<string, readonly mongo.BSON.Document[]>();
  for (const { name } of await databases.main.listCollections({}, { nameOnly: true }).toArray())
    backup.set(name, await databases.main.collection(name).find().toArray());
  return backup;
}

/** @param beatsBack how much older than now the backup says that it is */
async function putBack(backup: Backup, beatsBack: number): Promise<void> {
  for (const [name, documents] of backup) {
    const collection = databases.main.collection(name);
    await collection.deleteMany({});
    if (documents.length > 0) await collection.insertMany([...documents]);
  }
  const state = databases.main.collection<{ _id: string }>('databaseState');
  await state.updateOne({ _id: 'state' }, { $inc: { beat: -beatsBack } });
}

const stateOf = () => databases.main.collection<{ _id: string }>('databaseState').findOne({ _id: 'state' });

test("last week's backup brings back nobody who was erased since, no session and no mail", async () => {
  const erased = await stack.signIn(REP);
  const other = await stack.signIn('rep.two@demo.example');
  const backup = await backUp();
  expect((await erased.delete('/v1/privacy/me')).status).toBe(200);
  await stack.backend.close();
  await putBack(backup, WEEK_IN_BEATS);
  expect(await databases.main.collection('users').countDocuments()).toBe(2);

  const backend = await stack.restart();
  expect(await databases.main.collection<{ _id: string }>('users').findOne({ _id: erased.user.id })).toBeNull();
  expect(await databases.main.collection('users').countDocuments()).toBe(1);
  expect((await other.at(backend.url).get('/v1/me')).status).toBe(401);
  expect(await databases.sessions.collection('sessions').countDocuments()).toBe(0);
  expect(backend.lines.map(({ event }) => event)).toEqual(
    expect.arrayContaining(['ledgerReplayed', 'databaseRestored']),
  );
  expect(await stateOf()).toMatchObject({ isSendingPaused: true });
});

test('after that the same database is none that was restored: sessions live on, the pause stays', async () => {
  const rep = await stack.signIn(REP);
  const backend = await stack.restart();
  expect(backend.lines.map(({ event }) => event)).not.toContain('databaseRestored');
  expect((await rep.at(backend.url).get('/v1/me')).status).toBe(200);
  expect(await stateOf()).toMatchObject({ isSendingPaused: true });
});

test('a database that is two beats behind lost power and was not restored', async () => {
  const rep = await stack.signIn(REP);
  const backup = await backUp();
  await stack.backend.close();
  await putBack(backup, 2);
  const backend = await stack.restart();
  expect((await rep.at(backend.url).get('/v1/me')).status).toBe(200);
});

test('mail and enrolments wait while sending is paused, everything else goes on', async () => {
  let isPaused = true;
  const { config } = stack.backend;
  const app = await createServer({ config, log: createLog('silent'), callerOf: () => undefined });
  holdSending(app, { isSendingPaused: async () => isPaused } as Pick<Restore, 'isSendingPaused'> as Restore);
  for (const url of ['/v1/emails', '/v1/outreach/enrolments', '/v1/connections/gmail/start'])
    app.post(url, async () => ({ done: true }));
  app.get('/v1/emails', async () => ({ rows: [] }));
  const statusOf = async (method: 'GET' | 'POST', url: string): Promise<number> =>
    (await app.inject({ method, url })).statusCode;
  const all = async (): Promise<number[]> => [
    await statusOf('POST', '/v1/emails'),
    await statusOf('POST', '/v1/outreach/enrolments'),
    await statusOf('POST', '/v1/connections/gmail/start'),
    await statusOf('GET', '/v1/emails'),
  ];
  expect(await all()).toEqual([503, 503, 200, 200]);
  isPaused = false;
  expect(await all()).toEqual([200, 200, 200, 200]);
  await app.close();
});

test('a ledger that cannot be read stops the start with one line that names it', async () => {
  await expect(stack.addBackend({ LEDGER_URI: 'file:///dev/null/ledger' })).rejects.toThrow(/^LEDGER_URI: /);
});

test('a ledger may be a database of its own', async () => {
  const uri = new URL(stack.settings.MONGODB_URI ?? '');
  uri.pathname = '/oneshot_ledger';
  const rep = await stack.signIn(REP);
  const backend = await stack.addBackend({ LEDGER_URI: uri.href });
  expect((await rep.at(backend.url).delete('/v1/privacy/me')).status).toBe(200);
  const ledger = await MongodbLedger.open(Secret.of(uri.href));
  const types = (await ledger.since(0)).map(({ type }) => type);
  expect(types).toEqual(expect.arrayContaining(['user_erased', 'sessions_ended']));
  expect(await ledger.beat()).toBeGreaterThan(0);
  await ledger.close();
});
