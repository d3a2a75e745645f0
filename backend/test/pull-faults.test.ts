import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { startStack, until, type Stack } from './harness.ts';
import type { Answer, RepClient } from './sign-in.ts';

/**
 * Salesforce at its worst while the list is pulled. The org is so large that each rep's list has several pages, so that
 * what goes wrong goes wrong in the middle.
 */
const REP = 'rep.one@demo.example';
const OTHER_REP = 'rep.two@demo.example';
const PAGE_2 = '/query/[^/]+-2000$';
/** A read is sent so often before it is given up. */
const ATTEMPTS = 3;
/** Until the test lets the call go, however slow the machine is. */
const HELD_UP_MS = 60_000;

let stack: Stack;
/** How many paying accounts each rep sees when nothing goes wrong. */
const totals: Record<string, number> = {};

beforeAll(async () => {
  stack = await startStack({ SANDBOX_ACCOUNTS: '7000' });
  for (const username of [REP, OTHER_REP]) {
    const { body } = await (await stack.signIn(username)).get('/v1/accounts');
    totals[username] = Number(body.total);
    expect([username, Number(body.total) > 2_000]).toEqual([username, true]);
  }
}, 240_000);

afterAll(() => stack.close());

beforeEach(async () => {
  await stack.sandbox.reset();
});

test('Salesforce ends the session in the middle of a pull: sign in again, and nothing of the half pull is served', async () => {
  const rep = await stack.signIn(REP);
  await stack.sandbox.fault({ pathPattern: PAGE_2, times: 1, ...sessionEnded });
  expectError(await rep.get('/v1/accounts'), 401, 'crm_session_expired', 'sign_in');

  // Whoever takes what is there already gets none of the 2,000 rows that had come.
  await stack.sandbox.fault({ pathPattern: '/describe$', times: 1, ...sessionEnded });
  const after = await rep.get('/v1/accounts?partial=true');
  expectError(after, 401, 'crm_session_expired', 'sign_in');
  expect(after.body.rows).toBeUndefined();
});

test('who already saw rows of a pull that then fails is not served them any more', async () => {
  const rep = await stack.signIn(REP);
  await stack.sandbox.fault({ pathPattern: PAGE_2, times: 1, latencyMs: HELD_UP_MS, ...sessionEnded });
  const failed = failures();
  const partial = await rep.get('/v1/accounts?partial=true');
  expect([partial.status, partial.body.freshness?.complete, partial.body.freshness?.fetched]).toEqual([
    200,
    false,
    2_000,
  ]);
  await page2IsUnderWay();
  await stack.sandbox.takeFaultsBack();
  await until('the pull failed', () => failures() > failed);
  await stack.sandbox.fault({ pathPattern: '/describe$', times: 1, ...sessionEnded });
  expectError(await rep.get('/v1/accounts?partial=true'), 401, 'crm_session_expired', 'sign_in');
});

test.each<[string, object]>([
  ['away', { status: 503, body: 'maintenance' }],
  ['cut off', { drop: 'before' }],
  ['out of API calls', { status: 403, body: [{ message: 'x', errorCode: 'REQUEST_LIMIT_EXCEEDED' }] }],
  ['sending nonsense', { status: 200, body: '<html>' }],
  ['silent', { latencyMs: HELD_UP_MS }],
])(
  'Salesforce is %s: who is signed in is told so all the same, and the list comes from memory',
  async (_how, fault) => {
    const rep = await stack.signIn(REP);
    const list = await rep.get('/v1/accounts');
    await stack.sandbox.fault({ pathPattern: '/services/data/', times: 500, ...fault });
    const startedAt = performance.now();
    const me = await rep.get('/v1/me');
    expect(performance.now() - startedAt).toBeLessThan(15_000);
    expect([me.status, me.body.user, me.body.setUp]).toEqual([200, rep.user, true]);
    const again = await rep.get('/v1/accounts');
    expect([again.status, again.body.total, again.body.freshness?.source]).toEqual([200, list.body.total, 'memory']);
  },
);

