import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Decimal128, Double, Int32, Long, type Document } from 'mongodb';
import { openTestServer, type TestServer } from '../test-server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await openTestServer();
  await server.db.collection('sales').insertMany([
    { _id: 1 as never, org: 'a', n: new Int32(1), tags: ['x', 'y'], at: new Date(3) },
    { _id: 2 as never, org: 'a', n: new Double(0.1), tags: [], at: new Date(1) },
    { _id: 3 as never, org: 'b', n: new Int32(2_147_483_647), tags: ['x'], at: new Date(2) },
    { _id: 4 as never, org: 'b', n: new Int32(1) },
    { _id: 5 as never, n: 'text' },
  ]);
});
afterAll(() => server.close());

const run = (...pipeline: Document[]): Promise<Document[]> =>
  server.db.collection('sales').aggregate(pipeline, { promoteValues: false }).toArray();

test('groups with sums that keep and widen the type of numbers', async () => {
  const groups = await run(
    { $group: { _id: '$org', n: { $sum: '$n' }, count: { $sum: 1 }, avg: { $avg: '$n' } } },
    { $sort: { _id: 1 } },
  );
  expect(groups).toEqual([
    { _id: null, n: new Int32(0), count: new Int32(1), avg: null },
    { _id: 'a', n: new Double(1.1), count: new Int32(2), avg: new Double(0.55) },
    { _id: 'b', n: Long.fromNumber(2_147_483_648), count: new Int32(2), avg: new Double(1_073_741_824) },
  ]);
});

test('finds the first, last, least, greatest and all of a group', async () => {
  const [group] = await run(
    { $match: { org: 'a' } },
    { $sort: { at: 1 } },
    {
      $group: {
        _id: { org: '$org' },
        first: { $first: '$_id' },
        last: { $last: '$_id' },
        min: { $min: '$n' },
        max: { $max: '$n' },
        all: { $push: '$_id' },
      },
    },
  );
  expect(group).toEqual({
    _id: { org: 'a' },
    first: new Int32(2),
    last: new Int32(1),
    min: new Double(0.1),
    max: new Int32(1),
    all: [new Int32(2), new Int32(1)],
  });
});

test('unwinds arrays', async () => {
  const ids = async (options: Document | string): Promise<unknown[]> =>
    (await run({ $unwind: options }, { $sort: { _id: 1 } })).map((row) => [
      (row._id as Int32).value,
      row.tags as unknown,
    ]);
  expect(await ids('$tags')).toEqual([
    [1, 'x'],
    [1, 'y'],
    [3, 'x'],
  ]);
  expect(await ids({ path: '$tags', preserveNullAndEmptyArrays: true })).toEqual([
    [1, 'x'],
    [1, 'y'],
    [2, undefined],
    [3, 'x'],
    [4, undefined],
    [5, undefined],
  ]);
});

test('limits, skips, counts, projects and adds fields', async () => {
  expect(await run({ $sort: { _id: 1 } }, { $skip: 1 }, { $limit: 2 }, { $project: { org: 1, _id: 0 } })).toEqual([
    { org: 'a' },
    { org: 'b' },
  ]);
  expect(await run({ $match: { org: 'b' } }, { $count: 'total' })).toEqual([{ total: new Int32(2) }]);
  expect(await run({ $match: { org: 'none' } }, { $count: 'total' })).toEqual([]);
  const [row] = await run(
    { $match: { _id: 1 } },
    { $set: { big: { $gt: ['$n', 0] }, text: { $cond: [{ $eq: ['$org', 'a'] }, 'yes', 'no'] }, none: '$nothing' } },
    { $unset: ['tags', 'at'] },
  );
  expect(row).toEqual({ _id: new Int32(1), org: 'a', n: new Int32(1), big: true, text: 'yes' });
});

test('refuses what it cannot compute exactly', async () => {
  await server.db.collection('decimals').insertOne({ d: Decimal128.fromString('0.1') });
  await expect(
    server.db
      .collection('decimals')
      .aggregate([{ $group: { _id: 1, d: { $sum: { $dateToString: { date: '$d' } } } } }])
      .toArray(),
  ).rejects.toThrow();
  await expect(run({ $group: { _id: 1, x: { $sum: ['$n'] } } })).rejects.toMatchObject({ code: new Int32(40237) });
  await expect(run({ $limit: 0 })).rejects.toMatchObject({ code: new Int32(15958) });
});
