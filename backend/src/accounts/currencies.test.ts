import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { account, accountId, AccountSource, ACCOUNT_FIELDS, sendJson } from '../../test/account-source.ts';
import { never, pageOf, plain, pullInto, type PullOptions } from '../../test/paying-list.ts';
import type { Rep } from '../auth/rep.ts';
import { CrmLimitReached } from '../salesforce/errors.ts';
import { readAccount } from './account-detail.ts';
import { AccountList } from './list/account-list.ts';
import { ErasableMemory } from './list/memory.ts';
import { RowStore } from './list/row-store.ts';
import type { PullProgress } from './pull.ts';
import { readTarget } from './similar/target.ts';

let source: AccountSource;
let list: AccountList;

beforeEach(async () => {
  source = await AccountSource.listen();
  list = new AccountList(new RowStore(new ErasableMemory()));
});

afterEach(() => source.close());

const pull = (options?: PullOptions): Promise<PullProgress> => pullInto(list, source, options);

test('in an org with several currencies amounts come converted, and sorting goes by that', async () => {
  source.fields = [...ACCOUNT_FIELDS, 'CurrencyIsoCode'];
  source.others.User = [{ DefaultCurrencyIsoCode: 'EUR' }];
  source.accounts = [
    account(1, { CurrencyIsoCode: 'GBP', ActiveARR__c: 100, arrConverted: 120 }),
    account(2, { CurrencyIsoCode: 'JPY', ActiveARR__c: 10_000, arrConverted: 60.5 }),
  ];
  await pull();
  expect(source.asked.join()).toContain('convertCurrency(ActiveARR__c) arrConverted');
  const { rows } = await pageOf(list);
  expect(rows).toMatchObject([
    { arr: 100, currency: 'GBP', arrConverted: 120, convertedCurrency: 'EUR' },
    { arr: 10_000, currency: 'JPY', arrConverted: 60.5, convertedCurrency: 'EUR' },
  ]);
});

describe('a currency that describe does not name', () => {
  const converted = [
    account(1, { ActiveARR__c: 100, arrConverted: 120 }),
    account(2, { ActiveARR__c: 10_000, arrConverted: 60.5 }),
  ];
  const asked = (object: string) => source.asked.filter((path) => path.includes(`FROM ${object}`)).length;
  const again = (options: PullOptions = {}): Promise<PullProgress> => {
    list.erase();
    list = new AccountList(new RowStore(new ErasableMemory()));
    return pull(options);
  };

  test('is hidden where the org has several: a number without one, the rep told, converted money still theirs', async () => {
    source.others.CurrencyType = [{ Id: '01L000000000001AAA' }];
    source.others.User = [{ DefaultCurrencyIsoCode: 'EUR' }];
    source.accounts = converted;
    const { hiddenFields, fields: lastFields } = await pull();
    expect(hiddenFields).toEqual(['CurrencyIsoCode']);
    expect((await pageOf(list)).rows).toMatchObject([
      { arr: 100, currency: null, arrConverted: 120, convertedCurrency: 'EUR' },
      { arr: 10_000, currency: null, arrConverted: 60.5, convertedCurrency: 'EUR' },
    ]);
    expect([asked('CurrencyType'), source.pulls]).toEqual([1, 1]);

    // The next pull of the same rep guesses right, and asks Salesforce for the list once.
    await again({ lastFields });
    expect([asked('CurrencyType'), source.pulls]).toEqual([2, 2]);
  });

  test('is not there where the org has one: asked once a pull, and nothing is called hidden', async () => {
    source.accounts = converted;
    expect((await pull()).hiddenFields).toEqual([]);
    expect((await pageOf(list)).rows).toMatchObject([
      { arr: 100, currency: null, convertedCurrency: null },
      { arr: 10_000, currency: null, convertedCurrency: null },
    ]);
    expect(source.asked.join()).not.toContain('convertCurrency');
    expect(asked('CurrencyType')).toBe(1);
  });

  test("is nobody's concern where the paying field is a plain number, or where it is named", async () => {
    source.fields = [...ACCOUNT_FIELDS, 'Seats'];
    source.accounts = [account(1, { Seats: 5 })];
    const seats = { settings: { ...plain, payingField: 'Seats' } };
    const { fields: lastOfSeats } = await pull(seats);
    source.fields = [...ACCOUNT_FIELDS, 'CurrencyIsoCode'];
    source.others.User = [];
    const { fields: lastFields } = await again();
    // Of a rep of whom nothing is known it was asked beside describe.
    expect(asked('CurrencyType')).toBe(2);
    await again({ lastFields });
    source.fields = [...ACCOUNT_FIELDS, 'Seats'];
    await again({ ...seats, lastFields: lastOfSeats });
    expect(asked('CurrencyType')).toBe(2);
  });

  test('is asked for beside describe: the first page waits for neither longer than for the slower', async () => {
    source.accounts = converted;
    const { fields: lastFields } = await pull();
    const answered = source.whenAsked(3);
    await Promise.all([again({ lastFields }), answered]);
    expect(list.size).toBe(2);
  });

  test('is asked for beside describe for one account, and for those like it, and not at all where it is named', async () => {
    source.accounts = [account(1)];
    source.others.Opportunity = [];
    const rep = { crm: source.connect(), salesforceUserId: '005000000000001AAA' } as Rep;
    const { fields: lastFields } = await pull();
    const readWith = { settings: plain, lastFields };
    const answered = source.whenAsked(3);
    const [detail] = await Promise.all([readAccount(rep, accountId(1), readWith, never), answered]);
    expect(detail).toMatchObject({ name: 'Account 1', currency: null });
    const answeredAgain = source.whenAsked(2);
    const [target] = await Promise.all([readTarget(rep, accountId(1), readWith, never), answeredAgain]);
    expect(target.row.name).toBe('Account 1');

    source.fields = [...ACCOUNT_FIELDS, 'CurrencyIsoCode'];
    source.others.User = [];
    const before = asked('CurrencyType');
    const named = { settings: plain, lastFields: { ...lastFields, hasCurrency: true } };
    await readAccount(rep, accountId(1), named, never);
    await readTarget(rep, accountId(1), named, never);
    expect(asked('CurrencyType')).toBe(before);
  });

  test('is not guessed: where Salesforce does not say, the pull fails and says why', async () => {
    source.misbehave = ({ url }, response) => {
      if (!decodeURIComponent(url ?? '').includes('CurrencyType')) return false;
      sendJson(response, [{ errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'TotalRequests Limit exceeded.' }], 403);
      return true;
    };
    source.accounts = converted;
    await expect(pull()).rejects.toBeInstanceOf(CrmLimitReached);
    expect(list.size).toBe(0);
  });
});
