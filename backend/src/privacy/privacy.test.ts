import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { Ajv2020 as Ajv } from 'ajv/dist/2020.js';
import { connect } from '../../test/connect.ts';
import { openDatabases, type TestDatabases } from '../../test/databases.ts';
import { startStack, until, type Stack } from '../../test/harness.ts';
import { verifyDocument } from '../../test/receipt.ts';
import { call, textOf, type Answer, type Json, type RepClient } from '../../test/sign-in.ts';
import { newId } from '../database/new-id.ts';

const ADMIN = 'admin@demo.example';
const CONTACT = '003000000000001AAA';

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

const freshAdmin = (): Promise<RepClient> => stack.signIn(ADMIN, { reauth: true });

/** Every document of both databases, as text, with the collection that it lies in. */
async function everything(): Promise<readonly { readonly collection: string; readonly text: string }[]> {
  const found: { collection: string; text: string }[] = [];
  for (const database of [databases.main, databases.sessions])
    for (const { name } of await database.listCollections({}, { nameOnly: true }).toArray())
      for (const document of await database.collection(name).find().toArray())
        found.push({ collection: name, text: JSON.stringify(document) });
  return found;
}

async function collectionsWith(value: string): Promise<string[]> {
  const found = (await everything()).filter(({ text }) => text.includes(value));
  return [...new Set(found.map(({ collection }) => collection))].sort();
}

const refusal = ({ status, body }: Answer): unknown[] => [
  status,
  body.error?.code,
  body.error?.field,
  body.error?.rule,
];

describe('a rep', () => {
  test('exports what is held about them, in clear and without a token', async () => {
    const rep = await stack.signIn('rep.one@demo.example');
    const { status, body } = await rep.get('/v1/privacy/export');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      schema: 'https://oneshot.ai/schemas/export/1',
      user: { id: rep.user.id, email: rep.user.email, username: 'rep.one@demo.example', status: 'active' },
      connections: [],
      activity: [],
    });
    const actions = (body.audit as unknown as { action: string }[]).map(({ action }) => action);
    expect(actions).toEqual(['signed_in', 'exported']);
    expect(body.sessions as unknown as object[]).toHaveLength(1);
    const text = JSON.stringify(body);
    for (const secret of [rep.token, 'sealed', 'keyHash', 'keySalt', 'wrapped']) expect(text).not.toContain(secret);
  });

  test('exports connections, and what erasing ends at the providers stands in the receipt', async () => {
    const rep = await stack.signIn('rep.one@demo.example');
    expect((await connect(rep, 'gmail')).status).toBe(200);
    expect((await connect(rep, 'outlook')).status).toBe(200);
    const { body } = await rep.get('/v1/privacy/export');
    const valid = new Ajv({ strict: false }).compile(
      JSON.parse(await readFile(new URL('../../../docs/export.schema.json', import.meta.url), 'utf8')) as object,
    );
    expect([valid(body), valid.errors]).toEqual([true, null]);
    expect(body.connections).toMatchObject([{ provider: 'gmail' }, { provider: 'outlook' }]);
    const { receipt } = (await rep.delete('/v1/privacy/me')).body;
    expect(receipt).toMatchObject({
      revocations: [
        { provider: 'gmail', result: 'revoked' },
        { provider: 'outlook', result: 'no_endpoint' },
      ],
      counts: { connections: 2, users: 1 },
    });
    // Which trip of a click ended in which connection: ten minutes, an id of ours.
    expect(await collectionsWith(rep.user.id)).toEqual(['auditEntries', 'jobs', 'revocations', 'signIns']);
  });

  test("gets nobody else's export, whoever they are", async () => {
    const rep = await stack.signIn('rep.two@demo.example');
    const admin = await stack.signIn(ADMIN);
    const { body } = await admin.get('/v1/privacy/export');
    expect(JSON.stringify(body)).not.toContain(rep.user.id);
    expect((await admin.get(`/v1/privacy/export?user=${rep.user.id}`)).status).toBe(400);
  });

  test('erases themselves: nothing but the trail of it is left, and the receipt can be checked without us', async () => {
    const rep = await stack.signIn('rep.one@demo.example');
    await rep.get('/v1/accounts');
    const { status, body } = await rep.delete('/v1/privacy/me');
    expect(status).toBe(200);
    const receipt = body.receipt ?? {};
    expect(receipt).toMatchObject({ state: 'complete', revocations: [], counts: { users: 1, sessions: 1 } });
    const days = (Date.parse(textOf(receipt.backupsGoneAt)) - Date.parse(textOf(receipt.completedAt))) / 86_400_000;
    expect(days).toBe(35);
    expect(await collectionsWith(rep.user.id)).toEqual(['auditEntries', 'jobs', 'revocations']);

    const { url } = stack.backend;
    expect(await verifyDocument(url, receipt)).toBe('The signature holds');
    expect(await verifyDocument(url, { ...receipt, counts: { users: 2 } })).toBe('The signature does not hold');
    const read = await call(url, 'GET', `/v1/privacy/receipts/${textOf(receipt.id)}`, undefined, {});
    expect(read.body).toEqual(receipt);

    expect(refusal(await rep.delete('/v1/privacy/me'))).toEqual([401, 'session_ended', undefined, undefined]);
    expect(refusal(await rep.get('/v1/accounts'))[0]).toBe(401);
    const again = await stack.signIn('rep.one@demo.example');
    expect(again.user.id).not.toBe(rep.user.id);
  });
});

