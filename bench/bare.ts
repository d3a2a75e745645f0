import { Agent, request } from 'undici';

/** What the bare loop keeps of an account: the fields of a row. */
export interface TrimmedAccount {
  readonly id: string;
  readonly name: string;
  readonly arr: number;
  readonly industry: string | null;
  readonly country: string | null;
  readonly city: string | null;
  readonly website: string | null;
  readonly owner: { readonly id: string; readonly name: string };
  readonly products: readonly string[];
  readonly modifiedAt: string;
}

interface QueryAnswer {
  readonly done: boolean;
  readonly nextRecordsUrl?: string;
  readonly records: readonly Readonly<Record<string, never>>[];
}

const agent = new Agent();

/** The floor: ask, parse, trim, next page; no more. */
export async function barePull(url: string, onPage: () => void = () => undefined): Promise<TrimmedAccount[]> {
  const accounts: TrimmedAccount[] = [];
  let path: string | undefined = '/services/data/v66.0/query?q=SELECT';
  while (path !== undefined) {
    const response = await request(url + path, { dispatcher: agent, headers: { authorization: 'Bearer token' } });
    const page = JSON.parse(await response.body.text()) as QueryAnswer;
    for (const record of page.records) accounts.push(trimmed(record));
    onPage();
    path = page.done ? undefined : page.nextRecordsUrl;
  }
  return accounts;
}

function trimmed(record: Readonly<Record<string, never>>): TrimmedAccount {
  const products = (record.Products__c as string | null | undefined) ?? null;
  return {
    id: record.Id!,
    name: record.Name!,
    arr: record.ActiveARR__c!,
    industry: record.Industry!,
    country: record.BillingCountry!,
    city: record.BillingCity!,
    website: record.Website!,
    owner: { id: record.OwnerId!, name: (record.Owner as unknown as { Name: string }).Name },
    products: products === null ? [] : products.split(';'),
    modifiedAt: record.LastModifiedDate!,
  };
}
