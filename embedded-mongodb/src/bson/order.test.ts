import { expect, test } from '@jest/globals';
import { Binary, BSON, BSONRegExp, Decimal128, Int32, MaxKey, MinKey, ObjectId, Timestamp } from 'bson';
import { compare } from './compare.ts';
import { decode } from './decode.ts';
import { encode } from './encode.ts';
import { complement, encodePart } from './key.ts';
import type { Value } from './values.ts';

const decimals = [
  '0',
  '-0',
  '1',
  '1.0',
  '0.1',
  '-0.1',
  '1E+6000',
  '-1E+6000',
  '1E-6000',
  '9007199254740993',
  '9007199254740993.5',
  'NaN',
  'Infinity',
  '-Infinity',
  '1.7976931348623157E+308',
  '1E+309',
];
const doubles = [
  0,
  -0,
  1,
  -1,
  0.1,
  -0.1,
  0.5,
  1.5,
  NaN,
  Infinity,
  -Infinity,
  5e-324,
  -5e-324,
  Number.MAX_VALUE,
  2 ** 53,
  2 ** 63,
  -(2 ** 63),
  1e22,
  123456.789,
];
const longs = [
  0n,
  1n,
  -1n,
  9007199254740993n,
  -9007199254740993n,
  9007199254740992n,
  (1n << 63n) - 1n,
  -(1n << 63n),
  100n,
];

const values: Value[] = [
  ...doubles,
  ...longs,
  ...[0, 1, -1, 2_147_483_647, -2_147_483_648, 100].map((value) => new Int32(value)),
  ...decimals.map((text) => Decimal128.fromString(text)),
  '',
  'a',
  'ab',
  'b',
  'a\0',
  'a\0b',
  'Z',
  'é',
  '中',
  '\uffff',
  '😀',
  true,
  false,
  null,
  new MinKey(),
  new MaxKey(),
  new Date(0),
  new Date(-1),
  new Date(1e12),
  new ObjectId('000000000000000000000001'),
  new ObjectId('ff0000000000000000000001'),
  new Binary(Buffer.from([1, 2]), 0),
  new Binary(Buffer.from([255]), 0),
  new Binary(Buffer.from([1, 2]), 4),
  new Timestamp({ t: 1, i: 2 }),
  new Timestamp({ t: 4_000_000_000, i: 1 }),
  new BSONRegExp('a', 'i'),
  new BSONRegExp('ab', ''),
  [],
  [1],
  [1, 2],
  [null],
  [[1]],
  ['a'],
  [new Map([['a', 1]])],
  new Map(),
  new Map([['a', 1]]),
  new Map([
    ['a', 1],
    ['b', 1],
  ]),
  new Map([['b', 0]]),
  new Map([['a', 'x']]),
  new Map<string, Value>([['a', new Map([['b', 1]])]]),
];

test('the order of key bytes is the order of values, and the complement its reverse', () => {
  for (const left of values)
    for (const right of values) {
      const order = Math.sign(compare(left, right));
      const [a, b] = [encodePart(left), encodePart(right)];
      const seen = {
        left,
        right,
        keys: Math.sign(Buffer.compare(a, b)),
        flipped: Math.sign(Buffer.compare(complement(b), complement(a))),
      };
      expect(seen).toEqual({ left, right, keys: order, flipped: order });
    }
});

test('numbers of different types are equal when they have the same value, and only then', () => {
  expect(compare(new Int32(1), 1)).toBe(0);
  expect(compare(1n, Decimal128.fromString('1.00'))).toBe(0);
  expect(compare(9007199254740993n, 9007199254740992)).toBeGreaterThan(0);
  expect(compare(0.1, Decimal128.fromString('0.1'))).toBeGreaterThan(0);
  expect(compare(0.5, Decimal128.fromString('0.5'))).toBe(0);
});

test('a key part and what follows it stay below the part with 0xff behind it', () => {
  for (const value of values) {
    const part = encodePart(value);
    for (const other of values) {
      const longer = Buffer.concat([part, encodePart(other)]);
      expect(Buffer.compare(longer, Buffer.concat([part, Buffer.from([255])]))).toBe(-1);
    }
  }
});

test('documents keep types and the order of fields, also of integer-like names', () => {
  const document = new Map<string, Value>([
    ['b', new Int32(1)],
    ['1', 1],
    ['__proto__', 1n],
    ['0', Decimal128.fromString('1.10')],
    ['a', values],
  ]);
  const bytes = encode(document);
  const back = decode(bytes);
  expect([...back.keys()]).toEqual(['b', '1', '__proto__', '0', 'a']);
  expect(encode(back).equals(bytes)).toBe(true);
  expect(back.get('1')).toBe(1);
  expect(back.get('__proto__')).toBe(1n);
});

test('what the bson package writes is read and written back byte for byte', () => {
  const bytes = BSON.serialize({
    s: 'text',
    d: 1.5,
    i: 3,
    l: { x: [1, 2, { y: null }] },
    o: new ObjectId(),
    t: new Date(),
    b: new Binary(Buffer.from('x')),
    u: '\u{1F600}'.repeat(20),
  });
  expect(encode(decode(bytes)).equals(Buffer.from(bytes))).toBe(true);
});

test.each([
  ['cut off', [5, 0, 0]],
  ['wrong length', [9, 0, 0, 0, 0]],
  ['string without end', [14, 0, 0, 0, 2, 97, 0, 2, 0, 0, 0, 97, 97, 0]],
  ['string that is not UTF-8', [14, 0, 0, 0, 2, 97, 0, 2, 0, 0, 0, 255, 0, 0]],
  ['unknown type', [8, 0, 0, 0, 60, 97, 0, 0]],
  ['boolean 2', [9, 0, 0, 0, 8, 97, 0, 2, 0]],
])('malformed BSON is refused: %s', (_name, bytes) => {
  expect(() => decode(Uint8Array.from(bytes))).toThrow(/Invalid BSON/);
});
