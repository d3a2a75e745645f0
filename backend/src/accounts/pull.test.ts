import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { account, accountId, AccountSource, ACCOUNT_FIELDS, sendJson } from '../../test/account-source.ts';
import { pageOf, plain, pullInto, SETTINGS, type PullOptions } from '../../test/paying-list.ts';
import {
  CrmFieldHidden,
  CrmInvalid,
  CrmLimitReached,
  CrmSessionExpired,
  CrmUnavailable,
} from '../salesforce/errors.ts';
import { AccountList } from './list/account-list.ts';
import { ErasableMemory } from './list/memory.ts';
import { RowStore } from './list/row-store.ts';
import { SetupMissing } from './problems.ts';
import type { PullProgress } from './pull.ts';

let source: AccountSource;
let memory: ErasableMemory;
let list: AccountList;

beforeEach(async () => {
  source = await AccountSource.listen();
  memory = new ErasableMemory();
  list = new AccountList(new RowStore(memory));
});

afterEach(() => source.close());

const pull = (options?: PullOptions): Promise<PullProgress> => pullInto(list, source, options);

const many = (count: number) => Array.from({ length: count }, (_, number) => account(number));

test('all pages are read, in order, with one describe and one query', async () => {
  source.accounts = many(45);
  source.pageSize = 10;
  const seen: number[] = [];
  const progress = await pull({ onProgress: () => seen.push(list.size) });
  expect(progress).toMatchObject({ pages: 5, total: 45, hiddenFields: [] });
  expect(seen).toEqual([10, 20, 30, 40, 45, 45]);
  expect(source.asked.filter((path) => path.includes('/describe'))).toHaveLength(1);
  expect(source.asked.filter((path) => path.includes('/query?') && path.includes('FROM Account'))).toEqual([
    '/services/data/v66.0/query?q=SELECT Id, Name, ActiveARR__c, Industry, BillingCountry, BillingCity, Website, OwnerId, LastModifiedDate, Owner.Name FROM Account WHERE ActiveARR__c > 0 ORDER BY ActiveARR__c DESC, Id',
  ]);
  expect((await pageOf(list)).rows.map((row) => row.id)).toEqual(many(45).map(({ Id }) => Id));
});

test('a row has what API.md says, null where Salesforce says nothing', async () => {
  source.accounts = [
    account(1),
    account(2, {
      Industry: null,
      BillingCountry: '',
      BillingCity: null,
      Website: undefined,
      Owner: null,
      LastModifiedDate: null,
    }),
  ];
  await pull();
  expect((await pageOf(list)).rows).toEqual([
    {
      id: accountId(1),
      name: 'Account 1',
      arr: 999_999,
      currency: null,
      arrConverted: null,
      convertedCurrency: null,
      industry: 'Energy',
      country: 'Germany',
      city: 'Berlin',
      website: 'https://account1.example',
      owner: { id: '005000000000001AAA', name: 'Olga Owner' },
      products: [],
      modifiedAt: '2026-11-24T12:00:00.000Z',
    },
    expect.objectContaining({
      industry: null,
      country: null,
      city: null,
      website: null,
      owner: { id: '005000000000001AAA', name: null },
      modifiedAt: null,
    }),
  ]);
});

