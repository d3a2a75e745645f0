import { afterAll, beforeAll, expect, test } from '@jest/globals';
import mongoose, { Schema } from 'mongoose';
import { openTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
let connection: mongoose.Connection;

beforeAll(async () => {
  server = await openTestServer();
  connection = await mongoose.createConnection(server.url, { dbName: server.db.databaseName }).asPromise();
});
afterAll(async () => {
  await connection.close();
  await server.close();
});

const schema = new Schema(
  {
    email: String,
    tags: [String],
    parts: [{ name: String, count: Number }],
    settings: { type: Map, of: String },
    balance: Schema.Types.Decimal128,
    sealed: Buffer,
    total: BigInt,
  },
  { timestamps: true, optimisticConcurrency: true },
);
schema.index({ email: 1 }, { unique: true });

test('models are made, found, changed and removed as mongoose does it', async () => {
  const Person = connection.model('Person', schema);
  await Person.init();
  const person = await Person.create({
    email: 'a@x',
    tags: ['one'],
    parts: [{ name: 'p', count: 1 }],
    settings: { k: 'v' },
    balance: '1.10',
    sealed: Buffer.from('s'),
    total: 5n,
  });
  person.tags.push('two');
  person.parts[0]?.set('count', 7);
  person.settings?.set('k', 'w');
  await person.save();
  const read = await Person.findOne({ email: 'a@x', 'parts.count': 7 }).orFail();
  expect(read.toObject({ flattenMaps: true })).toMatchObject({
    tags: ['one', 'two'],
    settings: { k: 'w' },
    total: 5n,
    __v: 1,
  });
  expect(String(read.balance)).toBe('1.10');
  expect(read.sealed?.toString()).toBe('s');
  await expect(Person.create({ email: 'a@x' })).rejects.toMatchObject({ code: 11000, keyValue: { email: 'a@x' } });
  expect(await Person.exists({ email: 'nobody' })).toBeNull();
  expect(await Person.countDocuments({ tags: 'two' })).toBe(1);
  expect(
    await Person.bulkWrite([{ updateOne: { filter: { email: 'b@x' }, update: { $set: { tags: [] } }, upsert: true } }]),
  ).toMatchObject({ upsertedCount: 1 });
  expect(await Person.deleteMany({})).toMatchObject({ deletedCount: 2 });
});

test('of two who read the same version only one saves', async () => {
  const Person = connection.model('Person', schema);
  await Person.create({ email: 'c@x', tags: [] });
  const [first, second] = [
    await Person.findOne({ email: 'c@x' }).orFail(),
    await Person.findOne({ email: 'c@x' }).orFail(),
  ];
  first.tags.push('first');
  second.tags.push('second');
  await first.save();
  await expect(second.save()).rejects.toMatchObject({ name: 'VersionError' });
});

test('syncIndexes brings indexes to what the schema says', async () => {
  const Job = connection.model(
    'Job',
    new Schema({ runAt: Date, org: String, state: String }, { autoIndex: false })
      .index({ org: 1, runAt: -1 })
      .index({ state: 1 }, { partialFilterExpression: { state: { $exists: true } } })
      .index({ runAt: 1 }, { expireAfterSeconds: 60 }),
  );
  await Job.createCollection();
  await Job.collection.createIndexes([{ key: { old: 1 } }]);
  expect(await Job.syncIndexes()).toEqual(['old_1']);
  expect((await Job.collection.listIndexes().toArray()).map((index: { name: string }) => index.name)).toEqual([
    '_id_',
    'org_1_runAt_-1',
    'state_1',
    'runAt_1',
  ]);
  expect(await Job.diffIndexes()).toEqual({ toDrop: [], toCreate: [] });
});
