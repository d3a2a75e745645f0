import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Schema } from 'mongoose';
import { startStack, type Stack } from '../../test/harness.ts';
import { Secret } from '../vault/secret.ts';
import { Database, IndexFailed } from './database.ts';
import { newId } from './new-id.ts';
import { orgModel } from './org-model.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
}, 240_000);
afterAll(() => stack.close());

async function opened(): Promise<Database> {
  const database = new Database({
    mongodbUri: Secret.of(stack.settings.MONGODB_URI ?? ''),
    sessionsMongodbUri: Secret.of(stack.settings.SESSIONS_MONGODB_URI ?? ''),
  });
  await database.connect(AbortSignal.timeout(60_000));
  return database;
}

test('an opaque id is its kind and 128 random bits, never twice the same', () => {
  const ids = Array.from({ length: 5_000 }, () => newId('usr'));
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^usr_[A-Za-z0-9_-]{22}$/);
});

test('a field that no schema declares is refused, in a document and in a filter', async () => {
  const database = await opened();
  try {
    const orgs = orgModel(database.main);
    const org = { _id: newId('org'), salesforceOrgId: newId('org'), dataKeys: [], createdAt: new Date() };
    const withEmail: typeof org = Object.assign({ email: 'canary@example.com' }, org);
    await expect(orgs.create(withEmail)).rejects.toThrow(/email/);
    const byEmail: object = { email: 'canary@example.com' };
    await expect(orgs.findOne(byEmail)).rejects.toThrow(/email/);
    await expect(orgs.updateOne({ _id: org._id }, { $set: { email: 'x' } })).rejects.toThrow(/email/);
  } finally {
    await database.close();
  }
});

test('an index that cannot be made stops the start and names the collection, not what is in it', async () => {
  const database = await opened();
  try {
    const schema = new Schema({ name: String }, { collection: 'trials', versionKey: false });
    const trials = database.main.model('Trial', schema);
    await trials.insertMany([{ name: 'Canary' }, { name: 'Canary' }]);
    schema.index({ name: 1 }, { unique: true });
    const failed = await database.ensureIndexes().catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(IndexFailed);
    expect(String(failed)).toMatch(/collection trials .*11000/);
    expect(String(failed)).not.toContain('Canary');
  } finally {
    await database.main.dropCollection('trials');
    await database.close();
  }
});

test('every command that the driver sends can be heard', async () => {
  const heard: string[] = [];
  const backend = await stack.addBackend({}, ({ commandName }) => heard.push(commandName));
  expect(backend.url).toMatch(/^http/);
  expect(heard).toEqual(expect.arrayContaining(['createIndexes', 'find']));
});
