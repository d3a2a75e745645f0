import { Binary } from 'bson';
import { encode } from '../bson/encode.ts';
import { doc, int, type Doc, type Value } from '../bson/values.ts';
import { MongoError } from '../errors.ts';
import { compileFilter } from '../query/match.ts';
import { wholeNumber } from '../query/leaf.ts';
import { ID_INDEX } from '../storage/index-spec.ts';
import type { Collection } from '../storage/collection.ts';
import type { Command } from './context.ts';
import { aBoolean, aDocument, anInteger, anything, aString, onlyFalse, readFields, simpleCollation } from './fields.ts';
import { collectionName } from './read.ts';

export const create: Command = (command, { engine, database }) => {
  const name = collectionName(command, 'create');
  readFields(command, 'create', {
    create: aString,
    capped: onlyFalse,
    collation: simpleCollation,
    autoIndexId: aBoolean,
  });
  if (engine.collection(database, name)) throw new MongoError(48, `Collection ${database}.${name} already exists.`);
  engine.ensureCollection(database, name);
  return doc({});
};

export const drop: Command = (command, { engine, database }) => {
  const name = collectionName(command, 'drop');
  readFields(command, 'drop', { drop: aString });
  const collection = engine.collection(database, name);
  if (!collection) return doc({});
  const indexes = collection.indexes.length;
  const owner = engine.databases.get(database);
  try {
    owner?.dropCollection(collection);
  } catch (error) {
    throw owner?.fail(error) ?? error;
  }
  return doc({ nIndexesWas: int(indexes), ns: `${database}.${name}` });
};

export const dropDatabase: Command = (command, { engine, database }) => {
  readFields(command, 'dropDatabase', { dropDatabase: anInteger });
  return doc(engine.dropDatabase(database) ? { dropped: database } : {});
};

export const listCollections: Command = (command, { engine, cursors, database }) => {
  const fields = readFields(command, 'listCollections', {
    listCollections: anInteger,
    filter: aDocument,
    nameOnly: aBoolean,
    authorizedCollections: aBoolean,
    cursor: aDocument,
  });
  const matches = compileFilter(fields.filter ?? new Map<string, Value>());
  const rows = [...(engine.databases.get(database)?.collections.values() ?? [])].map(described).filter(matches);
  const shown = fields.nameOnly ? rows.map((row) => doc({ name: row.get('name'), type: row.get('type') })) : rows;
  const size = wholeNumber(fields.cursor?.get('batchSize') ?? null);
  return doc({ cursor: cursors.first(`${database}.$cmd.listCollections`, shown.map(encode).values(), size, false) });
};

const described = (collection: Collection): Doc =>
  doc({
    name: collection.name,
    type: 'collection',
    options: doc({}),
    info: doc({ readOnly: false, uuid: new Binary(collection.uuid, 4) }),
    idIndex: ID_INDEX,
  });

export const listDatabases: Command = (command, { engine, database }) => {
  if (database !== 'admin') throw new MongoError(13, 'listDatabases may only be run against the admin database.');
  const fields = readFields(command, 'listDatabases', {
    listDatabases: anInteger,
    filter: aDocument,
    nameOnly: aBoolean,
    authorizedDatabases: aBoolean,
  });
  const matches = compileFilter(fields.filter ?? new Map<string, Value>());
  const rows = [...engine.databases.values()]
    .filter((one) => one.collections.size > 0)
    .sort((left, right) => (left.name < right.name ? -1 : 1))
    .map((one) => doc({ name: one.name, sizeOnDisk: BigInt(one.sizeOnDisk), empty: false }))
    .filter(matches);
  if (fields.nameOnly) return doc({ databases: rows.map((row) => doc({ name: row.get('name') })) });
  const total = rows.reduce((sum, row) => sum + Number(row.get('sizeOnDisk')), 0);
  return doc({ databases: rows, totalSize: BigInt(total), totalSizeMb: BigInt(Math.floor(total / 1_048_576)) });
};

export const dbStats: Command = (command, { engine, database }) => {
  const { scale = 1 } = readFields(command, 'dbStats', {
    dbStats: anything,
    dbstats: anything,
    scale: anInteger,
    freeStorage: onlyFalse,
  });
  const collections = [...(engine.databases.get(database)?.collections.values() ?? [])];
  const sum = (of: (collection: Collection) => number): number =>
    collections.reduce((total, one) => total + of(one), 0);
  const objects = sum((one) => one.count());
  const dataSize = sum((one) => one.dataSize());
  const fields: Record<string, Value> = {
    db: database,
    collections: BigInt(collections.length),
    views: 0n,
    objects: BigInt(objects),
    avgObjSize: objects === 0 ? 0 : dataSize / objects,
    dataSize: dataSize / scale,
    storageSize: (engine.databases.get(database)?.sizeOnDisk ?? 0) / scale,
    indexes: BigInt(sum((one) => one.indexes.length)),
    scaleFactor: BigInt(scale),
  };
  return doc(fields);
};
