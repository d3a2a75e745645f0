import { beforeEach, describe, expect, test } from '@jest/globals';
import { account, accountId, type SourceAccount } from '../../../test/account-source.ts';
import {
  connectionOf,
  pageOf,
  pulledList,
  SETTINGS,
  type FacetEntry,
  type PageAnswer,
} from '../../../test/paying-list.ts';
import { rowOf, type AccountFields } from '../account-fields.ts';
import type { AccountRow } from '../account.ts';
import type { AccountList, ListQuery } from './account-list.ts';
import { FACETS, type Facet } from './facets.ts';
import { fold } from './fold.ts';
import { ErasableMemory } from './memory.ts';
import { RowStore } from './row-store.ts';
import { SORTS, type Sort } from './sort-keys.ts';

let memory: ErasableMemory;
let store: RowStore;

beforeEach(() => {
  memory = new ErasableMemory();
  store = new RowStore(memory);
});

const listOf = async (accounts: readonly SourceAccount[]): Promise<AccountList> =>
  (await pulledList(store, connectionOf(accounts))).list;

const names = ({ rows }: PageAnswer): (string | null)[] => rows.map((row) => row.name);

describe('search', () => {
  const accounts = [
    account(1, { Name: 'Müller & Söhne GmbH', BillingCity: 'München', Website: 'https://mueller.example' }),
    account(2, { Name: 'Strauß "Quote" \\ Co', BillingCity: 'Gießen', Website: null }),
    account(3, { Name: '株式会社サンプル', BillingCity: 'Tōkyō', Owner: { Name: 'İpek Işık' } }),
    account(4, { Name: 'Łódź Ørsted Æther', BillingCity: null, Owner: null, OwnerId: null }),
    account(5, { Name: 'שלום Trading', BillingCity: 'Haifa', Owner: { Name: 'Dana Levi' } }),
    account(6, { Name: '100%_sure', BillingCity: 'Cafe\u0301', Website: 'HTTPS://UPPER.EXAMPLE/PATH' }),
    account(7, { Name: 'ﬁne Ｆｕｌｌ', BillingCity: 'X', Website: 'https://emoji\u{1F600}.example' }),
  ];

  test.each([
    ['munchen', [1]],
    ['MÜNCHEN', [1]],
    ['muller gmbh', [1]],
    ['gmbh   muller', [1]],
    ['strauss', [2]],
    ['STRAUSS giessen', [2]],
    ['"quote"', [2]],
    ['\\', [2]],
    ['株式', [3]],
    ['tokyo', [3]],
    ['ipek isik', [3]],
    ['lodz', [4]],
    ['orsted aether', [4]],
    ['שלום', [5]],
    ['levi', [5]],
    ['100%_', [6]],
    ['cafe', [6]],
    ['upper.example/path', [6]],
    ['fine full', [7]],
    ['\u{1F600}', [7]],
    ['', [1, 2, 3, 4, 5, 6, 7]],
    ['  \t ', [1, 2, 3, 4, 5, 6, 7]],
    ['müller tokyo', []],
    ['nothing', []],
    // Industry and country are no part of the search text.
    ['energy', []],
    ['germany', []],
    // No match spans two fields.
    ['gmbhmunchen', []],
    ['\0', [1, 2, 3, 4, 5, 6, 7]],
  ])('%j finds %j', async (search, expected) => {
    const list = await listOf(accounts);
    const { rows, matched } = await pageOf(list, { search });
    expect(rows.map((row) => row.id)).toEqual(expected.map((number) => accountId(number)));
    expect(matched).toBe(expected.length);
  });

  test('a word is found in dense and in sparse segments alike, whatever its length', async () => {
    const many = Array.from({ length: 5_000 }, (_, number) =>
      account(number, { Name: number % 3 === 0 ? `alpha ${number}` : `beta ${number}`, Website: null }),
    );
    const list = await listOf(many);
    for (const search of ['a', 'al', 'alpha', 'beta', '4999', 'alpha 4998', 'berlin', 'olga owner', 'b 1']) {
      const words = search.split(' ');
      const expected = many.filter(({ Name }) =>
        words.every((word) => `${String(Name)}\nberlin\nolga owner`.includes(word)),
      );
      expect([search, (await pageOf(list, { search })).matched]).toEqual([search, expected.length]);
    }
  });
});