test('an org that is not set up is told from a Salesforce that does not answer, and an ended session from both', async () => {
  const rep = await stack.signIn(REP);
  await stack.sandbox.access(REP, 'Account', { field: 'ActiveARR__c', read: false });
  expect((await rep.get('/v1/me')).body.setUp).toBe(false);
  // More than one: the look for the rep's key record goes to the same address.
  await stack.sandbox.fault({ pathPattern: '/query', times: 10, ...sessionEnded });
  expectError(await rep.get('/v1/me'), 401, 'crm_session_expired', 'sign_in');
});

test('an answer that is cut half way is read again', async () => {
  const rep = await stack.signIn(REP);
  await stack.sandbox.fault({ pathPattern: PAGE_2, times: ATTEMPTS - 1, drop: 'middle' });
  const list = await rep.get('/v1/accounts');
  expect([list.status, await stack.sandbox.waitingFaults()]).toEqual([200, []]);
  expectWhole(list, totals[REP]);
});

test('an answer that is cut half way each time: Salesforce is away, and the next request pulls anew', async () => {
  const rep = await stack.signIn(REP);
  await stack.sandbox.fault({ pathPattern: PAGE_2, times: ATTEMPTS, drop: 'middle' });
  const failed = await rep.get('/v1/accounts');
  expectError(failed, 503, 'crm_unavailable', 'retry');
  expect(failed.headers.get('retry-after')).toBe('5');
  expect(await stack.sandbox.waitingFaults()).toEqual([]);

  await stack.sandbox.forgetRequests();
  const list = await rep.get('/v1/accounts');
  expectWhole(list, totals[REP]);
  expect(await firstPages()).toBe(1);
});

test('the org used up its API calls: said so, without asking again', async () => {
  const rep = await stack.signIn(REP);
  const body = [{ message: 'TotalRequests Limit exceeded.', errorCode: 'REQUEST_LIMIT_EXCEEDED' }];
  await stack.sandbox.fault({ pathPattern: PAGE_2, times: 1, status: 403, body });
  expectError(await rep.get('/v1/accounts'), 503, 'crm_limit', 'contact_admin');
  expect((await stack.sandbox.requests()).filter(({ path }) => /\/query\/[^/]+-2000$/.test(path))).toHaveLength(1);
});

test('503 with a page of HTML: Salesforce is away, and not a word of the page comes through', async () => {
  const rep = await stack.signIn(REP);
  const body = '<html><h1>We are down for maintenance.</h1></html>';
  const headers = { 'content-type': 'text/html' };
  await stack.sandbox.fault({ pathPattern: PAGE_2, times: ATTEMPTS, status: 503, body, headers });
  const answer = await rep.get('/v1/accounts');
  expectError(answer, 503, 'crm_unavailable', 'retry');
  expect(JSON.stringify(answer.body)).not.toContain('maintenance');
  expect(await stack.sandbox.waitingFaults()).toEqual([]);
});

test.each<[string, unknown]>([
  ['a list', []],
  ['nothing', 'null'],
  ['no records', { totalSize: 1, done: true }],
  ['records that are no list', { totalSize: 1, done: true, records: { Id: 'x' } }],
  ['a record that is a text', { totalSize: 1, done: true, records: ['x'] }],
  ['a record without an id', { totalSize: 1, done: true, records: [{ Name: 'Acme' }] }],
  ['a record with an id of another form', { totalSize: 1, done: true, records: [{ Id: '../etc', Name: 'Acme' }] }],
  ['a count that is a text', { totalSize: '1', done: true, records: [] }],
  ['more to come, but not where', { totalSize: 3, done: false, records: [] }],
  ['text that ends too early', '{"totalSize":1,"done":true,"records":[{"Id":"0010'],
])('an answer of another shape, %s: refused', async (_what, body) => {
  const rep = await stack.signIn(REP);
  const headers = { 'content-type': 'application/json;charset=UTF-8' };
  await stack.sandbox.fault({ pathPattern: PAGE_2, times: 1, status: 200, body, headers });
  expectError(await rep.get('/v1/accounts'), 502, 'crm_invalid', 'retry');
  expect(await stack.sandbox.waitingFaults()).toEqual([]);
  expectWhole(await rep.get('/v1/accounts'), totals[REP]);
});

