import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openDatabases, type TestDatabases } from '../../test/databases.ts';
import { startStack, type Backend, type Stack } from '../../test/harness.ts';
import { freshKey } from '../../test/sending-stack.ts';
import { call, type Answer, type Json, type RepClient } from '../../test/sign-in.ts';
import { canonicalJson } from '../vault/canonical-json.ts';
import { withProofKeys } from '../../test/proof-keys.ts';

const OBJECT = 'OneShotAuditHead__c';
let stack: Stack;
let second: Backend;
let databases: TestDatabases;
let admin: RepClient;

beforeAll(async () => {
  stack = await startStack({ SANDBOX_ACCOUNTS: '5' });
  second = await stack.addBackend();
  databases = await openDatabases(stack.settings);
  admin = await stack.signIn('admin@demo.example');
}, 240_000);
afterAll(async () => {
  await databases.close();
  await stack.close();
});

const keep = (key = freshKey(), rep = admin): Promise<Answer> =>
  rep.post('/v1/audit/heads', undefined, { 'idempotency-key': key });
const kept = async (): Promise<readonly Json[]> => (await admin.get('/v1/audit/heads')).body.rows as unknown as Json[];
const stored = () => stack.sandbox.records(OBJECT);

test('an admin keeps the signed head in their own Salesforce, once for a click, whichever process is asked', async () => {
  const key = freshKey();
  const answers = await Promise.all([keep(key), keep(key, admin.at(second.url)), keep(key)]);
  answers.push(await keep(key, admin.at(second.url)));
  expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
  expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
  const [record, ...others] = await stored();
  expect(others).toEqual([]);
  const { head } = answers[0].body;
  expect(head).toMatchObject({ org: admin.org.id, holds: true });
  const { Trail__c: org, Entries__c: seq, Hash__c: hash, SignedAt__c: at, Signature__c: signature } = record ?? {};
  expect(head).toMatchObject({ org, seq, hash, at, signature });
  // Written as the admin, and told in the trail.
  expect(
    (await stack.sandbox.requests()).some(
      ({ method, path, username }) => method === 'POST' && path.endsWith(OBJECT) && username === 'admin@demo.example',
    ),
  ).toBe(true);
  const { rows } = (await admin.get('/v1/audit')).body as unknown as { rows: { action: string; target: string }[] };
  expect(rows.some(({ action, target }) => action === 'audit_head_kept' && target === 'salesforce')).toBe(true);
  expect((await keep()).body.head).not.toEqual(head);
  expect((await kept()).map(({ holds }) => holds)).toEqual([true, true]);
});

test('a line that was cut after Salesforce wrote it: the same key finds what was written', async () => {
  const before = (await stored()).length;
  const key = freshKey();
  await stack.sandbox.fault({ pathPattern: `/sobjects/${OBJECT}`, times: 1, drop: 'after' });
  expect((await keep(key)).status).toBe(503);
  expect((await keep(key)).status).toBe(201);
  expect(await stored()).toHaveLength(before + 1);
});

test('what is kept is checked without us, also after the trail was cut and its head made to fit', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'oneshot-heads-'));
  try {
    const jwks = (await call(stack.backend.url, 'GET', '/v1/privacy/keys', undefined, {})).body;
    await writeFile(join(folder, 'keys.json'), JSON.stringify(jwks));
    await writeFile(join(folder, 'heads.json'), JSON.stringify({ totalSize: 1, done: true, records: await stored() }));
    const verify = async (): Promise<string> => {
      const script = fileURLToPath(new URL('../../../scripts/verify.mjs', import.meta.url));
      const args = ['trail', 'trail.jsonl', 'keys.json', 'heads.json'];
      try {
        return (await promisify(execFile)(process.execPath, [script, ...args], { cwd: folder })).stdout.trim();
      } catch (error) {
        return String((error as { readonly stderr?: unknown }).stderr).trim();
      }
    };
    const exported = await trailOf(admin.org.id);
    await writeFile(join(folder, 'trail.jsonl'), exported.whole);
    expect(await verify()).toMatch(/entries of .* hold, against \d+ that were kept$/);
    // Whoever has our database and our signing key can cut a trail and sign its new end; not what the customer has.
    await writeFile(join(folder, 'trail.jsonl'), await exported.cutTo(1));
    expect(await verify()).toBe('Entry 2 is missing');
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('evidence says how many are kept, and goes red when the trail contradicts one', async () => {
  const promise = async () => {
    const { promises } = (await admin.get('/v1/privacy/evidence')).body as unknown as {
      promises: { number: number; holds: boolean | null; figure: string }[];
    };
    return promises.find(({ number }) => number === 9);
  };
  expect(await promise()).toMatchObject({
    holds: true,
    figure: expect.stringMatching(/3 heads kept in your own Salesforce, .* none contradicts it/),
  });
  // A record that somebody wrote by hand counts for nothing.
  await stack.sandbox.upsert(OBJECT, [
    { Trail__c: admin.org.id, Entries__c: 1, Hash__c: 'f'.repeat(64), SignedAt__c: 'x', Signature__c: 'y' },
  ]);
  expect(await promise()).toMatchObject({ holds: true, figure: expect.stringContaining('3 heads') });
  expect((await kept())[0]).toMatchObject({ holds: null });
  const newest = Number((await kept())[1]?.seq);
  const filter = { orgId: admin.org.id, seq: newest };
  const entries = databases.main.collection('auditEntries');
  const entry = await entries.findOne(filter);
  await entries.updateOne(filter, { $set: { hash: '0'.repeat(64) } });
  expect((await kept())[1]).toMatchObject({ holds: false });
  expect(await promise()).toMatchObject({ holds: false, figure: expect.stringContaining('CONTRADICT') });
  await entries.updateOne(filter, { $set: { hash: entry?.hash as string } });
});

test('it is for admins; a package without the object, or an admin who may not add one, is told', async () => {
  const rep = await stack.signIn('rep.one@demo.example');
  expect((await keep(freshKey(), rep)).status).toBe(403);
  expect((await rep.get('/v1/audit/heads')).status).toBe(403);
  expect((await admin.post('/v1/audit/heads')).body.error).toMatchObject({ code: 'invalid', field: 'idempotency-key' });
  await stack.sandbox.access('admin@demo.example', OBJECT, { create: false });
  expect((await keep()).body.error).toMatchObject({ code: 'setup_missing', action: 'contact_admin' });
  await stack.sandbox.access('admin@demo.example', OBJECT, { read: false });
  expect((await admin.get('/v1/audit/heads')).body.error).toMatchObject({ code: 'setup_missing' });
  const { promises } = (await admin.get('/v1/privacy/evidence')).body as unknown as { promises: { figure: string }[] };
  expect(promises[8]?.figure).toContain('could not be read');
});

/** The trail as it is exported, and as a thief with our signing key would cut it. */
async function trailOf(orgId: string): Promise<{ readonly whole: string; cutTo(seq: number): Promise<string> }> {
  return withProofKeys(stack, async (proofKeys, exported) => {
    const whole = await exported(orgId);
    const lines = whole.trimEnd().split('\n');
    return {
      whole,
      cutTo: async (seq) => {
        const kept = lines.slice(0, seq);
        const { hash } = JSON.parse(kept.at(-1) ?? '{}') as { readonly hash: string };
        const at = new Date().toISOString();
        const signature = proofKeys.sign(JSON.stringify(['oneshot audit head 1', orgId, seq, hash, at]));
        return `${[...kept, canonicalJson({ org: orgId, seq, hash, at, signature })].join('\n')}\n`;
      },
    };
  });
}
