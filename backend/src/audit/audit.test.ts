import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import mongoose, { type Connection } from 'mongoose';
import { startStack, until, type Stack } from '../../test/harness.ts';
import { newId } from '../database/new-id.ts';
import { Audit } from './audit.ts';
import { hashOf } from './chain.ts';
import { MinuteCounts } from './minute-counts.ts';
import { FileLedger } from '../ledger/file-ledger.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { openKeyFile } from '../vault/key-file.ts';
import { ProofKeys } from '../vault/proof-keys.ts';
import { signingKeyModel } from '../vault/signing-key-model.ts';
import { auditModels, type AuditModels } from './model.ts';

let stack: Stack;
let connection: Connection;
let models: AuditModels;
let ledger: FileLedger;
let proofKeys: ProofKeys;
let entries: AuditModels['entries'];
let heads: AuditModels['heads'];
let audit: Audit;

beforeAll(async () => {
  stack = await startStack();
  connection = await mongoose.createConnection(stack.settings.MONGODB_URI ?? '').asPromise();
  models = auditModels(connection);
  ({ entries, heads } = models);
  ledger = await FileLedger.open(join(stack.dataDir, 'ledger.jsonl'));
  const masterKey = await openKeyFile(stack.dataDir, false);
  proofKeys = await ProofKeys.open({ keys: signingKeyModel(connection), masterKey, region: 'us' });
  audit = auditOn(models);
}, 240_000);
afterAll(async () => {
  await audit.close();
  await connection.close();
  await stack.close();
});

/** A trail as a process of its own would have it, on the stack's keys and ledger. */
const auditOn = (models: AuditModels): Audit => new Audit({ ...models, proofKeys, ledger });

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
    const trails = others.map((other) => auditOn(auditModels(other)));
    await Promise.all(Array.from({ length: 30 }, async (_, index) => trails[index % 3]?.append(event(orgId))));
    await Promise.all(trails.map((trail) => trail.close()));
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
  ['the last, deleted', 5, (orgId) => entries.deleteOne({ orgId, seq: 5 })],
  ['the last three, deleted', 3, (orgId) => entries.deleteMany({ orgId, seq: { $gte: 3 } })],
  ['all, deleted', 1, (orgId) => entries.deleteMany({ orgId })],
  ['all, deleted with their head', 1, (orgId) => takeAll(orgId)],
  ['written by hand', 6, (orgId) => writeByHand(orgId)],
  ['written anew from there on, hashes and all', 3, (orgId) => rewriteFrom(orgId, 3)],
  ['cut off, and the head taken away', 5, (orgId) => cutWithHead(orgId)],
  ['cut off, and the head made up', 5, (orgId) => cutAndForge(orgId)],
  ['moved to another org', 2, (orgId) => entries.updateOne({ orgId, seq: 2 }, { $set: { orgId: newId('org') } })],
])('an entry that was %s is found', async (_what, seq, tamper) => {
  const orgId = newId('org');
  await trailOf(orgId, 5);
  await tamper(orgId);
  expect(await audit.page(orgId, 50)).toMatchObject({ verified: false, brokenAt: seq });
});

async function takeAll(orgId: string): Promise<void> {
  await audit.head(orgId);
  await entries.deleteMany({ orgId });
  await heads.deleteMany({ orgId });
}

/** Chained as it should be, with a signature that is another entry's. */
async function writeByHand(orgId: string): Promise<void> {
  const last = await entries.findOne({ orgId, seq: 5 }).lean();
  if (last === null) throw new Error('There is no fifth entry');
  const entry = { ...event(orgId), seq: 6, at: new Date() };
  await entries.create({ ...entry, hash: hashOf(entry, last.hash), signature: last.signature });
}

async function rewriteFrom(orgId: string, seq: number): Promise<void> {
  let previous = (await entries.findOne({ orgId, seq: seq - 1 }).lean())?.hash ?? '';
  for (const entry of await entries
    .find({ orgId, seq: { $gte: seq } })
    .sort({ seq: 1 })
    .lean()) {
    previous = hashOf({ ...entry, action: 'signed_out' }, previous);
    await entries.updateOne({ orgId, seq: entry.seq }, { $set: { action: 'signed_out', hash: previous } });
  }
}

