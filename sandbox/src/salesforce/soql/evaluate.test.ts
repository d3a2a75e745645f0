import { describe, expect, test } from '@jest/globals';
import { accountId, ask, recordsOf, smallOrg } from '../testing/small-org.ts';
import { normaliseId } from '../org/ids.ts';

const org = smallOrg();

/** Which of the five accounts a WHERE finds, by the number in their id. */
function found(where: string, object = 'Account'): string {
  return recordsOf(org, `SELECT Id FROM ${object} WHERE ${where}`)
    .map(({ Id }) => String(Id).charAt(14))
    .join('');
}

describe('WHERE', () => {
  test.each([
    // texts: letter case does not count, accents do
    ["Name = 'ACME'", '14'],
    ["Name != 'acme'", '235'],
    ["Name <> 'acme'", '235'],
    ["Name = 'O\\'Brien & Söhne'", '2'],
    ["Name = 'O\\'BRIEN & SÖHNE'", '2'],
    ["Name = 'O\\'Brien & Sohne'", ''],
    ["Name = '100%_sure\\\\'", '3'],
    ["Name = '\\u4e91\\u5cad科技'", '5'],
    ["Name = '云岭科技'", '5'],
    ["Name IN ('acme', '云岭科技')", '145'],
    ["Name NOT IN ('acme', '云岭科技')", '23'],
    ["Name > 'acme' AND Name < 'p'", '2'],
    // nulls
    ['Industry = null', '3'],
    ['Industry != NULL', '1245'],
    ["Industry = ''", '3'],
    ["Industry != 'Banking'", '2345'],
    ["Industry NOT IN ('Banking')", '2345'],
    ["Industry IN (null, 'Banking')", '13'],
    ['ActiveARR__c = null', '5'],
    ['NumberOfEmployees < 100', '15'],
    ['NumberOfEmployees != 5', '1234'],
    ['(NOT NumberOfEmployees > 7)', '2345'],
    // LIKE
    ["Name LIKE 'ac%'", '14'],
    ["Name LIKE '%'", '12345'],
    ["Name LIKE '%cme'", '14'],
    ["Name LIKE '%r%&%s%e'", '2'],
    ["Name LIKE '%e%e%'", '2'],
    ["Name LIKE 'ac_e'", '14'],
    ["Name LIKE '____'", '145'],
    ["Name LIKE '%\\%\\_%'", '3'],
    ["Name LIKE '100_\\_s%'", '3'],
    ["Name LIKE '%\\\\'", '3'],
    ["Name LIKE 'O\\'B%'", '2'],
    ["Website LIKE '%'", '1'],
    ["Name LIKE 'acme%x'", ''],
    // numbers
    ['ActiveARR__c > 0', '124'],
    ['ActiveARR__c >= 0', '1234'],
    ['ActiveARR__c = 100.0', '12'],
    ['ActiveARR__c > -1 AND ActiveARR__c <= 100', '123'],
    ['ActiveARR__c IN (0, 14000)', '34'],
    // money: plain numbers compare raw amounts, a code converts
    ['ActiveARR__c > 100', '4'],
    ['ActiveARR__c > USD100', '2'],
    ['ActiveARR__c < USD100', '34'],
    ['ActiveARR__c >= EUR92', '12'],
    // a formula
    ['Contract_Price_Per_Seat__c = 5', '1'],
    // lists
    ["Products__c INCLUDES ('Guard')", '1'],
    ["Products__c INCLUDES ('Guard;Ledger', 'Assist')", '12'],
    ["Products__c INCLUDES ('Guard;Assist')", ''],
    ["Products__c EXCLUDES ('Guard')", '2345'],
    ["Products__c = 'Guard;Ledger'", '1'],
    // days, in the time zone of the admin, New York
    ['LastActivityDate = TODAY', '1'],
    ['LastActivityDate = YESTERDAY', '2'],
    ['LastActivityDate < TODAY', '23'],
    ['LastActivityDate >= YESTERDAY', '12'],
    ['LastActivityDate = LAST_N_DAYS:1', '12'],
    ['LastActivityDate = LAST_N_DAYS:28', '123'],
    ['LastActivityDate = LAST_N_DAYS:27', '12'],
    ['LastActivityDate = LAST_MONTH', '3'],
    ['LastActivityDate = THIS_WEEK', '1'],
    ['LastActivityDate = LAST_WEEK', '2'],
    ['LastActivityDate = N_DAYS_AGO:1', '2'],
    ['LastActivityDate = THIS_QUARTER', '123'],
    ['LastActivityDate = 2026-03-14', '2'],
    ['LastActivityDate > 2026-02-15', '12'],
    ['CreatedDate = YESTERDAY', '12'],
    ['CreatedDate >= 2026-03-15T04:00:00+01:00 AND CreatedDate < 2026-03-15T12:00:00Z', '2'],
    ['CreatedDate < 2020-01-01T00:00:01Z', '5'],
    // ids
    [`Id = '${accountId('2')}'`, '2'],
    [`Id = '${normaliseId(accountId('2')) ?? ''}'`, '2'],
    [`Id IN ('${accountId('2')}', '${accountId('4')}', '${accountId('9')}')`, '24'],
    [`Id > '${accountId('3')}'`, '45'],
    [`ParentId = '${accountId('1')}'`, '3'],
    ["Parent.Name = 'acme'", '3'],
    ['Parent.Name = null', '1245'],
    ["Owner.Username = 'admin@demo.example' AND ActiveARR__c = 0", '3'],
    // logic
    ["Name = 'acme' AND (Industry = 'Banking' OR Industry = 'Technology')", '1'],
    ["(Name = 'acme' AND Industry = 'Banking') OR ActiveARR__c = 0", '13'],
    ["NOT (Name = 'acme' OR ActiveARR__c = 0)", '25'],
    ["(NOT Name LIKE 'a%') AND (NOT Name LIKE 'o%')", '35'],
    ["((Name = 'acme'))", '14'],
    // semi-joins
    ['Id IN (SELECT AccountId FROM Contact)', '12'],
    ['Id NOT IN (SELECT AccountId FROM Contact)', '345'],
    ['Id IN (SELECT AccountId FROM Opportunity WHERE IsWon = true) AND ActiveARR__c > 0', '1'],
    ["Id IN (SELECT AccountId FROM Contact WHERE (LastName = 'Carl' OR LastName = 'x'))", '2'],
  ])('%s', (where, expected) => {
    expect(found(where)).toBe(expected);
  });

  test.each([
    ['HasOptedOutOfEmail = true', '1'],
    ['HasOptedOutOfEmail != true', '23'],
    ["Account.Name = 'acme' AND Email != null", '2'],
    ["Account.Owner.Name LIKE 'Ada%'", '123'],
    ["Name = 'ana álvarez'", '1'],
  ])('of contacts: %s', (where, expected) => {
    expect(found(where, 'Contact')).toBe(expected);
  });
});

