import { gunzipSync } from 'node:zlib';
import { request as httpRequest } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { startStack, until, type Backend, type Stack } from '../../test/harness.ts';
import type { PageAnswer } from '../../test/paying-list.ts';
import type { RepClient } from '../../test/sign-in.ts';
import type { Freshness } from './freshness.ts';

const ONE = 'rep.one@demo.example';
const TWO = 'rep.two@demo.example';
const ADMIN = 'admin@demo.example';
/** The first page of the list, in the sandbox's log. */
const PULL = '/services/data/v66\\.0/query(?:$|\\?)';

let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ SANDBOX_ACCOUNTS: '4500' });
}, 240_000);

afterAll(() => stack.close());

afterEach(() => stack.sandbox.reset());

interface Raw {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** A GET whose body is not unpacked. */
function raw(rep: RepClient, path: string, headers: Readonly<Record<string, string>> = {}): Promise<Raw> {
  return new Promise((resolve, reject) => {
    const call = httpRequest(rep.target.url + path, {
      headers: { authorization: `Bearer ${rep.token}`, origin: rep.target.origin, ...headers },
    });
    call.once('error', reject);
    call.once('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    call.end();
  });
}

type List = PageAnswer & { readonly total: number; readonly freshness: Freshness };

/** The list that a rep gets. */
async function listOf(rep: RepClient, query = ''): Promise<List> {
  const { status, body } = await rep.get(`/v1/accounts${query}`);
  expect(status).toBe(200);
  return body as unknown as List;
}

const erasedLines = (backend: Backend): readonly unknown[] =>
  backend.lines.filter((line) => line.event === 'accountsErased');

describe('the list', () => {
  test('has the shape of API.md, largest first', async () => {
    const rep = await stack.signIn(ONE);
    const { status, body, headers } = await rep.get('/v1/accounts');
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(Object.keys(body)).toEqual(['total', 'matched', 'rows', 'facets', 'freshness']);
    expect(body.rows).toHaveLength(50);
    expect(new Set(Object.keys((body as unknown as List).rows[0] ?? {}))).toEqual(
      new Set([
        ...['id', 'name', 'arr', 'currency', 'arrConverted', 'convertedCurrency', 'industry', 'country'],
        ...['city', 'website', 'owner', 'products', 'modifiedAt'],
      ]),
    );
    const amounts = (body as unknown as List).rows.map((row) => row.arrConverted ?? 0);
    expect(amounts).toEqual([...amounts].sort((a, b) => b - a));
    expect(body.total).toBeGreaterThan(2_000);
    expect(body.matched).toBe(body.total);
    expect(body.freshness).toEqual({
      source: 'live',
      complete: true,
      fetched: body.total,
      total: body.total,
      fetchedAt: expect.stringMatching(/^\d{4}-.*Z$/),
      expiresAt: expect.stringMatching(/^\d{4}-.*Z$/),
      hiddenFields: [],
    });
    expect((await listOf(rep, '?limit=1')).freshness.source).toBe('memory');
  });

  test('is searched, filtered, sorted and paged', async () => {
    const rep = await stack.signIn(ONE);
    const all = await listOf(rep, '?limit=200&sort=name');
    const [country, other] = all.facets.country;
    const countries = new URLSearchParams([
      ['country', country?.value ?? ''],
      ['country', other?.value ?? ''],
    ]);
    const filtered = await listOf(rep, `?limit=200&${countries.toString()}`);
    expect(filtered.matched).toBe((country?.count ?? 0) + (other?.count ?? 0));
    expect((await listOf(rep, '?limit=100&offset=100&sort=name')).rows).toEqual(all.rows.slice(100));
    const name = all.rows[7]?.name ?? '';
    const found = await listOf(rep, `?search=${encodeURIComponent(name.toUpperCase())}`);
    expect(found.rows.map((row) => row.name)).toContain(name);
  });

  test('another rep is shown their own rows only, and no field that they may not see', async () => {
    const [one, two] = await Promise.all([stack.signIn(ONE), stack.signIn(TWO)]);
    const [list, other] = await Promise.all([listOf(one, '?limit=200'), listOf(two, '?limit=200')]);
    expect(other.freshness.hiddenFields).toEqual(['Industry']);
    expect(other.facets.industry).toEqual([]);
    expect(other.rows.every((row) => row.industry === null)).toBe(true);
    expect(list.rows.some((row) => row.industry !== null)).toBe(true);
    expect(other.total).not.toBe(list.total);
    const industry = list.facets.industry[0]?.value ?? '';
    expect((await listOf(two, `?industry=${encodeURIComponent(industry)}`)).matched).toBe(0);
  });

  test('50 requests at once are one pull', async () => {
    const rep = await stack.signIn(ONE);
    await stack.sandbox.forgetRequests();
    const answers = await Promise.all(Array.from({ length: 50 }, () => rep.get('/v1/accounts?limit=1')));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const asked = (await stack.sandbox.requests()).filter(({ query }) =>
      JSON.stringify(query).includes('FROM Account'),
    );
    expect(asked).toHaveLength(1);
  });

  test('comes in part while the pull runs, without an ETag', async () => {
    const rep = await stack.signIn(ONE);
    await stack.sandbox.fault({ pathPattern: '/query/01g', times: 1, latencyMs: 60_000 });
    const part = await rep.get('/v1/accounts?partial=true&limit=200');
    expect(part.body.freshness).toMatchObject({ complete: false, source: 'memory', fetched: 2_000 });
    expect(part.body.total).toBeGreaterThan(2_000);
    expect(part.body.matched).toBe(2_000);
    expect(part.headers.get('etag')).toBeNull();
    const asked = rep.get('/v1/accounts?limit=200');
    await until('page 2 is under way', async () => (await stack.sandbox.waitingFaults()).length === 0);
    await stack.sandbox.takeFaultsBack();
    const whole = await asked;
    expect(whole.body.rows).toEqual(part.body.rows);
    expect(whole.headers.get('etag')).not.toBeNull();
  });
});

describe('ETag and encoding', () => {
  let rep: RepClient;

  beforeAll(async () => {
    rep = await stack.signIn(ONE);
    await rep.get('/v1/accounts');
  });

  test('an answer that the client has is not sent again', async () => {
    const first = await raw(rep, '/v1/accounts?sort=name');
    const etag = String(first.headers.etag);
    expect(etag).toMatch(/^"[A-Za-z0-9_.-]+"$/);
    for (const tag of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const again = await raw(rep, '/v1/accounts?sort=name', { 'if-none-match': tag });
      expect([tag, again.status, again.body.length, again.headers.etag]).toEqual([tag, 304, 0, etag]);
    }
    expect((await raw(rep, '/v1/accounts?sort=name&order=asc', { 'if-none-match': etag })).status).toBe(304);
    expect((await raw(rep, '/v1/accounts?partial=true&sort=name', { 'if-none-match': etag })).status).toBe(304);
  });

  test('the same question asked again and again is answered with the same bytes, packed or not', async () => {
    for (const query of ['', '?offset=50', '?search=a&limit=200']) {
      const plain = await raw(rep, `/v1/accounts${query}`);
      for (let time = 0; time < 4; time += 1) {
        const [again, packed] = await Promise.all([
          raw(rep, `/v1/accounts${query}`),
          raw(rep, `/v1/accounts${query}`, { 'accept-encoding': 'gzip' }),
        ]);
        expect(again.body.equals(plain.body)).toBe(true);
        expect(packed.headers['content-encoding']).toBe('gzip');
        expect(gunzipSync(packed.body).equals(plain.body)).toBe(true);
      }
    }
  });

  test('answers that go out at the same time do not mix', async () => {
    const queries = Array.from({ length: 60 }, (_, number) => `/v1/accounts?offset=${number * 7}&limit=40`);
    const alone = [];
    for (const query of queries) alone.push((await raw(rep, query)).body.toString('utf8'));
    const together = await Promise.all(queries.map((query) => raw(rep, query)));
    expect(together.map(({ body }) => body.toString('utf8'))).toEqual(alone);
  });

  test.each(['?sort=country', '?sort=name&offset=1', '?sort=name&search=x', '?sort=name&industry=Energy'])(
    'another question %s has another ETag',
    async (query) => {
      const { headers } = await raw(rep, '/v1/accounts?sort=name');
      const other = await raw(rep, `/v1/accounts${query}`, { 'if-none-match': String(headers.etag) });
      expect(other.status).toBe(200);
      expect(other.headers.etag).not.toBe(headers.etag);
    },
  );

  test('a newer pull, and another rep, have other ETags', async () => {
    const { headers } = await raw(rep, '/v1/accounts');
    const again = await stack.signIn(ONE);
    const other = await stack.signIn(TWO);
    for (const client of [again, other]) {
      const answer = await raw(client, '/v1/accounts', { 'if-none-match': String(headers.etag) });
      expect(answer.status).toBe(200);
      expect(answer.headers.etag).not.toBe(headers.etag);
    }
  });

  test.each([
    ['gzip', 'gzip'],
    ['br, gzip;q=0.8', 'gzip'],
    ['*', 'gzip'],
    ['GZIP', 'gzip'],
    ['gzip;q=0', undefined],
    ['identity', undefined],
    ['br', undefined],
    ['gzip;q=0.2, identity;q=0.9', undefined],
    ['*;q=0', undefined],
    ['', undefined],
  ])('Accept-Encoding %j is answered with %s', async (accept, expected) => {
    const plain = await raw(rep, '/v1/accounts');
    const answer = await raw(rep, '/v1/accounts', { 'accept-encoding': accept });
    expect(answer.headers['content-encoding']).toBe(expected);
    expect(String(answer.headers.vary)).toMatch(/Accept-Encoding/);
    const body = expected === 'gzip' ? gunzipSync(answer.body) : answer.body;
    expect(body.equals(plain.body)).toBe(true);
    expect(answer.headers.etag === plain.headers.etag).toBe(expected === undefined);
  });
});

describe('refresh', () => {
  test('answers 202; the old list serves until the new one is complete', async () => {
    const rep = await stack.signIn(ONE);
    const before = await listOf(rep, '?limit=1');
    const [first] = before.rows;
    await stack.sandbox.upsert('Account', [{ Id: first?.id, Name: 'Renamed Ltd' }]);
    await stack.sandbox.fault({ pathPattern: '/query/01g', times: 1, latencyMs: 60_000 });
    const answer = await rep.post('/v1/accounts/refresh');
    expect(answer.status).toBe(202);
    expect(answer.body.freshness).toEqual({ ...before.freshness, source: 'memory' });
    await until('page 2 is under way', async () => (await stack.sandbox.waitingFaults()).length === 0);
    expect((await listOf(rep, '?limit=1')).rows[0]?.name).toBe(first?.name);
    await stack.sandbox.takeFaultsBack();
    await until('the new list serves', async () => (await listOf(rep, '?limit=1')).rows[0]?.name === 'Renamed Ltd');
  });
});

describe('one account', () => {
  test('is read live, whether it pays or not', async () => {
    const rep = await stack.signIn(ONE);
    const [row] = (await listOf(rep, '?limit=1')).rows;
    const id = row?.id ?? '';
    await stack.sandbox.upsert('Opportunity', [
      {
        AccountId: id,
        Name: 'Open deal',
        StageName: 'Prospecting',
        Amount: 12.5,
        CurrencyIsoCode: 'EUR',
        CloseDate: '2027-01-31',
      },
    ]);
    await stack.sandbox.upsert('Account', [{ Id: id, ActiveARR__c: 0 }]);
    const { status, body } = await rep.get(`/v1/accounts/${id}`);
    expect(status).toBe(200);
    expect(body.account).toMatchObject({ id, name: row?.name, arr: 0, isPaying: false });
    expect(Object.keys(body.account as unknown as object).slice(-3)).toEqual([
      'isPaying',
      'lastActivityDate',
      'openOpportunities',
    ]);
    expect(body.account?.openOpportunities).toContainEqual({
      id: expect.stringMatching(/^006/),
      name: 'Open deal',
      stage: 'Prospecting',
      amount: 12.5,
      currency: 'EUR',
      closeDate: '2027-01-31',
    });
  });

  test('that is absent, or hidden from the rep, is not found', async () => {
    const [one, two] = await Promise.all([stack.signIn(ONE), stack.signIn(TWO)]);
    expect((await one.get('/v1/accounts/001000000000000AAA')).status).toBe(404);
    const [all, own] = await Promise.all([one, two].map((rep) => listOf(rep, '?limit=200&sort=name&search=b')));
    const ownIds = new Set(own?.rows.map((row) => row.id));
    const lastOwn = own?.rows.at(-1)?.name ?? '';
    const hidden = all?.rows.find((row) => !ownIds.has(row.id) && (row.name ?? '') < lastOwn);
    const answer = await two.get(`/v1/accounts/${hidden?.id ?? ''}`);
    expect([answer.status, answer.body.error?.code]).toEqual([404, 'not_found']);
  });

  test.each(['001000000000000', '001000000000000AAB', '003000000000000AAA', 'x', "001'--", '001000000000000AAAx'])(
    'the id %s is refused',
    async (id) => {
      const rep = await stack.signIn(ONE);
      const { status, body } = await rep.get(`/v1/accounts/${encodeURIComponent(id)}`);
      expect([status, body.error?.code, body.error?.field, body.error?.rule]).toEqual([400, 'invalid', 'id', 'crm_id']);
    },
  );
});

describe('bad input', () => {
  let rep: RepClient;

  beforeAll(async () => {
    rep = await stack.signIn(ONE);
    await rep.get('/v1/accounts');
  });

  test.each([
    ['limit=0', 'limit', 'minimum'],
    ['limit=201', 'limit', 'maximum'],
    ['limit=1.5', 'limit', 'type'],
    ['limit=x', 'limit', 'type'],
    ['limit=', 'limit', 'type'],
    ['limit=1&limit=2', 'limit', 'once'],
    ['offset=-1', 'offset', 'minimum'],
    ['offset=1e3', 'offset', 'type'],
    ['offset=99999999999', 'offset', 'maximum'],
    ['sort=arr%20desc', 'sort', 'enum'],
    ['sort=', 'sort', 'enum'],
    ['order=up', 'order', 'enum'],
    ['partial=yes', 'partial', 'type'],
    ['partial=1', 'partial', 'type'],
    ['search=a&search=b', 'search', 'once'],
    [`search=${'x'.repeat(256)}`, 'search', 'max_length'],
    ['industry=', 'industry', 'min_length'],
    ['owner=x&'.repeat(101), 'owner', 'max_items'],
    ['page=1', 'page', 'unknown'],
    ['__proto__=1', '__proto__', 'unknown'],
    ['search=%ff', 'query', 'encoding'],
    ['search=%', 'query', 'encoding'],
  ])('%.20s is refused, with field and rule', async (query, field, rule) => {
    const { status, body } = await rep.get(`/v1/accounts?${query}`);
    expect([status, body.error?.code, body.error?.field, body.error?.rule]).toEqual([400, 'invalid', field, rule]);
  });

  test.each(["' OR Name LIKE '%", "\\' OR Name LIKE '%", '%00', '"', '*', '{"$gt":""}', '\u202e', '%25'])(
    'the search %j is a text like any other',
    async (search) => {
      const { status, body } = await rep.get(
        `/v1/accounts?search=${encodeURIComponent(search)}&product=${encodeURIComponent(search)}`,
      );
      expect([status, body.matched]).toEqual([200, 0]);
    },
  );

  test('a refresh takes no body', async () => {
    expect((await rep.post('/v1/accounts/refresh', { all: true })).status).toBe(400);
  });
});

describe('what stands in the way at Salesforce is said', () => {
  test.each([
    [
      'a session that ended',
      { status: 401, body: [{ errorCode: 'INVALID_SESSION_ID', message: 'x' }] },
      401,
      'crm_session_expired',
      'sign_in',
    ],
    [
      'the API limit',
      { status: 403, body: [{ errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'x' }] },
      503,
      'crm_limit',
      'contact_admin',
    ],
    [
      '503 with HTML',
      { status: 503, body: '<html>x</html>', headers: { 'content-type': 'text/html' } },
      503,
      'crm_unavailable',
      'retry',
    ],
    ['JSON of another shape', { status: 200, body: { hello: 1 } }, 502, 'crm_invalid', 'retry'],
    ['a cut connection', { drop: 'before' as const }, 503, 'crm_unavailable', 'retry'],
    ['a page cut half way', { drop: 'middle' as const }, 503, 'crm_unavailable', 'retry'],
  ])(
    '%s',
    async (_what, fault, status, code, action) => {
      const rep = await stack.signIn(ONE);
      // More than it takes: sign-ins of before still look for their key records, at the same address.
      await stack.sandbox.fault({ pathPattern: PULL, times: 100, ...fault });
      const answer = await rep.get('/v1/accounts');
      expect([answer.status, answer.body.error?.code, answer.body.error?.action]).toEqual([status, code, action]);
      expect(JSON.stringify(answer.body)).not.toContain('<html>');
      await stack.sandbox.reset();
    },
    240_000,
  );

  test('401 in the middle of a pull discards what there was', async () => {
    const rep = await stack.signIn(ONE);
    await stack.sandbox.fault({
      pathPattern: '/query/01g',
      times: 1,
      status: 401,
      body: [{ errorCode: 'INVALID_SESSION_ID', message: 'x' }],
    });
    expect((await rep.get('/v1/accounts')).body.error?.code).toBe('crm_session_expired');
    expect((await rep.get('/v1/accounts')).status).toBe(200);
  });

  test('before set-up a missing default field, after it a hidden field', async () => {
    const rep = await stack.signIn(ONE);
    await stack.sandbox.access(ONE, 'Account', { field: 'ActiveARR__c', read: false });
    const unset = await rep.get('/v1/accounts');
    expect([unset.status, unset.body.error?.code]).toEqual([409, 'setup_missing']);
    const admin = await stack.signIn(ADMIN);
    const { version, settings } = (await admin.get('/v1/settings')).body as unknown as {
      version: number;
      settings: object;
    };
    const saved = await admin.put('/v1/settings', { version, settings });
    expect(saved.status).toBe(200);
    const hidden = await rep.get('/v1/accounts');
    expect([hidden.status, hidden.body.error?.code, hidden.body.error?.field]).toEqual([
      409,
      'crm_field_hidden',
      'ActiveARR__c',
    ]);
    expect(JSON.stringify(hidden.body.error)).toMatch(/ActiveARR__c.*admin/);
  });
});

describe('leaving memory', () => {
  test('sign-out erases here at once and in another process within 5 s', async () => {
    const other = await stack.addBackend();
    const rep = await stack.signIn(ONE);
    await Promise.all([rep.get('/v1/accounts'), rep.at(other.url).get('/v1/accounts')]);
    const before = erasedLines(stack.backend).length;
    expect((await rep.post('/v1/auth/sign-out')).status).toBe(204);
    expect(erasedLines(stack.backend)).toHaveLength(before + 1);
    await until('the other process erased', () => erasedLines(other).length === 1, 5_000);
    expect(erasedLines(other)).toMatchObject([{ reason: 'signed_out' }]);
  }, 240_000);

  test('an admin who turns the cache off erases the lists; requests are then answered live', async () => {
    const rep = await stack.signIn(ONE);
    await rep.get('/v1/accounts');
    const admin = await stack.signIn(ADMIN);
    const { version, settings } = (await admin.get('/v1/settings')).body as unknown as {
      version: number;
      settings: object;
    };
    const before = erasedLines(stack.backend).length;
    const saved = await admin.put('/v1/settings', {
      version,
      settings: { ...settings, cache: { enabled: false, minutes: 60 } },
    });
    expect(saved.status).toBe(200);
    const erased = erasedLines(stack.backend).slice(before);
    expect(erased).toContainEqual(expect.objectContaining({ reason: 'cache_off', rep: rep.user.id }));
    expect(erased).not.toContainEqual(expect.objectContaining({ reason: 'replaced' }));
    await stack.sandbox.forgetRequests();
    for (const pulls of [1, 2]) {
      expect((await listOf(rep, '?limit=1')).freshness).toMatchObject({ source: 'live', complete: true });
      const asked = (await stack.sandbox.requests()).filter(({ query }) =>
        JSON.stringify(query).includes('FROM Account'),
      );
      expect(asked).toHaveLength(pulls);
    }
  });
});