describe('fields', () => {
  test('hidden ones are left out of the query and named', async () => {
    source.fields = ACCOUNT_FIELDS.filter((name) => name !== 'Industry' && name !== 'Website');
    source.accounts = many(3);
    const { hiddenFields } = await pull();
    expect(hiddenFields).toEqual(['Industry', 'Website']);
    expect((await pageOf(list)).rows[0]).toMatchObject({ name: 'Account 0', industry: null, website: null });
  });

  test('the names of owners hidden: rows without them, and said so, also when they could be seen last time', async () => {
    source.accounts = many(3).map((record) => ({ ...record, Owner: null }));
    const { fields: lastFields } = await pull();
    list.erase();
    source.misbehave = (request, response) => {
      if (request.url?.includes('Owner.Name') !== true) return false;
      sendJson(response, [{ errorCode: 'INVALID_FIELD', message: "No such column 'Name' on entity 'User'." }], 400);
      return true;
    };
    for (const known of [{}, { lastFields }]) {
      list = new AccountList(new RowStore(memory));
      const { hiddenFields, total } = await pull(known);
      expect({ hiddenFields, total }).toEqual({ hiddenFields: ['Owner.Name'], total: 3 });
      expect((await pageOf(list)).rows[0]?.owner).toEqual({ id: '005000000000001AAA', name: null });
      list.erase();
    }
    list = new AccountList(new RowStore(memory));
  });

  test('a hidden paying field is an error that names it and says who can help', async () => {
    source.fields = ACCOUNT_FIELDS.filter((name) => name !== 'ActiveARR__c');
    const error = await pull().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CrmFieldHidden);
    expect((error as CrmFieldHidden).problem).toMatchObject({
      status: 409,
      code: 'crm_field_hidden',
      field: 'ActiveARR__c',
      action: 'contact_admin',
    });
    expect((error as CrmFieldHidden).message).toMatch(/ActiveARR__c.*admin/);
  });

  test('before anybody saved settings a missing default field means that set-up is not finished', async () => {
    source.fields = ACCOUNT_FIELDS.filter((name) => name !== 'ActiveARR__c');
    const error = await pull({ settings: { ...plain, isSaved: false } }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SetupMissing);
    expect((error as SetupMissing).problem).toMatchObject({
      status: 409,
      code: 'setup_missing',
      action: 'contact_admin',
    });
  });

  test('what was seen last time is asked for at once; if it is hidden by now, the rest is asked for', async () => {
    source.accounts = many(3);
    const { fields: lastFields } = await pull();
    list.erase();
    list = new AccountList(new RowStore(memory));
    source.asked.length = 0;
    source.fields = ACCOUNT_FIELDS.filter((name) => name !== 'Industry');
    const { hiddenFields } = await pull({ lastFields });
    expect(hiddenFields).toEqual(['Industry']);
    expect(list.size).toBe(3);
    expect(source.pulls).toBe(2);
  });
});

describe('products', () => {
  test('of a field are its values', async () => {
    source.fields = [...ACCOUNT_FIELDS, 'Products__c'];
    source.accounts = [
      account(1, { Products__c: 'Core; Plus ;Core;' }),
      account(2, { Products__c: 'One only' }),
      account(3),
    ];
    await pull({ settings: SETTINGS });
    expect((await pageOf(list)).rows.map((row) => row.products)).toEqual([['Core', 'Plus'], ['One only'], []]);
  });

  test('of closed-won opportunities are merged account by account, over pages, after the rows', async () => {
    source.accounts = many(4);
    source.pageSize = 2;
    const line = (number: number, name: string) => ({
      Opportunity: { AccountId: accountId(number) },
      Product2: { Name: name },
    });
    source.others.OpportunityLineItem = [
      line(1, 'B'),
      line(1, 'A'),
      line(1, 'B'),
      line(2, 'A'),
      line(99, 'not paying'),
    ];
    const sizes: number[] = [];
    const before = source.misbehave;
    source.misbehave = (request, response, number) => {
      if (request.url?.includes('OpportunityLineItem') === true) sizes.push(list.size);
      return before(request, response, number);
    };
    await pull({ settings: { ...plain, products: { source: 'opportunityLines' } } });
    expect(sizes[0]).toBe(4);
    expect((await pageOf(list)).rows.map((row) => row.products)).toEqual([[], ['A', 'B'], ['A'], []]);
    expect((await pageOf(list)).facets.product.map(({ value, count }) => [value, count])).toEqual([
      ['A', 2],
      ['B', 1],
    ]);
    expect((await pageOf(list, { product: ['B'], search: 'account' })).matched).toBe(1);
  });

  test('of assets are the products, or the asset where it has none', async () => {
    source.accounts = many(2);
    source.others.Asset = [
      { AccountId: accountId(0), Name: 'Asset 1', Product2: { Name: 'Core' } },
      { AccountId: accountId(0), Name: 'Asset 2', Product2: null },
    ];
    await pull({ settings: { ...plain, products: { source: 'assets' } } });
    expect((await pageOf(list)).rows.map((row) => row.products)).toEqual([['Asset 2', 'Core'], []]);
  });

  test('that the rep may not see are named, and the rows are there without them', async () => {
    source.accounts = many(2);
    const { hiddenFields } = await pull({ settings: { ...plain, products: { source: 'assets' } } });
    expect(hiddenFields).toEqual(['Asset']);
    expect(list.size).toBe(2);
  });
});

