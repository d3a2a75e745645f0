import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startStack, type Stack } from '../../test/harness.ts';
import { signIn, type Answer, type RepClient } from '../../test/sign-in.ts';
import { Database } from '../database/database.ts';
import { orgModel } from '../database/org-model.ts';
import { wordProblem } from '../http/errors.ts';
import { createLog } from '../http/log.ts';
import { createServer } from '../http/server.ts';
import { openCrmConnection } from '../salesforce/connect.ts';
import { CrmTransport } from '../salesforce/transport.ts';
import { defaultSettings } from '../settings/defaults.ts';
import { openVault } from '../vault/vault.ts';
import { LONGEST_SESSION_MS, openAuth, type Auth } from './auth.ts';
import { requireFreshAdmin } from './guard.ts';

/** A service with one route that destroys nothing, on the stack's database, so that each test may call it. */
let stack: Stack;
let close: () => Promise<void>;
let url: string;
const ADMIN = 'admin@demo.example';

beforeAll(async () => {
  stack = await startStack({ SANDBOX_ACCOUNTS: '5' });
  const { config } = stack.backend;
  const log = createLog('silent');
  const database = new Database(config);
  const transport = new CrmTransport();
  const app = await createServer({ config, log, callerOf: () => undefined });
  const orgs = orgModel(database.main);
  await database.connect(AbortSignal.timeout(60_000));
  const vault = await openVault({
    masterKey: config.masterKey,
    dataDir: config.dataDir,
    region: 'us',
    main: database.main,
    readKeys: async (orgId) => (await orgs.findOne({ _id: orgId }).lean())?.dataKeys ?? [],
    orgs,
    anyOrg: async () => undefined,
    longestTokenMs: LONGEST_SESSION_MS,
  });
  const auth: Auth = await openAuth(app, {
    config,
    publicUrl: () => url,
    main: database.main,
    sessionsDatabase: database.sessions,
    orgs,
    vault,
    openCrm: (grant) => openCrmConnection(grant, transport),
    countCalls: () => undefined,
    settingsOf: async () => ({ settings: defaultSettings('us'), isSaved: false }),
    auditSignIn: async () => undefined,
    auditRefusal: async () => undefined,
    connectionsOf: async () => [],
    problemOf: (error) => wordProblem(log, error),
    log,
  });
  app.post('/v1/destroy', { preHandler: requireFreshAdmin(auth.oauth) }, async () => ({ destroyed: true }));
  url = await app.listen({ host: '127.0.0.1', port: 0 });
  close = async () => {
    await app.close();
    await auth.close();
    vault.close();
    await transport.close();
    await database.close();
    await stack.close();
  };
}, 240_000);
afterAll(() => close());
beforeEach(() => stack.sandbox.reset());

const destroy = (rep: RepClient): Promise<Answer> => rep.at(url).post('/v1/destroy');

async function expectRefused(answer: Promise<Answer>, code: string): Promise<void> {
  const { status, body } = await answer;
  expect({ status, code: body.error?.code }).toEqual({ status: 403, code });
}

describe('what cannot be undone', () => {
  test('is open to an admin whose password Salesforce just asked for', async () => {
    const answer = await destroy(await signIn(stack.backend, ADMIN, { reauth: true }));
    expect({ status: answer.status, body: answer.body }).toEqual({ status: 200, body: { destroyed: true } });
  });

  test('is closed to an admin who signed in as usual', async () => {
    await expectRefused(destroy(await signIn(stack.backend, ADMIN)), 'reauthentication_required');
  });

  test('is closed to a rep, however they signed in', async () => {
    await expectRefused(destroy(await signIn(stack.backend, 'rep.one@demo.example', { reauth: true })), 'not_admin');
  });

  test('is closed five minutes later', async () => {
    const admin = await signIn(stack.backend, ADMIN, { reauth: true });
    const realNow = Date.now;
    Date.now = () => realNow() + 5 * 60_000 + 1_000;
    try {
      await expectRefused(destroy(admin), 'reauthentication_required');
    } finally {
      Date.now = realNow;
    }
  });

  test('is closed to who is no admin at Salesforce any more, though the session says so', async () => {
    const admin = await signIn(stack.backend, ADMIN, { reauth: true });
    await stack.sandbox.user(ADMIN, { permissions: ['OneShot_User'] });
    await expectRefused(destroy(admin), 'not_admin');
  });

  test('is closed while Salesforce cannot be asked', async () => {
    const admin = await signIn(stack.backend, ADMIN, { reauth: true });
    await stack.sandbox.fault({ pathPattern: '/id/', times: 1, status: 503 });
    expect((await destroy(admin)).status).toBe(503);
  });
});
