import type { Account, AccountPage, Facets, Freshness } from 'c/oneshotApi';

export const fetchedAt = '2026-11-24T12:00:00.000Z';
export const expiresAt = '2026-11-24T13:00:00.000Z';

/** The n-th customer: "Customer 0001", the biggest first. */
export function account(n: number, change: Partial<Account> = {}): Account {
  return {
    id: `001000000000${String(n).padStart(6, '0')}`,
    name: `Customer ${String(n).padStart(4, '0')}`,
    arr: 1_000_000 - n,
    currency: 'EUR',
    arrConverted: null,
    convertedCurrency: null,
    industry: 'Energy',
    country: 'Germany',
    city: 'Bonn',
    website: 'example.com',
    owner: { id: '005000000000001AAA', name: 'Rita Rep' },
    products: ['Product A', 'Product B', 'Product C'],
    modifiedAt: '2026-11-21T12:00:00.000Z',
    ...change,
  };
}

export const facets: Facets = {
  industry: [
    { value: 'Energy', label: 'Energy', count: 70 },
    { value: 'Banking', label: 'Banking', count: 50 },
  ],
  country: [{ value: 'Germany', label: 'Germany', count: 120 }],
  product: [{ value: 'Product A', label: 'Product A', count: 120 }],
  owner: [{ value: '005000000000001AAA', label: 'Rita Rep', count: 120 }],
};

export function freshness(change: Partial<Freshness> = {}): Freshness {
  return {
    source: 'memory',
    complete: true,
    fetched: 120,
    total: 120,
    fetchedAt,
    expiresAt,
    hiddenFields: [],
    ...change,
  };
}

/** A page of an org with `matched` customers, as the backend cuts it. */
export function page(offset: number, limit: number, matched: number, fresh: Partial<Freshness> = {}): AccountPage {
  const count = Math.max(0, Math.min(limit, matched - offset));
  return {
    total: matched,
    matched,
    rows: Array.from({ length: count }, (_, index) => account(offset + index)),
    facets,
    freshness: freshness(fresh),
  };
}
