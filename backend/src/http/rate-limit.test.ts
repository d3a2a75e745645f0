import { expect, test } from '@jest/globals';
import { callerOf, RateLimit } from './rate-limit.ts';

test('a caller has so many calls in a minute from the first one on, and others have their own', () => {
  const limit = new RateLimit(3);
  expect([0, 1, 2].map((ms) => limit.take('one', ms))).toEqual([0, 0, 0]);
  expect(limit.take('one', 30_000)).toBe(30);
  expect(limit.take('one', 59_999)).toBe(1);
  expect(limit.take('two', 59_999)).toBe(0);
  expect(limit.take('one', 60_000)).toBe(0);
});

test('callers whose window ended are forgotten, and so are the oldest of very many', () => {
  const limit = new RateLimit(1);
  for (let caller = 0; caller < 1_000; caller += 1) limit.take(String(caller), 0);
  limit.take('late', 60_001);
  expect(limit.size).toBe(1);
  for (let caller = 0; caller < 150_000; caller += 1) limit.take(`c${caller}`, 60_002);
  expect(limit.size).toBeLessThanOrEqual(100_000);
});

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2:ffff::1', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
])('%s counts as %s', (address, caller) => {
  expect(callerOf(address)).toBe(caller);
});