describe('facets', () => {
  const accounts = [
    account(1, { Industry: 'Energy', BillingCountry: 'Germany', Products__c: 'Core;Plus' }),
    account(2, { Industry: 'Energy', BillingCountry: 'France', Products__c: 'Core' }),
    account(3, { Industry: 'Retail', BillingCountry: 'Germany', Products__c: null }),
    account(4, {
      Industry: null,
      BillingCountry: 'Germany',
      Products__c: 'Plus',
      OwnerId: '005000000000002AAA',
      Owner: { Name: 'Ben' },
    }),
  ];

  test('count the values of all rows, most frequent first; what is unknown is not counted', async () => {
    const { facets } = await pageOf(await listOf(accounts));
    expect(facets).toEqual({
      industry: [
        { value: 'Energy', label: 'Energy', count: 2 },
        { value: 'Retail', label: 'Retail', count: 1 },
      ],
      country: [
        { value: 'Germany', label: 'Germany', count: 3 },
        { value: 'France', label: 'France', count: 1 },
      ],
      owner: [
        { value: '005000000000001AAA', label: 'Olga Owner', count: 3 },
        { value: '005000000000002AAA', label: 'Ben', count: 1 },
      ],
      product: [
        { value: 'Core', label: 'Core', count: 2 },
        { value: 'Plus', label: 'Plus', count: 2 },
      ],
    });
  });

  test('a facet ignores its own filter and heeds the others', async () => {
    const page = await pageOf(await listOf(accounts), { industry: ['Energy'], country: ['Germany'] });
    expect(page.rows.map((row) => row.id)).toEqual([accountId(1)]);
    expect(page.facets.industry).toEqual([
      { value: 'Energy', label: 'Energy', count: 1 },
      { value: 'Retail', label: 'Retail', count: 1 },
    ]);
    expect(page.facets.country.map(({ value, count }) => [value, count])).toEqual([
      ['France', 1],
      ['Germany', 1],
    ]);
    expect(page.facets.product.map(({ value }) => value)).toEqual(['Core', 'Plus']);
  });

  test('values of one filter are alternatives; an unknown value matches nothing', async () => {
    const list = await listOf(accounts);
    expect((await pageOf(list, { industry: ['Energy', 'Retail'] })).matched).toBe(3);
    expect((await pageOf(list, { product: ['Plus'] })).matched).toBe(2);
    expect((await pageOf(list, { owner: ['005000000000002AAA'] })).matched).toBe(1);
    expect((await pageOf(list, { country: ['Atlantis'] })).matched).toBe(0);
    expect((await pageOf(list, { country: ['germany'] })).matched).toBe(0);
  });
});

describe('order', () => {
  const accounts = [
    account(4, { Name: 'Zoë', Industry: 'B', LastModifiedDate: '2026-01-02T00:00:00.000+0000' }),
    account(2, { Name: 'zoe', Industry: null, LastModifiedDate: '2026-01-03T00:00:00.000+0000' }),
    account(3, { Name: 'Äpfel', Industry: 'a', LastModifiedDate: null }),
    account(1, { Name: 'Apfel', Industry: 'B', LastModifiedDate: '2026-01-02T00:00:00.000+0000' }),
  ];

  test.each<[Sort, 'asc' | 'desc', string[]]>([
    ['name', 'asc', ['Apfel', 'Äpfel', 'zoe', 'Zoë']],
    ['name', 'desc', ['Zoë', 'zoe', 'Äpfel', 'Apfel']],
    ['industry', 'asc', ['Äpfel', 'Apfel', 'Zoë', 'zoe']],
    ['industry', 'desc', ['Apfel', 'Zoë', 'Äpfel', 'zoe']],
    ['modified', 'asc', ['Apfel', 'Zoë', 'zoe', 'Äpfel']],
    ['modified', 'desc', ['zoe', 'Apfel', 'Zoë', 'Äpfel']],
    ['country', 'asc', ['Apfel', 'zoe', 'Äpfel', 'Zoë']],
    ['country', 'desc', ['Apfel', 'zoe', 'Äpfel', 'Zoë']],
    ['arr', 'desc', ['Apfel', 'zoe', 'Äpfel', 'Zoë']],
    ['arr', 'asc', ['Zoë', 'Äpfel', 'zoe', 'Apfel']],
  ])('%s %s: %j; ties by id, unknown last', async (sort, order, expected) => {
    expect(names(await pageOf(await listOf(accounts), { sort, order }))).toEqual(expected);
  });
});

