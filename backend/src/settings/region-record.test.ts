import { afterAll, beforeAll, expect, test } from '@jest/globals';
import mongoose, { type Connection } from 'mongoose';
import { startStack, type Stack } from '../../test/harness.ts';
import { newId } from '../database/new-id.ts';
import { orgModel } from '../database/org-model.ts';
import type { CrmConnection, CrmRecord } from '../salesforce/connection.ts';
import { RegionRecord } from './region-record.ts';

const us = { name: 'us', label: 'United States', backendUrl: 'https://us.api.example.com' };

let stack: Stack;
let connection: Connection;

beforeAll(async () => {
  stack = await startStack();
  connection = await mongoose.createConnection(stack.settings.MONGODB_URI ?? '').asPromise();
}, 240_000);
afterAll(async () => {
  await connection.close();
  await stack.close();
});

/**
 * The records of one customer, seen by an admin whose second answer may arrive late. Only an order of events is made
 * here that no real server can be made to keep; reading and writing through Salesforce is in settings.test.ts.
 */
function adminOf(records: CrmRecord[], secondAnswer: Promise<void> = Promise.resolve()): CrmConnection {
  let answers = 0;
  return {
    packaged: (name: string) => name,
    queryAll: async () => {
      const seen = [...records];
      answers += 1;
      if (answers === 2) await secondAnswer;
      return seen;
    },
    create: async (_object: string, fields: CrmRecord) => {
      records.push(fields);
      return { id: 'a01000000000001AAA' };
    },
  } as unknown as CrmConnection;
}

async function newOrg(): Promise<{ readonly orgId: string; readonly regionRecord: RegionRecord }> {
  const orgs = connection.models.Org === undefined ? orgModel(connection) : connection.model('Org');
  const orgId = newId('org');
  await orgs.create({ _id: orgId, salesforceOrgId: newId('org'), dataKeys: [], createdAt: new Date() });
  return { orgId, regionRecord: new RegionRecord(orgs as ReturnType<typeof orgModel>, [us], us) };
}

test('an admin who looked before the other one wrote, and comes to write after it, writes no second record', async () => {
  const { orgId, regionRecord } = await newOrg();
  const records: CrmRecord[] = [];
  const { signal } = new AbortController();
  let arrive = (): void => undefined;
  const late = new Promise<void>((resolve) => (arrive = resolve));
  const slow = regionRecord.ensure(orgId, adminOf(records, late), signal);
  await regionRecord.ensure(orgId, adminOf(records), signal);
  expect(records).toEqual([{ HomeRegion__c: 'us' }]);
  arrive();
  await slow;
  expect(records).toEqual([{ HomeRegion__c: 'us' }]);
});

test('many admins at once write one record', async () => {
  const { orgId, regionRecord } = await newOrg();
  const records: CrmRecord[] = [];
  const { signal } = new AbortController();
  await Promise.all(Array.from({ length: 20 }, () => regionRecord.ensure(orgId, adminOf(records), signal)));
  expect(records).toHaveLength(1);
});

test('a write that failed leaves the way free for the next save', async () => {
  const { orgId, regionRecord } = await newOrg();
  const records: CrmRecord[] = [];
  const { signal } = new AbortController();
  const broken = { ...adminOf(records), create: async () => Promise.reject(new Error('cut')) } as CrmConnection;
  await expect(regionRecord.ensure(orgId, broken, signal)).rejects.toThrow('cut');
  await regionRecord.ensure(orgId, adminOf(records), signal);
  expect(records).toHaveLength(1);
});
