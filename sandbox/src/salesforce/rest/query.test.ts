import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { gunzipSync } from 'node:zlib';
import { request } from 'node:http';
import { ADMIN, OUTSIDER, REP_ONE, REP_TWO, startRest, type QueryBody, type RestServer } from '../testing/rest.ts';

let server: RestServer;

beforeAll(async () => {
  server = await startRest(2_400);
});
beforeEach(() => {
  server.clock.offsetMs = 0;
  server.org.control.reset();
});
afterAll(() => server.close());

const ids = (body: QueryBody): string[] => body.records.map(({ Id }) => String(Id));

async function page(username: string, path: string, batchSize?: number): Promise<QueryBody> {
  const headers: Record<string, string> =
    batchSize === undefined ? {} : { 'sforce-query-options': `batchSize=${batchSize}` };
  const { status, body } = await server.call(username, path, { headers });
  expect({ status, body }).toMatchObject({ status: 200 });
  return body as QueryBody;
}

async function allIds(username: string, soql: string): Promise<string[]> {
  let answer = await page(username, `/query?q=${encodeURIComponent(soql)}`);
  const found = ids(answer);
  while (answer.nextRecordsUrl !== undefined) {
    answer = await page(username, answer.nextRecordsUrl);
    found.push(...ids(answer));
  }
  return found;
}

describe('paging', () => {
  test('2,000 records a page, whole count on each, no URL on the last', async () => {
    const first = await page(ADMIN, '/query?q=SELECT+Id+FROM+Account');
    expect(first).toMatchObject({ totalSize: 2_400, done: false });
    expect(first.records).toHaveLength(2_000);
    expect(first.nextRecordsUrl).toMatch(/^\/services\/data\/v66\.0\/query\/01g\w{15}-2000$/);
    const last = await page(ADMIN, first.nextRecordsUrl ?? '');
    expect(last).toMatchObject({ totalSize: 2_400, done: true });
    expect(last).not.toHaveProperty('nextRecordsUrl');
    expect(last.records).toHaveLength(400);
  });

  test('batchSize sets the page and holds for the pages that follow', async () => {
    const first = await page(ADMIN, '/query?q=SELECT+Id+FROM+Account+LIMIT+700', 300);
    expect(first.records).toHaveLength(300);
    const second = await page(ADMIN, first.nextRecordsUrl ?? '');
    expect(second.records).toHaveLength(300);
    expect((await page(ADMIN, second.nextRecordsUrl ?? '')).records).toHaveLength(100);
    const headers = { 'sforce-query-options': 'batchSize=199' };
    expect(await server.call(ADMIN, '/query?q=SELECT+Id+FROM+Account', { headers })).toMatchObject({ status: 400 });
  });

  test('a result stays the one of its query while the org changes; deleted records are left out, values are fresh', async () => {
    const first = await page(ADMIN, '/query?q=SELECT+Id,Name+FROM+Account+ORDER+BY+Name', 200);
    const rest = (await allIds(ADMIN, 'SELECT Id FROM Account ORDER BY Name')).slice(200);
    server.org.control.remove('Account', [rest[0]]);
    server.org.control.upsert('Account', [{ Name: 'AAA in front' }, { Id: rest[1], Name: 'ZZZ' }]);
    const second = await page(ADMIN, first.nextRecordsUrl ?? '');
    expect(second.totalSize).toBe(2_400);
    expect(ids(second)).toEqual(rest.slice(1, 200));
    expect(second.records[0]).toMatchObject({ Id: rest[1], Name: 'ZZZ' });
  });

  test('a locator is its user’s own, expires, and dies with the org; an eleventh closes the first', async () => {
    const open = async (username: string): Promise<string> =>
      (await page(username, '/query?q=SELECT+Id+FROM+Account', 200)).nextRecordsUrl ?? '';
    const lost = { status: 400, body: [{ errorCode: 'INVALID_QUERY_LOCATOR', message: 'invalid query locator' }] };
    const own = await open(REP_ONE);
    expect(await server.call(REP_TWO, own)).toMatchObject(lost);
    expect(await server.call(REP_ONE, own.replace(/-200$/, '-99999'))).toMatchObject(lost);
    expect(await server.call(REP_ONE, '/query/nonsense')).toMatchObject(lost);
    server.clock.offsetMs = 14 * 60_000;
    expect(await server.call(REP_ONE, own)).toMatchObject({ status: 200 });
    server.clock.offsetMs = 30 * 60_000;
    expect(await server.call(REP_ONE, own)).toMatchObject(lost);
    const first = await open(REP_ONE);
    for (let i = 0; i < 9; i++) await open(REP_ONE);
    expect(await server.call(REP_ONE, first)).toMatchObject({ status: 200 });
    for (let i = 0; i < 10; i++) await open(REP_ONE);
    expect(await server.call(REP_ONE, first)).toMatchObject(lost);
    const before = await open(REP_TWO);
    server.org.control.reset();
    expect(await server.call(REP_TWO, before)).toMatchObject(lost);
  });

  test('children that do not fit a page have a URL of their own', async () => {
    const [accountId] = server.org.control.upsert('Account', [{ Name: 'Large family' }]);
    const people = Array.from({ length: 450 }, (_unused, i) => ({ LastName: `P${i}`, AccountId: accountId }));
    server.org.control.upsert('Contact', people);
    const soql = `SELECT (SELECT LastName FROM Contacts) FROM Account WHERE Id = '${accountId ?? ''}'`;
    const answer = await page(REP_ONE, `/query?q=${encodeURIComponent(soql)}`, 200);
    const children = answer.records[0]?.Contacts as QueryBody;
    expect(children).toMatchObject({ totalSize: 450, done: false });
    const names = children.records.map(({ LastName }) => LastName);
    let rest = children;
    while (rest.nextRecordsUrl !== undefined) {
      rest = await page(REP_ONE, rest.nextRecordsUrl);
      names.push(...rest.records.map(({ LastName }) => LastName));
    }
    expect(names).toEqual(people.map(({ LastName }) => LastName));
  });

  test('queryAll finds what was deleted', async () => {
    const [id] = await allIds(ADMIN, 'SELECT Id FROM Account LIMIT 1');
    server.org.control.remove('Account', [id]);
    const soql = `SELECT Id, IsDeleted FROM Account WHERE Id = '${id ?? ''}'`;
    expect((await server.query(ADMIN, soql)).records).toEqual([]);
    const { body } = await server.call(
      ADMIN,
      `/queryAll?q=${encodeURIComponent(`SELECT Id, IsDeleted FROM Account WHERE IsDeleted = true`)}`,
    );
    expect(body).toMatchObject({ totalSize: 1, records: [{ Id: id, IsDeleted: true }] });
  });
});