test('pages follow one another without a gap and end', async () => {
  const list = await listOf(Array.from({ length: 23 }, (_, number) => account(number)));
  const seen: (string | null)[] = [];
  for (let offset = 0; offset < 30; offset += 5) seen.push(...names(await pageOf(list, { offset, limit: 5 })));
  expect(seen).toEqual(Array.from({ length: 23 }, (_, number) => `Account ${number}`));
  expect((await pageOf(list, { offset: 23 })).rows).toEqual([]);
  expect((await pageOf(list, { offset: 1_000_000 })).matched).toBe(23);
});

test('an org without a paying account has an empty list', async () => {
  const page = await pageOf(await listOf([]), { search: 'x' });
  expect(page).toEqual({ matched: 0, rows: [], facets: { industry: [], country: [], owner: [], product: [] } });
});

describe('rows that several reps hold', () => {
  test('are kept once, and each rep has their own set and fields', async () => {
    const common = Array.from({ length: 3_000 }, (_, number) => account(number));
    const one = await listOf([...common, account(9_001)]);
    const bytes = memory.bytes;
    const two = await listOf([...common, account(9_002)]);
    expect(store.rows).toBe(3_002);
    expect(memory.bytes - bytes).toBeLessThan(20_000);
    const blind = await listOf(common.map((record) => ({ ...record, Industry: null })));
    expect(store.rows).toBe(6_002);
    expect((await pageOf(one, { search: '9002' })).matched).toBe(0);
    expect((await pageOf(two, { search: '9002' })).matched).toBe(1);
    expect((await pageOf(blind)).facets.industry).toEqual([]);
    expect((await pageOf(blind, { industry: ['Energy'] })).matched).toBe(0);
    expect((await pageOf(one, { industry: ['Energy'] })).matched).toBe(3_001);
  });

  test('a rep’s pages have their rows and no other, in every order, whatever the others have', async () => {
    const common = Array.from({ length: 30 }, (_, number) => account(number));
    const own = { one: [account(101)], two: [account(102), account(103)], three: [] };
    for (const order of ['asc', 'desc'] as const) {
      for (const sort of SORTS) {
        const lists: [string, AccountList, SourceAccount[]][] = [];
        for (const [rep, more] of Object.entries(own)) lists.push([rep, await listOf([...common, ...more]), more]);
        for (const [rep, list, more] of lists) {
          const ids: string[] = [];
          for (let offset = 0; offset < 40; offset += 7) {
            ids.push(...(await pageOf(list, { sort, order, offset, limit: 7 })).rows.map((row) => row.id));
          }
          expect([rep, sort, order, ids.sort()]).toEqual([
            rep,
            sort,
            order,
            [...common, ...more].map(({ Id }) => Id).sort(),
          ]);
        }
        for (const [, list] of lists) list.erase();
      }
    }
  });

  test('are kept apart where they differ only in what they share with other rows', async () => {
    const differences: Partial<SourceAccount>[] = [
      {},
      { Industry: 'Retail' },
      { BillingCountry: 'Chile' },
      { OwnerId: '005000000000009AAA' },
      { Owner: { Name: 'Somebody Else' } },
      { Products__c: 'Other' },
    ];
    const lists: AccountList[] = [];
    for (const difference of differences) lists.push(await listOf([account(1, difference)]));
    expect(store.rows).toBe(differences.length);
    const rows = await Promise.all(lists.map(async (list) => (await pageOf(list)).rows[0]));
    expect(rows.map((row) => [row?.industry, row?.country, row?.owner.id, row?.owner.name, row?.products])).toEqual(
      differences.map((difference) => {
        const { Industry, BillingCountry, OwnerId, Owner, Products__c } = account(1, difference);
        return [
          Industry,
          BillingCountry,
          OwnerId,
          (Owner as { Name: string }).Name,
          Products__c === undefined ? [] : [Products__c],
        ];
      }),
    );
  });

  test('stay for one when the other goes, and leave no byte with the last', async () => {
    const all: Buffer[] = [];
    memory.watch((buffer) => all.push(buffer));
    const one = await listOf([
      account(1, { Name: 'shared' }),
      account(2, { Name: 'onlyone', Industry: 'onlyindustry' }),
    ]);
    const two = await listOf([account(1, { Name: 'shared' })]);
    await pageOf(one, { search: 'only' });
    one.erase();
    expect(Buffer.concat(all).includes('only')).toBe(false);
    expect(names(await pageOf(two))).toEqual(['shared']);
    two.erase();
    expect(all.every((buffer) => buffer.every((byte) => byte === 0))).toBe(true);
    expect(memory).toMatchObject({ bytes: 0, buffers: 0 });
    expect(store.rows).toBe(0);
  });

  test('move out of a segment that is nearly empty, so that it empties as lists are renewed', async () => {
    const old = await listOf(Array.from({ length: 4_096 }, (_, number) => account(number)));
    const few = Array.from({ length: 10 }, (_, number) => account(number));
    const first = await listOf(few);
    old.erase();
    const held = memory.bytes;
    const second = await listOf(few);
    first.erase();
    expect(memory.bytes).toBeLessThan(held / 2);
    expect(names(await pageOf(second))).toEqual(few.map(({ Name }) => Name));
  });
});

