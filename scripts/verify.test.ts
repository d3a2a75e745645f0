import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { changeEach, headOf, isFound, jwks, kid, made, ORG, text as fileOf } from './trail.ts';
import { Broken, headsIn, verifyEntry, verifyTrail } from './verify.mjs';

/** Each byte of every entry, and each value of a byte: verify.deep.test.ts. */
const ENTRIES = 1_000;

const trail = made(ENTRIES);
const text = (lines: readonly string[], head = trail.head): string => fileOf(lines, head);

/** A head as OneShotAuditHead__c holds it. */
function recordOf(head: string): Record<string, string | number> {
  const { org, seq, hash, at, signature } = JSON.parse(head) as Record<string, string>;
  return {
    Trail__c: org ?? '',
    Entries__c: Number(seq),
    Hash__c: hash ?? '',
    SignedAt__c: at ?? '',
    Signature__c: signature ?? '',
  };
}

test('a trail that is as it was written holds', () => {
  expect(verifyTrail(text(trail.lines), jwks)).toEqual({ org: ORG, entries: ENTRIES });
});

test('every single changed byte of an entry is found', () => {
  let changes = 0;
  for (let index = 0; index < ENTRIES; index += 100) {
    const { tried, missed } = changeEach(trail, index, (at) => [1 << ((index + at) % 7)]);
    expect([index, missed]).toEqual([index, []]);
    changes += tried;
  }
  expect(changes).toBeGreaterThan(3_000);
});

test('so are other values that a byte can have', () => {
  const { tried, missed } = changeEach(trail, 0, () => [1, 38, 75, 112, 149, 186, 223]);
  expect(missed).toEqual([]);
  expect(tried).toBeGreaterThan(2_500);
});

test('and every other value of the byte that ends a line', () => {
  const short = made(3);
  const bytes = Buffer.from(text(short.lines, short.head));
  const ends = [...bytes.keys()].filter((at) => bytes[at] === 0x0a);
  expect(ends).toHaveLength(4);
  for (const at of ends)
    for (let value = 0; value < 256; value += 1) {
      const changed = Buffer.from(bytes);
      changed[at] = value;
      expect([at, value, isFound(() => verifyTrail(changed.toString(), jwks))]).toEqual([at, value, value !== 0x0a]);
    }
});

test('wherever the file is cut off, it is found', () => {
  const whole = text(trail.lines);
  const missed: number[] = [];
  for (let length = 0; length < whole.length; length += 997)
    if (!isFound(() => verifyTrail(whole.slice(0, length), jwks))) missed.push(length);
  expect(missed).toEqual([]);
});

test('every changed byte of the head is found', () => {
  const head = Buffer.from(trail.head);
  const short = made(2);
  const own = Buffer.from(short.head);
  for (let at = 0; at < own.length; at += 1) {
    const changed = Buffer.from(own);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(() => verifyTrail(text(short.lines, changed.toString('latin1')), jwks)).toThrow(Broken);
  }
  expect(head.length).toBeGreaterThan(200);
});

test('every deleted entry is found, and every two that changed places', () => {
  for (let index = 0; index + 1 < ENTRIES; index += 1) {
    const next = trail.lines[index + 1] ?? '';
    // Without this line the next one follows the one before, in both cases.
    expect(() => verifyEntry(next, trail.before[index] ?? { seq: 0, hash: '' }, ORG, jwks)).toThrow('is missing');
  }
  expect(() => verifyTrail(text(trail.lines.slice(0, -1)), jwks)).toThrow('Entry 1000 is missing');
});

describe('found is', () => {
  const short = made(6);
  const other = made(6);
  const of = (lines: readonly string[], head = short.head): string => text(lines, head);
  test.each<[string, string, string]>([
    ['a trail that ends earlier', of(short.lines.slice(0, 3)), 'Entry 4 is missing'],
    ['an empty trail', of([]), 'Entry 1 is missing'],
    ['a trail without its head', `${short.lines.join('\n')}\n`, 'The head is not signed'],
    ['a trail whose last line was cut off', of(short.lines).slice(0, -1), 'cut off'],
    ['an entry behind the head', of(short.lines, headOf(short.before, 5)), 'Entry 6 is not covered'],
    ['a line twice', of([...short.lines.slice(0, 2), ...short.lines.slice(1)]), 'Entry 3 is missing'],
    ['an empty line', of([...short.lines.slice(0, 2), '', ...short.lines.slice(2)]), 'Entry 3 cannot be read'],
    ['another spelling', of([(short.lines[0] ?? '').replace(',', ', '), ...short.lines.slice(1)]), 'in another way'],
  ])('%s', (_what, changed, why) => {
    expect(() => verifyTrail(changed, jwks)).toThrow(why);
  });

  test('a trail that is shorter than a head which was kept says', () => {
    const kept = JSON.parse(short.head) as Parameters<typeof verifyTrail>[2] extends (infer H)[] | undefined
      ? H
      : never;
    expect(() => verifyTrail(text(short.lines.slice(0, 4), headOf(short.before, 4)), jwks, [kept])).toThrow(
      'Entry 5 is missing',
    );
    expect(verifyTrail(of(other.lines, other.head), jwks, [kept])).toMatchObject({ entries: 6 });
  });

  const record = { Name: 'HEAD-000001', ...recordOf(short.head) };
  const namespaced = Object.fromEntries(Object.entries(record).map(([name, value]) => [`acme__${name}`, value]));
  const names = Object.keys(record);
  test.each<[string, string]>([
    ['as the backend answers it', short.head],
    ['as a list', `{"rows":[${short.head}],"nextCursor":null}`],
    ['as sf data query --json says it', JSON.stringify({ status: 0, result: { records: [record] } })],
    ['of a managed package', JSON.stringify({ totalSize: 1, done: true, records: [namespaced] })],
    ['as CSV', `${names.join()}\r\n${Object.values(record).join()}\r\n`],
    ['as CSV in quotation marks', `"${names.join('","')}"\n"${Object.values(record).join('","')}"\n`],
  ])('a trail that was cut later, by a head out of Salesforce: %s', (_what, kept) => {
    const heads = headsIn(kept);
    expect(verifyTrail(of(short.lines), jwks, heads)).toMatchObject({ entries: 6 });
    expect(() => verifyTrail(text(short.lines.slice(0, 4), headOf(short.before, 4)), jwks, heads)).toThrow(
      'Entry 5 is missing',
    );
  });

  test('a head that somebody changed in Salesforce, one of another trail alone, and none', () => {
    const [kept] = headsIn(short.head);
    if (kept === undefined) throw new Error('There is a head');
    expect(() => verifyTrail(of(short.lines), jwks, [{ ...kept, seq: 3 }])).toThrow('not signed by OneShot');
    const elsewhere = { ...kept, org: `org_${'Z'.repeat(22)}` };
    expect(() => verifyTrail(of(short.lines), jwks, [elsewhere])).toThrow('of another trail');
    expect(verifyTrail(of(short.lines), jwks, [elsewhere, kept])).toMatchObject({ entries: 6 });
    expect(() => headsIn('{"records":[]}')).toThrow('no head');
    expect(() => headsIn('Trail__c,Entries__c\n')).toThrow('no head');
  });

  test('a signature by a key that only says that it is ours', () => {
    const forger = generateKeyPairSync('ed25519');
    const forged = String(forger.publicKey.export({ format: 'jwk' }).x);
    expect(() => verifyTrail(of(short.lines), { keys: [{ kty: 'OKP', crv: 'Ed25519', kid, x: forged }] })).toThrow(
      'not signed',
    );
  });
});