async function cutWithHead(orgId: string): Promise<void> {
  await audit.head(orgId);
  await entries.deleteOne({ orgId, seq: 5 });
  await heads.deleteOne({ orgId });
}

async function cutAndForge(orgId: string): Promise<void> {
  await audit.head(orgId);
  await entries.deleteOne({ orgId, seq: 5 });
  const last = await entries.findOne({ orgId, seq: 4 }).lean();
  await heads.updateOne({ orgId }, { $set: { seq: 4, hash: last?.hash } });
}

test('a trail that was cut off together with an older head of its own is found by the ledger', async () => {
  const orgId = newId('org');
  await trailOf(orgId, 3);
  await audit.head(orgId);
  const [older] = await heads.find({ orgId }).lean();
  await trailOf(orgId, 2);
  const head = await audit.head(orgId);
  if (head === undefined || older === undefined) throw new Error('There is no head');
  await ledger.append({ type: 'audit_head', org: orgId, seq: head.seq, hash: head.hash });
  await entries.deleteMany({ orgId, seq: { $gt: 3 } });
  await heads.replaceOne({ _id: orgId }, older);
  expect(await audit.page(orgId, 50)).toMatchObject({ verified: false, brokenAt: 4 });
});

test('what a process that was killed had not covered with a head yet still holds', async () => {
  const orgId = newId('org');
  await trailOf(orgId, 4);
  await audit.head(orgId);
  await heads.deleteOne({ orgId });
  const killed = auditOn(models);
  await killed.append(event(orgId));
  await audit.append(event(orgId));
  expect(await audit.page(orgId, 50)).toMatchObject({ verified: true, brokenAt: null });
});

test('a trail that is erased while heads are written gets no head behind its erasure', async () => {
  const [one, other] = [newId('org'), newId('org')];
  for (const orgId of [one, other]) await trailOf(orgId, 1);
  let letGo = (): void => undefined;
  const opened = new Promise<void>((resolve) => (letGo = resolve));
  const slow: Pick<Ledger, 'append'> = { append: (entry) => opened.then(() => ledger.append(entry)) };
  const process = new Audit({ ...models, proofKeys, ledger: slow as Ledger });
  for (const orgId of [one, other]) await process.append(event(orgId));
  // The head of the first is stored and goes to the ledger, that of the other is next.
  const written = process.head(one);
  await until('the first is stored', async () => (await heads.findOne({ orgId: one }).lean())?.seq === 2);
  const erased = process.forget(other).then(() => heads.deleteMany({ orgId: other }));
  letGo();
  await Promise.all([written, erased]);
  await process.close();
  expect(await heads.countDocuments({ orgId: other })).toBe(0);
});

test('the first use in a minute stands in the trail at once, the others as one number', async () => {
  const orgId = newId('org');
  const use = { orgId, actor: newId('usr'), action: 'token_used', target: 'gmail_send_mail' };
  const targets = async (): Promise<string[]> => (await audit.page(orgId, 9)).rows.map(({ target }) => target);
  // A minute that does not end before it was looked at, and one that ends by itself.
  const long = new MinuteCounts(audit);
  for (let index = 0; index < 5; index += 1) await long.count(use);
  expect(await targets()).toEqual(['gmail_send_mail']);
  await long.close();
  expect(await targets()).toEqual(['gmail_send_mail_x4', 'gmail_send_mail']);
  const short = new MinuteCounts(audit, 500);
  await Promise.all([1, 2, 3].map(() => short.count(use)));
  await until('the minute ended', async () => (await targets()).length > 3);
  expect((await targets()).slice(0, 2)).toEqual(['gmail_send_mail_x2', 'gmail_send_mail']);
  await short.close();
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

test("a rep who calls an admin's route is refused and stands in the trail", async () => {
  const rep = await stack.signIn('rep.one@demo.example');
  expect((await rep.get('/v1/settings')).status).toBe(403);
  expect((await rep.delete(`/v1/admin/users/${newId('usr')}`)).status).toBe(403);
  const admin = await stack.signIn('admin@demo.example');
  await until('both refusals are there', async () => {
    const { rows } = (await admin.get('/v1/audit')).body as unknown as { rows: { action: string; target: string }[] };
    const refused = rows.filter(({ action }) => action === 'admin_refused').map(({ target }) => target);
    return refused.includes('get_settings') && refused.includes('delete_admin_users_id');
  });
});