describe('ORDER BY', () => {
  const order = (clause: string): string =>
    recordsOf(org, `SELECT Id FROM Account ${clause}`)
      .map(({ Id }) => String(Id).charAt(14))
      .join('');

  test.each([
    ['', '12345'],
    ['ORDER BY NumberOfEmployees', '23451'],
    ['ORDER BY NumberOfEmployees DESC', '23415'],
    ['ORDER BY NumberOfEmployees NULLS LAST', '51234'],
    ['ORDER BY NumberOfEmployees DESC NULLS LAST', '15234'],
    // converted: 100 EUR is more than 100 USD, and that more than 14,000 JPY
    ['ORDER BY ActiveARR__c DESC NULLS LAST', '21435'],
    ['ORDER BY Name, Id DESC', '34125'],
    // as the picklist is set up, values outside of it last
    ['ORDER BY Industry NULLS LAST', '41253'],
    ['ORDER BY Parent.Name DESC NULLS LAST, Id DESC', '35421'],
    ['ORDER BY Id DESC LIMIT 2', '54'],
    ['ORDER BY Id LIMIT 2 OFFSET 3', '45'],
    ['ORDER\n  BY Id  LIMIT 1', '1'],
    ['LIMIT 0', ''],
  ])('%s', (clause, expected) => {
    expect(order(clause)).toBe(expected);
  });

  test('raw amounts are compared in an org with one currency', () => {
    const single = smallOrg();
    single.control.setOrg({ multiCurrency: false });
    const ids = recordsOf(single, 'SELECT Id FROM Account ORDER BY ActiveARR__c DESC NULLS LAST');
    expect(ids.map(({ Id }) => String(Id).charAt(14)).join('')).toBe('41235');
  });
});