test('a page of HTML as a success: refused', async () => {
  const rep = await stack.signIn(REP);
  const page = { status: 200, body: '<html>Log in</html>', headers: { 'content-type': 'text/html' } };
  await stack.sandbox.fault({ pathPattern: PAGE_2, times: 1, ...page });
  expectError(await rep.get('/v1/accounts'), 502, 'crm_invalid', 'retry');
});

test('a next page or a redirect that points elsewhere: refused, and nothing goes there', async () => {
  const elsewhere = await Elsewhere.listen();
  try {
    const path = '/services/data/v66.0/query/01gAAAAAAAAAAAAAAA-2000';
    const faults = [
      ...[`${elsewhere.url}${path}`, `//${elsewhere.host}${path}`, `@${elsewhere.host}${path}`].map((next) => ({
        status: 200,
        body: { totalSize: 4_000, done: false, nextRecordsUrl: next, records: [] },
      })),
      { status: 302, body: '', headers: { location: `${elsewhere.url}${path}` } },
    ];
    for (const fault of faults) {
      const rep = await stack.signIn(REP);
      await stack.sandbox.fault({ pathPattern: PAGE_2, times: 1, ...fault });
      expectError(await rep.get('/v1/accounts'), 502, 'crm_invalid', 'retry');
    }
    expect(elsewhere.asked).toEqual([]);
  } finally {
    await elsewhere.close();
  }
});

test('a next page that leaves the query path of the same host: refused unsent', async () => {
  for (const next of [
    '/services/oauth2/userinfo',
    '/services/data/v66.0/query/../limits',
    '/services/data/v1.0/query/x',
  ]) {
    const rep = await stack.signIn(REP);
    await stack.sandbox.forgetRequests();
    const body = { totalSize: 4_000, done: false, nextRecordsUrl: next, records: [] };
    await stack.sandbox.fault({ pathPattern: PAGE_2, times: 1, body });
    expectError(await rep.get('/v1/accounts'), 502, 'crm_invalid', 'retry');
    const asked = (await stack.sandbox.requests()).map(({ path }) => path);
    // The rep's key record is looked for by itself, two seconds after a sign-in without rows.
    const own = /\/(describe|query|query\/[^/]+-2000|sobjects\/OneShotKey__c)$/;
    expect(asked.filter((path) => !own.test(path))).toEqual([]);
  }
});

test('sign-out during a pull: the request is refused, and Salesforce is asked for no further page', async () => {
  const rep = await stack.signIn(REP);
  await stack.sandbox.forgetRequests();
  await stack.sandbox.fault({ pathPattern: PAGE_2, times: 1, latencyMs: HELD_UP_MS });
  const waiting = rep.get('/v1/accounts');
  await page2IsUnderWay();
  expect((await rep.post('/v1/auth/sign-out')).status).toBe(204);
  expectError(await waiting, 401, 'session_ended', 'sign_in');
  await stack.sandbox.takeFaultsBack();
  // Long enough for page 2 to be answered and for page 3 to be asked for.
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const asked = (await stack.sandbox.requests()).map(({ path }) => path);
  expect(asked.filter((path) => /\/query\/[^/]+-4000$/.test(path))).toEqual([]);
  expect((await rep.get('/v1/accounts')).status).toBe(401);
});

