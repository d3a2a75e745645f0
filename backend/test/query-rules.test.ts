import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import mongoose from 'mongoose';
import { startStack, type Stack } from './harness.ts';
import { EXCEPTIONS, QueryRules } from './query-rules.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ SANDBOX_ACCOUNTS: '5' });
}, 240_000);
afterAll(() => stack.close());

test('a search that names no org, or no index, is found out, with its fields and none of its values', async () => {
  await (await stack.signIn('rep.one@demo.example')).get('/v1/audit');
  const uri = stack.settings.MONGODB_URI ?? '';
  const rules = new QueryRules();
  const connection = await mongoose.createConnection(uri, { monitorCommands: true }).asPromise();
  try {
    connection.getClient().on('commandStarted', rules.listener);
    const users = connection.collection('users');
    await users.findOne({ status: 'canary' });
    await users.updateMany({ orgId: 'canary', status: 'active' }, { $set: { status: 'active' } });
    await users.deleteMany({ status: { $in: ['canary'] } });
    await users.aggregate([{ $match: { salesforceUserId: 'canary' } }]).toArray();
    await connection.collection('auditEntries').find({ action: 'canary', orgId: 'canary' }).toArray();
    await connection.collection('deniedThings').find({ orgId: 'canary' }).toArray();
    await connection.collection('orgs').findOne({ settingsVersion: 1 });
  } finally {
    await connection.close();
  }
  const lines = await rules.broken(uri);
  expect(lines).toEqual([
    'users {status} first: names no org and is no exception',
    'users {status: $in}: names no org and is no exception',
    'users {salesforceUserId}: names no org and is no exception',
    'orgs {settingsVersion} first: names no org and is no exception',
  ]);
  expect(lines.join()).not.toContain('canary');
});

test('a search that names the org but hits no index is found out', async () => {
  const uri = stack.settings.MONGODB_URI ?? '';
  const rules = new QueryRules();
  const connection = await mongoose.createConnection(uri, { monitorCommands: true }).asPromise();
  try {
    await connection.collection('trials').insertOne({ orgId: 'org_a' });
    connection.getClient().on('commandStarted', rules.listener);
    await connection.collection('trials').findOne({ orgId: 'org_a' });
    expect(await rules.broken(uri)).toEqual(['trials {orgId} first: reads the whole collection']);
  } finally {
    await connection.dropCollection('trials');
    await connection.close();
  }
});

test('every exception is written down with its reason', () => {
  const text = readFileSync(new URL('../../docs/architecture.md', import.meta.url), 'utf8');
  for (const { collection } of EXCEPTIONS)
    expect(text).toMatch(new RegExp(`^\\| (?:\`\\w+\`, )?\`${collection}\`[ ,]`, 'm'));
});
