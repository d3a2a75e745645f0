import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startStack, until, type Stack } from './harness.ts';
import { textOf, type Answer, type Json, type RepClient } from './sign-in.ts';

/**
 * The accounts rows of API.md from outside: whatever the list is made of, each answer must be what a plain computation
 * over the records of the CRM gives.
 */
type Row = Readonly<Record<(typeof ROW_FIELDS)[number], string | null>> & {
  readonly id: string;
  readonly arr: number;
  readonly arrConverted: number;
  readonly owner: { readonly id: string; readonly name: string };
  readonly products: readonly string[];
};
type Facet = readonly { readonly value: string; readonly label: string; readonly count: number }[];
type Values = Readonly<Record<string, readonly string[]>>;

const ROW_FIELDS = [
  ...['id', 'name', 'arr', 'currency', 'arrConverted', 'convertedCurrency', 'industry', 'country', 'city'],
  ...['website', 'owner', 'products', 'modifiedAt'],
] as ('name' | 'currency' | 'convertedCurrency' | 'industry' | 'country' | 'city' | 'website' | 'modifiedAt')[];
const FACETS = ['industry', 'country', 'owner', 'product'] as const;
const OPENING = '/v1/accounts';
const ONE_ONLY = { name: 'Quokka Secretariat', industry: 'Quokkakeeping', city: 'Quokkaburg' };
const collator = new Intl.Collator('en');

let stack: Stack;
let admin: RepClient;
/** Every paying account as a row in the admin's currency, largest first. */
let oracle: readonly Row[];
let rates: ReadonlyMap<string, number>;

beforeAll(async () => {
  // More than one page of 2,000 pays.
  stack = await startStack({
    SANDBOX_ACCOUNTS: '4000',
    RATE_LIMIT_PER_MINUTE: '100000',
    OPEN_RATE_LIMIT_PER_MINUTE: '100000',
  });
  const tie = { ActiveARR__c: 777_777.77, CurrencyIsoCode: 'USD' };
  await stack.sandbox.upsert('Account', [
    ...[1, 2, 3].map((number) => ({ Name: `Tie ${4 - number}`, ...tie })),
    // The same again in other money: 7,777.77 x 150.
    { Name: 'Converted Low', ActiveARR__c: 1_166_665.5, CurrencyIsoCode: 'JPY', BillingCity: 'München' },
    { Name: 'Converted High', ActiveARR__c: 9_000_000, CurrencyIsoCode: 'GBP', Products__c: 'Guard;Ledger' },
    { Name: "D'Arcy & Straße Ønsker", ActiveARR__c: 5, CurrencyIsoCode: 'EUR', Website: 'https://qzfinch.example' },
    {
      Name: ONE_ONLY.name,
      ActiveARR__c: 123,
      CurrencyIsoCode: 'USD',
      Industry: ONE_ONLY.industry,
      BillingCity: ONE_ONLY.city,
      $visibleTo: ['rep.one@demo.example', 'admin@demo.example'],
    },
  ]);
  admin = await stack.signIn('admin@demo.example');
  await save({ products: { source: 'accountField', field: 'Products__c' } });
  oracle = await computeOracle();
  await list(admin);
}, 240_000);

afterAll(() => stack.close());

describe('a row', () => {
  test('has exactly the fields of the contract, with the values of the record and null for what is unknown', async () => {
    const rows = await all(admin);
    // In whichever order: an object of JSON has none.
    const fields = [...ROW_FIELDS].sort();
    for (const row of rows) expect(Object.keys(row).sort()).toEqual(fields);
    expect(rows).toEqual(oracle);
    for (const name of ['industry', 'country', 'city', 'website'] as const)
      expect([name, rows.some((row) => row[name] === null)]).toEqual([name, true]);
  });

  test('shows the amount in the currency of the rep who asks', async () => {
    const rep = await stack.signIn('rep.two@demo.example');
    const rate = rates.get('EUR') ?? NaN;
    for (const row of await all(rep)) {
      expect(row.convertedCurrency).toBe('EUR');
      expect(row.arrConverted).toBeCloseTo((row.arr / (rates.get(row.currency ?? '') ?? NaN)) * rate, 1);
    }
  });
});

