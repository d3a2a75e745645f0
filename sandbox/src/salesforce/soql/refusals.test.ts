import { expect, test } from '@jest/globals';
import { SalesforceError } from '../error.ts';
import { ask, smallOrg } from '../testing/small-org.ts';

const org = smallOrg();

function refusal(soql: string, username?: string): SalesforceError {
  try {
    ask(org, soql, username);
  } catch (error) {
    if (error instanceof SalesforceError) return error;
    throw error;
  }
  throw new Error(`answered: ${soql}`);
}

test.each([
  ["SELECT Id FROM Account WHERE Name = 'a\\qb'", "Illegal character sequence '\\q'"],
  ["SELECT Id FROM Account WHERE Name = '\\u00zz'", 'Illegal character sequence'],
  ["SELECT Id FROM Account WHERE Name = 'a\\%'", 'Illegal character sequence'],
  ["SELECT Id FROM Account WHERE Name = 'open", 'unexpected token'],
  ["SELECT Id FROM Account WHERE Name = 'a\\'", 'unexpected token'],
  ["SELECT Id FROM Account WHERE Name = 'a'b'", 'unexpected token'],
  ["SELECT Id FROM Account WHERE Name = '\\\\' OR Name LIKE \\'%'", 'unexpected token'],
  ['SELECT Id FROM Account WHERE Name = "a"', 'unexpected token'],
  ['SELECT Id FROM Account WHERE Name = a', "unexpected token: 'a'"],
  ['SELECT Id FROM Account WHERE Name = :a', 'unexpected token'],
  ["SELECT Id FROM Account WHERE Name = 'a' Name = 'b'", "unexpected token: 'Name'"],
  ["SELECT Id FROM Account WHERE Name = 'a' AND Name = 'b' OR Name = 'c'", "unexpected token: 'OR'"],
  ["SELECT Id FROM Account WHERE Name = 'a' AND NOT Name = 'b'", "unexpected token: 'NOT'"],
  ["SELECT Id FROM Account WHERE NOT Name = 'a' AND Name = 'b'", "unexpected token: 'AND'"],
  ["SELECT Id FROM Account WHERE (Name = 'a'", "unexpected token: '<EOF>'"],
  ["SELECT Id FROM Account WHERE Name = 'a')", 'unexpected token'],
  ["SELECT Id FROM Account WHERE Name IN 'a'", 'unexpected token'],
  ["SELECT Id FROM Account WHERE Name = ('a')", 'unexpected token'],
  ['SELECT Id FROM Account WHERE Name IN ()', 'unexpected token'],
  ["SELECT Id FROM Account WHERE Name NOT LIKE 'a'", 'unexpected token'],
  ['SELECT Id FROM Account WHERE LastActivityDate = 2026-02-30', 'Invalid date'],
  ['SELECT Id FROM Account WHERE LastActivityDate > LAST_N_DAYS:3', 'not evaluated'],
  ['SELECT Id FROM Account WHERE LastActivityDate = THIS_FISCAL_YEAR', 'unexpected token'],
  ['SELECT Id FROM Account WHERE LastActivityDate IN (TODAY)', 'not evaluated'],
  ['SELECT Id FROM Account WHERE CALENDAR_YEAR(CreatedDate) = 2026', 'unexpected token'],
  ["SELECT Id FROM Account WHERE DISTANCE(Loc__c, GEOLOCATION(1,2), 'mi') < 5", 'unexpected token'],
  ["SELECT Id FROM Account WHERE Name = 'a' OR Id IN (SELECT AccountId FROM Contact)", 'Semi join'],
  ['SELECT Id FROM Account WHERE Id IN (SELECT AccountId, Id FROM Contact)', 'exactly one field'],
  ['SELECT Id FROM Account WHERE Id IN (SELECT LastName FROM Contact)', 'is no id'],
  ['SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact LIMIT 1)', 'unexpected token'],
  ['SELECT Id FROM Account FOR VIEW', "unexpected token: 'FOR'"],
  ['SELECT Id FROM Account WITH SECURITY_ENFORCED', "unexpected token: 'WITH'"],
  ['SELECT Id FROM Account USING SCOPE mine', "unexpected token: 'USING'"],
  ['SELECT Id FROM Account UPDATE VIEWSTAT', "unexpected token: 'UPDATE'"],
  ['SELECT Id FROM Account ALL ROWS', 'unexpected token'],
  ['SELECT FORMAT(ActiveARR__c) FROM Account', 'unexpected token'],
  ['SELECT toLabel(Industry) FROM Account', 'unexpected token'],
  ['SELECT FIELDS(ALL) FROM Account LIMIT 5', 'unexpected token'],
  ['SELECT Id Name FROM Account', 'aliasing'],
  ['SELECT * FROM Account', 'unexpected token'],
  ['SELECT Id, FROM Account', 'unexpected token'],
  ['SELECT Id FROM Account;', 'unexpected token'],
  ['SELECT Id FROM Account LIMIT -1', 'unexpected token'],
  ['SELECT Id FROM Account LIMIT 1 LIMIT 2', 'unexpected token'],
  ['SELECT Name, COUNT(Id) FROM Account', 'must be grouped'],
  ['SELECT Name, COUNT(Id) FROM Account GROUP BY Name HAVING COUNT(Id) > 1', "unexpected token: 'HAVING'"],
  ['SELECT Id FORM Account', 'unexpected token'],
  ['', 'unexpected token'],
])('%s is malformed', (soql, sentence) => {
  const { status, errorCode, message } = refusal(soql);
  expect({ status, errorCode }).toEqual({ status: 400, errorCode: 'MALFORMED_QUERY' });
  expect(message).toContain(sentence);
});

