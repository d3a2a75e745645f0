import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { FindCursor } from 'mongodb';
import { openTestServer, REAL_URI, type TestServer } from '../test-server.ts';

let server: TestServer;
let number = 0;
type Row = { org?: string | number; seq?: number; key?: string; n?: number; at?: unknown; [field: string]: unknown };
const fresh = () => server.db.collection<Row>(`c${++number}`);

beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.close());

type Explained = {
  queryPlanner: { winningPlan: Plan };
  executionStats: { nReturned: number; totalDocsExamined: number; totalKeysExamined: number };
};
type Plan = { stage?: string; inputStage?: Plan; queryPlan?: Plan };

const explained = async (cursor: FindCursor<unknown>): Promise<Explained> =>
  (await cursor.explain('executionStats')) as Explained;

/** The names of the stages of a plan, from the outside in, wherever the server hides them. */
function stages(plan: Plan | undefined): string[] {
  if (!plan) return [];
  const own = plan.stage === undefined ? [] : [plan.stage];
  return [...own, ...stages(plan.inputStage ?? plan.queryPlan)];
}

test('100,000 documents: a find by an indexed field reads what it gives, sorted by the index', async () => {
  const items = fresh();
  for (let part = 0; part < 10; part++)
    await items.insertMany(
      Array.from({ length: 10_000 }, (_, n) => ({
        org: `o${n % 1_000}`,
        seq: part * 10_000 + n,
        key: `k${part * 10_000 + n}`,
      })),
    );
  await items.createIndexes([{ key: { org: 1, seq: -1 } }, { key: { key: 1 }, unique: true }]);
  const one = await explained(items.find({ key: 'k77777' }));
  expect(one.executionStats).toMatchObject({ nReturned: 1, totalDocsExamined: 1, totalKeysExamined: 1 });
  expect(stages(one.queryPlanner.winningPlan)).toContain('IXSCAN');
  const page = await explained(
    items
      .find({ org: 'o7', seq: { $gte: 20_000 } })
      .sort({ seq: -1 })
      .limit(5),
  );
  expect(stages(page.queryPlanner.winningPlan)).not.toContain('SORT');
  expect(page.executionStats.totalDocsExamined).toBe(5);
  const scan = await explained(items.find({ seq: 5 }));
  expect(stages(scan.queryPlanner.winningPlan)).toContain('COLLSCAN');
  expect(scan.executionStats.totalDocsExamined).toBe(100_000);
  expect((await items.find({ org: 'o7' }).sort({ seq: -1 }).limit(3).toArray()).map((row) => row.seq)).toEqual([
    99_007, 98_007, 97_007,
  ]);
  expect(
    (await items.find({ org: { $in: ['o7', 'o8'] }, seq: { $lt: 2_000 } }).toArray()).map((row) => row.seq).sort(),
  ).toEqual([1_007, 1_008, 7, 8]);
}, 120_000);

test('E11000 names the index, its keys and the value', async () => {
  const items = fresh();
  await items.createIndexes([{ key: { org: 1, 'user.name': 1 }, unique: true }]);
  await items.insertOne({ org: 1, user: { name: 'x' } });
  const error = {
    code: 11000,
    keyPattern: { org: 1, 'user.name': 1 },
    keyValue: { org: 1, 'user.name': 'x' },
    message: expect.stringMatching(
      /^E11000 duplicate key error collection: \S+\.c\d+ index: org_1_user\.name_1 dup key: \{ org: 1, user\.name: "x" \}$/,
    ),
  };
  await expect(items.insertOne({ org: 1, user: { name: 'x' } })).rejects.toMatchObject(error);
  await items.insertOne({ org: 2 });
  await expect(items.updateOne({ org: 2 }, { $set: { org: 1, user: { name: 'x' } } })).rejects.toMatchObject({
    code: 11000,
  });
  await expect(items.findOneAndUpdate({ org: 2 }, { $set: { org: 1, user: { name: 'x' } } })).rejects.toMatchObject({
    code: 11000,
    keyValue: error.keyValue,
  });
  await expect(items.insertOne({ org: 2 })).rejects.toMatchObject({
    code: 11000,
    keyValue: { org: 2, 'user.name': null },
  });
  expect(await items.countDocuments()).toBe(2);
});