describe('order and pages', () => {
  test('is by converted amount, largest first, unless asked otherwise, and ties are by id', async () => {
    const names = (await all(admin, { search: ['tie'] })).filter(({ name }) => /^Tie \d$/.test(name ?? ''));
    expect(names.map(({ id }) => id)).toEqual(names.map(({ id }) => id).sort());
    expect(names).toHaveLength(3);
    const [high, low] = await all(admin, { search: ['converted'] });
    expect([high?.name, low?.name]).toEqual(['Converted High', 'Converted Low']);
    expect(low?.arrConverted).toBe(7_777.77);
  });

  test.each(
    ['arr', 'name', 'industry', 'country', 'modified'].flatMap((sort) => [
      [sort, 'asc'],
      [sort, 'desc'],
    ]),
  )('%s %s sorts every row, nulls last, ties by id', async (sort, order) => {
    const wanted = [...oracle].sort(comparison(sort, order === 'desc' ? -1 : 1)).map(({ id }) => id);
    expect((await all(admin, { sort: [sort], order: [order] })).map(({ id }) => id)).toEqual(wanted);
    if (order === (sort === 'arr' || sort === 'modified' ? 'desc' : 'asc'))
      expect((await all(admin, { sort: [sort] })).map(({ id }) => id)).toEqual(wanted);
  });

  test('has edges: the default of 50, one row, 200 rows, the last row, behind the end', async () => {
    const last = oracle.length - 1;
    for (const [query, from, to] of [
      ['', 0, 50],
      ['?limit=1', 0, 1],
      ['?limit=200&offset=0', 0, 200],
      [`?limit=200&offset=${last - 1}`, last - 1, last + 1],
      [`?limit=1&offset=${last}`, last, last + 1],
      [`?offset=${last + 1}`, 0, 0],
      ['?offset=10000000', 0, 0],
    ] as const) {
      const { body } = await list(admin, query);
      expect([query, rowsOf(body)]).toEqual([query, oracle.slice(from, to)]);
      expect([query, body.total, body.matched]).toEqual([query, oracle.length, oracle.length]);
    }
  });
});

describe('search, filters and facets', () => {
  const searches = [
    ...['munchen', 'MÜNCHEN', 'münchen', 'zurich', 'sao paulo', 'strasse onsker', 'Straße', 'qzfinch.example'],
    ...["d'arcy", "D'ALENE", "coeur d'alene o'hanrahan", 'emile laforette', 'inc san  francisco', '&', 'a', '.'],
    ...['株式会社', '千鳥', 'תל', 'אביב', 'דבי', 'دبي', 'Львів', '%', '_', '\\', '"', 'nothingatall', '', '  '],
  ];

  test.each(searches)(
    'a search for <%s> finds what has all of its words, and facets count just that',
    async (search) => {
      await matches({ search: [search] });
    },
  );

  test('each script is really among the data', () => {
    for (const word of ['munchen', "d'arcy", '株式会社', 'אביב', 'دبي', "coeur d'alene o'hanrahan", 'emile laforette'])
      expect([word, passing({ search: [word] }).length > 0]).toEqual([word, true]);
  });

  test('a repeated filter allows each of its values, different ones must all hold, and a facet ignores its own', async () => {
    const [one, other] = oracle.map(({ owner }) => owner.id).filter((id, index, ids) => ids.indexOf(id) === index);
    const owners = [one ?? '', other ?? ''];
    for (const query of [
      { industry: ['Banking'] },
      { industry: ['Banking', 'Energy'] },
      { industry: ['Banking', 'Banking', 'banking', 'No such'] },
      { industry: ['Food & Beverage'], country: ['Germany', 'United States'] },
      { owner: owners },
      { product: ['Guard'] },
      { product: ['Guard', 'Ledger'], owner: [owners[0] ?? ''], search: ['inc'] },
      { industry: ['Energy', 'Media'], country: ['Germany', 'Japan'], owner: owners, product: ['Guard', 'Assist'] },
      { country: ['Germany'], search: ['munchen'], sort: ['name'] },
      { country: ['constructor'], product: ['__proto__'] },
    ])
      await matches(query);
  });
});