test('an erased list serves nothing, and rows that still come are not kept', async () => {
  const list = await listOf([account(1)]);
  list.erase();
  list.erase();
  expect(() =>
    list.page({ sort: 'arr', order: 'desc', offset: 0, limit: 1 }, () => ({ before: '', after: '' })),
  ).toThrow();
  expect(list.size).toBe(0);
});

describe('against a simple oracle', () => {
  const random = seeded(7);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const words = [
    'Müller',
    'Nord',
    'süd',
    'ÅNG',
    'Łódź',
    '株式',
    'Ωmega',
    'x"y',
    'a\\b',
    'e\u0301clair',
    'Ко',
    'ﬁ',
    '\u200fשלום',
    'tab\there',
    '😀',
    '😀\u007f',
    'back\\',
  ];
  const phrase = (): string => Array.from({ length: 1 + Math.floor(random() * 3) }, () => pick(words)).join(' ');
  const orNull = <T>(value: T): T | null => (random() < 0.1 ? null : value);

  function randomAccount(number: number): SourceAccount {
    return account(number, {
      Name: phrase(),
      ActiveARR__c: pick([1, 1.5, 2e15, 1e21, 0.1, 1e-7, 123456.78, 1200, Math.round(random() * 1e7) / 100]),
      Industry: orNull(pick(['Energy', 'Énergie', 'a"b', 'Retail'])),
      BillingCountry: orNull(pick(['Germany', 'Österreich', ''])),
      BillingCity: orNull(phrase()),
      Website: orNull(`https://${pick(['A', 'b', 'ü'])}.example`),
      OwnerId: pick(['005000000000001AAA', '005000000000002AAA', null]),
      Owner: orNull({ Name: pick([phrase(), 'Bo']) }),
      Products__c: orNull(pick(['Core', 'Core;Plus', ' Plus ; Core;', 'ü;"'])),
      LastModifiedDate: pick(['2026-01-01T00:00:00.000+0000', '2026-02-01T10:00:00.500+0000', 'yesterday', null]),
    });
  }

  const plan: AccountFields = {
    payingField: SETTINGS.payingField,
    productsField: 'Products__c',
    visible: new Set(),
    hidden: [],
    isConverted: false,
    isMoney: true,
    hasCurrency: false,
    hasOwnerName: true,
  };

  test('400 random questions about random accounts', async () => {
    for (let round = 0; round < 8; round += 1) {
      const accounts = Array.from({ length: 300 }, (_, number) => randomAccount(number));
      const list = await listOf(accounts);
      const rows = accounts.map((record) => rowOf(JSON.parse(JSON.stringify(record)) as SourceAccount, plan, null));
      for (let question = 0; question < 50; question += 1) {
        const query: ListQuery = {
          sort: pick(SORTS),
          order: pick(['asc', 'desc']),
          offset: Math.floor(random() * 20),
          limit: 1 + Math.floor(random() * 200),
          ...(random() < 0.5
            ? {}
            : { search: pick([pick(words), `${pick(words)} ${pick(words).slice(0, 2)}`, 'e', 'https']) }),
          ...(random() < 0.7 ? {} : { industry: [pick(['Energy', 'Énergie', 'a"b'])] }),
          ...(random() < 0.8 ? {} : { country: ['Germany', 'Österreich'] }),
          ...(random() < 0.8 ? {} : { owner: ['005000000000002AAA'] }),
          ...(random() < 0.8 ? {} : { product: [pick(['Core', 'Plus', 'ü', '"'])] }),
        };
        const answer = await pageOf(list, query);
        expect({ query, ...answer }).toEqual({ query, ...oracle(rows, query) });
      }
      list.erase();
      expect(memory.bytes).toBe(0);
    }
  });
});

