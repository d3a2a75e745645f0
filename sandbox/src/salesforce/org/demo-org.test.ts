import { afterAll, expect, test } from '@jest/globals';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createOrg } from './org.ts';
import { normaliseId, recordId, withChecksum } from './ids.ts';

const folder = mkdtempSync(join(tmpdir(), 'sandbox-org-'));
afterAll(() => rmSync(folder, { recursive: true }));

const clock = { now: () => Date.parse('2026-11-24T10:00:00Z') };
const org = createOrg({ clock });

test('2,400 accounts of which about 1,500 pay, in several currencies and scripts', () => {
  const accounts = org.control.list('Account');
  expect(accounts).toHaveLength(2_400);
  const paying = accounts.filter((row) => Number(row.ActiveARR__c) > 0);
  expect(Math.abs(paying.length - 1_500)).toBeLessThan(50);
  expect(new Set(accounts.map((row) => row.CurrencyIsoCode)).size).toBeGreaterThan(5);
  const names = accounts.map((row) => String(row.Name));
  for (const script of [
    /[À-ž]/,
    /'/,
    /&/,
    /\p{Script=Han}/u,
    /\p{Script=Arabic}/u,
    /\p{Script=Hebrew}/u,
    /\p{Script=Cyrillic}/u,
  ]) {
    expect(names.filter((name) => script.test(name)).length).toBeGreaterThan(5);
  }
  expect(new Set(accounts.map((row) => row.OwnerId)).size).toBeGreaterThan(5);
  expect(
    accounts.filter((row) => Number(row.Annual_Contract__c) > 0 && row.Annual_Contract__c !== row.ActiveARR__c).length,
  ).toBeGreaterThan(1_000);
});

test('contacts of every kind of consent, at addresses that reach nobody', () => {
  const contacts = org.control.list('Contact');
  const refusing = new Set(
    org.control
      .list('Individual')
      .filter(
        (row) => row.HasOptedOutSolicit === true || row.HasOptedOutProcessing === true || row.ShouldForget === true,
      )
      .map((row) => row.Id),
  );
  expect(contacts.filter((row) => row.HasOptedOutOfEmail).length).toBeGreaterThan(100);
  expect(contacts.filter((row) => row.EmailBouncedDate !== null).length).toBeGreaterThan(100);
  expect(contacts.filter((row) => row.Email === null).length).toBeGreaterThan(100);
  expect(contacts.filter((row) => refusing.has(row.IndividualId ?? null)).length).toBeGreaterThan(100);
  expect(
    contacts.filter((row) => row.Email !== null && !/^[a-z.-]+\.\d+@customers\.example$/.test(String(row.Email))),
  ).toEqual([]);
  const accounts = new Set(org.control.list('Account').map((row) => row.Id));
  expect(contacts.filter((row) => !accounts.has(row.AccountId ?? null))).toEqual([]);
});

test('every line has its opportunity and product, every reference its record', () => {
  const products = new Set(org.control.list('Product2').map((row) => row.Id));
  const opportunities = new Set(org.control.list('Opportunity').map((row) => row.Id));
  const lines = org.control.list('OpportunityLineItem');
  expect(lines.length).toBeGreaterThan(opportunities.size);
  expect(
    lines.filter((row) => !opportunities.has(row.OpportunityId ?? null) || !products.has(row.Product2Id ?? null)),
  ).toEqual([]);
  expect(org.control.list('Asset').length).toBeGreaterThan(400);
});

test('the people of DESIGN 9', () => {
  const permissions = ['rep.one', 'rep.two', 'admin', 'outsider'].map((name) => [
    ...(org.findUser(`${name}@demo.example`)?.permissions ?? ['nobody']),
  ]);
  expect(permissions).toEqual([['OneShot_User'], ['OneShot_User'], ['OneShot_User', 'OneShot_Admin'], []]);
  expect(org.id).toMatch(/^00D\w{15}$/);
});