describe('ETag and gzip', () => {
  test('an answer has a strong ETag that gives 304 to the same query of the same rep and to nobody else', async () => {
    const rep = await stack.signIn('rep.one@demo.example');
    const { headers } = await list(rep, '?limit=5');
    const etag = headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[^"]+"$/);
    const again = await rep.get(`${OPENING}?limit=5`, { 'if-none-match': etag });
    expect([again.status, again.body, again.headers.get('etag')]).toEqual([304, null, etag]);
    expect((await rep.get(`${OPENING}?limit=5`, { 'if-none-match': `"x", W/${etag}` })).status).toBe(304);
    for (const query of ['?limit=6', '?limit=5&offset=1', '?limit=5&search=a', '?limit=5&sort=name', ''])
      expect((await rep.get(`${OPENING}${query}`, { 'if-none-match': etag })).status).toBe(200);
    const other = await admin.get(`${OPENING}?limit=5`, { 'if-none-match': etag });
    expect([other.status, other.headers.get('etag') === etag]).toEqual([200, false]);
    const later = await stack.signIn('rep.one@demo.example');
    expect((await later.get(`${OPENING}?limit=5`, { 'if-none-match': etag })).status).toBe(200);
  });

  test('gzip is used only for who takes it, says so, and has an ETag of its own', async () => {
    const ask = (encoding: string, etag = ''): Promise<Answer> =>
      admin.get(OPENING, { 'accept-encoding': encoding, ...(etag === '' ? {} : { 'if-none-match': etag }) });
    const [plain, zipped, refused] = [await ask('identity'), await ask('gzip'), await ask('gzip;q=0, identity')];
    const coding = ({ headers }: Answer): string | null => headers.get('content-encoding');
    expect([coding(plain), coding(zipped), coding(refused)]).toEqual([null, 'gzip', null]);
    for (const { headers } of [plain, zipped]) {
      expect(headers.get('vary')?.toLowerCase()).toContain('accept-encoding');
      expect(headers.get('cache-control')).toBe('no-store');
    }
    expect(zipped.body).toEqual(plain.body);
    const [plainTag, zippedTag] = [plain, zipped].map(({ headers }) => headers.get('etag') ?? '');
    expect(plainTag).not.toBe(zippedTag);
    expect(refused.headers.get('etag')).toBe(plainTag);
    expect((await ask('gzip', zippedTag)).status).toBe(304);
    expect((await ask('identity', plainTag)).status).toBe(304);
    expect((await ask('identity', zippedTag)).status).toBe(200);
    expect((await ask('gzip', plainTag)).status).toBe(200);
  });
});

