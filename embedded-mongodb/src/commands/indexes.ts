import { isArrayIndex } from '../bson/paths.ts';
import { encode } from '../bson/encode.ts';
import { doc, int, isDoc, isNumeric, isTruthy, type Doc, type Value } from '../bson/values.ts';
import { badValue, MongoError } from '../errors.ts';
import { compileFilter } from '../query/match.ts';
import { wholeNumber } from '../query/leaf.ts';
import type { Collection } from '../storage/collection.ts';
import { IndexSpec } from '../storage/index-spec.ts';
import type { Command } from './context.ts';
import {
  aBoolean,
  aDocument,
  anInteger,
  anything,
  aString,
  documents,
  onlyFalse,
  readFields,
  required,
  simpleCollation,
} from './fields.ts';
import { collectionName } from './read.ts';

const MAX_INDEXES = 64;
const MAX_EXPIRE_SECONDS = 2_147_483_647;

const cannot = (message: string): MongoError => new MongoError(67, message);

const INDEX = {
  key: aDocument,
  name: aString,
  unique: aBoolean,
  sparse: aBoolean,
  expireAfterSeconds: anything,
  partialFilterExpression: aDocument,
  background: aBoolean,
  v: anInteger,
  hidden: onlyFalse,
  collation: simpleCollation,
  ns: aString,
};

/** An index as `listIndexes` will show it. @throws MongoError 67, 197 for what is not implemented or makes no sense */
function specOf(given: Doc): IndexSpec {
  for (const name of given.keys())
    if (!Object.hasOwn(INDEX, name))
      throw new MongoError(197, `The field '${name}' is not valid or not supported for an index specification`);
  const fields = readFields(given, 'createIndexes.indexes', INDEX, false);
  const key = required(fields.key, 'createIndexes.indexes.key');
  const name = required(fields.name, 'createIndexes.indexes.name');
  const pattern = directions(key);
  if (name === '' || name === '*') throw cannot('The index name cannot be empty or *');
  const isId = pattern.size === 1 && pattern.get('_id') !== undefined;
  if (fields.v !== undefined && fields.v !== 2)
    throw cannot('Only index version 2 is supported by the embedded server');
  if (isId) {
    if (wholeNumber(pattern.get('_id') as Value) !== 1)
      throw cannot("The field 'key' for an _id index must be {_id: 1}");
    if (fields.sparse || fields.partialFilterExpression || fields.expireAfterSeconds !== undefined)
      throw new MongoError(197, 'An _id index cannot have these options');
    return new IndexSpec(doc({ v: int(2), key: pattern, name: '_id_' }));
  }
  if (fields.sparse && fields.partialFilterExpression)
    throw cannot('cannot mix "partialFilterExpression" and "sparse" options');
  if (fields.partialFilterExpression) requirePartial(fields.partialFilterExpression);
  return new IndexSpec(
    doc({
      v: int(2),
      key: pattern,
      name,
      unique: fields.unique ? true : undefined,
      sparse: fields.sparse ? true : undefined,
      expireAfterSeconds: expiry(fields.expireAfterSeconds, pattern),
      partialFilterExpression: fields.partialFilterExpression,
    }),
  );
}

/** 1 and -1 only; text, hashed, 2dsphere and wildcard indexes are refused. */
function directions(key: Doc): Doc {
  if (key.size === 0) throw cannot('Index keys cannot be an empty object.');
  if (key.size > 32) throw new MongoError(13103, 'too many compound keys');
  for (const [path, direction] of key) {
    const parts = path.split('.');
    if (parts.some((part) => part === '' || part.startsWith('$')))
      throw cannot(`Index key contains an illegal field name: '${path}'`);
    if (parts.slice(1).some(isArrayIndex))
      throw cannot(`An index on an array position ('${path}') is not supported by the embedded server`);
    if (!isNumeric(direction)) throw cannot(`Index type of '${path}' is not supported by the embedded server`);
    const number = wholeNumber(direction);
    if (number !== 1 && number !== -1)
      throw cannot(`Values in the index key pattern must be 1 or -1 for the embedded server`);
  }
  return key;
}

function expiry(seconds: Value | undefined, pattern: Doc): Value | undefined {
  if (seconds === undefined) return undefined;
  const number = isNumeric(seconds) ? Math.trunc(Number(seconds.valueOf())) : NaN;
  if (Number.isNaN(number)) throw cannot('TTL index expireAfterSeconds must be a number');
  if (number < 0 || number > MAX_EXPIRE_SECONDS)
    throw cannot(`TTL index 'expireAfterSeconds' option must be within 0 and ${MAX_EXPIRE_SECONDS}`);
  if (pattern.size > 1) throw cannot('TTL indexes are single-field indexes, compound indexes do not support TTL');
  return int(number);
}

/** Only conditions that a document meets by having a value. Source: MongoDB manual, "Partial Indexes" */
function requirePartial(filter: Doc): void {
  for (const [name, value] of filter) {
    if (name === '$and' && Array.isArray(value)) {
      for (const clause of value) if (isDoc(clause)) requirePartial(clause);
    } else if (name.startsWith('$')) throw cannot(`unsupported expression in partial index: ${name}`);
    else if (isDoc(value))
      for (const [operator, argument] of value) {
        const allowed =
          ['$eq', '$gt', '$gte', '$lt', '$lte', '$type'].includes(operator) ||
          (operator === '$exists' && isTruthy(argument));
        if (operator.startsWith('$') && !allowed) throw cannot(`unsupported expression in partial index: ${operator}`);
      }
  }
  compileFilter(filter);
}