describe('rows that change meanwhile', () => {
  test('one that comes twice counts once', async () => {
    source.accounts = [...many(3), account(1, { Name: 'changed' })];
    source.pageSize = 2;
    source.misbehave = (request, response) => {
      if (request.url?.includes('COUNT()') !== true) return false;
      sendJson(response, { totalSize: 3, done: true, records: [] });
      return true;
    };
    expect((await pull()).total).toBe(3);
    expect((await pageOf(list)).rows.map((row) => row.name)).toEqual(['Account 0', 'Account 1', 'Account 2']);
  });

  test('fewer rows than were counted, which a second count does not explain, are an error', async () => {
    source.accounts = many(3);
    source.misbehave = (request, response) => {
      if (request.url?.includes('SELECT%20Id') !== true) return false;
      sendJson(response, { totalSize: 10, done: true, records: source.accounts });
      return true;
    };
    source.accounts = many(10).slice(0, 3);
    const count = source.misbehave;
    source.misbehave = (request, response, number) => {
      if (request.url?.includes('COUNT()') !== true) return count(request, response, number);
      sendJson(response, { totalSize: 10, done: true, records: [] });
      return true;
    };
    await expect(pull()).rejects.toBeInstanceOf(CrmInvalid);
  });
});

describe('pages that do not add up', () => {
  const answer = (pages: readonly (Record<string, unknown> | string)[]): void => {
    let page = 0;
    source.misbehave = (request, response) => {
      const url = request.url ?? '';
      if (url.includes('/describe') || url.includes('CurrencyType')) return false;
      if (url.includes('COUNT()')) sendJson(response, { totalSize: 4, done: true, records: [] });
      else {
        const body = pages[Math.min(page, pages.length - 1)] ?? '';
        page += 1;
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(typeof body === 'string' ? body : JSON.stringify(body));
      }
      return true;
    };
  };
  const next = '/services/data/v66.0/query/Account-2';
  const two = many(2);
  const text = JSON.stringify({ totalSize: 2, done: true, records: two });

  test.each<[string, readonly (Record<string, unknown> | string)[]]>([
    ['a negative total', [{ totalSize: -1, done: true, records: two }]],
    [
      'a total that shrinks to what came',
      [
        { totalSize: 4, done: false, nextRecordsUrl: next, records: two },
        { totalSize: 2, done: true, records: [] },
      ],
    ],
    ['a total below the rows', [{ totalSize: 1, done: true, records: many(5) }]],
    ['pages without rows that never end', [{ totalSize: 4, done: false, nextRecordsUrl: next, records: [] }]],
    ['the same page for ever', [{ totalSize: 4, done: false, nextRecordsUrl: next, records: two }]],
    ['an answer cut behind its last record', [text.slice(0, -1)]],
    ['something behind its end', [`${text}x`]],
    ['a number with a leading zero', [text.replace('"totalSize":2', '"totalSize":2,"more":012')]],
    ['a word that is none', [text.replace('"totalSize":2', '"totalSize":2,"more":nulx')]],
    ['an escape that is none', [text.replace('Account 0', 'Account \\x0')]],
    ['brackets that do not match', [text.replace('"records"', '"more":{"a":[1}],"records"')]],
  ])('%s: refused', async (_name, pages) => {
    answer(pages);
    await expect(pull()).rejects.toBeInstanceOf(CrmInvalid);
  });
});