describe('pulls', () => {
  test('partial=true answers from the first page on, and in full when the pull is complete', async () => {
    const rep = await stack.signIn('admin@demo.example');
    await stack.sandbox.fault({ pathPattern: '/query/', times: 1, latencyMs: 60_000 });
    const whole = list(rep);
    const first = await list(rep, '?partial=true');
    await until('page 2 is under way', async () => (await stack.sandbox.waitingFaults()).length === 0);
    await stack.sandbox.takeFaultsBack();
    const { freshness } = first.body;
    expect([freshness?.complete, freshness?.total]).toEqual([false, oracle.length]);
    expect(first.headers.get('etag')).toBeNull();
    expect(Number(freshness?.fetched)).toBeLessThan(oracle.length);
    expect(rowsOf(first.body)).toEqual(oracle.slice(0, 50));
    expect((await whole).body).toMatchObject({ total: oracle.length, freshness: { complete: true, source: 'live' } });
    const after = await list(rep, '?partial=true');
    expect(after.body).toMatchObject({ matched: oracle.length, freshness: { complete: true, source: 'memory' } });
    expect(after.body.freshness).toMatchObject({ fetched: oracle.length, total: oracle.length });
    expect(after.headers.get('etag')).not.toBeNull();
  });

  test('every sign-in pulls afresh, and 50 requests during the first pull share it', async () => {
    const pulled: number[] = [];
    const times = new Set<string>();
    for (const requests of [1, 50]) {
      const rep = await stack.signIn('rep.one@demo.example');
      await stack.sandbox.forgetRequests();
      const answers = await Promise.all(
        Array.from({ length: requests }, (_, index) => list(rep, `?limit=${index + 1}`)),
      );
      pulled.push(await accountQueries());
      for (const { body } of answers) times.add(timeOf(body, 'fetchedAt'));
      const { body } = await list(rep);
      expect(body.freshness?.source).toBe('memory');
      expect(Date.parse(timeOf(body, 'expiresAt')) - Date.parse(timeOf(body, 'fetchedAt'))).toBe(3_600_000);
      expect(await accountQueries()).toBe(pulled.at(-1));
    }
    expect(times.size).toBe(2);
    expect(pulled[0]).toBeGreaterThan(0);
    expect(pulled[1]).toBe(pulled[0]);
  });

  test('a refresh answers 202, and the old list serves until the new one is complete', async () => {
    const rep = await stack.signIn('rep.one@demo.example');
    const before = await list(rep);
    const old = { ...before.body, freshness: { ...before.body.freshness, source: 'memory' } };
    const [{ id, name }] = rowsOf(before.body) as [Row];
    expect(Number(before.body.total)).toBeGreaterThan(2_000);
    await stack.sandbox.upsert('Account', [{ Id: id, Name: `${name ?? ''} renamed` }]);
    try {
      // Both of its pages are slow.
      await stack.sandbox.fault({ pathPattern: '/query$', times: 1, latencyMs: 500 });
      await stack.sandbox.fault({ pathPattern: '/query/', times: 1, latencyMs: 60_000 });
      const refreshing = rep.post(`${OPENING}/refresh`);
      await until('the pull began', async () => (await stack.sandbox.waitingFaults()).length < 2);
      expect((await list(rep)).body).toEqual(old);
      const refreshed = await refreshing;
      expect([refreshed.status, typeof refreshed.body.freshness?.fetchedAt]).toEqual([202, 'string']);
      expect((await list(rep)).body).toEqual(old);
      await until('page 2 is under way', async () => (await stack.sandbox.waitingFaults()).length === 0);
      await stack.sandbox.takeFaultsBack();
      await until('the new list', async () => rowsOf((await list(rep)).body)[0]?.name === `${name ?? ''} renamed`);
      const after = await list(rep);
      expect(timeOf(after.body, 'fetchedAt') > timeOf(before.body, 'fetchedAt')).toBe(true);
      expect(after.headers.get('etag')).not.toBe(before.headers.get('etag'));
    } finally {
      await stack.sandbox.upsert('Account', [{ Id: id, Name: name }]);
    }
  });

  test('sign-out ends the session and erases the list: another session of the rep pulls again', async () => {
    const leaving = await stack.signIn('rep.one@demo.example');
    const staying = await stack.signIn('rep.one@demo.example');
    const before = await list(staying);
    expect(timeOf((await list(staying)).body, 'fetchedAt')).toBe(timeOf(before.body, 'fetchedAt'));
    expect((await leaving.post('/v1/auth/sign-out')).status).toBe(204);
    expect((await leaving.get(OPENING)).status).toBe(401);
    const after = await list(staying);
    expect(after.body.freshness?.source).toBe('live');
    expect(timeOf(after.body, 'fetchedAt') > timeOf(before.body, 'fetchedAt')).toBe(true);
  });

  test('with the cache off each list is a pull of its own, live', async () => {
    const rep = await stack.signIn('rep.one@demo.example');
    await stack.sandbox.forgetRequests();
    const held = await list(rep);
    const perPull = await accountQueries();
    await save({ cache: { enabled: false, minutes: 60 } });
    try {
      await stack.sandbox.forgetRequests();
      const answers = [await list(rep), await list(rep), await list(rep, '?partial=true')];
      expect(await accountQueries()).toBe(3 * perPull);
      for (const { body } of answers) {
        expect(body.freshness).toMatchObject({ source: 'live', complete: true });
        expect([body.rows, body.total, body.facets]).toEqual([held.body.rows, held.body.total, held.body.facets]);
      }
      expect(new Set(answers.map(({ body }) => body.freshness?.fetchedAt)).size).toBe(3);
    } finally {
      await save({ cache: { enabled: true, minutes: 60 } });
    }
  });
});

