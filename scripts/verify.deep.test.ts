import { expect, test } from '@jest/globals';
import { changeEach, isFound, jwks, made, text } from './trail.ts';
import { verifyTrail } from './verify.mjs';

const trail = made(1_000);

/** Each makes another one of a byte's 255 other values. */
const EVERY_VALUE = Array.from({ length: 255 }, (_, index) => index + 1);

test('each byte of 1,000 entries, changed once, is found', () => {
  let changes = 0;
  for (let index = 0; index < trail.lines.length; index += 1) {
    const { tried, missed } = changeEach(trail, index, (at) => [1 << ((index + at) % 7)]);
    expect([index, missed]).toEqual([index, []]);
    changes += tried;
  }
  expect(changes).toBeGreaterThan(390_000);
}, 1_800_000);

test('each byte of 25 entries, changed to each of its 255 other values, is found', () => {
  let changes = 0;
  for (let index = 0; index < trail.lines.length; index += 40) {
    const { tried, missed } = changeEach(trail, index, () => EVERY_VALUE);
    expect([index, missed]).toEqual([index, []]);
    changes += tried;
  }
  expect(changes).toBeGreaterThan(2_500_000);
}, 1_800_000);

test('a file that is cut off at any byte is found', () => {
  const whole = text(trail.lines, trail.head);
  const missed: number[] = [];
  for (let length = 0; length < whole.length; length += 1)
    if (!isFound(() => verifyTrail(whole.slice(0, length), jwks))) missed.push(length);
  expect(missed).toEqual([]);
}, 1_800_000);
