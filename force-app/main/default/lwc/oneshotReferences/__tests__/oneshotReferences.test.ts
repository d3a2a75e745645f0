import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SimilarCustomer } from 'c/oneshotApi';
import { account } from '../../../../../test/accounts';
import { useLanguage } from '../../../../../test/language';

type References = typeof import('c/oneshotReferences');
type Reason = SimilarCustomer['reasons'][number];

const source = readFileSync(join(__dirname, '../../../../../../backend/src/accounts/similar/reasons.ts'), 'utf8');
const products = ['Assets and More', 'Product A', 'Product B', 'Product C'];
const customer = { account: { ...account(0), industry: 'Energy', country: 'Germany', products } };

/** Each sentence of the backend, and what a rep reads. */
const reasons: [Reason, string, string][] = [
  [{ code: 'parent', text: 'its parent company' }, 'its parent company', 'die Muttergesellschaft'],
  [{ code: 'parent', text: 'its subsidiary' }, 'its subsidiary', 'eine Tochtergesellschaft'],
  [{ code: 'parent', text: 'of the same group' }, 'of the same group', 'aus demselben Konzern'],
  [
    { code: 'parent', text: 'of the same group: Acme: North & Co' },
    'of the same group: Acme: North & Co',
    'aus demselben Konzern: Acme: North & Co',
  ],
  [
    { code: 'parent', text: 'by its name of the same group' },
    'by its name of the same group',
    'dem Namen nach aus demselben Konzern',
  ],
  [{ code: 'industry', text: 'same industry: Energy' }, 'same industry: Energy', 'gleiche Branche: Energy'],
  [{ code: 'country', text: 'also in Germany' }, 'also in Germany', 'auch in Germany'],
  [{ code: 'size', text: 'of similar size' }, 'of similar size', 'ähnlich groß'],
  [{ code: 'products', text: 'both use Product A' }, 'both use Product A', 'beide nutzen Product A'],
  [
    { code: 'products', text: 'both use Assets and More and Product A' },
    'both use Assets and More and Product A',
    'beide nutzen Assets and More und Product A',
  ],
  [
    { code: 'products', text: 'both use Assets and More, Product A and Product B' },
    'both use Assets and More, Product A, and Product B',
    'beide nutzen Assets and More, Product A und Product B',
  ],
  [
    { code: 'products', text: 'both use Assets and More, Product A, Product B and 2 more' },
    'both use Assets and More, Product A, Product B and 2 more',
    'beide nutzen Assets and More, Product A, Product B und 2 weitere',
  ],
];

function load(language: 'en_US' | 'de'): References {
  jest.resetModules();
  useLanguage(language);
  return require('c/oneshotReferences') as References;
}

afterAll(() => useLanguage('en_US'));

test.each(reasons)('$text', (reason, english, german) => {
  expect(load('en_US').reasonText(reason, customer)).toBe(english);
  expect(load('de').reasonText(reason, customer)).toBe(german);
});

test('these are all sentences that the backend knows', () => {
  const asWritten = [...source.matchAll(/(?:text: |return |[?:] )['`]([^'`]+)['`]/g)]
    .map((match) => (match[1] ?? '').split('$')[0] ?? '')
    .filter((begin) => begin.includes(' '));
  expect(asWritten.length).toBeGreaterThanOrEqual(8);
  const begun = (begin: string): boolean => reasons.some(([{ text }]) => text.startsWith(begin));
  expect(asWritten.filter((begin) => !begun(begin))).toEqual([]);
});

test('what the backend adds later stays in its own words', () => {
  const { reasonText } = load('de');
  expect(reasonText({ code: 'parent', text: 'its cousin' }, customer)).toBe('its cousin');
  expect(reasonText({ code: 'founder', text: 'same founder' }, customer)).toBe('same founder');
  expect(reasonText({ code: 'products', text: 'both use Product Z' }, customer)).toBe('beide nutzen Product Z');
  const unnamed = { account: { ...customer.account, industry: null, country: null } };
  expect(reasonText({ code: 'industry', text: 'same industry: X' }, unnamed)).toBe('same industry: X');
});