test('a rep never gets a row or a field that only another rep may see', async () => {
  const [one, two] = [await stack.signIn('rep.one@demo.example'), await stack.signIn('rep.two@demo.example')];
  const [ofOne, ofTwo] = [await all(one), await all(two)];
  expect(ofOne.filter(({ industry }) => industry !== null).length).toBeGreaterThan(0);
  const hidden = ofOne.filter(({ id }) => !ofTwo.some((row) => row.id === id));
  expect(hidden.map(({ name }) => name)).toContain(ONE_ONLY.name);
  expect(hidden.length).toBeGreaterThan(100);
  expect(ofTwo.every(({ industry }) => industry === null)).toBe(true);
  expect((await list(one)).body.freshness?.hiddenFields).toEqual([]);
  const { body } = await list(two);
  expect([body.freshness?.hiddenFields, body.facets?.industry]).toEqual([['Industry'], []]);
  expect(body.total).toBe(ofTwo.length);
  for (const query of [`search=${ONE_ONLY.name}`, `search=${ONE_ONLY.city}`, `industry=${ONE_ONLY.industry}`]) {
    expect([query, (await list(one, `?${query}`)).body.matched]).toEqual([query, 1]);
    const { matched, rows } = (await list(two, `?${query}`)).body;
    expect([query, matched, rows]).toEqual([query, 0, []]);
  }
  expect((await list(two, '?industry=Banking')).body.matched).toBe(0);
  // Nor may an order tell: without a key, rows are by id.
  for (const order of ['asc', 'desc']) {
    const ids = (await all(two, { sort: ['industry'], order: [order] })).map(({ id }) => id);
    expect(ids).toEqual([...ids].sort());
  }
});

describe('one account', () => {
  test('is read live, whether it pays or not, with its open opportunities', async () => {
    const records = await stack.sandbox.records('Account');
    const opportunities = await stack.sandbox.records('Opportunity');
    const open = opportunities.find(({ IsClosed: closed, AccountId: id }) => closed === false && paysNot(records, id));
    for (const id of [oracle[3]?.id ?? '', String(open?.AccountId)]) {
      const record = records.find(({ Id }) => Id === id) ?? {};
      const { status, body } = await admin.get(`${OPENING}/${id}`);
      const account = body.account as unknown as Readonly<Record<string, unknown>>;
      expect(status).toBe(200);
      expect(Object.keys(account)).toEqual([...ROW_FIELDS, 'isPaying', 'lastActivityDate', 'openOpportunities']);
      expect(account).toMatchObject({ id, name: record.Name, arr: record.ActiveARR__c });
      expect(account).toMatchObject({ isPaying: id !== open?.AccountId, lastActivityDate: record.LastActivityDate });
      const wanted = opportunities.filter(({ AccountId, IsClosed: closed }) => AccountId === id && closed === false);
      const shown = account.openOpportunities as readonly { readonly id: string }[];
      expect(shown.map((opportunity) => opportunity.id).sort()).toEqual(wanted.map(({ Id }) => Id).sort());
    }
    const first = oracle[3];
    await stack.sandbox.upsert('Account', [{ Id: first?.id, BillingCity: 'Liveville' }]);
    expect((await admin.get(`${OPENING}/${first?.id ?? ''}`)).body.account?.city).toBe('Liveville');
    await stack.sandbox.upsert('Account', [{ Id: first?.id, BillingCity: first?.city ?? null }]);
  });

  test('is 404 when the rep may not see it or it is not there, in the same words', async () => {
    const two = await stack.signIn('rep.two@demo.example');
    const secret = oracle.find(({ name }) => name === ONE_ONLY.name)?.id ?? '';
    const answers = [await two.get(`${OPENING}/${secret}`), await two.get(`${OPENING}/0015g00000zzzzzAAA`)];
    for (const { status, body } of answers) {
      expect(status).toBe(404);
      expect({ ...body.error, requestId: '' }).toEqual({ ...answers[0]?.body.error, requestId: '' });
    }
  });

  test.each(['0015g0000000001', '0015g0000000001AAB', '0035g0000000001AAA', '0015g0000000001AAAA', 'constructor', "'"])(
    'the id <%s> is refused by the rule crm_id',
    async (id) => {
      const { status, body } = await admin.get(`${OPENING}/${encodeURIComponent(id)}`);
      expect([status, body.error?.field, body.error?.rule]).toEqual([400, 'id', 'crm_id']);
    },
  );
});