test('unique, sparse, partial and array indexes decide what is double', async () => {
  const sparse = fresh();
  await sparse.createIndexes([{ key: { a: 1 }, unique: true, sparse: true }]);
  await sparse.insertMany([{}, {}, { a: null }]);
  await expect(sparse.insertOne({ a: null })).rejects.toMatchObject({ code: 11000 });
  expect(await sparse.find({ a: null }).toArray()).toHaveLength(3);

  const partial = fresh();
  await partial.createIndexes([{ key: { a: 1 }, unique: true, partialFilterExpression: { open: true } }]);
  await partial.insertMany([{ a: 1, open: true }, { a: 1, open: false }, { a: 1 }]);
  await expect(partial.updateOne({ open: false }, { $set: { open: true } })).rejects.toMatchObject({ code: 11000 });
  expect(await partial.find({ a: 1 }).toArray()).toHaveLength(3);
  const plan = await explained(partial.find({ a: 1, open: true }));
  expect(stages(plan.queryPlanner.winningPlan)).toContain('IXSCAN');

  const array = fresh();
  await array.createIndexes([{ key: { 'a.k': 1 }, unique: true }]);
  await array.insertOne({ a: [{ k: 1 }, { k: 1 }, { k: 2 }] });
  await expect(array.insertOne({ a: [{ k: 2 }] })).rejects.toMatchObject({ code: 11000 });
  const sparseArray = fresh();
  await sparseArray.createIndexes([{ key: { 'a.k': 1 }, unique: true, sparse: true }]);
  await sparseArray.insertMany([{ a: [{}] }, { a: [{}, 1] }, { a: [{ k: 1 }, {}] }]);
  await expect(sparseArray.insertOne({ a: [{ k: 1 }] })).rejects.toMatchObject({ code: 11000 });
  const parallel = fresh();
  await parallel.createIndexes([{ key: { a: 1, b: 1 } }]);
  await expect(parallel.insertOne({ a: [1], b: [1] })).rejects.toMatchObject({ code: 171 });
});

test('indexes are listed, made once, refused when they contradict, and dropped', async () => {
  const items = fresh();
  await items.createIndexes([{ key: { a: 1 }, name: 'mine', unique: true }]);
  await items.createIndexes([{ key: { a: 1 }, name: 'mine', unique: true }]);
  await expect(items.createIndexes([{ key: { a: 1 }, name: 'other' }])).rejects.toMatchObject({ code: 85 });
  await expect(items.createIndexes([{ key: { b: 1 }, name: 'mine' }])).rejects.toMatchObject({ code: 86 });
  await items.insertMany([
    { a: 1, b: 1 },
    { a: 2, b: 1 },
  ]);
  await expect(items.createIndexes([{ key: { b: 1 }, unique: true }])).rejects.toMatchObject({ code: 11000 });
  expect(await items.listIndexes().toArray()).toEqual([
    { v: 2, key: { _id: 1 }, name: '_id_' },
    { v: 2, key: { a: 1 }, name: 'mine', unique: true },
  ]);
  await items.dropIndex('mine');
  await expect(items.dropIndex('mine')).rejects.toMatchObject({ code: 27 });
  await expect(items.dropIndex('_id_')).rejects.toMatchObject({ code: 72 });
  expect(await items.indexes()).toHaveLength(1);
});

test('a hint is obeyed or refused', async () => {
  const items = fresh();
  await items.createIndexes([{ key: { a: 1 } }]);
  await items.insertMany([{ a: 2 }, { a: 1 }, {}]);
  expect((await items.find({}, { hint: 'a_1' }).toArray()).map((row) => row.a)).toEqual([undefined, 1, 2]);
  expect((await items.find({}, { hint: { $natural: -1 } }).toArray()).map((row) => row.a)).toEqual([undefined, 1, 2]);
  await expect(items.find({}, { hint: { b: 1 } }).toArray()).rejects.toMatchObject({ code: 2 });
});

if (REAL_URI === undefined)
  test('documents expire by their TTL index, at once and not before', async () => {
    const items = fresh();
    await items.createIndexes([{ key: { at: 1 }, expireAfterSeconds: 1 }]);
    await items.insertMany([
      { n: 1, at: new Date(Date.now() - 5_000) },
      { n: 2, at: new Date(Date.now() + 60_000) },
      { n: 3, at: 'never' },
      { n: 4 },
    ]);
    const left = async () => (await items.find().sort({ n: 1 }).toArray()).map((row) => row.n as unknown);
    // The server looks five times a second.
    for (let turn = 0; turn < 200 && (await left()).length > 3; turn++)
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await left()).toEqual([2, 3, 4]);
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(await left()).toEqual([2, 3, 4]);
  });
