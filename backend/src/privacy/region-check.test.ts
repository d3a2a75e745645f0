import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openDatabases, type TestDatabases } from '../../test/databases.ts';
import { startStack, type Stack } from '../../test/harness.ts';
import { withRegionCheck } from '../../test/region-checking.ts';

let stack: Stack;
let databases: TestDatabases;

beforeAll(async () => {
  stack = await startStack({ SANDBOX_ACCOUNTS: '5' });
  databases = await openDatabases(stack.settings);
  await stack.signIn('rep.one@demo.example');
}, 240_000);
afterAll(async () => {
  await databases.close();
  await stack.close();
});

const jobs = () => databases.main.collection<{ _id: string }>('jobs');
const due = () => jobs().updateOne({ _id: 'region_check' }, { $set: { nextAt: new Date(0) } });
const checked = async () => (await databases.main.collection('orgs').findOne({}))?.regionCheck as object | undefined;

test('of two processes that look at once one checks; a day later it is due again', async () => {
  const worked = await withRegionCheck(stack, (one) =>
    withRegionCheck(stack, (other) => Promise.all([one.work(), other.work()])),
  );
  expect(worked.filter(Boolean)).toHaveLength(1);
  expect(await checked()).toMatchObject({ tried: 2, opened: 0, unreadable: 0 });
  const job = await jobs().findOne({ _id: 'region_check' });
  const inMs = (job as unknown as { nextAt: Date }).nextAt.getTime() - Date.now();
  expect(inMs).toBeGreaterThan(23 * 3_600_000);
  expect(inMs).toBeLessThanOrEqual(24 * 3_600_000);
});

test('a process that was killed lets go of it', async () => {
  await due();
  await jobs().updateOne({ _id: 'region_check' }, { $set: { leasedUntil: new Date(Date.now() + 60_000) } });
  await withRegionCheck(stack, async (check) => {
    expect(await check.work()).toBe(false);
    await jobs().updateOne({ _id: 'region_check' }, { $set: { leasedUntil: new Date(Date.now() - 1) } });
    expect(await check.work()).toBe(true);
  });
});

test('a value that opens in another region, or not even in its own, is counted', async () => {
  await due();
  // Taken for another region's backend: what lies here is of another region, and opens there.
  await withRegionCheck(stack, (check) => check.work(), { regions: { here: 'eu', others: ['us'] } });
  expect(await checked()).toMatchObject({ tried: 2, opened: 2, unreadable: 2 });
});