test.each([
  ['limit=0', 'limit', 'minimum'],
  ['limit=201', 'limit', 'maximum'],
  ['limit=-1', 'limit', 'minimum'],
  ['limit=1.5', 'limit', 'type'],
  ['limit=1e9', 'limit', 'type'],
  ['limit=abc', 'limit', 'type'],
  ['limit=', 'limit', 'type'],
  ['limit=1&limit=2', 'limit', 'once'],
  ['offset=-1', 'offset', 'minimum'],
  ['offset=99999999999', 'offset', 'maximum'],
  ['colour=red', 'colour', 'unknown'],
  ['constructor=1', 'constructor', 'unknown'],
  ['__proto__=1', '__proto__', 'unknown'],
  ['sort=constructor', 'sort', 'enum'],
  ['sort=name&sort=arr', 'sort', 'once'],
  ['order=up', 'order', 'enum'],
  ['search={256}', 'search', 'max_length'],
  ['search=a&search=b', 'search', 'once'],
  ['industry={256}', 'industry', 'max_length'],
  ['partial=maybe', 'partial', 'type'],
])('the query %s is refused, naming field and rule', async (query, field, rule) => {
  const { status, body } = await admin.get(`${OPENING}?${query.replace('{256}', 'x'.repeat(256))}`);
  expect([status, body.error?.field, body.error?.rule]).toEqual([400, field, rule]);
  expect(textOf(body.error?.message)).not.toBe('');
});

/** Saves the org's settings with a change. */
async function save(change: Readonly<Record<string, unknown>>): Promise<void> {
  const { body } = await admin.get('/v1/settings');
  const saved = await admin.put('/v1/settings', { version: body.version, settings: { ...body.settings, ...change } });
  expect([saved.status, saved.body.error]).toEqual([200, undefined]);
}

async function list(rep: RepClient, query = ''): Promise<Answer> {
  const answer = await rep.get(`${OPENING}${query}`);
  expect([query, answer.status, answer.body.error]).toEqual([query, 200, undefined]);
  return answer;
}

/** All pages of a query, put together. */
async function all(rep: RepClient, values: Values = {}): Promise<Row[]> {
  const page = async (offset: number): Promise<Json> =>
    (await list(rep, `?${search({ ...values, limit: ['200'], offset: [String(offset)] })}`)).body;
  const first = await page(0);
  const offsets = Array.from({ length: Math.ceil(Number(first.matched) / 200) }, (_, index) => index * 200).slice(1);
  const others = await Promise.all(offsets.map(page));
  return [first, ...others].flatMap((body) => rowsOf(body));
}

const rowsOf = (body: Json): readonly Row[] => body.rows as unknown as readonly Row[];
const timeOf = (body: Json, name: 'fetchedAt' | 'expiresAt'): string => textOf(body.freshness?.[name]);

function search(values: Values): string {
  const pairs = Object.entries(values).flatMap(([name, each]) => each.map((value): [string, string] => [name, value]));
  return new URLSearchParams(pairs).toString();
}

/** How often accounts were asked for. */
async function accountQueries(): Promise<number> {
  const seen = await stack.sandbox.requests();
  return seen.filter(({ path, query }) => path.endsWith('/query') && JSON.stringify(query).includes('FROM Account'))
    .length;
}

