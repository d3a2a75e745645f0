import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { connect, type ProviderName } from './connect.ts';
import { openDatabases, type TestDatabases } from './databases.ts';
import { startStack, until, type Stack } from './harness.ts';
import { Correspondence, freshKey } from './sending-stack.ts';
import type { Answer, RepClient } from './sign-in.ts';

/** What a provider's 403 says about a connection: only a scope that is truly missing ends it. */
let stack: Stack;
let databases: TestDatabases;
let write: Correspondence;
let rep: RepClient;
let contactId: string;

beforeAll(async () => {
  stack = await startStack({ SANDBOX_ACCOUNTS: '5' });
  databases = await openDatabases(stack.settings);
  write = new Correspondence(stack);
  rep = await stack.signIn('rep.one@demo.example');
  contactId = await write.contact(await write.account());
}, 240_000);
beforeEach(async () => {
  for (const provider of ['gmail', 'outlook', 'outreach'] as const)
    expect((await connect(rep, provider)).status).toBe(200);
});
afterAll(async () => {
  await databases.close();
  await stack.close();
});

/** A Connection, as far as it is looked at here. */
interface Row {
  readonly provider: string;
  readonly status: string;
  readonly reason: string | null;
  readonly action: string | null;
}

const problem = ({ status, body }: Answer): unknown => [status, body.error?.code, body.error?.action];

async function stateOf(provider: ProviderName): Promise<unknown> {
  const rows = (await rep.get('/v1/connections')).body.rows as unknown as readonly Row[];
  const found = rows.find((row) => row.provider === provider);
  return [found?.status, found?.reason, found?.action];
}

const over = ['reconnect', 'scope_missing', 'reconnect'];
const stands = ['connected', null, null];
const denied = (id: string): object => ({ status: 403, body: { errors: [{ id, title: 'x', detail: 'x' }] } });
const google = (reason: string): object => ({
  status: 403,
  body: { error: { code: 403, message: 'x', errors: [{ domain: 'global', reason, message: 'x' }] } },
});

describe('Gmail', () => {
  test.each(['insufficientPermissions', 'ACCESS_TOKEN_SCOPE_INSUFFICIENT'])(
    'says %s: the mail is not sent, the key is free, and the connection asks to be made anew',
    async (reason) => {
      await stack.sandbox.fault({ pathPattern: '/messages/send$', times: 1, ...google(reason) }, 'google');
      const key = freshKey();
      expect(problem(await write.send(rep, { contactId }, key))).toEqual([409, 'scope_missing', 'reconnect']);
      expect(await stateOf('gmail')).toEqual(over);
      const me = (await rep.get('/v1/me')).body.connections as unknown as readonly Row[];
      expect(me.find(({ provider }) => provider === 'gmail')).toMatchObject({ status: 'reconnect' });
      // Until then nothing is asked of Google, and the rep is told the same reason.
      await stack.sandbox.forgetRequests();
      const again = await write.send(rep, { contactId }, key);
      expect([again.body.error?.code, again.body.error?.reasons]).toEqual(['reconnect_required', ['scope_missing']]);
      expect(await stack.sandbox.requests('google')).toEqual([]);
      expect((await connect(rep, 'gmail')).status).toBe(200);
      expect((await write.send(rep, { contactId }, key)).status).toBe(201);
    },
  );

  test.each(['domainPolicy', 'forbidden', 'userRateLimitExceeded'])(
    'says %s, which is no scope: the connection stands',
    async (reason) => {
      await stack.sandbox.fault({ pathPattern: '/messages/send$', times: 1, ...google(reason) }, 'google');
      expect((await write.send(rep, { contactId })).status).toBeGreaterThanOrEqual(422);
      expect(await stateOf('gmail')).toEqual(stands);
    },
  );

  test('a tab that connected anew meanwhile keeps its connection', async () => {
    const slow = { pathPattern: '/messages/send$', times: 1, latencyMs: 60_000, ...google('insufficientPermissions') };
    await stack.sandbox.fault(slow, 'google');
    const refused = write.send(rep, { contactId });
    await until('the mail is under way', async () => (await stack.sandbox.waitingFaults()).length === 0);
    expect((await connect(rep, 'gmail')).status).toBe(200);
    await stack.sandbox.takeFaultsBack();
    expect(problem(await refused)).toEqual([409, 'scope_missing', 'reconnect']);
    expect(await stateOf('gmail')).toEqual(stands);
  });
});

