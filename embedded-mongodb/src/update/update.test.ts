import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { BSON, Decimal128, Double, Int32, Long, type Collection, type Document, type UpdateOptions } from 'mongodb';
import { openTestServer, type TestServer } from '../test-server.ts';

let server: TestServer;
let items: Collection;

beforeAll(async () => {
  server = await openTestServer();
  items = server.db.collection('items');
});
afterAll(() => server.close());

/** What an update makes of a document, with its BSON types. */
async function updated(before: Document, update: Document, options: UpdateOptions = {}): Promise<Document> {
  await items.deleteMany({});
  await items.insertOne({ _id: 1 as never, ...before });
  await items.updateOne({}, update, options);
  const { _id, ...after } = (await items.findOne({}, { promoteValues: false })) ?? {};
  expect(_id).toEqual(new Int32(1));
  return after;
}

const long = (value: number): Long => Long.fromNumber(value);
const int = (value: number): Int32 => new Int32(value);
const double = (value: number): Double => new Double(value);

test.each<[string, Document, Document, Document]>([
  [
    'sets new fields in the order of their names',
    { b: int(0) },
    { $set: { z: int(1), a: int(2), 'd.y': int(3), 'd.b': int(4) } },
    { b: int(0), a: int(2), d: { b: int(4), y: int(3) }, z: int(1) },
  ],
  [
    'sets below arrays and beyond their end',
    { a: ['x'] },
    { $set: { 'a.2': 'z', 'a.0': 'w' } },
    { a: ['w', null, 'z'] },
  ],
  ['changes the type only', { a: int(1) }, { $set: { a: double(1) } }, { a: double(1) }],
  [
    'unsets',
    { a: int(1), b: { c: int(1), d: int(2) }, e: ['x', 'y'] },
    { $unset: { a: '', 'b.c': '', 'e.0': '', no: '' } },
    { b: { d: int(2) }, e: [null, 'y'] },
  ],
  ['adds int32', { a: int(1) }, { $inc: { a: int(2), b: int(3) } }, { a: int(3), b: int(3) }],
  ['widens int32 to int64', { a: int(2_147_483_647) }, { $inc: { a: int(1) } }, { a: long(2_147_483_648) }],
  ['keeps int64', { a: long(1) }, { $inc: { a: int(1) } }, { a: long(2) }],
  ['adds doubles', { a: int(1) }, { $inc: { a: double(0.5) } }, { a: double(1.5) }],
  [
    'multiplies',
    { a: int(3) },
    { $mul: { a: double(2), b: int(5), c: long(7) } },
    { a: double(6), b: int(0), c: long(0) },
  ],
  [
    'takes the smaller and larger',
    { a: int(5), b: int(5), c: 'x' },
    { $min: { a: int(3), c: int(1), n: int(1) }, $max: { b: int(3) } },
    { a: int(3), b: int(5), c: int(1), n: int(1) },
  ],
  ['keeps an equal value with its type', { a: int(5) }, { $max: { a: double(5) } }, { a: int(5) }],
  ['pushes', { a: [int(1)] }, { $push: { a: int(2), b: 'x' } }, { a: [int(1), int(2)], b: ['x'] }],
  [
    'pushes, sorts and slices',
    { a: [int(5), int(1)] },
    { $push: { a: { $each: [int(3), int(9)], $sort: -1, $slice: 3 } } },
    { a: [int(9), int(5), int(3)] },
  ],
  [
    'pushes at a position, keeps the last',
    { a: [int(1), int(2)] },
    { $push: { a: { $each: [int(7)], $position: 1, $slice: -2 } } },
    { a: [int(7), int(2)] },
  ],
  [
    'pushes documents sorted by a field',
    { a: [{ n: int(2) }] },
    { $push: { a: { $each: [{ n: int(1) }], $sort: { n: 1 } } } },
    { a: [{ n: int(1) }, { n: int(2) }] },
  ],
  [
    'adds to a set by value',
    { a: [int(1)] },
    { $addToSet: { a: { $each: [double(1), int(2), int(2)] } } },
    { a: [int(1), int(2)] },
  ],
  [
    'pops',
    { a: [int(1), int(2), int(3)], b: [int(1), int(2)] },
    { $pop: { a: 1, b: -1 } },
    { a: [int(1), int(2)], b: [int(2)] },
  ],
  ['pulls by value', { a: [int(1), int(2), double(1)] }, { $pull: { a: int(1) } }, { a: [int(2)] }],
  ['pulls by condition', { a: [int(1), int(5), int(9)] }, { $pull: { a: { $gte: 5 } } }, { a: [int(1)] }],
  [
    'pulls by fields',
    { a: [{ x: int(1), y: int(1) }, { x: int(2) }] },
    { $pull: { a: { x: 1 } } },
    { a: [{ x: int(2) }] },
  ],
  ['pulls all', { a: [int(1), int(2), int(1)] }, { $pullAll: { a: [1] } }, { a: [int(2)] }],
  ['renames', { a: int(1), b: int(2) }, { $rename: { a: 'c', b: 'd.e', no: 'x' } }, { c: int(1), d: { e: int(2) } }],
  ['every element', { a: [int(1), int(2)] }, { $inc: { 'a.$[]': int(1) } }, { a: [int(2), int(3)] }],
  ['replaces and keeps the identifier', { a: int(1), b: int(2) }, {}, {}],
])('%s', async (name, before, update, after) => {
  if (name.startsWith('replaces')) {
    await items.deleteMany({});
    await items.insertOne({ _id: 1 as never, ...before });
    await items.replaceOne({}, update);
    expect(await items.findOne({})).toEqual({ _id: 1 });
    return;
  }
  const result = await updated(before, update);
  expect(BSON.EJSON.stringify(result, { relaxed: false })).toBe(BSON.EJSON.stringify(after, { relaxed: false }));
});