test.each([
  ['3,000 parentheses', `${'('.repeat(3_000)}Name = 'a'${')'.repeat(3_000)}`, 'unexpected token'],
  ['100,000 characters', `Name = '${'x'.repeat(100_000)}'`, 'longer than 100000'],
])('a query of %s is malformed', (_name, where, sentence) => {
  const { errorCode, message } = refusal(`SELECT Id FROM Account WHERE ${where}`);
  expect(errorCode).toBe('MALFORMED_QUERY');
  expect(message).toContain(sentence);
});

test('an unknown field is shown with line, caret and advice, word by word', () => {
  expect(refusal('SELECT Id,Foo__c FROM Account').toBody()).toEqual([
    {
      errorCode: 'INVALID_FIELD',
      message:
        '\nSELECT Id,Foo__c FROM Account\n          ^\nERROR at Row:1:Column:11\n' +
        "No such column 'Foo__c' on entity 'Account'. If you are attempting to use a custom field, be sure to append " +
        "the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.",
    },
  ]);
});

test('row and column count over several lines, and a long line is cut around the place', () => {
  expect(refusal('SELECT Id,\n  Foo__c\nFROM Account').message).toContain('\n  Foo__c\n  ^\nERROR at Row:2:Column:3\n');
  const long = refusal(`SELECT ${'Name '.repeat(1)}${' '.repeat(500)}, Foo__c FROM Account`).message.split('\n');
  expect(long[1]?.indexOf('Foo__c')).toBe(long[2]?.indexOf('^'));
  expect(long[3]).toBe('ERROR at Row:1:Column:515');
});

test.each([
  ['SELECT Industry FROM Account', "No such column 'Industry' on entity 'Account'"],
  ["SELECT Id FROM Account WHERE Industry = 'Banking'", "No such column 'Industry' on entity 'Account'"],
  ['SELECT Id FROM Account ORDER BY Industry', "No such column 'Industry' on entity 'Account'"],
  ['SELECT Account.Industry FROM Contact', "No such column 'Industry' on entity 'Account'"],
  ['SELECT COUNT(Industry) FROM Account', "No such column 'Industry' on entity 'Account'"],
  [
    "SELECT Id FROM Contact WHERE AccountId IN (SELECT Id FROM Account WHERE Industry = 'x')",
    "No such column 'Industry'",
  ],
])('a field that the user may not see is no column: %s', (soql, sentence) => {
  const { errorCode, message } = refusal(soql, 'rep.two@demo.example');
  expect(errorCode).toBe('INVALID_FIELD');
  expect(message).toContain(sentence);
  expect(() => ask(org, soql, 'rep.one@demo.example')).not.toThrow();
});

