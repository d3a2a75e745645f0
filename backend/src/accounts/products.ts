import type { CrmConnection, CrmRecord } from '../salesforce/connection.ts';
import { CrmAccessDenied, CrmFieldHidden, CrmObjectHidden } from '../salesforce/errors.ts';
import { field, ids, number, soql, type Soql } from '../salesforce/soql.ts';
import type { OrgSettings } from '../settings/settings.ts';

type Source = OrgSettings['products']['source'];

/** The products of one account, all of them, by name. */
export interface AccountProducts {
  readonly accountId: string;
  readonly products: readonly string[];
}

/** The object that has an org's products, where they are not on the account. */
export function productsObject(source: Source): 'OpportunityLineItem' | 'Asset' | undefined {
  if (source === 'opportunityLines') return 'OpportunityLineItem';
  return source === 'assets' ? 'Asset' : undefined;
}

/**
 * Products of the paying accounts from closed-won opportunities or from assets, page by page. An account's products come
 * once they are all there.
 * @throws the Crm errors; `isHidden` tells which of them mean that the rep may not see products
 */
export async function* productsOfAccounts(
  crm: CrmConnection,
  source: 'opportunityLines' | 'assets',
  payingField: string,
  signal: AbortSignal,
): AsyncGenerator<readonly AccountProducts[], void, undefined> {
  const query =
    source === 'assets'
      ? soql`SELECT AccountId, Name, Product2.Name FROM Asset WHERE ${field(`Account.${payingField}`)} > ${number(0)} ORDER BY AccountId`
      : soql`SELECT Opportunity.AccountId, Product2.Name FROM OpportunityLineItem WHERE Opportunity.IsWon = TRUE AND ${field(`Opportunity.Account.${payingField}`)} > ${number(0)} ORDER BY Opportunity.AccountId`;
  let open: { readonly accountId: string; readonly names: Set<string> } | undefined;
  for await (const page of crm.queryPages(query, signal)) {
    const finished: AccountProducts[] = [];
    for (const record of page.records) {
      const accountId = accountOf(record);
      const name = productOf(record);
      if (accountId === undefined || name === undefined) continue;
      if (open?.accountId !== accountId) {
        if (open !== undefined) finished.push(sorted(open.accountId, open.names));
        open = { accountId, names: new Set() };
      }
      open.names.add(name);
    }
    if (page.isLast && open !== undefined) finished.push(sorted(open.accountId, open.names));
    yield finished;
  }
}

/** Products of one account. An account that has none, or whose products the rep may not see, has an empty list. */
export async function productsOfAccount(
  crm: CrmConnection,
  source: 'opportunityLines' | 'assets',
  accountId: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const query: Soql =
    source === 'assets'
      ? soql`SELECT AccountId, Name, Product2.Name FROM Asset WHERE AccountId IN ${ids([accountId])}`
      : soql`SELECT Opportunity.AccountId, Product2.Name FROM OpportunityLineItem WHERE Opportunity.IsWon = TRUE AND Opportunity.AccountId IN ${ids([accountId])}`;
  const names = new Set<string>();
  try {
    for await (const page of crm.queryPages(query, signal)) {
      for (const record of page.records) names.add(productOf(record) ?? '');
    }
  } catch (error) {
    if (!isHidden(error)) throw error;
  }
  names.delete('');
  return sorted(accountId, names).products;
}

/** The rep may not see the object, or a field of it. */
export function isHidden(error: unknown): boolean {
  return error instanceof CrmObjectHidden || error instanceof CrmFieldHidden || error instanceof CrmAccessDenied;
}

/** In one order for all reps, so that rows that are equal are equal in every byte. */
function sorted(accountId: string, names: ReadonlySet<string>): AccountProducts {
  return { accountId, products: [...names].sort() };
}

function accountOf(record: CrmRecord): string | undefined {
  const id = record.AccountId ?? (record.Opportunity as CrmRecord | null | undefined)?.AccountId;
  return typeof id === 'string' && id.length === 18 ? id : undefined;
}

/** An asset without a product has a name of its own. */
function productOf(record: CrmRecord): string | undefined {
  const name = (record.Product2 as CrmRecord | null | undefined)?.Name ?? record.Name;
  return typeof name === 'string' && name !== '' ? name : undefined;
}
