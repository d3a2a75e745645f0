import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  BSONRegExp,
  Decimal128,
  Int32,
  Long,
  ObjectId,
  UUID,
  type Collection,
  type Document,
  type Filter,
} from 'mongodb';
import { openTestServer, type TestServer } from '../test-server.ts';

let server: TestServer;
let items: Collection;

beforeAll(async () => {
  server = await openTestServer();
  items = server.db.collection('items');
});
afterAll(() => server.close());

/** Puts documents in, numbered from 0, and gives the numbers of those that a filter finds, with and without an index. */
async function found(documents: Document[], filter: Filter<Document>): Promise<number[]> {
  await items.deleteMany({});
  await items.insertMany(documents.map((document, n) => ({ _id: n as never, ...document })));
  const scanned = (await items.find(filter).sort({ _id: 1 }).toArray()).map((row) => row._id as unknown as number);
  const fields = [...new Set(Object.keys(filter).filter((name) => !name.startsWith('$')))];
  for (const field of fields.filter((name) => !/\.\d/.test(name))) {
    for (const direction of [1, -1] as const) {
      await items.createIndexes([{ key: { [field]: direction } }]);
      const indexed = (await items.find(filter).toArray())
        .map((row) => row._id as unknown as number)
        .sort((a, b) => a - b);
      expect({ index: { [field]: direction }, found: indexed }).toEqual({
        index: { [field]: direction },
        found: scanned,
      });
      await items.dropIndexes();
    }
  }
  return scanned;
}

const a = (...values: unknown[]): Document[] => values.map((value) => ({ a: value }));
const dec = (text: string): Decimal128 => Decimal128.fromString(text);

test.each<[string, Document[], Filter<Document>, number[]]>([
  ['numbers by value', a(1, new Int32(1), Long.fromNumber(1), dec('1.00'), 1.5, '1', true), { a: 1 }, [0, 1, 2, 3]],
  [
    'int64 beyond double',
    a(Long.fromString('9007199254740993'), 9007199254740992),
    { a: Long.fromString('9007199254740993') },
    [0],
  ],
  ['null finds null and missing', [{ a: null }, {}, { a: 0 }, { a: [null] }, { a: [] }], { a: null }, [0, 1, 3]],
  [
    'null below a scalar and in arrays',
    [{ a: 5 }, { a: [] }, { a: [1] }, { a: [{}] }, { a: [{ b: 1 }] }, {}, { a: { b: null } }],
    { 'a.b': null },
    [0, 3, 5, 6],
  ],
  ['an element of an array', a([1, 2], [3], 1, [[1]]), { a: 1 }, [0, 2]],
  ['a whole array', a([1, 2], [2, 1], [[1, 2]], [1, 2, 3]), { a: [1, 2] }, [0, 2]],
  ['order of fields in an embedded document', a({ x: 1, y: 2 }, { y: 2, x: 1 }, { x: 1 }), { a: { x: 1, y: 2 } }, [0]],
  ['not equal in arrays', a([1, 2], 3, [3]), { a: { $ne: 1 } }, [1, 2]],
  ['range within one type', a(1, 5, '5', null, new Date(9), [0, 9], NaN), { a: { $gt: 2 } }, [1, 5]],
  ['both limits by different elements', a([1, 10], [6], 7, 20), { a: { $gt: 5, $lt: 8 } }, [0, 1, 2]],
  ['both limits by one element', a([1, 10], [6], 7), { a: { $elemMatch: { $gt: 5, $lt: 8 } } }, [1]],
  ['range from and to', a(1, 2, 3, 4, 5), { a: { $gte: 2, $lt: 4 } }, [1, 2]],
  ['range of null', a(null, 1, undefined, 'x'), { a: { $gte: null } }, [0, 2]],
  ['range of strings', a('a', 'b', 'ba', 'c', 1), { a: { $gt: 'a', $lte: 'ba' } }, [1, 2]],
  ['range of dates', a(new Date(1), new Date(2), 2, new Date(-5)), { a: { $lt: new Date(2) } }, [0, 3]],
  [
    'in, with null and a regular expression',
    a(1, 'abc', null, 'x', [1, 7]),
    { a: { $in: [7, null, /^ab/] } },
    [1, 2, 4],
  ],
  ['not in', [{ a: 1 }, { a: 2 }, {}], { a: { $nin: [1, null] } }, [1]],
  ['exists', [{ a: null }, {}, { a: [] }], { a: { $exists: true } }, [0, 2]],
  ['does not exist, through arrays', [{ a: [] }, { a: [{ b: 1 }] }, {}], { 'a.b': { $exists: false } }, [0, 2]],
  ['type', a(1, new Int32(1), 'x', [1.5], [], null), { a: { $type: 'double' } }, [3]],
  ['type array', a(1, [1], []), { a: { $type: 'array' } }, [1, 2]],
  ['size', a([], [1], [[1, 2]], 1), { a: { $size: 1 } }, [1, 2]],
  ['all', a([1, 2, 3], [1], 1), { a: { $all: [1, 2] } }, [0]],
  ['all of one', a([1, 2, 3], [2], 1), { a: { $all: [1] } }, [0, 2]],
  ['fields of one element', a([{ x: 1, y: 2 }], [{ x: 1 }, { y: 2 }]), { a: { $elemMatch: { x: 1, y: 2 } } }, [0]],
  [
    'fields of several elements',
    a([{ x: 1, y: 2 }], [{ x: 1 }, { y: 2 }], { x: 1, y: 2 }),
    { 'a.x': 1, 'a.y': 2 },
    [0, 1, 2],
  ],
  ['a position in an array', a([5, 6], [6, 5], { 0: 5 }), { 'a.0': 5 }, [0, 2]],
  ['modulo', a(4, 4.9, 5, -4, '4', Long.fromNumber(8)), { a: { $mod: [4, 0] } }, [0, 1, 3, 5]],
  ['not', a(1, 5, 'x'), { a: { $not: { $gt: 2 } } }, [0, 2]],
  ['a regular expression without case', a('Jürgen', 'jÜRGEN', 'x', 5), { a: /^jü/i }, [0, 1]],
  ['dot and line ends', a('a\rb', 'a\nb', 'a\u2028b'), { a: /a.b/ }, [0, 2]],
  ['the end before a last line end', a('ab\n', 'ab', 'ab\n\n'), { a: /ab$/ }, [0, 1]],
  ['or, nor', a(1, 2, 3), { $or: [{ a: 1 }, { a: 3 }], $nor: [{ a: 3 }] }, [0]],
  ['empty document', a({}, { x: 1 }, []), { a: {} }, [0]],
  ['NaN', a(NaN, 1, dec('NaN')), { a: NaN }, [0, 2]],
  [
    'identifiers',
    a(new ObjectId('0123456789abcdef01234567'), new UUID('11111111-1111-4111-8111-111111111111')),
    { a: new UUID('11111111-1111-4111-8111-111111111111') },
    [1],
  ],
  ['boolean is no number', a(true, 1, false, 0), { a: true }, [0]],
])('finds by %s', async (_name, documents, filter, expected) => {
  expect(await found(documents, filter)).toEqual(expected);
});