test.each([
  [
    'SELECT Id FROM Foo',
    'INVALID_TYPE',
    "\nSELECT Id FROM Foo\n               ^\nERROR at Row:1:Column:16\nsObject type 'Foo' is not supported.",
  ],
  ['SELECT (SELECT Id FROM Foos) FROM Account', 'INVALID_TYPE', "Didn't understand relationship 'Foos'"],
  ['SELECT Foo.Name FROM Account', 'INVALID_FIELD', "Didn't understand relationship 'Foo' in field path."],
  ['SELECT What.Industry FROM Task', 'INVALID_FIELD', "No such column 'Industry' on entity 'Name'"],
  ['SELECT Id, Id FROM Account', 'INVALID_FIELD', 'duplicate field selected: Id'],
  [
    "SELECT Id FROM Account WHERE Description = 'x'",
    'INVALID_FIELD',
    "field 'Description' can not be filtered in a query call",
  ],
  [
    "SELECT Id FROM Account WHERE Tax_Number__c LIKE 'x'",
    'INVALID_FIELD',
    "field 'Tax_Number__c' can not be filtered in a query call",
  ],
  [
    'SELECT Id FROM Account ORDER BY Products__c',
    'INVALID_FIELD',
    "field 'Products__c' can not be sorted in a query call",
  ],
  [
    "SELECT Id FROM Account WHERE ActiveARR__c > '0'",
    'INVALID_FIELD',
    'must be of type double and should not be enclosed in quotes',
  ],
  ['SELECT Id FROM Account WHERE Name = 5', 'INVALID_FIELD', 'must be of type string and should be enclosed in quotes'],
  ['SELECT Id FROM Account WHERE CreatedDate > 2026-01-01', 'INVALID_FIELD', 'must be of type dateTime'],
  ["SELECT Id FROM Contact WHERE HasOptedOutOfEmail = 'true'", 'INVALID_FIELD', 'must be of type boolean'],
  ["SELECT Id FROM Account WHERE Id LIKE '001%'", 'INVALID_QUERY_FILTER_OPERATOR', 'invalid operator on id field'],
  ["SELECT Id FROM Account WHERE Id = 'abc'", 'INVALID_QUERY_FILTER_OPERATOR', 'invalid ID field: abc'],
  [
    'SELECT Id FROM Account WHERE ActiveARR__c < null',
    'INVALID_QUERY_FILTER_OPERATOR',
    'invalid operator on double field',
  ],
  [
    "SELECT Id FROM Account WHERE Name INCLUDES ('x')",
    'INVALID_QUERY_FILTER_OPERATOR',
    'invalid operator on string field',
  ],
  ['SELECT convertCurrency(Name) FROM Account', 'INVALID_FIELD', 'convertCurrency'],
  ['SELECT Id FROM Account OFFSET 2001', 'NUMBER_OUTSIDE_VALID_RANGE', 'Maximum SOQL offset allowed is 2000'],
])('%s: %s', (soql, code, sentence) => {
  const { status, errorCode, message } = refusal(soql);
  expect({ status, errorCode }).toEqual({ status: 400, errorCode: code });
  expect(message).toContain(sentence);
});

test('a hidden currency hides neither CurrencyType nor what is converted: that is how it is told from one currency', () => {
  const own = smallOrg();
  own.control.setAccess({ username: 'admin@demo.example', object: 'Account', field: 'CurrencyIsoCode', read: false });
  expect(() => ask(own, 'SELECT CurrencyIsoCode FROM Account')).toThrow('No such column');
  expect(() => ask(own, 'SELECT Id FROM CurrencyType LIMIT 1')).not.toThrow();
  expect(() => ask(own, 'SELECT ActiveARR__c, convertCurrency(ActiveARR__c) c FROM Account')).not.toThrow();
});

test('fields and objects of a feature are there only while it is on', () => {
  const own = smallOrg();
  expect(() => ask(own, 'SELECT CurrencyIsoCode FROM Account')).not.toThrow();
  expect(() => ask(own, 'SELECT IsPersonAccount FROM Account')).toThrow('No such column');
  own.control.setOrg({ multiCurrency: false, personAccounts: true, appInstalled: false });
  expect(() => ask(own, 'SELECT CurrencyIsoCode FROM Account')).toThrow('No such column');
  expect(() => ask(own, 'SELECT convertCurrency(ActiveARR__c) c FROM Account')).toThrow('convertCurrency');
  expect(() => ask(own, 'SELECT IsoCode FROM CurrencyType')).toThrow('is not supported');
  expect(() => ask(own, 'SELECT Id FROM OneShotKey__c')).toThrow('is not supported');
  expect(ask(own, 'SELECT COUNT() FROM Account WHERE IsPersonAccount = true')).toEqual({
    kind: 'count',
    totalSize: 40,
  });
  own.control.setOrg({ personAccounts: false });
  expect(ask(own, 'SELECT COUNT() FROM Account')).toEqual({ kind: 'count', totalSize: 5 });
});
