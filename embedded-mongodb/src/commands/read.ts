import { encode } from '../bson/encode.ts';
import { encodePart } from '../bson/key.ts';
import { isArrayIndex } from '../bson/paths.ts';
import { doc, int, isDoc, type Doc, type Value } from '../bson/values.ts';
import { compileStage, requireCursor } from '../aggregate/stages.ts';
import { badValue, failedToParse, MongoError, unsupported } from '../errors.ts';
import { compileProjection } from '../query/project.ts';
import { Deadline, search, type Search } from '../query/run.ts';
import type { Command } from './context.ts';
import {
  aBoolean,
  aCount,
  aDocument,
  aHint,
  aLong,
  anArray,
  anInteger,
  aString,
  anything,
  noVariables,
  onlyFalse,
  readFields,
  required,
  simpleCollation,
} from './fields.ts';

/** The collection that a command names in its first field. */
export function collectionName(command: Doc, name: string): string {
  const collection = command.get(name);
  if (typeof collection !== 'string') throw badValue(`collection name has invalid type (${name})`);
  if (collection === '' || collection.includes('\0'))
    throw new MongoError(73, `Invalid namespace specified: '${collection}'`);
  return collection;
}

export const deadlineOf = (command: Doc): Deadline => new Deadline(Number((command.get('maxTimeMS') ?? 0).valueOf()));

const FIND = {
  find: aString,
  filter: aDocument,
  sort: aDocument,
  projection: aDocument,
  hint: aHint,
  skip: aCount,
  limit: aCount,
  batchSize: aCount,
  singleBatch: aBoolean,
  noCursorTimeout: onlyFalse,
  allowDiskUse: aBoolean,
  allowPartialResults: aBoolean,
  collation: simpleCollation,
  let: noVariables,
  returnKey: onlyFalse,
  showRecordId: onlyFalse,
  tailable: onlyFalse,
  awaitData: onlyFalse,
  oplogReplay: aBoolean,
  max: refusedBounds,
  min: refusedBounds,
};

function refusedBounds(value: Value, where: string): undefined {
  if (aDocument(value, where).size > 0) throw unsupported(`The option '${where}'`);
  return undefined;
}

/** The search that a find command asks for. */
export function findSearch(command: Doc): Search & { projection: Doc; batchSize: number | undefined; single: boolean } {
  const fields = readFields(command, 'find', FIND);
  return {
    filter: fields.filter ?? new Map<string, Value>(),
    sort: fields.sort,
    hint: fields.hint,
    skip: fields.skip,
    limit: fields.limit,
    deadline: deadlineOf(command),
    projection: fields.projection ?? new Map<string, Value>(),
    batchSize: fields.batchSize,
    single: fields.singleBatch ?? false,
  };
}

export const find: Command = (command, { engine, cursors, database }) => {
  const name = collectionName(command, 'find');
  const asked = findSearch(command);
  const project = compileProjection(asked.projection);
  const rows = search(engine.collection(database, name), asked);
  const bytes = project ? mapped(rows, (row) => encode(project(row.document))) : mapped(rows, (row) => row.bytes);
  // A batch size of one with a limit of one is one document, never a cursor.
  return doc({ cursor: cursors.first(`${database}.${name}`, bytes, asked.batchSize, asked.single) });
};

function* mapped<T>(rows: Iterable<T>, change: (row: T) => Uint8Array): Generator<Uint8Array> {
  for (const row of rows) yield change(row);
}

export const getMore: Command = (command, { cursors, database }) => {
  const fields = readFields(command, 'getMore', { getMore: aLong, collection: aString, batchSize: aCount });
  const id = required(fields.getMore, 'getMore.getMore');
  const batchSize = fields.batchSize === 0 ? undefined : fields.batchSize;
  return doc({
    cursor: cursors.next(id, `${database}.${required(fields.collection, 'getMore.collection')}`, batchSize),
  });
};

export const killCursors: Command = (command, { cursors, database }) => {
  const fields = readFields(command, 'killCursors', { killCursors: aString, cursors: anArray });
  const ids = required(fields.cursors, 'killCursors.cursors').map((id) => {
    if (typeof id !== 'bigint') throw new MongoError(14, "BSON field 'killCursors.cursors' must hold longs");
    return id;
  });
  const { killed, notFound } = cursors.kill(ids, `${database}.${collectionName(command, 'killCursors')}`);
  return doc({ cursorsKilled: killed, cursorsNotFound: notFound, cursorsAlive: [], cursorsUnknown: [] });
};

const COUNT = {
  count: aString,
  query: aDocument,
  limit: anInteger,
  skip: aCount,
  hint: aHint,
  collation: simpleCollation,
  fields: anything,
};

