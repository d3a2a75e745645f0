import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startChild, type Child } from './child.ts';
import { openDatabases, type TestDatabases } from './databases.ts';
import { freePort, ORIGIN, until, type Settings } from './harness.ts';
import { verifyDocument } from './receipt.ts';
import { call, patiently, signIn, textOf, type Json, type SignInTarget } from './sign-in.ts';

/** Erasing an org with 1,000 users, with a SIGKILL at a moment that nobody chose, ends complete after a restart. */
const USERS = 1_000;
const RUNS = process.env.ONESHOT_DEEP ? Number(process.env.ONESHOT_KILLS ?? '25') : 2;
const [DATABASE, SANDBOX, BACKEND] = ['embedded-mongodb', 'sandbox', 'backend'].map((part) => `${part}/dist/main.js`);

let folder: string;
let database: Child | undefined;
let sandbox: Child;
let settings: Settings;
let databases: TestDatabases;
let backend: Child;
let target: SignInTarget;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oneshot-kill-'));
  const port = await freePort();
  if (!process.env.MONGODB_URI)
    database = await startChild(DATABASE ?? '', { EMBEDDED_MONGODB_PORT: '0', DATA_DIR: folder });
  sandbox = await startChild(SANDBOX ?? '', {
    SANDBOX_PORT: '0',
    SANDBOX_ACCOUNTS: '3',
    SANDBOX_REDIRECT_URIS: `http://127.0.0.1:${port}/v1/auth/salesforce/callback`,
  });
  const server = new URL(database?.url ?? process.env.MONGODB_URI ?? '');
  const uriOf = (name: string): string => Object.assign(new URL(server), { pathname: `/${name}` }).href;
  settings = {
    PORT: String(port),
    OPS_PORT: '0',
    DATA_DIR: folder,
    MONGODB_URI: uriOf(`kill_${port}`),
    SESSIONS_MONGODB_URI: uriOf(`kill_${port}_sessions`),
    SALESFORCE_LOGIN_URL: `${sandbox.url}/salesforce`,
    PREVIEW_ORIGIN: ORIGIN,
  };
  databases = await openDatabases(settings);
  backend = await startChild(BACKEND ?? '', settings);
  target = { url: backend.url, origin: ORIGIN };
  await untilReady();
}, 240_000);
afterAll(async () => {
  await databases.close();
  for (const child of [backend, sandbox, database]) await child?.stop();
  await rm(folder, { recursive: true, force: true });
});

const untilReady = (): Promise<void> =>
  until(
    'it serves',
    // A connection that is kept alive may be one to the process that was killed.
    () =>
      call(target.url, 'GET', '/readyz', undefined, {}).then(
        ({ status }) => status === 200,
        () => false,
      ),
    180_000,
  );

test(
  'an org of 1,000 people is erased to its end, wherever the backend is killed',
  async () => {
    // How long all of it takes here and now says where there is something to be killed in.
    const took = await erased();
    for (let run = 0; run < RUNS; run += 1) {
      const killedAfter = (run * 1.1 * took) / RUNS;
      const ms = await erased(killedAfter);
      const figures = { run: run + 1, took, killedAfter, ms };
      if (process.env.ONESHOT_DEEP) process.stderr.write(`${JSON.stringify(figures, rounded)}\n`);
    }
  },
  60_000 + RUNS * 180_000,
);

/**
 * Erases an org, and kills the backend on the way.
 * @param killAfterMs from the answer that the erasure began
 * @returns how long the erasure took from then, in milliseconds
 */
async function erased(killAfterMs?: number): Promise<number> {
  const admin = await signIn(target, 'admin@demo.example', { reauth: true });
  const orgId = admin.org.id;
  const orgs = databases.main.collection<{ _id: string; salesforceOrgId: string }>('orgs');
  const salesforceOrgId = (await orgs.findOne({ _id: orgId }))?.salesforceOrgId ?? '';
  await fill(orgId);
  const asked = await patiently(() => admin.delete('/v1/admin/org', { confirm: salesforceOrgId }));
  expect(asked.status).toBe(202);
  const startedAt = performance.now();
  if (killAfterMs !== undefined) {
    await delay(killAfterMs);
    await backend.kill();
    backend = await startChild(BACKEND ?? '', settings);
    await untilReady();
  }
  let receipt: Json | undefined;
  await until(
    'the receipt is complete',
    async () => {
      const path = `/v1/privacy/receipts/${textOf(asked.body.receiptId)}`;
      receipt = (await call(target.url, 'GET', path, undefined, {})).body;
      return textOf(receipt.state) === 'complete';
    },
    180_000,
  );
  const took = performance.now() - startedAt;
  expect(receipt?.counts).toMatchObject({ orgs: 1, users: USERS + 1 });
  expect(await verifyDocument(target.url, receipt)).toBe('The signature holds');
  const left: string[] = [];
  for (const db of [databases.main, databases.sessions])
    for (const { name } of await db.listCollections({}, { nameOnly: true }).toArray())
      if ((await db.collection(name).countDocuments({ orgId })) > 0) left.push(name);
  expect(left.filter((name) => name !== 'jobs' && name !== 'revocations')).toEqual([]);
  expect(await orgs.countDocuments({ $or: [{ _id: orgId }, { salesforceOrgId }] })).toBe(0);
  return took;
}

const rounded = (_name: string, value: unknown): unknown => (typeof value === 'number' ? Math.round(value) : value);

/** More people than the demo org has, each with a session. */
async function fill(orgId: string): Promise<void> {
  const numbers = Array.from({ length: USERS }, (_, number) => number);
  const at = new Date();
  const later = new Date(Date.now() + 3_600_000);
  await databases.main.collection<{ _id: string }>('users').insertMany(
    numbers.map((number) => ({
      _id: `usr_${orgId}_${number}`,
      orgId,
      salesforceUserId: String(number),
      email: 'e1.d1.sealed',
      username: 'e1.d1.sealed',
      status: 'active',
      isAdmin: false,
      createdAt: at,
      lastSignInAt: at,
    })),
  );
  await databases.sessions.collection<{ _id: string }>('sessions').insertMany(
    numbers.map((number) => ({
      _id: `ses_${orgId}_${number}`,
      orgId,
      userId: `usr_${orgId}_${number}`,
      isAdmin: false,
      isReauthenticated: false,
      signedInAt: at,
      expiresAt: later,
      keyHash: 'x',
      keySalt: 'x',
      sealed: 'e1.key.sealed',
    })),
  );
}