// Nobody has saved settings up to here: the sandbox starts anew for each test, the backend's database does not.
test('an org that nobody set up, without the default field: the rep is told that set-up is not finished', async () => {
  await stack.sandbox.schema('Account', { remove: ['ActiveARR__c'] });
  const rep = await stack.signIn(REP);
  expectError(await rep.get('/v1/accounts'), 409, 'setup_missing', 'contact_admin', 'ActiveARR__c');
});

test('the paying field is hidden from this rep: said so, with its name and who can help; others work on', async () => {
  const admin = await stack.signIn('admin@demo.example');
  const { version, settings } = (await admin.get('/v1/settings')).body;
  const saved = await admin.put('/v1/settings', { version, settings });
  expect([version, saved.status]).toEqual([0, 200]);
  await stack.sandbox.access(REP, 'Account', { field: 'ActiveARR__c', read: false });
  const [rep, other] = await Promise.all([stack.signIn(REP), stack.signIn(OTHER_REP)]);
  const [refused, list] = await Promise.all([rep.get('/v1/accounts'), other.get('/v1/accounts')]);
  expectError(refused, 409, 'crm_field_hidden', 'contact_admin', 'ActiveARR__c');
  expect(refused.body.error?.message).toContain('ActiveARR__c');
  expectWhole(list, totals[OTHER_REP]);
});

test('no account pays: an empty list, not an error', async () => {
  await stack.sandbox.delete('Account', 'all');
  const rep = await stack.signIn(REP);
  const { status, body } = await rep.get('/v1/accounts');
  expect([status, body.total, body.matched, body.rows]).toEqual([200, 0, 0, []]);
  expect([body.freshness?.complete, body.freshness?.total]).toEqual([true, 0]);
});

test('an org with one currency has rows without currencies and converted values', async () => {
  const currencies = (rows: readonly Row[]) =>
    rows.map(({ currency, arrConverted, convertedCurrency }) => [currency, arrConverted, convertedCurrency]);
  const several = await rowsOf(await stack.signIn(REP));
  expect(several.every(({ currency, arrConverted }) => currency !== null && arrConverted !== null)).toBe(true);

  await stack.sandbox.org({ multiCurrency: false });
  const one = await rowsOf(await stack.signIn(REP));
  expect(one).toHaveLength(200);
  expect(currencies(one)).toEqual(one.map(() => [null, null, null]));
  expect(one.every(({ arr }) => typeof arr === 'number' && arr > 0)).toBe(true);
});

test('a rep who may not see what currency an account is in is shown none, and told', async () => {
  await stack.sandbox.access(REP, 'Account', { field: 'CurrencyIsoCode', read: false });
  const rep = await stack.signIn(REP);
  const answer = await rep.get('/v1/accounts?limit=200');
  expectWhole(answer, totals[REP]);
  expect(answer.body.freshness?.hiddenFields).toEqual(['CurrencyIsoCode']);
  const rows = answer.body.rows as unknown as readonly Row[];
  expect(rows.every(({ currency, arr }) => currency === null && arr !== null)).toBe(true);
  // Salesforce converts to the rep's own money: that is told, and it is the order of the list.
  const own = new Set(rows.map(({ convertedCurrency }) => convertedCurrency));
  expect([...own]).toEqual([expect.stringMatching(/^[A-Z]{3}$/)]);
  const amounts = rows.map(({ arrConverted }) => Number(arrConverted));
  expect(amounts).toEqual([...amounts].sort((a, b) => b - a));
  expect(rows.some(({ arr }, at) => Number(arr) > Number(rows[at - 1]?.arr ?? Infinity))).toBe(true);

  const id = rows[0]?.id ?? '';
  const live = await rep.get(`/v1/accounts/${id}`);
  expect(live.body.account).toMatchObject({ currency: null, convertedCurrency: [...own][0] });
  expect((await rep.get(`/v1/accounts/${id}/similar`)).status).toBe(200);
  // Nobody else's rows change by it.
  const { body } = await (await stack.signIn(OTHER_REP)).get('/v1/accounts');
  expect(body.freshness?.hiddenFields).toEqual(['Industry']);
  expect((body.rows as unknown as readonly Row[]).every(({ currency }) => currency !== null)).toBe(true);
});

