import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startStack, type Stack } from '../../../test/harness.ts';
import { textOf, type Answer, type Json, type RepClient } from '../../../test/sign-in.ts';
import { checksumOf } from '../../http/crm-id.ts';

const withCheck = (id: string): string => id + checksumOf(id);
const idOf = (number: number): string => withCheck(`0019Z00000${String(number).padStart(5, '0')}`);

/** Nobody else in the demo org is in this line of business. */
const WOMBATS = { Industry: 'Wombats', BillingCountry: 'Freedonia', CurrencyIsoCode: 'USD' };
const PROSPECT = idOf(1);
const CUSTOMER = idOf(2);
const PARENT = idOf(3);

let stack: Stack;
let rep: RepClient;

beforeAll(async () => {
  stack = await startStack({ SANDBOX_ACCOUNTS: '200' });
  await stack.sandbox.schema('Account', { fields: [{ name: 'Line__c', type: 'string' }] });
  await stack.sandbox.upsert('Account', [
    { Id: PARENT, Name: 'Vombatus Holding AG', ActiveARR__c: 10, Industry: 'Media', BillingCountry: 'Sylvania' },
    {
      Id: PROSPECT,
      Name: 'Prospect',
      NumberOfEmployees: 1000,
      ParentId: PARENT,
      Products__c: 'Guard;Ledger',
      ...WOMBATS,
    },
    {
      Id: CUSTOMER,
      Name: 'Twin',
      ActiveARR__c: 5000,
      NumberOfEmployees: 1100,
      Products__c: 'Ledger;Guard',
      ...WOMBATS,
    },
    {
      Id: idOf(4),
      Name: 'Cousin',
      ActiveARR__c: 9000,
      NumberOfEmployees: 90_000,
      ...WOMBATS,
      BillingCountry: 'Germany',
    },
    { Id: idOf(5), Name: 'Neighbour', ActiveARR__c: 7000, ...WOMBATS, Industry: 'Media', Products__c: 'Guard' },
    { Id: idOf(6), Name: 'Sister', ActiveARR__c: 20, ParentId: PARENT, Industry: 'Media', BillingCountry: 'Sylvania' },
    { Id: idOf(7), Name: 'Vombatus Iberia', ActiveARR__c: 20, Industry: 'Media', BillingCountry: 'Sylvania' },
    { Id: idOf(8), Name: 'Vombatusson', ActiveARR__c: 20, Industry: 'Media', BillingCountry: 'Sylvania' },
    { Id: idOf(9), Name: 'Not theirs', ActiveARR__c: 6000, ...WOMBATS, $visibleTo: [] },
    { Id: idOf(10), Name: 'Lapsed', ActiveARR__c: 0, ...WOMBATS },
  ]);
  const admin = await stack.signIn('admin@demo.example');
  const { body } = await admin.get('/v1/settings');
  const settings = { ...body.settings, products: { source: 'accountField', field: 'Products__c' } };
  expect((await admin.put('/v1/settings', { version: body.version, settings })).status).toBe(200);
  rep = await stack.signIn('rep.one@demo.example');
}, 240_000);
afterAll(() => stack.close());

async function similar(id: string, query = '', by = rep): Promise<readonly Json[]> {
  const answer = await by.get(`/v1/accounts/${id}/similar${query}`);
  expect([answer.status, answer.body]).toEqual([200, expect.anything()]);
  return answer.body.rows as unknown as Json[];
}

const codesOf = (row: Json | undefined): readonly string[] =>
  (row?.reasons as unknown as Json[]).map(({ code }) => textOf(code));
const named = (rows: readonly Json[], name: string): Json | undefined =>
  rows.find(({ account }) => (account?.name as unknown) === name);
const problem = ({ status, body }: Answer): unknown => [status, body.error?.code, body.error?.field, body.error?.rule];