describe('Salesforce', () => {
  const refuse = (status: number, errorCode: string) => (at: number) => {
    source.misbehave = (_request, response, number) => {
      if (number < at) return false;
      sendJson(response, [{ errorCode, message: 'canary' }], status);
      return true;
    };
  };

  test.each([
    ['401 in the middle', refuse(401, 'INVALID_SESSION_ID'), CrmSessionExpired],
    ['403 API limit', refuse(403, 'REQUEST_LIMIT_EXCEEDED'), CrmLimitReached],
    ['a lost cursor', refuse(400, 'INVALID_QUERY_LOCATOR'), CrmUnavailable],
    [
      '503 with HTML',
      (at: number) => {
        source.misbehave = (_request, response, number) => {
          if (number < at) return false;
          response.writeHead(503, { 'content-type': 'text/html' }).end('<h1>canary</h1>');
          return true;
        };
      },
      CrmUnavailable,
    ],
    [
      'a connection cut half way through a page',
      (at: number) => {
        source.misbehave = (_request, response, number) => {
          if (number < at) return false;
          response.writeHead(200, { 'content-type': 'application/json', 'content-length': '99999' });
          response.write('{"totalSize":45,"done":true,"records":[{"Id":', () => response.destroy());
          return true;
        };
      },
      CrmUnavailable,
    ],
    [
      'a follow-up URL elsewhere',
      (at: number) => {
        source.misbehave = (_request, response, number) => {
          if (number < at) return false;
          sendJson(response, {
            totalSize: 45,
            done: false,
            nextRecordsUrl: 'https://evil.example/services/data/v66.0/query/01g',
            records: [],
          });
          return true;
        };
      },
      CrmInvalid,
    ],
    [
      'a page that ends behind a record',
      (at: number) => {
        source.misbehave = (_request, response, number) => {
          if (number < at) return false;
          response.writeHead(200, { 'content-type': 'application/json' });
          response.end(`{"totalSize":45,"done":true,"records":[{"Id":"${accountId(1)}"}`);
          return true;
        };
      },
      CrmInvalid,
    ],
    [
      'records of another shape',
      (at: number) => {
        source.misbehave = (_request, response, number) => {
          if (number < at) return false;
          sendJson(response, { totalSize: 45, done: true, records: [{ Id: 'short' }] });
          return true;
        };
      },
      CrmInvalid,
    ],
    [
      'bytes that are not UTF-8',
      (at: number) => {
        source.misbehave = (_request, response, number) => {
          if (number < at) return false;
          response.writeHead(200, { 'content-type': 'application/json' });
          response.end(Buffer.from('{"totalSize":45,"done":true,"records":[{"Id":"\xff"}]}', 'latin1'));
          return true;
        };
      },
      CrmInvalid,
    ],
  ])('%s ends the pull with its error, at each moment', async (_what, misbehave, expected) => {
    source.accounts = many(45);
    source.pageSize = 10;
    for (const at of [2, 4, 6]) {
      source.asked.length = 0;
      list = new AccountList(new RowStore(memory));
      misbehave(at);
      const error = await pull().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(expected);
      expect(String((error as Error).stack)).not.toContain('canary');
      list.erase();
      expect(memory.bytes).toBe(0);
    }
  });

  test('no further page is asked for once the pull was given up', async () => {
    source.accounts = many(45);
    source.pageSize = 5;
    const stop = new AbortController();
    const reason = new Error('signed out');
    const pulled = pull({ signal: stop.signal, onProgress: ({ pages }) => pages === 3 && stop.abort(reason) });
    await expect(pulled).rejects.toBe(reason);
    const asked = source.asked.length;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(source.asked).toHaveLength(asked);
  });
});