describe('sharing', () => {
  test('two reps see different accounts that overlap, the admin sees all', async () => {
    const [all, one, two] = await Promise.all(
      [ADMIN, REP_ONE, REP_TWO].map((who) => allIds(who, 'SELECT Id FROM Account')),
    );
    const both = one?.filter((id) => two?.includes(id)) ?? [];
    expect(all).toHaveLength(2_400);
    expect(one?.length).toBeGreaterThan(1_800);
    expect(one?.length).toBeLessThan(2_200);
    expect(two?.length).toBeGreaterThan(1_400);
    expect(two?.length).toBeLessThan(2_000);
    expect(both.length).toBeGreaterThan(800);
    expect(both.length).toBeLessThan(two?.length ?? 0);
    const owned = await allIds(ADMIN, `SELECT Id FROM Account WHERE Owner.Username = '${REP_TWO}'`);
    expect(owned.filter((id) => !two?.includes(id))).toEqual([]);
  });

  test('what hangs on a hidden account is hidden, a lookup to it is empty', async () => {
    const [one, two] = await Promise.all([REP_ONE, REP_TWO].map((who) => allIds(who, 'SELECT Id FROM Account')));
    const hidden = one?.find((id) => two?.includes(id) === false) ?? '';
    server.org.control.upsert('Contact', [{ LastName: 'Hidden', AccountId: hidden }]);
    const contact = "SELECT Id FROM Contact WHERE LastName = 'Hidden'";
    expect((await server.query(REP_ONE, contact)).totalSize).toBe(1);
    expect((await server.query(REP_TWO, contact)).totalSize).toBe(0);
    expect(await server.call(REP_TWO, `/sobjects/Account/${hidden}`)).toMatchObject({ status: 404 });
    const shown = two?.find((id) => id !== hidden) ?? '';
    server.org.control.upsert('Account', [{ Id: shown, ParentId: hidden }]);
    const parent = `SELECT ParentId, Parent.Name FROM Account WHERE Id = '${shown}'`;
    expect((await server.query(REP_TWO, parent)).records[0]).toMatchObject({ ParentId: hidden, Parent: null });
  });

  test('a new record is everybody’s unless it is said whose', async () => {
    server.org.control.upsert('Account', [{ Name: 'For all' }, { Name: 'For one', $visibleTo: [REP_ONE] }]);
    const soql = "SELECT Name FROM Account WHERE Name LIKE 'For %' ORDER BY Name";
    const names = async (who: string): Promise<unknown[]> =>
      (await server.query(who, soql)).records.map(({ Name }) => Name);
    expect(await names(REP_ONE)).toEqual(['For all', 'For one']);
    expect(await names(REP_TWO)).toEqual(['For all']);
    expect(await names(ADMIN)).toEqual(['For all', 'For one']);
  });

  test('access can be taken and given back', async () => {
    const soql = 'SELECT COUNT() FROM Account WHERE ActiveARR__c > 0';
    server.org.control.setAccess({ username: REP_ONE, object: 'Account', field: 'ActiveARR__c', read: false });
    expect(await server.call(REP_ONE, `/query?q=${encodeURIComponent(soql)}`)).toMatchObject({ status: 400 });
    expect((await server.query(REP_TWO, soql)).totalSize).toBeGreaterThan(100);
    server.org.control.setAccess({ username: REP_ONE, object: 'Account', field: 'ActiveARR__c', read: true });
    expect((await server.query(REP_ONE, soql)).totalSize).toBeGreaterThan(100);
    server.org.control.setAccess({ username: REP_ONE, object: 'Account', read: false });
    expect(await server.call(REP_ONE, `/query?q=${encodeURIComponent(soql)}`)).toMatchObject({
      status: 400,
      body: [{ errorCode: 'INVALID_TYPE' }],
    });
    expect(await server.call(REP_ONE, '/sobjects/Account/describe')).toMatchObject({ status: 404 });
  });

  test('without a permission set the package is not there', async () => {
    expect(await server.call(OUTSIDER, '/query?q=SELECT+Id+FROM+OneShotKey__c')).toMatchObject({
      status: 400,
      body: [{ errorCode: 'INVALID_TYPE' }],
    });
  });
});