describe('customers like a prospect', () => {
  test('come best first, with reasons to say aloud and no amount in them', async () => {
    const rows = await similar(PROSPECT);
    const [twin] = rows;
    expect(twin?.account?.name).toBe('Twin');
    expect(twin?.reasons).toEqual([
      { code: 'industry', text: 'same industry: Wombats' },
      { code: 'country', text: 'also in Freedonia' },
      { code: 'products', text: 'both use Ledger and Guard' },
      { code: 'size', text: 'of similar size' },
    ]);
    const scores = rows.map(({ score }) => score as unknown as number);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    expect(scores.every((score) => score > 0 && score <= 1)).toBe(true);
    expect(scores[0]).toBeGreaterThan(0.95);
    expect(JSON.stringify(rows.map(({ reasons }) => reasons))).not.toMatch(/\d{3}/);
  });

  test('know size by headcount, which is read live', async () => {
    const rows = await similar(PROSPECT, '?limit=50');
    expect(codesOf(named(rows, 'Cousin'))).toEqual(['industry']);
    expect(codesOf(named(rows, 'Neighbour'))).toEqual(['country', 'products']);
  });

  test('know the parent, its other daughters, and who is only named like it', async () => {
    const rows = await similar(PROSPECT, '?limit=50');
    const textsOf = (name: string): unknown => (named(rows, name)?.reasons as unknown as Json[])[0]?.text;
    expect(textsOf('Vombatus Holding AG')).toBe('its parent company');
    expect(textsOf('Sister')).toBe('of the same group: Vombatus Holding AG');
    expect(textsOf('Vombatus Iberia')).toBe('by its name of the same group');
    expect(named(rows, 'Vombatusson')).toBeUndefined();
    const daughters = await similar(PARENT, '?limit=50');
    expect(codesOf(named(daughters, 'Sister'))[0]).toBe('parent');
  });

  test('are customers that this rep may see, whole rows of the list, and never the account itself', async () => {
    const rows = await similar(PROSPECT, '?limit=50');
    const names = rows.map(({ account }) => account?.name);
    for (const name of ['Not theirs', 'Lapsed', 'Prospect']) expect(names).not.toContain(name);
    const [own] = (await rep.get('/v1/accounts?search=twin')).body.rows as unknown as Json[];
    expect(rows[0]?.account).toEqual(own);
    const alike = await similar(CUSTOMER, '?limit=50');
    expect(named(alike, 'Twin')).toBeUndefined();
    expect(alike.length).toBeGreaterThan(5);
    const admin = await stack.signIn('admin@demo.example');
    expect(named(await similar(PROSPECT, '?limit=50', admin), 'Not theirs')).toBeDefined();
  });
});

test('the limit is 10 unless said otherwise, 1 to 50', async () => {
  expect((await similar(PROSPECT)).length).toBe(10);
  expect((await similar(PROSPECT, '?limit=1')).length).toBe(1);
  for (const limit of ['0', '51', '1.5', 'x', ''])
    expect([limit, (await rep.get(`/v1/accounts/${PROSPECT}/similar?limit=${limit}`)).status]).toEqual([limit, 400]);
  expect(problem(await rep.get(`/v1/accounts/${PROSPECT}/similar?offset=1`))).toEqual([
    400,
    'invalid',
    'offset',
    'unknown',
  ]);
});

test('says how old the list is, and pulls where there is none', async () => {
  const fresh = await stack.signIn('rep.two@demo.example');
  const first = await fresh.get(`/v1/accounts/${CUSTOMER}/similar`);
  expect(first.body.freshness).toMatchObject({ source: 'live', complete: true });
  expect((await fresh.get(`/v1/accounts/${CUSTOMER}/similar`)).body.freshness).toMatchObject({ source: 'memory' });
});

test('an account that is not there, not theirs, or no account is refused', async () => {
  expect((await rep.get(`/v1/accounts/${idOf(999)}/similar`)).status).toBe(404);
  expect((await rep.get(`/v1/accounts/${idOf(9)}/similar`)).status).toBe(404);
  const contact = withCheck('003000000000001');
  expect(problem(await rep.get(`/v1/accounts/${contact}/similar`))).toEqual([400, 'invalid', 'id', 'crm_id']);
});

test('without headcount, parent and names of owners, which the rep may not see, it goes by what is left', async () => {
  const hidden = [
    ['Account', 'NumberOfEmployees'],
    ['Account', 'ParentId'],
    ['User', 'Name'],
  ] as const;
  for (const [object, field] of hidden)
    await stack.sandbox.access('rep.one@demo.example', object, { field, read: false });
  const [twin] = await similar(PROSPECT);
  expect(codesOf(twin)).toEqual(['industry', 'country', 'products']);
  for (const [object, field] of hidden)
    await stack.sandbox.access('rep.one@demo.example', object, { field, read: true });
});

test('with the cache off it is live, and nothing is kept', async () => {
  const admin = await stack.signIn('admin@demo.example');
  const { body } = await admin.get('/v1/settings');
  const settings = { ...body.settings, cache: { enabled: false, minutes: 60 } };
  expect((await admin.put('/v1/settings', { version: body.version, settings })).status).toBe(200);
  const [answer] = await Promise.all([1, 2].map(() => rep.get(`/v1/accounts/${PROSPECT}/similar`)));
  expect(answer?.body.freshness).toMatchObject({ source: 'live' });
  expect((answer?.body.rows as unknown as Json[])[0]?.account?.name).toBe('Twin');
});
