import { afterAll, beforeAll, expect, test } from '@jest/globals';
import mongoose, { type Connection, type Model } from 'mongoose';
import { startStack, type Stack } from '../../test/harness.ts';
import { newId } from '../database/new-id.ts';
import { Audit } from './audit.ts';
import { auditModel, type AuditDocument } from './model.ts';

let stack: Stack;
let connection: Connection;
let entries: Model<AuditDocument>;
let audit: Audit;

beforeAll(async () => {
  stack = await startStack();
  connection = await mongoose.createConnection(stack.settings.MONGODB_URI ?? '').asPromise();
  entries = auditModel(connection);
  audit = new Audit(entries);
}, 60_000);
afterAll(async () => {
  await connection.close();
  await stack.close();
});

const event = (orgId: string) => ({ orgId, actor: newId('usr'), action: 'signed_in', target: newId('ses') });

async function trailOf(orgId: string, length: number): Promise<void> {
  for (let count = 0; count < length; count += 1) await audit.append(event(orgId));
}

test('entries appended at once by several processes stand in one unbroken chain', async () => {
  const orgId = newId('org');
  const others = await Promise.all(
    [1, 2, 3].map(() => mongoose.createConnection(stack.settings.MONGODB_URI ?? '').asPromise()),
  );
  try {
    const trails = others.map((other) => new Audit(auditModel(other)));
    await Promise.all(Array.from({ length: 30 }, async (_, index) => trails[index % 3]?.append(event(orgId))));
  } finally {
    await Promise.all(others.map((other) => other.close()));
  }
  const page = await audit.page(orgId, 50);
  expect(page).toMatchObject({ verified: true, brokenAt: null, nextCursor: null });
  expect(page.rows.map(({ seq }) => seq)).toEqual(Array.from({ length: 30 }, (_, index) => 30 - index));
});

test('each org has a chain of its own', async () => {
  const [one, other] = [newId('org'), newId('org')];
  await trailOf(one, 2);
  await trailOf(other, 1);
  expect((await audit.page(one, 50)).rows).toHaveLength(2);
  expect((await audit.page(other, 50)).rows).toHaveLength(1);
});

test.each<[string, number, (orgId: string) => Promise<unknown>]>([
  ['changed', 2, (orgId) => entries.updateOne({ orgId, seq: 2 }, { $set: { action: 'signed_out' } })],
  ['given to another', 3, (orgId) => entries.updateOne({ orgId, seq: 3 }, { $set: { actor: newId('usr') } })],
  ['dated back', 4, (orgId) => entries.updateOne({ orgId, seq: 4 }, { $set: { at: new Date(0) } })],
  ['deleted', 3, (orgId) => entries.deleteOne({ orgId, seq: 3 })],
  ['the first, deleted', 1, (orgId) => entries.deleteOne({ orgId, seq: 1 })],
  ['moved to another org', 2, (orgId) => entries.updateOne({ orgId, seq: 2 }, { $set: { orgId: newId('org') } })],
])('an entry that was %s is found', async (_what, seq, tamper) => {
  const orgId = newId('org');
  await trailOf(orgId, 5);
  await tamper(orgId);
  expect(await audit.page(orgId, 50)).toMatchObject({ verified: false, brokenAt: seq });
});

test('names and addresses cannot be written', async () => {
  const good = event(newId('org'));
  for (const bad of [
    { actor: 'rep.one@demo.example' },
    { target: 'Canary Ltd' },
    { action: 'Signed in as Robin' },
    { orgId: '00D000000000001EAA' },
    { target: '' },
  ])
    await expect(audit.append({ ...good, ...bad })).rejects.toThrow(TypeError);
});

test('an admin pages through the trail of their own org, newest first', async () => {
  const admin = await stack.signIn('admin@demo.example');
  for (let count = 0; count < 60; count += 1) await audit.append(event(admin.org.id));
  const first = (await admin.get('/v1/audit')).body;
  expect(first).toMatchObject({ verified: true, brokenAt: null, nextCursor: '12' });
  const second = (await admin.get(`/v1/audit?cursor=${first.nextCursor as unknown as string}`)).body;
  const seqs = [...(first.rows as unknown as { seq: number }[]), ...(second.rows as unknown as { seq: number }[])];
  expect(seqs.map(({ seq }) => seq)).toEqual(Array.from({ length: 61 }, (_, index) => 61 - index));
  expect(second.nextCursor).toBeNull();
});

test.each(['0', '-1', '01', '1.5', 'x', '', "1'", '9'.repeat(16), '1&cursor=2'])(
  'a cursor that is none is refused: %s',
  async (cursor) => {
    const admin = await stack.signIn('admin@demo.example');
    const answer = await admin.get(`/v1/audit?cursor=${cursor}`);
    expect([answer.status, answer.body.error?.field]).toEqual([400, 'cursor']);
  },
);