test('a refresh that fails leaves the old list serving', async () => {
  const rep = await stack.signIn(REP);
  const before = await rep.get('/v1/accounts');
  expectWhole(before, totals[REP]);
  await stack.sandbox.fault({ pathPattern: PAGE_2, times: 1, status: 400, body: [{ message: 'x', errorCode: 'X' }] });
  const logged = failures();
  expect((await rep.post('/v1/accounts/refresh')).status).toBe(202);
  await until('the refresh failed', () => failures() > logged);

  const after = await rep.get('/v1/accounts');
  expectWhole(after, totals[REP]);
  expect(after.body.freshness?.source).toBe('memory');
  expect(after.headers.get('etag')).toBe(before.headers.get('etag'));

  expect((await rep.post('/v1/accounts/refresh')).status).toBe(202);
  await until('the next one replaced it', async () => {
    return (await rep.get('/v1/accounts')).headers.get('etag') !== before.headers.get('etag');
  });
});

test('while the pull of one rep fails, that of another one works', async () => {
  const [rep, other] = await Promise.all([stack.signIn(REP), stack.signIn(OTHER_REP)]);
  await stack.sandbox.fault({ pathPattern: PAGE_2, times: 2, latencyMs: HELD_UP_MS });
  const both = Promise.all([rep.get('/v1/accounts'), other.get('/v1/accounts')]);
  await page2IsUnderWay();
  await stack.sandbox.tokens(REP, 'revoke');
  await stack.sandbox.takeFaultsBack();
  const [failed, list] = await both;
  expectError(failed, 401, 'crm_session_expired', 'sign_in');
  expectWhole(list, totals[OTHER_REP]);
});

/** Whose faults wait for page 2: every call that they are for has come. */
function page2IsUnderWay(): Promise<void> {
  return until('page 2 is under way', async () => (await stack.sandbox.waitingFaults()).length === 0);
}

const sessionEnded = {
  status: 401,
  body: [{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }],
};

interface Row {
  readonly id: string;
  readonly arr: unknown;
  readonly currency: unknown;
  readonly arrConverted: unknown;
  readonly convertedCurrency: unknown;
}

async function rowsOf(rep: RepClient): Promise<readonly Row[]> {
  const { status, body } = await rep.get('/v1/accounts?limit=200');
  expect(status).toBe(200);
  return body.rows as unknown as Row[];
}

function expectError({ status, body }: Answer, expected: number, code: string, action: string, field?: string): void {
  const error: unknown = body.error;
  expect({ status, error }).toEqual({
    status: expected,
    error: expect.objectContaining({ code, action, ...(field === undefined ? {} : { field }) }),
  });
}

function expectWhole({ status, body }: Answer, total: number | undefined): void {
  expect([status, body.total, body.freshness?.complete]).toEqual([200, total, true]);
}

async function firstPages(): Promise<number> {
  return (await stack.sandbox.requests()).filter(
    ({ path, query }) => path.endsWith('/query') && JSON.stringify(query).includes('ORDER BY ActiveARR__c'),
  ).length;
}

/** Failed pulls that the backend logged. */
function failures(): number {
  return stack.backend.lines.filter(({ event }) => event === 'accountsPullFailed').length;
}

/** A host that nothing may ever be sent to. */
class Elsewhere {
  readonly asked: string[] = [];
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      this.asked.push(request.url ?? '');
      response.end();
    });
  }

  static async listen(): Promise<Elsewhere> {
    const elsewhere = new Elsewhere();
    await new Promise<void>((resolve) => elsewhere.#server.listen(0, '127.0.0.1', resolve));
    return elsewhere;
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get url(): string {
    return `http://${this.host}`;
  }

  async close(): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
