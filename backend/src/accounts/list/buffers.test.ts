import { describe, expect, test } from '@jest/globals';
import { ErasableMemory } from './memory.ts';
import { PageBuffers } from './page-buffers.ts';
import { RecentAnswers } from './recent-answers.ts';
import { SlotIndex } from './slot-index.ts';

const isZero = (buffer: Buffer): boolean => buffer.every((byte) => byte === 0);

describe('answers that are asked for again', () => {
  test('are kept from the second time on, and overwritten with their list', () => {
    const memory = new ErasableMemory();
    const answers = new RecentAnswers(memory);
    for (const time of [1, 2]) {
      expect([time, answers.find('"a"')]).toEqual([time, undefined]);
      answers.offer('list', '"a"', Buffer.from('canary'));
    }
    const found = answers.find('"a"');
    expect(found?.bytes.toString()).toBe('canary');
    found?.done();
    answers.erase('another list');
    expect(answers.find('"a"')?.bytes.toString()).toBe('canary');
    answers.erase('list');
    expect(answers.find('"a"')).toBeUndefined();
  });

  test('one that is on its way when its list goes is overwritten when it is out, and not before', () => {
    const memory = new ErasableMemory();
    const answers = new RecentAnswers(memory);
    for (let time = 0; time < 2; time += 1) answers.offer('list', '"a"', Buffer.from('canary'));
    const [first, second] = [answers.find('"a"'), answers.find('"a"')];
    answers.erase('list');
    first?.done();
    first?.done();
    expect(second?.bytes.toString()).toBe('canary');
    second?.done();
    expect(isZero(second?.bytes ?? Buffer.from('x'))).toBe(true);
    expect(memory.bytes).toBe(0);
  });

  test('are few and small', () => {
    const memory = new ErasableMemory();
    const answers = new RecentAnswers(memory);
    for (const name of [...Array(100).keys(), 'large'])
      for (let time = 0; time < 2; time += 1)
        answers.offer('list', `"${name}"`, Buffer.alloc(name === 'large' ? 100_000 : 1_000, 1));
    expect(memory.buffers).toBe(32);
    expect(answers.find('"99"')).toBeDefined();
    expect(answers.find('"large"')).toBeUndefined();
  });

  test('are not kept for a round of more questions than there are answers', () => {
    const memory = new ErasableMemory();
    const answers = new RecentAnswers(memory);
    for (let asked = 0; asked < 300; asked += 1) answers.offer('list', `"${asked % 40}"`, Buffer.alloc(1_000, 1));
    expect(memory.buffers).toBe(0);
  });
});

describe('buffers for pages', () => {
  test('are used again, overwritten', () => {
    const memory = new ErasableMemory();
    const pages = new PageBuffers(memory);
    const one = pages.take(100);
    one.write('canary');
    pages.giveBack(one.subarray(0, 6));
    expect(isZero(one)).toBe(true);
    expect(pages.take(100)).toBe(one);
    const large = pages.take(1_000_000);
    large.write('canary');
    pages.giveBack(large.subarray(0, 6));
    pages.giveBack(large);
    expect(isZero(large)).toBe(true);
    pages.close();
    pages.giveBack(one);
    expect(memory.bytes).toBe(0);
  });
});

test('slots are found by hash however they collide, and others stay when one goes', () => {
  const index = new SlotIndex();
  const hashes = Array.from({ length: 3_000 }, (_, slot) => (slot % 50) * 0x01000193);
  const slotsOf = (hash: number): number[] => {
    const slots: number[] = [];
    for (let place = index.first(hash); place !== -1; place = index.next(place, hash)) slots.push(index.slotAt(place));
    return slots.sort((a, b) => a - b);
  };
  hashes.forEach((hash, slot) => index.add(hash, slot));
  hashes.forEach((hash, slot) => {
    if (slot % 3 !== 0) index.delete(hash, slot);
  });
  for (const hash of new Set(hashes)) {
    const expected = hashes.flatMap((other, slot) => (other === hash && slot % 3 === 0 ? [slot] : []));
    expect(slotsOf(hash)).toEqual(expected);
  }
  expect(slotsOf(12_345)).toEqual([]);
});