describe('an admin', () => {
  test('needs a fresh sign-in for everything that cannot be undone', async () => {
    const admin = await stack.signIn(ADMIN);
    for (const [path, body] of [
      [`/v1/admin/users/${newId('usr')}`],
      ['/v1/admin/org', { confirm: 'x' }],
      [`/v1/admin/contacts/${CONTACT}/activity`],
    ] as const)
      expect([path, ...refusal(await admin.delete(path, body))].slice(0, 3)).toEqual([
        path,
        403,
        'reauthentication_required',
      ]);
  });

  test('erases a rep of their own org, once', async () => {
    const rep = await stack.signIn('rep.two@demo.example');
    const admin = await freshAdmin();
    const answer = await admin.delete(`/v1/admin/users/${rep.user.id}`);
    expect([answer.status, answer.body.receipt?.state]).toEqual([200, 'complete']);
    expect((await rep.get('/v1/me')).status).toBe(401);
    expect(await collectionsWith(rep.user.id)).toEqual(['auditEntries', 'jobs', 'revocations']);
    expect((await admin.delete(`/v1/admin/users/${rep.user.id}`)).status).toBe(404);
    expect((await admin.get('/v1/audit')).body).toMatchObject({ verified: true });
  });

  test('erases two at once who asked twice: one receipt each', async () => {
    const rep = await stack.signIn('rep.two@demo.example');
    const admin = await freshAdmin();
    const answers = await Promise.all([1, 2].map(() => admin.delete(`/v1/admin/users/${rep.user.id}`)));
    const done = answers.filter(({ status }) => status === 200);
    expect(answers.every(({ status }) => status === 200 || status === 404)).toBe(true);
    expect(new Set(done.map(({ body }) => textOf(body.receipt?.id))).size).toBe(1);
  });

  test("does not reach another org's people", async () => {
    const admin = await freshAdmin();
    const stranger = { _id: newId('usr'), orgId: newId('org'), salesforceUserId: 's', email: 'e', username: 'u' };
    const users = databases.main.collection<{ _id: string }>('users');
    await users.insertOne({
      ...stranger,
      status: 'active',
      isAdmin: false,
      createdAt: new Date(),
      lastSignInAt: new Date(),
    } as { _id: string });
    expect((await admin.delete(`/v1/admin/users/${stranger._id}`)).status).toBe(404);
    expect(await users.countDocuments({ _id: stranger._id })).toBe(1);
    await users.deleteOne({ _id: stranger._id });
  });

  test.each([
    ['/v1/admin/users/me', undefined, [400, 'invalid', 'id', 'pattern']],
    ['/v1/admin/contacts/001000000000001AAA/activity', undefined, [400, 'invalid', 'contactId', 'crm_id']],
    ['/v1/admin/org', undefined, [400, 'invalid', 'body', 'type']],
    ['/v1/admin/org', { confirm: '00D000000000000AAA' }, [400, 'invalid', 'confirm', 'org_id']],
    ['/v1/admin/org', { confirm: '00D000000000000AAA', force: true }, [400, 'invalid', 'force', 'unknown']],
  ])('is told what is wrong with %s %j', async (path, body, expected) => {
    const admin = await freshAdmin();
    expect(refusal(await admin.delete(path, body))).toEqual(expected);
  });

  test('erases what is held about a contact', async () => {
    const admin = await freshAdmin();
    const answer = await admin.delete(`/v1/admin/contacts/${CONTACT}/activity`);
    expect([answer.status, answer.body]).toEqual([200, { erased: 0 }]);
  });

  test('erases the org: no document of it is left, and its people may begin anew', async () => {
    const rep = await stack.signIn('rep.one@demo.example');
    const admin = await freshAdmin();
    const org = await databases.main
      .collection<{ _id: string; salesforceOrgId: string }>('orgs')
      .findOne({ _id: admin.org.id });
    const salesforceOrgId = org?.salesforceOrgId ?? '';
    const asked = await admin.delete('/v1/admin/org', { confirm: salesforceOrgId });
    expect(asked.status).toBe(202);
    expect((await rep.get('/v1/me')).status).toBe(401);
    const receiptId = textOf(asked.body.receiptId);
    let receipt: Json | undefined;
    await until('the org is erased', async () => {
      receipt = (await call(stack.backend.url, 'GET', `/v1/privacy/receipts/${receiptId}`, undefined, {})).body;
      return textOf(receipt.state) === 'complete';
    });
    expect(receipt?.counts).toMatchObject({ orgs: 1, auditHeads: 1, sessions: expect.any(Number) });
    expect(await verifyDocument(stack.backend.url, receipt)).toBe('The signature holds');
    // Ids of ours, which name nobody any more: who ended whose session, that an erasure ran, that an admin asked for it.
    expect(await collectionsWith(admin.org.id)).toEqual(['auditEntries', 'jobs', 'revocations']);
    expect(await databases.main.collection('auditEntries').countDocuments({ orgId: admin.org.id })).toBe(0);
    expect(await collectionsWith(salesforceOrgId)).toEqual([]);
    const again = await stack.signIn(ADMIN);
    expect(again.org.id).not.toBe(admin.org.id);
    expect((await again.get('/v1/audit')).body).toMatchObject({ verified: true });
  });
});

test.each(['', 'x', 'A'.repeat(42), `${'A'.repeat(42)}.`])('a receipt id that is none is refused: %j', async (id) => {
  const answer = await call(stack.backend.url, 'GET', `/v1/privacy/receipts/${id}`, undefined, {});
  expect([400, 404]).toContain(answer.status);
});

test('a receipt that nobody was given is not found', async () => {
  const answer = await call(stack.backend.url, 'GET', `/v1/privacy/receipts/${'A'.repeat(43)}`, undefined, {});
  expect(answer.status).toBe(404);
});