/** Holds rows, `matched` and each facet against the records. */
async function matches(query: Values): Promise<void> {
  const passed = passing(query);
  const { body } = await list(admin, `?${search({ ...query, limit: ['1'] })}`);
  expect([body.total, body.matched]).toEqual([oracle.length, passed.length]);
  const ids = (await all(admin, query)).map(({ id }) => id);
  expect([...ids].sort()).toEqual(passed.map(({ id }) => id).sort());
  for (const facet of FACETS) {
    const counts = new Map<string, { value: string; label: string; count: number }>();
    for (const row of passing({ ...query, [facet]: [] }))
      for (const [value, label] of facetValues(row, facet))
        counts.set(value, { value, label, count: (counts.get(value)?.count ?? 0) + 1 });
    const shown = body.facets?.[facet] as unknown as Facet;
    const byValue = (entries: Facet): Facet => [...entries].sort((a, b) => (a.value < b.value ? -1 : 1));
    expect([facet, byValue(shown)]).toEqual([facet, byValue([...counts.values()])]);
    expect(shown.map(({ count }) => count)).toEqual(shown.map(({ count }) => count).sort((a, b) => b - a));
  }
}

function passing(query: Values): readonly Row[] {
  const words = plain(query.search?.[0] ?? '')
    .split(' ')
    .filter(Boolean);
  return oracle.filter((row) => {
    const texts = [row.name, row.city, row.website, row.owner.name].map((text) => plain(text ?? ''));
    return (
      words.every((word) => texts.some((text) => text.includes(word))) &&
      FACETS.every((facet) => {
        const wanted = query[facet] ?? [];
        return wanted.length === 0 || facetValues(row, facet).some(([value]) => wanted.includes(value));
      })
    );
  });
}

function facetValues(row: Row, facet: (typeof FACETS)[number]): (readonly [value: string, label: string])[] {
  if (facet === 'owner') return [[row.owner.id, row.owner.name]];
  const values = facet === 'product' ? row.products : [row[facet]];
  return values.flatMap((value) => (value === null ? [] : [[value, value] as const]));
}

/** Without accents and case. */
const plain = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .toLowerCase()
    .replaceAll('ø', 'o')
    .replaceAll('ß', 'ss');

function comparison(sort: string, direction: 1 | -1): (a: Row, b: Row) => number {
  const byId = (a: Row, b: Row): number => (a.id < b.id ? -1 : 1);
  if (sort === 'arr') return (a, b) => direction * (a.arrConverted - b.arrConverted) || byId(a, b);
  const field = sort === 'modified' ? 'modifiedAt' : (sort as 'name' | 'industry' | 'country');
  return (a, b) => {
    const [one, other] = [a[field], b[field]];
    if (one === null || other === null) return Number(one === null) - Number(other === null) || byId(a, b);
    return direction * collator.compare(one, other) || byId(a, b);
  };
}

const paysNot = (records: readonly Readonly<Record<string, unknown>>[], id: unknown): boolean =>
  records.some(({ Id, ActiveARR__c: arr }) => Id === id && !(Number(arr) > 0));

/** What the list must be, by the records of the CRM. The admin's currency is the corporate one, whose rate is 1. */
async function computeOracle(): Promise<readonly Row[]> {
  const { sandbox } = stack;
  const [accounts, users, currencies] = await Promise.all(
    ['Account', 'User', 'CurrencyType'].map((name) => sandbox.records(name)),
  );
  const names = new Map(users?.map(({ Id, Name }) => [Id, Name]));
  rates = new Map(currencies?.map(({ IsoCode: code, ConversionRate: rate }) => [String(code), Number(rate)]));
  const rows = (accounts ?? []).flatMap((record) => {
    const arr = record.ActiveARR__c;
    if (typeof arr !== 'number' || arr <= 0) return [];
    const currency = String(record.CurrencyIsoCode);
    return {
      id: record.Id,
      name: record.Name,
      arr,
      currency,
      arrConverted: Math.round((arr / (rates.get(currency) ?? NaN)) * 100) / 100,
      convertedCurrency: 'USD',
      industry: record.Industry,
      country: record.BillingCountry,
      city: record.BillingCity,
      website: record.Website,
      owner: { id: record.OwnerId, name: names.get(record.OwnerId) },
      products: typeof record.Products__c === 'string' ? record.Products__c.split(';') : [],
      modifiedAt: String(record.LastModifiedDate).replace('+0000', 'Z'),
    } as Row;
  });
  return rows.sort(comparison('arr', -1));
}
