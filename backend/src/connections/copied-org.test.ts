import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { mongo } from 'mongoose';
import { connect, startUrl } from '../../test/connect.ts';
import { openDatabases, type TestDatabases } from '../../test/databases.ts';
import { startStack, type Stack } from '../../test/harness.ts';
import { pkcePair, SignInFailed, textOf, type Answer, type RepClient } from '../../test/sign-in.ts';

/**
 * Orgs in which the same Salesforce user id lives: a full sandbox has the records of the org it was copied from, key
 * records too, and an id of its own.
 */
let stack: Stack;
let databases: TestDatabases;
let connections: mongo.Collection;
const ONE = 'rep.one@demo.example';
const OBJECT = 'OneShotKey__c';
const SANDBOX_ORG = '00D8c000000AAAA';

beforeAll(async () => {
  stack = await startStack({ SANDBOX_ACCOUNTS: '5' });
  databases = await openDatabases(stack.settings);
  connections = databases.main.collection('connections');
}, 240_000);
afterAll(async () => {
  await databases.close();
  await stack.close();
});
beforeEach(async () => {
  await stack.sandbox.reset();
  for (const name of ['connections', 'users']) await databases.main.collection(name).deleteMany({});
});

const use = (rep: RepClient): Promise<Answer> => rep.get('/v1/outreach/sequences');
const problem = ({ status, body }: Answer): object => ({ status, code: body.error?.code });
const OK = { status: 200, code: undefined };
const RECONNECT = { status: 409, code: 'reconnect_required' };

async function statusOf(rep: RepClient): Promise<unknown> {
  const rows = (await rep.get('/v1/connections')).body.rows as unknown as readonly Answer['body'][];
  return rows.find(({ provider }) => textOf(provider) === 'outreach')?.status;
}

const stored = async ({ user }: RepClient): Promise<mongo.WithId<mongo.BSON.Document>> => {
  const found = await connections.findOne({ userId: user.id, provider: 'outreach' });
  if (found === null) throw new Error('There is no such connection');
  return found;
};

/** A rep who is connected, and the same person in a copy of their org. */
async function inBothOrgs(): Promise<{ readonly original: RepClient; readonly copied: RepClient }> {
  const original = await stack.signIn(ONE);
  expect((await connect(original, 'outreach')).status).toBe(200);
  await stack.sandbox.org({ organizationId: SANDBOX_ORG });
  const copied = await stack.signIn(ONE);
  const users = await databases.main.collection('users').find({}).toArray();
  expect(new Set(users.map(({ salesforceUserId }) => String(salesforceUserId))).size).toBe(1);
  expect(users).toHaveLength(2);
  expect([copied.user.id === original.user.id, copied.org.id === original.org.id]).toEqual([false, false]);
  return { original, copied };
}

test('the copy is another customer: nothing is connected there, and the copied half opens nothing', async () => {
  const { original, copied } = await inBothOrgs();
  expect(await statusOf(copied)).toBe('not_connected');
  const { _id, ...theirs } = await stored(original);
  // Somebody who can write to our database hangs the original's tokens on the copy: the customer's half is the same.
  const moved = { ...theirs, _id: `${copied.user.id}:outreach`, orgId: copied.org.id, userId: copied.user.id };
  await connections.insertOne(moved as object);
  expect(problem(await use(copied))).toEqual(RECONNECT);
  expect(await stack.sandbox.records(OBJECT)).toHaveLength(1); // the same half was found there, and used
  expect(String(_id)).toContain(original.user.id);

  // With our half of the original, too.
  const users = databases.main.collection('users');
  const owner = await users.findOne({ _id: original.user.id } as object);
  expect(owner?.halves).toHaveLength(1);
  await users.updateOne({ _id: copied.user.id } as object, { $set: { halves: owner?.halves as unknown } });
  const again = await stack.signIn(ONE);
  await stack.sandbox.forgetRequests();
  expect((await use(again)).status).toBeGreaterThanOrEqual(409);
  expect(await stack.sandbox.requests('outreach')).toEqual([]);
  expect(problem(await use(original))).toEqual(OK);
});

test('a grant made in the copy is its own, and its end does not end the original one', async () => {
  const { original, copied } = await inBothOrgs();
  for (const rep of [original, copied]) expect((await connect(rep, 'gmail')).status).toBe(200);
  expect((await connect(copied, 'outreach')).body).toMatchObject({ status: 'connected', label: ONE });
  await stack.sandbox.forgetRequests();
  // Google ends every grant of an account at once, so the shared one is not revoked there.
  expect((await copied.delete('/v1/connections/gmail')).body).toEqual({ revocation: 'failed' });
  expect((await stack.sandbox.requests('google')).filter(({ path }) => path.endsWith('/revoke'))).toEqual([]);
  expect(problem(await use(original))).toEqual(OK);
});

test('two orgs with the same user id, each with a half of its own: tokens that change places do not open', async () => {
  const original = await stack.signIn(ONE);
  await connect(original, 'outreach');
  await stack.sandbox.org({ organizationId: SANDBOX_ORG });
  await stack.sandbox.delete(OBJECT, 'all');
  const other = await stack.signIn(ONE);
  await connect(other, 'outreach');
  const [one, two] = [await stored(original), await stored(other)];
  const sealedOf = ({ sealed, label, halves, version }: mongo.BSON.Document): object => ({
    sealed: sealed as unknown,
    label: label as unknown,
    halves: halves as unknown,
    version: version as unknown,
  });
  await connections.updateOne({ _id: one._id }, { $set: sealedOf(two) });
  await connections.updateOne({ _id: two._id }, { $set: sealedOf(one) });
  expect([problem(await use(original)), problem(await use(other))]).toEqual([RECONNECT, RECONNECT]);
  for (const before of [one, two]) await connections.replaceOne({ _id: before._id }, before);
  expect([problem(await use(original)), problem(await use(other))]).toEqual([OK, OK]);
});

test.each(['OwnerId', 'CreatedById'])('a copied key record with another %s is never used', async (field) => {
  const { original } = await inBothOrgs();
  const [record] = await stack.sandbox.records(OBJECT);
  const admin = (await stack.sandbox.records('User')).find(({ Username }) => Username === 'admin@demo.example');
  await stack.sandbox.upsert(OBJECT, [{ Id: record?.Id, [field]: admin?.Id }]);
  const later = await stack.signIn(ONE);
  const refused = await startUrl(later, 'outreach', pkcePair()).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(SignInFailed);
  expect(refused).toMatchObject({ status: 409, body: { error: { code: 'key_object_missing' } } });
  expect(await stack.sandbox.records(OBJECT)).toMatchObject([{ Half__c: record?.Half__c }]);
  expect(problem(await use(original))).toEqual(OK);
});
