import { createOrg, type SalesforceOrg } from '../org/org.ts';
import { evaluate, type QueryResult } from '../soql/query.ts';

/** 15 March 2026, a Sunday: midday UTC, morning in New York, where the org's reps live. */
export const NOW = Date.parse('2026-03-15T12:00:00Z');

/** An org with a handful of known records, for exact results. */
export function smallOrg(): SalesforceOrg {
  const org = createOrg({ accounts: 0, clock: { now: () => NOW } });
  const account = (key: string, fields: object): object => ({ Id: accountId(key), CurrencyIsoCode: 'USD', ...fields });
  org.control.upsert('Account', [
    account('1', {
      Name: 'Acme',
      Industry: 'Banking',
      ActiveARR__c: 100,
      NumberOfEmployees: 10,
      Annual_Contract__c: 50,
      Products__c: 'Guard;Ledger',
      Website: 'https://acme.example',
      LastActivityDate: '2026-03-15',
      CreatedDate: '2026-03-14T12:00:00.000+0000',
      Description: 'long',
    }),
    account('2', {
      Name: "O'Brien & Söhne",
      Industry: 'Technology',
      ActiveARR__c: 100,
      CurrencyIsoCode: 'EUR',
      Products__c: 'Assist',
      LastActivityDate: '2026-03-14',
      CreatedDate: '2026-03-15T03:00:00.000+0000',
    }),
    account('3', { Name: '100%_sure\\', ActiveARR__c: 0, LastActivityDate: '2026-02-15', ParentId: accountId('1') }),
    account('4', { Name: 'acme', Industry: 'Agriculture', ActiveARR__c: 14_000, CurrencyIsoCode: 'JPY' }),
    account('5', { Name: '云岭科技', Industry: 'Zoology', NumberOfEmployees: 5, CreatedDate: '2020-01-01T00:00:00Z' }),
  ]);
  org.control.upsert('Contact', [
    { Id: contactId('1'), AccountId: accountId('1'), FirstName: 'Ana', LastName: 'Álvarez', HasOptedOutOfEmail: true },
    { Id: contactId('2'), AccountId: accountId('1'), LastName: 'Brown', Email: 'b@customers.example' },
    { Id: contactId('3'), AccountId: accountId('2'), LastName: 'Carl' },
  ]);
  org.control.upsert('Opportunity', [
    opportunity('1', { AccountId: accountId('1'), StageName: 'Closed Won', Amount: 100, CloseDate: '2025-12-31' }),
    opportunity('2', { AccountId: accountId('2'), StageName: 'Prospecting', Amount: 92, CurrencyIsoCode: 'EUR' }),
    opportunity('3', { AccountId: accountId('2'), StageName: 'Closed Lost', CloseDate: '2026-04-01' }),
  ]);
  return org;
}

const opportunity = (key: string, fields: object): object => ({
  Id: `0065g00000000A${key}`,
  Name: `Deal ${key}`,
  CloseDate: '2026-03-31',
  CurrencyIsoCode: 'USD',
  ...fields,
});

/** 15 characters, as people type them; the org answers with 18. */
export const accountId = (key: string): string => `0015g00000000A${key}`;
export const contactId = (key: string): string => `0035g00000000A${key}`;

/** Evaluates a query as a user. */
export function ask(
  org: SalesforceOrg,
  soql: string,
  username = 'admin@demo.example',
  withDeleted = false,
): QueryResult {
  const user = org.findUser(username);
  if (user === undefined) throw new Error(`no user ${username}`);
  const keepRest = (): string => '/services/data/v66.0/query/rest';
  return evaluate(org, user, soql, { withDeleted, pageSize: 2_000, keepRest });
}

/** The records of a query without their attributes. */
export function recordsOf(org: SalesforceOrg, soql: string, username?: string): Record<string, unknown>[] {
  const result = ask(org, soql, username);
  if (result.kind === 'count') throw new Error('COUNT() has no records');
  const records =
    result.kind === 'aggregate'
      ? result.records
      : result.rows.map((row) => result.project(row, '/services/data/v66.0'));
  return records.map((record) => withoutAttributes(record) as Record<string, unknown>);
}

function withoutAttributes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutAttributes);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([name]) => name !== 'attributes');
  return Object.fromEntries(entries.map(([name, inner]) => [name, withoutAttributes(inner)]));
}
