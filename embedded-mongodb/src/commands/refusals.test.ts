import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Document } from 'mongodb';
import { openTestServer, REAL_URI, type TestServer } from '../test-server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await openTestServer();
  await server.db.collection('c').insertMany([{ a: 1 }, { a: 2 }]);
});
afterAll(() => server.close());

const refused = (command: Document): Promise<unknown> =>
  server.db.command(command).then(
    (reply: Document) => (reply.writeErrors as { code: number }[] | undefined)?.[0]?.code ?? { answered: reply },
    (error: unknown) => (error as { code?: number }).code,
  );

test.each<[string, Document, number]>([
  ['an unknown command', { fnord: 1 }, 59],
  ['an unknown field', { find: 'c', fnord: 1 }, 40415],
  ['an unknown field of a statement', { update: 'c', updates: [{ q: {}, u: { $set: { a: 1 } }, fnord: 1 }] }, 40415],
  ['an unknown operator', { find: 'c', filter: { a: { $fnord: 1 } } }, 2],
  ['an unknown operator on an empty collection', { find: 'none', filter: { a: { $fnord: 1 } } }, 2],
  ['an unknown top level operator', { find: 'c', filter: { $fnord: 1 } }, 2],
  ['an unknown stage', { aggregate: 'c', pipeline: [{ $fnord: {} }], cursor: {} }, 40324],
  ['a pipeline without a cursor', { aggregate: 'c', pipeline: [] }, 9],
  ['an empty $or', { find: 'c', filter: { $or: [] } }, 2],
  ['a wrong type', { find: 'c', filter: 'x' }, 14],
  ['a negative limit', { find: 'c', limit: -1 }, 51024],
  ['a hint to no index', { find: 'c', hint: 'none' }, 2],
  ['a malformed sort', { find: 'c', sort: { a: 2 } }, 15975],
  ['a multi replacement', { update: 'c', updates: [{ q: {}, u: { a: 1 }, multi: true }] }, 9],
  ['update and remove at once', { findAndModify: 'c', update: {}, remove: true }, 9],
  ['a cursor that is not there', { getMore: 123456789n as never, collection: 'c' }, 43],
  ['a transaction number', { insert: 'c', documents: [{ a: 1 }], lsid: undefined, txnNumber: 1n as never }, 20],
  ['an illegal collection name', { insert: '$c', documents: [{}] }, 73],
])('refuses %s', async (_name, command, code) => {
  expect(await refused(command)).toBe(code);
  expect(
    await server.db
      .collection('c')
      .find({}, { projection: { _id: 0 } })
      .toArray(),
  ).toEqual([{ a: 1 }, { a: 2 }]);
});

/** What a real MongoDB does and this server does not: it must say so, never answer something else. */
const notImplemented: [string, Document][] = [
  ['$expr', { find: 'c', filter: { $expr: { $eq: ['$a', 1] } } }],
  ['$where', { find: 'c', filter: { $where: 'true' } }],
  ['$jsonSchema', { find: 'c', filter: { $jsonSchema: {} } }],
  ['collation', { find: 'c', collation: { locale: 'en' } }],
  ['variables', { find: 'c', let: { x: 1 } }],
  ['computed projections', { find: 'c', projection: { b: '$a' } }],
  ['$slice', { find: 'c', projection: { a: { $slice: 1 } } }],
  ['update pipelines', { update: 'c', updates: [{ q: {}, u: [{ $set: { a: 1 } }] }] }],
  ['$lookup', { aggregate: 'c', pipeline: [{ $lookup: {} }], cursor: {} }],
  ['$out', { aggregate: 'c', pipeline: [{ $out: 'd' }], cursor: {} }],
  ['$merge', { aggregate: 'c', pipeline: [{ $merge: 'd' }], cursor: {} }],
  ['capped collections', { create: 'd', capped: true, size: 1000 }],
  ['views', { create: 'd', viewOn: 'c', pipeline: [] }],
  ['validators', { create: 'd', validator: { a: 1 } }],
  ['text indexes', { createIndexes: 'c', indexes: [{ key: { a: 'text' }, name: 'x' }] }],
  ['tailable cursors', { find: 'c', tailable: true }],
  ['min and max', { find: 'c', min: { a: 1 } }],
  ['POSIX classes', { find: 'c', filter: { a: { $regex: '[[:alpha:]]' } } }],
  ['inline regex options', { find: 'c', filter: { a: { $regex: '(?i)x' } } }],
  ['snapshot reads', { find: 'c', readConcern: { level: 'snapshot' } }],
];

if (REAL_URI === undefined)
  test.each(notImplemented)('says that it does not have %s', async (_name, command) => {
    expect([2, 9, 59, 67, 72, 40415]).toContain(await refused(command));
    expect(await server.db.listCollections({ name: 'd' }).toArray()).toEqual([]);
  });