test('an org may have 100,000 accounts', () => {
  const big = createOrg({ accounts: 100_000, clock });
  expect([...big.table('Account').rows()]).toHaveLength(100_000);
});

test('ids keep their letter case in three more characters', () => {
  expect(withChecksum('001A0000006Vm9r')).toBe('001A0000006Vm9rIAC');
  expect(recordId('001', 1)).toBe(withChecksum('0015g0000000001'));
  expect(normaliseId('0015g0000000001')).toBe(recordId('001', 1));
  expect(normaliseId('001A0000006Vm9rIAA')).toBeUndefined();
  expect(normaliseId('001A0000006Vm9')).toBeUndefined();
  expect(new Set(Array.from({ length: 5_000 }, (_unused, i) => recordId('003', i + 1))).size).toBe(5_000);
});

const write = (text: string): string => {
  const file = join(folder, `${text.length}.csv`);
  writeFileSync(file, text);
  return file;
};

test('companies from a CSV file are the accounts, most of them paying', () => {
  const rows = [
    'MMM,3M,Industrials,"Saint Paul, Minnesota"',
    'ACN,Accenture & Co,Information Technology,"Dublin, Ireland"',
    "X,O'Xy,Energy,none",
  ];
  const own = createOrg({
    clock,
    accountsCsv: write(`Symbol,Security,GICS Sector,Headquarters Location\n${rows.join('\n')}\n`),
  });
  expect(own.control.list('Account')).toMatchObject([
    {
      Name: '3M',
      AccountNumber: 'MMM',
      Industry: 'Manufacturing',
      BillingCity: 'Saint Paul',
      BillingState: 'Minnesota',
      BillingCountry: 'United States',
    },
    {
      Name: 'Accenture & Co',
      Industry: 'Technology',
      BillingCity: 'Dublin',
      BillingState: null,
      BillingCountry: 'Ireland',
    },
    { Name: "O'Xy", Industry: 'Energy', BillingCity: null, BillingCountry: null },
  ]);
});

test.each([
  ['a missing file', () => join(folder, 'none.csv'), /^SANDBOX_ACCOUNTS_CSV: cannot read .*none\.csv \(ENOENT\)$/],
  [
    'a missing column',
    () => write('Symbol,Security\na,b\n'),
    /^SANDBOX_ACCOUNTS_CSV: .* has no column "GICS Sector", "Headquarters Location"$/,
  ],
  [
    'no rows',
    () => write('Symbol,Security,GICS Sector,Headquarters Location\n'),
    /^SANDBOX_ACCOUNTS_CSV: .* has no rows below the header$/,
  ],
  [
    'an empty name',
    () => write('Symbol,Security,GICS Sector,Headquarters Location\na,,b,c\n'),
    /row 2 has an empty "Security"$/,
  ],
  [
    'a broken quote',
    () => write('Symbol,Security,GICS Sector,Headquarters Location\n"a,b,c,d\n'),
    /^SANDBOX_ACCOUNTS_CSV: .* is not well-formed CSV: [^\n]*$/,
  ],
])('%s stops with one line', (_name, file, message) => {
  expect(() => createOrg({ clock, accountsCsv: file() })).toThrow(message);
});

const SP500 = fileURLToPath(new URL('../../../../../shared/data/sp500.csv', import.meta.url));
(existsSync(SP500) ? test : test.skip)('the S&P 500 by name', () => {
  const own = createOrg({ clock, accountsCsv: SP500 });
  const accounts = own.control.list('Account');
  expect(accounts).toHaveLength(503);
  expect(accounts.find((row) => row.AccountNumber === 'AOS')).toMatchObject({
    Name: 'A. O. Smith',
    BillingCity: 'Milwaukee',
  });
  expect(accounts.filter((row) => Number(row.ActiveARR__c) > 0).length).toBeGreaterThan(400);
});