describe('Graph says ErrorAccessDenied for a missing scope and for a company’s policy alike', () => {
  const refusal = { status: 403, body: { error: { code: 'ErrorAccessDenied', message: 'Access is denied.' } } };
  const refuse = (): Promise<unknown> =>
    stack.sandbox.fault({ pathPattern: '/sendMail$', times: 1, ...refusal }, 'microsoft');

  /** As if the token had been there for a while. */
  async function age(): Promise<void> {
    const refreshedAt = new Date(Date.now() - 10 * 60_000);
    const filter = { userId: rep.user.id, provider: 'outlook' };
    const { modifiedCount } = await databases.main
      .collection('connections')
      .updateOne(filter, { $set: { refreshedAt } });
    expect(modifiedCount).toBe(1);
  }

  const refreshes = async (): Promise<number> =>
    (await stack.sandbox.requests('microsoft')).filter(({ path }) => path.endsWith('/token')).length;

  test('a fresh token that lacks the scope tells: the connection asks to be made anew', async () => {
    await age();
    await refuse();
    const body = { token_type: 'Bearer', scope: 'openid User.Read', expires_in: 3600, access_token: 'EwB.x' };
    await stack.sandbox.fault({ pathPattern: '/oauth2/v2.0/token$', times: 1, status: 200, body }, 'microsoft');
    const answer = await write.send(rep, { contactId, channel: 'outlook' });
    expect(problem(answer)).toEqual([409, 'scope_missing', 'reconnect']);
    expect(await stateOf('outlook')).toEqual(over);
  });

  test('a fresh token that has it tells, too: the connection stands, and nothing is sent twice', async () => {
    await age();
    await refuse();
    await stack.sandbox.forgetRequests();
    const mails = (await stack.sandbox.mail()).length;
    const answer = await write.send(rep, { contactId, channel: 'outlook' });
    expect(problem(answer)).toEqual([409, 'scope_missing', 'reconnect']);
    expect(answer.body.error?.message).toContain('ask your IT admin');
    expect(await stateOf('outlook')).toEqual(stands);
    expect([await refreshes(), (await stack.sandbox.mail()).length]).toEqual([1, mails]);
    // A queue of fifty does not ask fifty times.
    await refuse();
    expect((await write.send(rep, { contactId, channel: 'outlook' })).body.error?.code).toBe('scope_missing');
    expect([await refreshes(), await stateOf('outlook')]).toEqual([1, stands]);
  });

  test('a token endpoint that is away tells nothing: the connection stands', async () => {
    await age();
    await refuse();
    await stack.sandbox.fault({ pathPattern: '/oauth2/v2.0/token$', times: 1, status: 503, body: '' }, 'microsoft');
    const answer = await write.send(rep, { contactId, channel: 'outlook' });
    expect(problem(answer)).toEqual([409, 'scope_missing', 'reconnect']);
    expect(await stateOf('outlook')).toEqual(stands);
  });
});

describe('Outreach', () => {
  test.each([
    ['listing sequences', '/sequences', () => rep.get('/v1/outreach/sequences')],
    ['adding to a sequence', '/sequenceStates', () => write.enrol(rep, { contactId })],
  ])('names the missing scope at %s: the connection asks to be made anew', async (_what, pathPattern, act) => {
    await stack.sandbox.fault({ pathPattern, times: 1, ...denied('unauthorizedOauthScope') }, 'outreach');
    expect(problem(await act())).toEqual([409, 'scope_missing', 'reconnect']);
    expect(await stateOf('outreach')).toEqual(over);
  });

  test.each([
    ['a rule of the company at listing', '/sequences', 'unauthorizedRequest', 409],
    ['a rule of the company at adding', '/sequenceStates', 'unauthorizedRequest', 422],
    ['no reason that is known', '/sequenceStates', 'accessDenied', 409],
  ])('%s leaves it as it is', async (_what, pathPattern, id, status) => {
    await stack.sandbox.fault({ pathPattern, times: 1, ...denied(id) }, 'outreach');
    const act = pathPattern === '/sequences' ? rep.get('/v1/outreach/sequences') : write.enrol(rep, { contactId });
    expect((await act).status).toBe(status);
    expect(await stateOf('outreach')).toEqual(stands);
  });
});

test('the log says that a connection ended, and why', async () => {
  await stack.sandbox.fault(
    { pathPattern: '/messages/send$', times: 1, ...google('insufficientPermissions') },
    'google',
  );
  await write.send(rep, { contactId });
  const ended = stack.backend.lines.filter(({ event }) => event === 'connectionEnded').at(-1);
  expect(ended).toMatchObject({ provider: 'gmail', problem: 'scope_missing', rep: rep.user.id });
});
