import type { Contact, SimilarCustomer } from 'c/oneshotApi';
import { account } from './accounts';

export const accountId = '001000000000099AAA';

/** The n-th contact of an account, free to be written to. */
export function contact(n: number, change: Partial<Contact> = {}): Contact {
  return {
    id: `003000000000${String(n).padStart(6, '0')}`,
    accountId,
    name: n === 0 ? 'Ana Ruiz' : `Contact ${String(n)}`,
    title: 'CFO',
    email: 'someone@example.com',
    phone: null,
    lastActivityDate: '2026-11-12',
    canEmail: true,
    reasons: [],
    lastSentAt: null,
    ...change,
  };
}

export const optedOut = { canEmail: false, reasons: ['opted_out'] } satisfies Partial<Contact>;

/** The n-th customer to name, with what it shares. */
export function similar(n: number): SimilarCustomer {
  return {
    account: account(n),
    score: 1 - n / 100,
    reasons: [
      { code: 'industry', text: 'same industry: Energy' },
      { code: 'products', text: 'both use Product A, Product B and 2 more' },
    ],
  };
}