export const createIndexes: Command = (command, { engine, database }) => {
  const name = collectionName(command, 'createIndexes');
  const fields = readFields(command, 'createIndexes', {
    createIndexes: aString,
    indexes: documents,
    commitQuorum: noQuorum,
  });
  const indexes = required(fields.indexes, 'createIndexes.indexes');
  if (indexes.length === 0) throw badValue('Must specify at least one index to create');
  const specs = indexes.map(specOf);
  const isNew = !engine.collection(database, name);
  const collection = engine.ensureCollection(database, name);
  const before = collection.indexes.length;
  const wanted = specs.filter((spec) => !alreadyThere(collection, spec));
  if (before + wanted.length > MAX_INDEXES)
    throw cannot(`add index fails, too many indexes for ${collection.namespace}`);
  const made: IndexSpec[] = [];
  try {
    for (const spec of wanted) {
      if (alreadyThere(collection, spec)) continue;
      collection.createIndex(spec);
      made.push(spec);
    }
  } catch (error) {
    // All or none, as in MongoDB.
    for (const index of collection.indexes.filter(({ spec }) => made.includes(spec))) collection.dropIndex(index);
    throw error;
  }
  return doc({
    numIndexesBefore: int(before),
    numIndexesAfter: int(collection.indexes.length),
    createdCollectionAutomatically: isNew,
    note: made.length === 0 ? 'all indexes already exist' : undefined,
  });
};

function noQuorum(): undefined {
  throw badValue('Standalones do not support commitQuorum');
}

/** @throws MongoError 85, 86 for one that has the same name or keys and is another one */
function alreadyThere(collection: Collection, spec: IndexSpec): boolean {
  for (const { spec: existing } of collection.indexes) {
    const sameKey = patternText(existing) === patternText(spec);
    const samePartial = encodeOptional(existing.partialFilter) === encodeOptional(spec.partialFilter);
    const sameOptions =
      samePartial &&
      existing.isUnique === spec.isUnique &&
      existing.isSparse === spec.isSparse &&
      existing.expireAfterSeconds === spec.expireAfterSeconds;
    if (existing.name === spec.name) {
      if (sameKey && (sameOptions || existing.name === '_id_')) return true;
      throw sameKey
        ? new MongoError(
            85,
            `An equivalent index already exists with the same name but different options. Requested index: ${spec.name}`,
          )
        : new MongoError(
            86,
            `An existing index has the same name as the requested index. When index names are not specified, they are auto generated and can cause conflicts. Requested index: ${spec.name}`,
          );
    }
    // Several indexes on the same keys are allowed where their partial filters differ.
    if (sameKey && samePartial)
      throw new MongoError(
        85,
        sameOptions
          ? `Index already exists with a different name: ${existing.name}`
          : `An equivalent index already exists with a different name and options. Requested index: ${spec.name}, existing index: ${existing.name}`,
      );
  }
  return false;
}

const patternText = (spec: IndexSpec): string =>
  JSON.stringify(spec.pattern.map((part) => [part.name, part.descending]));
const encodeOptional = (document: Doc | undefined): string => (document ? encode(document).toString('latin1') : '');

export const listIndexes: Command = (command, { engine, cursors, database }) => {
  const name = collectionName(command, 'listIndexes');
  const fields = readFields(command, 'listIndexes', { listIndexes: aString, cursor: aDocument });
  const collection = engine.collection(database, name);
  if (!collection) throw new MongoError(26, `ns does not exist: ${database}.${name}`);
  const size = wholeNumber(fields.cursor?.get('batchSize') ?? null);
  const rows = collection.indexes.map(({ spec }) => encode(spec.document));
  return doc({ cursor: cursors.first(`${database}.${name}`, rows.values(), size, false) });
};

export const dropIndexes: Command = (command, { engine, database }) => {
  const name = collectionName(command, command.has('dropIndexes') ? 'dropIndexes' : 'deleteIndexes');
  const fields = readFields(command, 'dropIndexes', { dropIndexes: aString, deleteIndexes: aString, index: anything });
  const collection = engine.collection(database, name);
  if (!collection) throw new MongoError(26, `ns not found ${database}.${name}`);
  const before = collection.indexes.length;
  const wanted = required(fields.index, 'dropIndexes.index');
  const all = wanted === '*';
  const chosen = all
    ? collection.indexes.slice(1)
    : (Array.isArray(wanted) ? wanted : [wanted]).map((one) => indexNamed(collection, one));
  for (const index of chosen) collection.dropIndex(index);
  return doc({ nIndexesWas: int(before), msg: all ? 'non-_id indexes dropped for collection' : undefined });
};

function indexNamed(collection: Collection, wanted: Value): Collection['indexes'][number] {
  const found = collection.indexes.find(({ spec }) =>
    isDoc(wanted)
      ? JSON.stringify([...wanted].map(([path, way]) => [path, wholeNumber(way) === -1])) === patternText(spec)
      : spec.name === wanted,
  );
  if (!found)
    throw new MongoError(
      27,
      typeof wanted === 'string' ? `index not found with name [${wanted}]` : "can't find index with key",
    );
  if (found.spec.name === '_id_') throw new MongoError(72, 'cannot drop _id index');
  return found;
}
