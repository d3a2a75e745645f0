import type { Account } from 'c/oneshotApi';
import { fill, formatAge, formatMoment, formatMoney } from 'c/oneshotFormat';
import converted from '@salesforce/label/c.ARR_Converted';
import noName from '@salesforce/label/c.No_Name';

/** A customer as the screen shows it: text only, formatted for the user. */
export interface CustomerRow {
  id: string;
  name: string;
  /** The record's page; empty until Lightning made it. */
  url: string;
  arr: string;
  arrTitle: string;
  industry: string;
  country: string;
  city: string;
  website: string;
  products: string;
  productsTitle: string;
  owner: string;
  changed: string;
  changedTitle: string;
}

/** The amount in the org's own currency, where the record's is another. */
function arrTitle(account: Account): string {
  const { arrConverted, convertedCurrency, currency } = account;
  if (arrConverted === null || convertedCurrency === null || convertedCurrency === currency) return '';
  return fill(converted, formatMoney(arrConverted, convertedCurrency));
}

/**
 * @param url of the record's page
 * @param nowMs Unix milliseconds, for "3 days ago"
 */
export function toRow(account: Account, url: string, nowMs: number): CustomerRow {
  const [firstProduct = '', ...otherProducts] = account.products ?? [];
  const changedMs = account.modifiedAt === null ? undefined : Date.parse(account.modifiedAt);
  return {
    id: account.id,
    name: account.name ?? noName,
    url,
    arr: formatMoney(account.arr, account.currency),
    arrTitle: arrTitle(account),
    industry: account.industry ?? '',
    country: account.country ?? '',
    city: account.city ?? '',
    website: account.website ?? '',
    products: otherProducts.length === 0 ? firstProduct : `${firstProduct} +${String(otherProducts.length)}`,
    productsTitle: (account.products ?? []).join(', '),
    owner: account.owner?.name ?? '',
    changed: changedMs === undefined ? '' : formatAge(nowMs - changedMs),
    changedTitle: changedMs === undefined ? '' : formatMoment(changedMs),
  };
}