test('chosen elements by array filters', async () => {
  const after = await updated(
    {
      a: [
        { n: 1, ok: false },
        { n: 5, ok: false },
      ],
    },
    { $set: { 'a.$[big].ok': true } },
    { arrayFilters: [{ 'big.n': { $gt: 3 } }] },
  );
  expect(after).toEqual({
    a: [
      { n: int(1), ok: false },
      { n: int(5), ok: true },
    ],
  });
});

test.each<[string, Document, Document, number]>([
  ['two operators on one path', {}, { $set: { a: 1 }, $inc: { a: 1 } }, 40],
  ['a path and one below it', {}, { $set: { a: 1, 'a.b': 1 } }, 40],
  ['adding to a string', { a: 'x' }, { $inc: { a: 1 } }, 14],
  ['adding a string', { a: 1 }, { $inc: { a: 'x' } }, 14],
  ['adding Decimal128', { a: 1 }, { $inc: { a: Decimal128.fromString('1') } }, 2],
  ['int64 overflow', { a: Long.MAX_VALUE }, { $inc: { a: 1 } }, 2],
  ['a field below a scalar', { a: 1 }, { $set: { 'a.b': 1 } }, 28],
  ['pushing to a scalar', { a: 1 }, { $push: { a: 1 } }, 2],
  ['changing the identifier', {}, { $set: { _id: 2 } }, 66],
  ['an unknown operator', {}, { $foo: { a: 1 } }, 9],
  ['an empty name', {}, { $set: { 'a..b': 1 } }, 56],
  ['a field that begins with a dollar', {}, { $set: { 'a.$b': 1 } }, 52],
  ['the positional operator', { a: [1] }, { $set: { 'a.$': 1 } }, 2],
  ['an unused array filter name', { a: [1] }, { $set: { 'a.$[x]': 1 } }, 2],
])('refuses %s and leaves the document as it was', async (_name, before, update, code) => {
  await items.deleteMany({});
  await items.insertOne({ _id: 1 as never, ...before });
  const stored = await items.findOne({}, { raw: true });
  await expect(items.updateOne({ _id: 1 as never }, update)).rejects.toMatchObject({ code });
  expect(await items.findOne({}, { raw: true })).toEqual(stored);
});