describe('the frame of every call', () => {
  test('versions are open, the rest needs a session', async () => {
    const versions = await (await fetch(`${server.url}/services/data`)).json();
    expect(versions).toHaveLength(19);
    expect(versions).toContainEqual({ version: '67.0', url: '/services/data/v67.0', label: "Summer '26" });
    expect(await server.call('nobody', '/limits')).toEqual(
      expect.objectContaining({
        status: 401,
        body: [{ errorCode: 'INVALID_SESSION_ID', message: 'Session expired or invalid' }],
      }),
    );
  });

  test.each([
    '/services/data/v49.0/limits',
    '/services/data/v69.0/limits',
    '/services/data/vX/limits',
    '/nonsense',
    '/sobjects/Foo',
  ])('%s is not there', async (path) => {
    const missing = [{ errorCode: 'NOT_FOUND', message: 'The requested resource does not exist' }];
    expect(await server.call(ADMIN, path)).toMatchObject({ status: 404, body: missing });
  });

  test('usage is counted, shown, and ends at the limit until the next day', async () => {
    server.org.control.setOrg({ dailyApiLimit: 3 });
    const first = await server.call(ADMIN, '/limits');
    expect(first.headers.get('sforce-limit-info')).toBe('api-usage=1/3');
    expect(first.body).toEqual({ DailyApiRequests: { Max: 3, Remaining: 2 } });
    await server.call(REP_ONE, '/limits');
    await server.call(REP_ONE, '/limits');
    expect(await server.call(ADMIN, '/limits')).toMatchObject({
      status: 403,
      body: [{ errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'TotalRequests Limit exceeded.' }],
    });
    server.clock.offsetMs = 86_400_000;
    expect(await server.call(ADMIN, '/limits')).toMatchObject({ status: 200 });
  });

  test('an org without the API', async () => {
    server.org.control.setOrg({ apiEnabled: false });
    expect(await server.call(ADMIN, '/limits')).toMatchObject({
      status: 403,
      body: [{ errorCode: 'API_DISABLED_FOR_ORG', message: 'The REST API is not enabled for this Organization.' }],
    });
  });

  test('a URL or headers beyond 16,384 bytes', async () => {
    // Node's own limit for URL and headers lies at the same size and answers first, with an empty body.
    const long = await fetch(`${server.url}/services/data/v66.0/query?q=${'x'.repeat(17_000)}`);
    expect([414, 431]).toContain(long.status);
  });

  test.each(['/limits/', '/sobjects/', '/sobjects/Account/', '/query/?q=SELECT+Id+FROM+Account+LIMIT+1'])(
    '%s with a slash at the end, as simple-salesforce sends it',
    async (path) => {
      expect(await server.call(ADMIN, path)).toMatchObject({ status: 200 });
    },
  );

  test('a query is one text', async () => {
    for (const query of ['', '?q=a&q=b']) {
      expect(await server.call(ADMIN, `/query${query}`)).toMatchObject({
        status: 400,
        body: [{ errorCode: 'MALFORMED_QUERY' }],
      });
    }
  });

  test.each([
    ['gzip', true],
    ['gzip, deflate', true],
    ['br;q=1, gzip;q=0.5', true],
    ['gzip;q=0', false],
    ['identity', false],
  ])('Accept-Encoding %s', async (encoding, zipped) => {
    const { headers, body } = await raw('/services/data/v66.0/query?q=SELECT+Id+FROM+Account', encoding);
    expect(headers['content-encoding']).toBe(zipped ? 'gzip' : undefined);
    const text = (zipped ? gunzipSync(body) : body).toString('utf8');
    expect(JSON.parse(text)).toMatchObject({ totalSize: 2_400 });
  });
});

