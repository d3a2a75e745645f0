import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { openDatabases, type TestDatabases } from '../../test/databases.ts';
import { startStack, until, type Stack } from '../../test/harness.ts';
import { SignInFailed, type RepClient } from '../../test/sign-in.ts';
import { readRegions } from '../regions.ts';

/** An org that moves, by its admin or by somebody's hand in Salesforce (DESIGN 5). */
const ADMIN = 'admin@demo.example';
const REP = 'rep.one@demo.example';
const eu = readRegions().find(({ name }) => name === 'eu');

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
beforeEach(async () => {
  await stack.sandbox.reset();
});

async function moveTo(admin: RepClient, homeRegion: string) {
  const { version, settings } = (await admin.get('/v1/settings')).body;
  return admin.put('/v1/settings', { version, settings: { ...settings, homeRegion } });
}

const recorded = async (): Promise<unknown[]> =>
  (await stack.sandbox.records('OneShotOrg__c')).map(({ HomeRegion__c: region }) => region);

const orgs = (): Promise<number> => databases.main.collection('orgs').countDocuments();

async function nameRegion(name: string): Promise<void> {
  const [record] = await stack.sandbox.records('OneShotOrg__c');
  await stack.sandbox.upsert('OneShotOrg__c', [{ ...(record ?? {}), HomeRegion__c: name }]);
}

async function expectSentAway(): Promise<void> {
  const refused: unknown = await stack.signIn(REP).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(SignInFailed);
  expect((refused as SignInFailed).status).toBe(421);
  expect((refused as SignInFailed).body).toMatchObject({ error: { code: 'wrong_region', url: eu?.backendUrl } });
}

test('an admin moves the org: the record names the new region, the answer its address, and nothing stays here', async () => {
  const rep = await stack.signIn(REP);
  const admin = await stack.signIn(ADMIN, { reauth: true });
  const answer = await moveTo(admin, 'eu');
  expect([answer.status, answer.body.error?.code, answer.body.error?.url]).toEqual([
    421,
    'wrong_region',
    eu?.backendUrl,
  ]);
  expect((await rep.get('/v1/me')).status).toBe(401);
  expect(await recorded()).toEqual(['eu']);
  await until('the org is erased', async () => (await orgs()) === 0);
  expect(await databases.main.collection('users').countDocuments()).toBe(0);
  expect(await databases.main.collection('auditHeads').countDocuments({ orgId: admin.org.id })).toBe(0);
  await expectSentAway();
});

test('a change that was cut off after the record was written is finished by asking again', async () => {
  const admin = await stack.signIn(ADMIN, { reauth: true });
  await nameRegion('eu');
  expect((await moveTo(admin, 'eu')).status).toBe(421);
  await until('the org is erased', async () => (await orgs()) === 0);
});

test('an admin without a fresh sign-in moves nothing', async () => {
  const admin = await stack.signIn(ADMIN);
  const answer = await moveTo(admin, 'eu');
  expect([answer.status, answer.body.error?.code]).toEqual([403, 'reauthentication_required']);
  expect(await recorded()).toEqual([]);
  expect((await admin.get('/v1/me')).status).toBe(200);
});

test('a record that was changed by hand ends the sessions at once and erases the org a day later', async () => {
  const rep = await stack.signIn(REP);
  await nameRegion('eu');
  await expectSentAway();
  expect((await rep.get('/v1/me')).status).toBe(401);
  const jobs = databases.main.collection('jobs');
  const due = { reason: 'region', phase: 'waiting' };
  const [job] = await jobs.find(due).toArray();
  const hours = ((job?.dueAt as Date).getTime() - Date.now()) / 3_600_000;
  expect(hours).toBeGreaterThan(23.9);
  expect(hours).toBeLessThanOrEqual(24);

  // Back again within the day: nothing happens.
  await nameRegion('us');
  const back = await stack.signIn(REP);
  expect(back.user.id).toBe(rep.user.id);
  expect(await jobs.countDocuments(due)).toBe(0);

  await nameRegion('eu');
  await expectSentAway();
  await jobs.updateOne(due, { $set: { dueAt: new Date() } });
  await until('the org is erased', async () => (await orgs()) === 0);
});