describe('SELECT', () => {
  test('parents, their parents and an empty lookup', () => {
    expect(
      recordsOf(org, "SELECT lastname, Account.Parent.Name, Account.name FROM Contact WHERE LastName = 'Carl'"),
    ).toEqual([{ LastName: 'Carl', Account: { Parent: null, Name: "O'Brien & Söhne" } }]);
  });

  test('a record carries its type and address', () => {
    const result = ask(org, `SELECT Owner.Name FROM Account WHERE Id = '${accountId('1')}'`);
    if (result.kind !== 'rows' || result.rows[0] === undefined) throw new Error('no row');
    const id = normaliseId(accountId('1')) ?? '';
    expect(result.project(result.rows[0], '/services/data/v66.0')).toEqual({
      attributes: { type: 'Account', url: `/services/data/v66.0/sobjects/Account/${id}` },
      Owner: {
        attributes: { type: 'User', url: expect.stringMatching(/^\/services\/data\/v66.0\/sobjects\/User\/005/) },
        Name: 'Ada Minister',
      },
    });
  });

  test('children come as an answer of their own, or as null', () => {
    const children = "(SELECT LastName FROM Contacts WHERE LastName != 'x' ORDER BY LastName DESC LIMIT 1)";
    expect(recordsOf(org, `SELECT ${children} FROM Account WHERE ActiveARR__c IN (0, 100) ORDER BY Id`)).toEqual([
      { Contacts: { totalSize: 1, done: true, records: [{ LastName: 'Brown' }] } },
      { Contacts: { totalSize: 1, done: true, records: [{ LastName: 'Carl' }] } },
      { Contacts: null },
    ]);
  });

  test('convertCurrency gives the user their own currency', () => {
    const soql =
      'SELECT ActiveARR__c, convertCurrency(ActiveARR__c) mine FROM Account WHERE ActiveARR__c > 0 ORDER BY Id';
    expect(recordsOf(org, soql).map(({ mine }) => mine)).toEqual([100, 108.7, 93.33]);
    expect(recordsOf(org, soql, 'rep.two@demo.example').map(({ mine }) => mine)).toEqual([92, 100, 85.87]);
  });

  test('COUNT() and aggregates', () => {
    expect(ask(org, 'SELECT COUNT() FROM Account WHERE ActiveARR__c > 0')).toEqual({ kind: 'count', totalSize: 3 });
    expect(ask(org, 'SELECT count() FROM Account LIMIT 2')).toEqual({ kind: 'count', totalSize: 2 });
    expect(
      recordsOf(org, 'SELECT COUNT(NumberOfEmployees), SUM(NumberOfEmployees) s, MAX(LastActivityDate) FROM Account'),
    ).toEqual([{ expr0: 2, s: 15, expr1: '2026-03-15' }]);
    expect(
      recordsOf(org, 'SELECT AccountId, COUNT(Id) n FROM Contact GROUP BY AccountId ORDER BY COUNT(Id) DESC'),
    ).toEqual([
      { AccountId: normaliseId(accountId('1')), n: 2 },
      { AccountId: normaliseId(accountId('2')), n: 1 },
    ]);
    // in the corporate currency: 100 USD and 92 EUR
    expect(recordsOf(org, 'SELECT SUM(Amount) total, AVG(Amount) FROM Opportunity')).toEqual([
      { total: 200, expr0: 100 },
    ]);
  });

  test('an alias of the object, and any letter case', () => {
    expect(recordsOf(org, "select a.name from ACCOUNT a where a.name like 'acm_' order by a.Id desc limit 1")).toEqual([
      { Name: 'acme' },
    ]);
  });

  test('what hangs on several objects tells name and type', () => {
    const own = smallOrg();
    own.control.upsert('Task', [{ Subject: 'x', WhatId: accountId('2'), WhoId: contactOf('3') }]);
    expect(recordsOf(own, 'SELECT What.Name, What.Type, Who.Name FROM Task')).toEqual([
      { What: { Name: "O'Brien & Söhne", Type: 'Account' }, Who: { Name: 'Carl' } },
    ]);
  });
});

const contactOf = (key: string): string => `0035g00000000A${key}`;