test('an upsert begins with what the filter says by equality', async () => {
  await items.deleteMany({});
  await items.updateOne(
    { k: 'x', 'd.e': { $eq: 1 }, n: { $gt: 5 }, $and: [{ q: true }] },
    { $setOnInsert: { s: 1 }, $set: { t: 2 } },
    { upsert: true },
  );
  const [first] = await items.find().toArray();
  expect(first).toEqual({ _id: expect.anything(), k: 'x', d: { e: 1 }, q: true, s: 1, t: 2 });
  const result = await items.replaceOne({ _id: 7 as never, k: 'gone' }, { z: 1 }, { upsert: true });
  expect(result.upsertedId).toBe(7);
  expect(await items.findOne({ _id: 7 as never })).toEqual({ _id: 7, z: 1 });
});

test('counts matched and modified documents', async () => {
  await items.deleteMany({});
  await items.insertMany([{ a: 1 }, { a: 1 }, { a: 2 }]);
  expect(await items.updateMany({ a: { $lte: 2 } }, { $set: { a: 1 } })).toMatchObject({
    matchedCount: 3,
    modifiedCount: 1,
  });
  expect(await items.deleteOne({ a: 1 })).toMatchObject({ deletedCount: 1 });
  expect(await items.deleteMany({})).toMatchObject({ deletedCount: 2 });
});

test('findOneAndUpdate gives the document before or after, and null where there is none', async () => {
  await items.deleteMany({});
  await items.insertMany([
    { _id: 1 as never, n: 1 },
    { _id: 2 as never, n: 2 },
  ]);
  expect(await items.findOneAndUpdate({}, { $inc: { n: 10 } }, { sort: { n: -1 } })).toEqual({ _id: 2, n: 2 });
  expect(
    await items.findOneAndUpdate({ n: 12 }, { $inc: { n: 1 } }, { returnDocument: 'after', projection: { _id: 0 } }),
  ).toEqual({ n: 13 });
  expect(await items.findOneAndUpdate({ n: 99 }, { $inc: { n: 1 } })).toBeNull();
  expect(
    await items.findOneAndUpdate(
      { n: 99 },
      { $inc: { n: 1 } },
      { upsert: true, returnDocument: 'after', projection: { _id: 0 } },
    ),
  ).toEqual({ n: 100 });
  expect(await items.findOneAndReplace({ n: 1 }, { m: 1 }, { returnDocument: 'after' })).toEqual({ _id: 1, m: 1 });
  expect(await items.findOneAndDelete({ m: 1 })).toEqual({ _id: 1, m: 1 });
});

test('of many that want the same state only one wins', async () => {
  await items.deleteMany({});
  await items.insertOne({ _id: 1 as never, holder: null });
  const claims = await Promise.all(
    Array.from({ length: 50 }, (_, n) =>
      items.findOneAndUpdate({ _id: 1 as never, holder: null }, { $set: { holder: n } }),
    ),
  );
  expect(claims.filter(Boolean)).toHaveLength(1);
});

test('1,000 upserts of one key at once make one document', async () => {
  await items.deleteMany({});
  await Promise.all(
    Array.from({ length: 1_000 }, () => items.updateOne({ _id: 'key' as never }, { $inc: { n: 1 } }, { upsert: true })),
  );
  expect(await items.find().toArray()).toEqual([{ _id: 'key', n: 1_000 }]);
});

test('an unordered bulk write goes on after an error and lists it', async () => {
  await items.deleteMany({});
  const writes = [
    { insertOne: { document: { _id: 1 as never } } },
    { insertOne: { document: { _id: 1 as never } } },
    { insertOne: { document: { _id: 2 as never } } },
  ];
  await expect(items.bulkWrite(writes, { ordered: false })).rejects.toMatchObject({ code: 11000, insertedCount: 2 });
  await items.deleteMany({});
  await expect(items.bulkWrite(writes)).rejects.toMatchObject({ code: 11000, insertedCount: 1 });
});
