import { useLanguage } from '../../../../../test/language';

type Format = typeof import('c/oneshotFormat');
function load(language: 'en_US' | 'de'): Format {
  jest.resetModules();
  useLanguage(language);
  return require('c/oneshotFormat') as Format;
}
const minute = 60_000;
const day = 24 * 60 * minute;

test('fills places with text, leaves unknown ones, and never fills twice', () => {
  const { fill } = load('en_US');
  expect(fill('{0} of {1}', '{1}', 2)).toBe('{1} of 2');
  expect(fill('{0} {3}', 'a')).toBe('a {3}');
  expect(fill('{0}', '$&')).toBe('$&');
});

test('money has its own currency and no decimals', () => {
  const { formatMoney } = load('en_US');
  expect(formatMoney(1234.56, 'EUR')).toBe('€1,235');
  expect(formatMoney(1234, 'JPY')).toBe('¥1,234');
  expect(formatMoney(0, 'USD')).toBe('$0');
  expect(formatMoney(null, 'USD')).toBe('');
  expect(formatMoney(1234, null)).toBe('1,234');
  expect(formatMoney(1234, 'not a currency')).toBe('not a currency 1,234');
});

test('times are local, and relative ones never say "now" or "in the future"', () => {
  const { formatAgo, formatAge, formatClock } = load('en_US');
  expect(formatClock(Date.parse('2026-11-24T12:05:00Z'))).toMatch(/^1:05\sPM$/);
  expect(formatAgo(-5)).toBe('now');
  expect(formatAgo(59_999)).toBe('now');
  expect(formatAgo(minute)).toBe('1 minute ago');
  expect(formatAgo(12 * minute)).toBe('12 minutes ago');
  expect(formatAgo(61 * minute, 'short')).toBe('1 hr. ago');
  expect(formatAge(day)).toBe('yesterday');
  expect(formatAge(400 * day)).toBe('last year');
});

test('German', () => {
  const { formatAgo, formatClock, formatMoney, formatNames } = load('de');
  expect(formatAgo(12 * minute)).toBe('vor 12 Minuten');
  expect(formatClock(Date.parse('2026-11-24T12:05:00Z'))).toBe('13:05');
  expect(formatMoney(120000, 'EUR')).toMatch(/^120\.000\s€$/);
  expect(formatNames(['A', 'B', 'C'])).toBe('A, B und C');
});