export function countSearch(command: Doc): Search {
  const fields = readFields(command, 'count', COUNT);
  return {
    filter: fields.query ?? new Map<string, Value>(),
    hint: fields.hint,
    skip: fields.skip,
    limit: Math.abs(fields.limit ?? 0),
    deadline: deadlineOf(command),
  };
}

export const count: Command = (command, { engine, database }) => {
  const asked = countSearch(command);
  const collection = engine.collection(database, collectionName(command, 'count'));
  if (asked.filter.size === 0 && !asked.hint) {
    const rest = Math.max(0, (collection?.count() ?? 0) - (asked.skip ?? 0));
    return doc({ n: int(asked.limit ? Math.min(asked.limit, rest) : rest) });
  }
  let n = 0;
  for (const row of search(collection, asked)) n += row.rid >= 0 ? 1 : 0;
  return doc({ n: int(n) });
};

const DISTINCT = { distinct: aString, key: aString, query: aDocument, collation: simpleCollation };

export function distinctSearch(command: Doc): Search & { key: string } {
  const fields = readFields(command, 'distinct', DISTINCT);
  return {
    filter: fields.query ?? new Map<string, Value>(),
    deadline: deadlineOf(command),
    key: required(fields.key, 'distinct.key'),
  };
}

export const distinct: Command = (command, { engine, database }) => {
  const asked = distinctSearch(command);
  const path = asked.key.split('.');
  if (path.some((part) => part === '' || part.startsWith('$') || isArrayIndex(part)))
    throw unsupported(`Distinct values of '${asked.key}'`);
  const values = new Map<string, Value>();
  for (const { document } of search(engine.collection(database, collectionName(command, 'distinct')), asked))
    for (const value of valuesAt(document, path)) {
      const key = encodePart(value).toString('latin1');
      if (!values.has(key)) values.set(key, value);
    }
  return doc({ values: [...values.values()] });
};

/** The values of a path; arrays on the way and at its end give their elements. */
function valuesAt(value: Value, path: readonly string[]): Value[] {
  const [first, ...rest] = path;
  if (first === undefined) return Array.isArray(value) ? value : [value];
  if (Array.isArray(value)) return value.flatMap((element) => (isDoc(element) ? valuesAt(element, path) : []));
  const inner = isDoc(value) ? value.get(first) : undefined;
  return inner === undefined ? [] : valuesAt(inner, rest);
}

const AGGREGATE = {
  aggregate: anything,
  pipeline: anArray,
  cursor: aDocument,
  allowDiskUse: aBoolean,
  hint: aHint,
  collation: simpleCollation,
  let: noVariables,
  bypassDocumentValidation: aBoolean,
  explain: onlyFalse,
};

/** The leading $match and $sort of a pipeline, which an index may answer, and the stages behind them. */
export function aggregateSearch(command: Doc): {
  asked: Search;
  rest: Value[];
  batchSize: number | undefined;
  pipeline: Value[];
  hasCursor: boolean;
} {
  const fields = readFields(command, 'aggregate', AGGREGATE);
  const pipeline = required(fields.pipeline, 'aggregate.pipeline');
  const asked: Search = { filter: new Map(), hint: fields.hint, deadline: deadlineOf(command) };
  const rest = [...pipeline];
  const match = isDoc(rest[0]) ? rest[0].get('$match') : undefined;
  if (isDoc(match)) {
    asked.filter = match;
    rest.shift();
  }
  const sort = isDoc(rest[0]) ? rest[0].get('$sort') : undefined;
  if (isDoc(sort) && sort.size > 0 && !sort.has('$natural')) {
    asked.sort = sort;
    rest.shift();
  }
  const size = fields.cursor && readFields(fields.cursor, 'aggregate.cursor', { batchSize: aCount }, false).batchSize;
  return { asked, rest, batchSize: size, pipeline, hasCursor: fields.cursor !== undefined };
}

export const aggregate: Command = (command, context) => {
  const { asked, rest, batchSize, pipeline, hasCursor } = aggregateSearch(command);
  // Each stage is checked where it stands, also the ones that the search answers.
  pipeline.forEach(compileStage);
  requireCursor(hasCursor || undefined, false);
  const name = aggregated(command);
  let documents: Iterable<Doc> = decoded(search(context.engine.collection(context.database, name), asked));
  for (const stage of rest.map(compileStage)) documents = stage(documents);
  return doc({
    cursor: context.cursors.first(`${context.database}.${name}`, mapped(documents, encode), batchSize, false),
  });
};

function aggregated(command: Doc): string {
  const target = command.get('aggregate');
  if (typeof target === 'string') return collectionName(command, 'aggregate');
  if (target !== undefined && Number(target?.valueOf()) === 1) throw unsupported('Aggregation of a whole database');
  throw failedToParse("Invalid command format: the 'aggregate' field must specify a collection name or 1");
}

function* decoded(rows: Iterable<{ document: Doc }>): Generator<Doc> {
  for (const row of rows) yield row.document;
}
