import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openDatabases, type TestDatabases } from '../../test/databases.ts';
import { startStack, type Stack } from '../../test/harness.ts';
import { withRegionCheck } from '../../test/region-checking.ts';
import { verifyDocument } from '../../test/receipt.ts';
import type { Evidence } from './evidence.ts';
import { textsIn } from './evidence-texts.ts';
import { PROMISES } from './promises.ts';
import type { RepClient } from '../../test/sign-in.ts';

let stack: Stack;
let databases: TestDatabases;

beforeAll(async () => {
  stack = await startStack({ SANDBOX_ACCOUNTS: '20' });
  databases = await openDatabases(stack.settings);
}, 240_000);
afterAll(async () => {
  await databases.close();
  await stack.close();
});

const evidenceOf = async (admin: RepClient): Promise<Evidence> =>
  (await admin.get('/v1/privacy/evidence')).body as unknown as Evidence;
const promise = ({ promises }: Evidence, number: number) => promises.find((one) => one.number === number);

test('says what is held, in memory and on disk, of this org alone', async () => {
  const rep = await stack.signIn('rep.one@demo.example');
  const list = (await rep.get('/v1/accounts')).body;
  const admin = await stack.signIn('admin@demo.example');
  const evidence = await evidenceOf(admin);
  expect(evidence.promises.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  const notMeasured = evidence.promises.filter(({ holds }) => holds !== true).map(({ number }) => number);
  expect(notMeasured).toEqual([1]);
  expect(promise(evidence, 1)).toMatchObject({ holds: null, figure: expect.stringContaining('has not run') });
  expect(evidence.caches).toMatchObject([{ rep: rep.user.id, rows: list.total }]);
  const users = evidence.collections.find(({ name }) => name === 'users');
  expect(users).toMatchObject({ count: 2, keyVersions: ['d1'] });
  expect(users?.fields).toEqual(expect.arrayContaining(['email', 'username', 'salesforceUserId']));
  expect(evidence.logFields).toContain('problem');
  expect(evidence.canary).toBeNull();
});

test('is worded in German for whoever asks so, with numbers and plurals as they are said', async () => {
  const admin = await stack.signIn('admin@demo.example');
  const { headers, body } = await admin.get('/v1/privacy/evidence', { 'accept-language': 'de-AT,de;q=0.9' });
  expect(headers.get('content-language')).toBe('de');
  const german = body as unknown as Evidence;
  expect(promise(german, 6)?.title).toBe('Sitzungen enden');
  expect(promise(german, 1)?.figure).toMatch(
    /^[\d.]+ Dokumente in \d+ Sammlungen, .*; der Kanarienlauf lief hier noch nicht$/,
  );
  expect(promise(german, 7)?.test).toBe(
    'backend/src/config.test.ts: in Produktion wird http ohne TLS verweigert, wie alles, was nur zur Entwicklung dient',
  );
  const [english, deutsch] = [textsIn('en'), textsIn('de')];
  expect([0, 1, 2].map((count) => english.sessions(count, 60, true).split(',')[0])).toEqual([
    '0 live sessions',
    '1 live session',
    '2 live sessions',
  ]);
  expect(english.tokens(1, 1, 0)).toBe('1 session and 1 connection, 0 of them not sealed');
  expect(deutsch.tokens(1, 2, 0)).toBe('1 Sitzung und 2 Verbindungen, davon 0 nicht versiegelt');
  expect(deutsch.sends(1_200, 9, 0)).toBe('1.200 Sendungen mit je 9 Feldern, davon 0 mit Inhalt');
});

test('the region check comes once a day, in one process, and its time and result are shown', async () => {
  const admin = await stack.signIn('admin@demo.example');
  expect(promise(await evidenceOf(admin), 8)).toMatchObject({ figure: expect.stringContaining('has not come') });
  await withRegionCheck(stack, async (check) => {
    // Of several processes one has it; the next one comes a day later.
    expect(await check.work()).toBe(true);
    expect(await check.work()).toBe(false);
  });
  const { holds, figure } = promise(await evidenceOf(admin), 8) ?? {};
  expect([holds, figure]).toEqual([
    true,
    expect.stringMatching(/the daily check of .* UTC tried \d+ sealed values .*: 0 opened$/),
  ]);

  const orgs = databases.main.collection('orgs');
  await orgs.updateOne({}, { $set: { 'regionCheck.opened': 1 } });
  expect(promise(await evidenceOf(admin), 8)).toMatchObject({ holds: false });
  await orgs.updateOne(
    {},
    { $set: { 'regionCheck.opened': 0, 'regionCheck.at': new Date(Date.now() - 49 * 3_600_000) } },
  );
  expect(promise(await evidenceOf(admin), 8)).toMatchObject({ holds: null });
});

test('is for admins', async () => {
  const rep = await stack.signIn('rep.one@demo.example');
  expect((await rep.get('/v1/privacy/evidence')).status).toBe(403);
});

test('comes signed, for somebody to keep and check', async () => {
  const admin = await stack.signIn('admin@demo.example');
  const { body } = await admin.get('/v1/privacy/evidence/signed');
  expect(await verifyDocument(stack.backend.url, body)).toBe('The signature holds');
  expect(await verifyDocument(stack.backend.url, { ...body, caches: [] })).toBe('The signature does not hold');
});

test.each<[string, number, () => Promise<unknown>, () => Promise<unknown>]>([
  [
    'a trail that was tampered with',
    9,
    () => databases.main.collection('auditEntries').updateOne({ seq: 1 }, { $set: { action: 'x' } }),
    () => databases.main.collection('auditEntries').updateOne({ seq: 1 }, { $set: { action: 'signed_in' } }),
  ],
  [
    'a session that lies open',
    4,
    () => databases.sessions.collection('sessions').updateOne({}, { $rename: { sealed: 'open' } }),
    () =>
      databases.sessions.collection('sessions').updateOne({ open: { $exists: true } }, { $rename: { open: 'sealed' } }),
  ],
  [
    'an erasure that does not end',
    11,
    async () => {
      const org = await databases.main.collection<{ _id: string }>('orgs').findOne({});
      await databases.main.collection<{ _id: string }>('jobs').insertOne({
        _id: 'job_late',
        orgId: org?._id,
        subject: 'late',
        dueAt: new Date(0),
        leasedUntil: new Date(Date.now() + 60_000),
      } as { _id: string });
    },
    () => databases.main.collection<{ _id: string }>('jobs').deleteOne({ _id: 'job_late' }),
  ],
])('goes red for %s', async (_what, number, spoil, mend) => {
  const admin = await stack.signIn('admin@demo.example');
  await spoil();
  try {
    expect(promise(await evidenceOf(admin), number)).toMatchObject({ holds: false });
  } finally {
    await mend();
  }
  expect(promise(await evidenceOf(admin), number)).toMatchObject({ holds: true });
});

test('shows the newest canary run as it was signed, and none that somebody changed', async () => {
  const script = fileURLToPath(new URL('../../dist/canary-job.js', import.meta.url));
  const env = { PATH: process.env.PATH, NODE_ENV: 'development', ...stack.settings };
  const { stdout } = await promisify(execFile)(process.execPath, [script], {
    env: { ...env, CANARY_MONGODB_URI: stack.settings.MONGODB_URI },
  });
  const result = JSON.parse(stdout) as Evidence['canary'];
  expect(result).toMatchObject({
    found: 0,
    accounts: 500,
    contacts: 1,
    templates: 1,
    mails: 1,
    planted: 22,
    searchWorks: true,
    holds: true,
  });
  expect(result?.heapBytes).toBeGreaterThan(10_000_000);
  const admin = await stack.signIn('admin@demo.example');
  const evidence = await evidenceOf(admin);
  expect(evidence.canary).toEqual(result);
  expect(promise(evidence, 1)).toMatchObject({ holds: true });
  expect(await verifyDocument(stack.backend.url, result)).toBe('The signature holds');

  const runs = databases.main.collection('canaryRuns');
  await runs.updateOne({}, { $set: { 'result.planted': 9 } });
  expect(promise(await evidenceOf(admin), 1)).toMatchObject({ holds: null });
}, 240_000);

test('names tests that exist, here and in the document for customers', async () => {
  const root = new URL('../../../', import.meta.url);
  const document = await readFile(new URL('docs/data-handling.md', root), 'utf8');
  for (let number = 1; number <= 22; number += 1) expect(document).toMatch(new RegExp(`^\\| P${number} +\\|`, 'm'));
  const inDocument = [...document.matchAll(/`(backend\/[^`]+\.ts)`: "([^"]+)"/g)].map(
    (found) => `${found[1]}: ${found[2]}`,
  );
  expect(inDocument.length).toBeGreaterThanOrEqual(19);
  const inEvidence = PROMISES.map(({ number, file }) => `${file}: ${textsIn('en').tests[number]}`);
  for (const named of [...inEvidence, ...inDocument]) {
    const [file = '', ...name] = named.split(': ');
    const source = await readFile(new URL(file, root), 'utf8');
    expect([named, source.includes(name.join(': '))]).toEqual([named, true]);
    // A name with a place for a value says nothing to whoever reads it.
    expect(named).not.toMatch(/%[sdifjop]|\$\{/);
  }
});