test('sorts across types as MongoDB does, arrays by their least and greatest element', async () => {
  await items.deleteMany({});
  const ordered = [
    [],
    null,
    -Infinity,
    Long.fromNumber(-5),
    0.5,
    dec('1'),
    'A',
    'a',
    { x: 1 },
    [{ x: 9 }],
    Buffer.from('x'),
    new ObjectId(),
    false,
    true,
    new Date(0),
    new BSONRegExp('a'),
  ];
  await items.insertMany(ordered.map((value, n) => ({ _id: n as never, a: value })).reverse());
  const ids = async (direction: 1 | -1): Promise<unknown[]> =>
    (await items.find().sort({ a: direction }).toArray()).map((row) => row._id);
  const numbers = ordered.map((_value, n) => n);
  expect(await ids(1)).toEqual(numbers);
  expect(await ids(-1)).toEqual([...numbers].reverse());
  await items.createIndexes([{ key: { a: 1 } }]);
  expect(await ids(1)).toEqual(numbers);
  await items.dropIndexes();
  await items.deleteMany({});
  await items.insertMany([
    { _id: 0 as never, a: [1, 9] },
    { _id: 1 as never, a: 5 },
  ]);
  expect(await ids(1)).toEqual([0, 1]);
  expect(await ids(-1)).toEqual([0, 1]);
});

test('projects by inclusion, exclusion and through arrays', async () => {
  await items.deleteMany({});
  await items.insertOne({ _id: 1 as never, b: 1, a: [{ x: 1, y: 2 }, 5, [{ x: 3 }]], c: { d: 1, e: 2 } });
  const shown = (projection: Document): Promise<unknown> => items.findOne({}, { projection });
  expect(await shown({ 'a.x': 1 })).toEqual({ _id: 1, a: [{ x: 1 }, [{ x: 3 }]] });
  expect(await shown({ 'b.x': 1, _id: 0 })).toEqual({});
  expect(await shown({ 'a.x': 0, c: 0 })).toEqual({ _id: 1, b: 1, a: [{ y: 2 }, 5, [{}]] });
  expect(await shown({ c: { d: 1 }, _id: 0 })).toEqual({ c: { d: 1 } });
  await expect(shown({ a: 1, b: 0 })).rejects.toMatchObject({ code: 31254 });
  await expect(shown({ a: 1, 'a.x': 1 })).rejects.toMatchObject({ code: 31249 });
});

test('gives long results in batches, also while the collection changes', async () => {
  const many = server.db.collection('many');
  await many.insertMany(Array.from({ length: 1_000 }, (_, n) => ({ n })));
  const seen: number[] = [];
  for await (const row of many.find().batchSize(100)) {
    seen.push(row.n as number);
    if (seen.length === 150) await many.deleteMany({ n: { $gte: 900 } });
  }
  expect(seen).toHaveLength(900);
  expect(await many.find().skip(10).limit(5).batchSize(2).toArray()).toHaveLength(5);
  expect(await many.countDocuments({}, { skip: 10, limit: 20 })).toBe(20);
  expect(await many.distinct('n', { n: { $lt: 3 } })).toEqual([0, 1, 2]);
});
