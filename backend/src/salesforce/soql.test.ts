import { expect, test } from '@jest/globals';
import { parseQuery } from '@jetstreamapp/soql-parser-js';
import { contains, convertedCurrency, field, fields, ids, IDS_PER_QUERY, number, soql, text } from './soql.ts';

/** The WHERE clause of a query as a SOQL parser reads it: one condition, or the literal ended early. */
function condition(statement: string): unknown {
  return parseQuery(statement).where;
}

test('a statement is put together from its parts', () => {
  const statement = soql`SELECT ${fields(['Id', 'Owner.Name', 'acme__Score__c'])}, ${convertedCurrency('ActiveARR__c', 'arrConverted')} FROM Account WHERE ${field('ActiveARR__c')} > ${number(0)}`;
  expect(statement).toBe(
    'SELECT Id, Owner.Name, acme__Score__c, convertCurrency(ActiveARR__c) arrConverted FROM Account WHERE ActiveARR__c > 0',
  );
});

test.each([
  ["O'Neill", "'O\\'Neill'"],
  ['\\', "'\\\\'"],
  ["\\' OR Name LIKE '%", "'\\\\\\' OR Name LIKE \\'%'"],
  ['line\nbreak\ttab"quote', "'line\\nbreak\\ttab\\\"quote'"],
  ['\u0000\u2028', "'\\u0000\\u2028'"],
  ['Müller 株式会社', "'Müller 株式会社'"],
])('the literal %j cannot end early', (value, escaped) => {
  const statement = soql`SELECT ${field('Id')} FROM Account WHERE ${field('Name')} = ${text(value)}`;
  expect(statement).toBe(`SELECT Id FROM Account WHERE Name = ${escaped}`);
  expect(condition(statement)).toEqual({
    left: { field: 'Name', operator: '=', literalType: 'STRING', value: escaped },
  });
});

test('in a LIKE pattern a percent sign and an underscore stand for themselves', () => {
  expect(contains("100%_a'b").text).toBe("'%100\\%\\_a\\'b%'");
});

test.each([
  'Name FROM Account',
  'Name,Id',
  'Id)',
  'Name--',
  '1Name',
  'A__c__c__c',
  'Parent..Name',
  'Parent.',
  '',
  'Näme',
  "Name'",
  'a.b.c.d.e.f.g',
])('the field name %j is refused', (name) => {
  expect(() => field(name)).toThrow(TypeError);
});

test('an empty or oversized id list, and what is not an id, are refused', () => {
  expect(() => ids([])).toThrow(TypeError);
  expect(() => ids(["001000000000001'"])).toThrow(TypeError);
  expect(() => ids(Array.from({ length: IDS_PER_QUERY + 1 }, () => '001000000000001AAA'))).toThrow(TypeError);
  expect(ids(['001000000000001AAA', '001000000000002AAA']).text).toBe("('001000000000001AAA','001000000000002AAA')");
});

test('a number that is none, and a statement that is too long, are refused', () => {
  expect(() => number(Number.NaN)).toThrow(TypeError);
  expect(() => soql`SELECT Id FROM Account WHERE Name = ${text('x'.repeat(100_001))}`).toThrow(TypeError);
});