/** The same by the simplest means. */
function oracle(rows: readonly AccountRow[], query: ListQuery): PageAnswer {
  const words = fold(query.search ?? '')
    .split(/\s+/u)
    .filter((word) => word !== '');
  const found = rows.filter((row) => {
    const texts = [row.name, row.city, row.website, row.owner.name].map((text) => fold(text ?? ''));
    return words.every((word) => texts.some((text) => text.includes(word)));
  });
  const values: Record<Facet, (row: AccountRow) => (string | null)[]> = {
    industry: (row) => [row.industry],
    country: (row) => [row.country],
    owner: (row) => [row.owner.id],
    product: (row) => [...row.products],
  };
  const passes = (row: AccountRow, facet: Facet): boolean =>
    query[facet] === undefined || values[facet](row).some((value) => value !== null && query[facet]?.includes(value));
  const facetOf = (facet: Facet): { value: string; label: string; count: number }[] => {
    const counts = new Map<string, { value: string; label: string; count: number }>();
    for (const row of found) {
      if (!FACETS.every((other) => other === facet || passes(row, other))) continue;
      for (const value of values[facet](row)) {
        if (value === null) continue;
        const label = facet === 'owner' ? row.owner.name! : value;
        const key = JSON.stringify([value, label]);
        counts.set(key, { value, label, count: (counts.get(key)?.count ?? 0) + 1 });
      }
    }
    const json = (text: string | null): string => JSON.stringify(text);
    const mostFirst = (a: FacetEntry, b: FacetEntry): number =>
      b.count - a.count || compare(json(a.label), json(b.label)) || compare(json(a.value), json(b.value));
    const sorted = [...counts.values()].sort(mostFirst);
    // An owner with two names is one entry, under the name that most rows have.
    const once = sorted.filter((entry, index) => sorted.findIndex(({ value }) => value === entry.value) === index);
    const all = (value: string): number =>
      sorted.filter((entry) => entry.value === value).reduce((sum, { count }) => sum + count, 0);
    return once.map((entry) => ({ ...entry, count: all(entry.value) })).sort(mostFirst);
  };
  const matching = found.filter((row) => FACETS.every((facet) => passes(row, facet)));
  const collator = new Intl.Collator('en');
  const key: Record<Sort, (row: AccountRow) => string | number | null> = {
    arr: (row) => row.arr,
    name: (row) => row.name,
    industry: (row) => row.industry,
    country: (row) => row.country,
    modified: (row) => row.modifiedAt,
  };
  const sorted = matching.sort((a, b) => {
    const [one, other] = [key[query.sort](a), key[query.sort](b)];
    if (one === null || other === null) return Number(one === null) - Number(other === null) || compare(a.id, b.id);
    const order = typeof one === 'number' ? one - (other as number) : collator.compare(one, other as string);
    return (query.order === 'desc' ? -order : order) || compare(a.id, b.id);
  });
  return {
    matched: sorted.length,
    rows: sorted.slice(query.offset, query.offset + query.limit),
    facets: {
      industry: facetOf('industry'),
      country: facetOf('country'),
      owner: facetOf('owner'),
      product: facetOf('product'),
    },
  };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