function raw(path: string, encoding: string): Promise<{ headers: Record<string, unknown>; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${ADMIN}`, 'accept-encoding': encoding };
    const call = request(`${server.url}${path}`, { headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ headers: response.headers, body: Buffer.concat(chunks) }));
    });
    call.on('error', reject).end();
  });
}

test('an admin reads in Setup what a checklist needs; nobody else does', async () => {
  const sites = `/tooling/query?q=${encodeURIComponent("SELECT DeveloperName, EndpointUrl, IsActive, IsApplicableToConnectSrc FROM CspTrustedSite WHERE DeveloperName = 'OneShot_eu'")}`;
  expect(await server.call(ADMIN, sites)).toMatchObject({
    status: 200,
    body: {
      records: [{ EndpointUrl: 'https://eu.api.oneshot.example', IsActive: true, IsApplicableToConnectSrc: true }],
    },
  });
  const hidden = { status: 400, body: [{ errorCode: 'INVALID_TYPE' }] };
  expect(await server.call(REP_ONE, sites)).toMatchObject(hidden);
  expect(await server.call(ADMIN, sites.replace('/tooling', ''))).toMatchObject({ status: 200 });
  expect(await server.call(REP_ONE, sites.replace('/tooling', ''))).toMatchObject(hidden);
  expect(await server.call(ADMIN, '/tooling/query?q=SELECT+Id+FROM+Account')).toMatchObject(hidden);

  const granted = await server.query(
    ADMIN,
    "SELECT Parent.Name, SetupEntityId FROM SetupEntityAccess WHERE SetupEntityId IN (SELECT Id FROM CustomPermission WHERE DeveloperName = 'OneShot_User')",
  );
  expect(granted.records).toMatchObject([{ Parent: { Name: 'OneShot_Rep' } }, { Parent: { Name: 'OneShot_Admin' } }]);
  const assigned = await server.query(
    ADMIN,
    "SELECT Assignee.Username FROM PermissionSetAssignment WHERE PermissionSet.Name = 'OneShot_Rep' AND Assignee.IsActive = true",
  );
  expect(assigned.records).toMatchObject([{ Assignee: { Username: REP_ONE } }, { Assignee: { Username: REP_TWO } }]);
});
