import { ObjectId } from 'bson';
import { compare } from '../bson/compare.ts';
import { decode } from '../bson/decode.ts';
import { BSONRegExp } from 'bson';
import { doc, int, isDoc, type Doc, type Value } from '../bson/values.ts';
import { badValue, failedToParse, MongoError, unsupported } from '../errors.ts';
import { Deadline, search, type FoundRow } from '../query/run.ts';
import { DuplicateKey, type Collection } from '../storage/collection.ts';
import { ArrayFilters } from '../update/array-filters.ts';
import { compileUpdate, type Update } from '../update/compile.ts';
import { documentFromFilter } from '../update/upsert.ts';
import { compileFilter } from '../query/match.ts';

/** How a document changes: by operators, or by another one in its place. */
export type Modification = { apply: (current: Doc, inserting: boolean) => Doc; isReplacement: boolean };

/** @throws MongoError 9 for what is neither operators nor a replacement, 2 for pipelines */
export function compileModification(update: Value, filters: readonly Doc[]): Modification {
  if (Array.isArray(update)) throw unsupported('An update by an aggregation pipeline');
  if (!isDoc(update)) throw failedToParse('Update argument must be either an object or an array');
  const first = update.keys().next().value;
  if (first?.startsWith('$')) {
    const change: Update = compileUpdate(update, new ArrayFilters(filters));
    return { isReplacement: false, apply: (current, inserting) => changed(current, change, inserting) };
  }
  if (filters.length > 0) throw failedToParse('Cannot specify arrayFilters and a replacement');
  for (const name of update.keys())
    if (name.startsWith('$'))
      throw new MongoError(
        52,
        `The dollar ($) prefixed field '${name}' in '${name}' is not allowed in the context of an update's replacement document. Consider using an aggregation pipeline with $replaceWith.`,
      );
  return { isReplacement: true, apply: (current) => replaced(current, update) };
}

function changed(current: Doc, change: Update, inserting: boolean): Doc {
  const id = current.get('_id');
  change(current, inserting);
  const now = current.get('_id');
  if (id !== undefined && (now === undefined || !sameValue(id, now)))
    throw new MongoError(66, "Performing an update on the path '_id' would modify the immutable field '_id'");
  return current;
}

function replaced(current: Doc, replacement: Doc): Doc {
  const id = current.get('_id');
  const given = replacement.get('_id');
  if (id !== undefined && given !== undefined && compare(id, given) !== 0)
    throw new MongoError(66, "After applying the update, the (immutable) field '_id' was found to have been altered");
  const result: Doc = new Map();
  const kept = id ?? given;
  if (kept !== undefined) result.set('_id', kept);
  for (const [name, value] of replacement) if (name !== '_id') result.set(name, value);
  return result;
}

const sameValue = (left: Value, right: Value): boolean => compare(left, right) === 0;

/** A document as it is stored: `_id` first, made if absent. @throws MongoError 53, 2 for an `_id` that cannot be one */
export function withId(document: Doc): Doc {
  const id = document.get('_id');
  const result: Doc = new Map([['_id', id ?? (id === null ? null : new ObjectId())]]);
  for (const [name, value] of document) if (name !== '_id') result.set(name, value);
  const stored = result.get('_id') as Value;
  if (Array.isArray(stored) || stored instanceof BSONRegExp)
    throw new MongoError(53, "The '_id' value cannot be of type " + (Array.isArray(stored) ? 'array' : 'regex'));
  if (isDoc(stored) && [...stored.keys()].some((name) => name.startsWith('$')))
    throw new MongoError(52, `_id fields may not contain '$'-prefixed fields`);
  return result;
}

export type WriteRequest = {
  filter: Doc;
  sort?: Doc | undefined;
  hint?: string | Doc | undefined;
  modification?: Modification;
  upsert?: boolean;
  multi?: boolean;
  deadline: Deadline;
};

export type UpdateOutcome = { matched: number; modified: number; upserted?: Doc; before?: FoundRow; after?: Doc };

/**
 * Finds, changes and perhaps inserts, in one piece: nothing else runs in between.
 * @param ensure makes the collection when an upsert needs it
 */
export function update(
  collection: Collection | undefined,
  request: WriteRequest,
  ensure: () => Collection,
): UpdateOutcome {
  const { modification } = request;
  if (!modification) throw badValue('an update without a modification');
  const rows = [...search(collection, { ...request, limit: request.multi ? 0 : 1 })];
  if (rows.length === 0 && request.upsert) return inserted(request.filter, modification, ensure());
  let modified = 0;
  let after: Doc | undefined;
  for (const row of rows) {
    after = modification.apply(decode(row.bytes), false);
    if (collection?.replace(row.rid, row.bytes, after)) modified++;
  }
  const [before] = rows;
  return { matched: rows.length, modified, ...(before && after && { before, after }) };
}

function inserted(filter: Doc, modification: Modification, collection: Collection): UpdateOutcome {
  compileFilter(filter);
  const base = documentFromFilter(filter);
  const id = base.get('_id');
  const start: Doc = modification.isReplacement ? new Map(id === undefined ? [] : [['_id', id]]) : base;
  const document = withId(modification.apply(start, true));
  collection.insert(document);
  return { matched: 0, modified: 0, upserted: document };
}

/** @returns the removed documents */
export function remove(collection: Collection | undefined, request: WriteRequest): FoundRow[] {
  const rows = [...search(collection, { ...request, limit: request.multi ? 0 : 1 })];
  for (const row of rows) collection?.remove(row.rid, row.bytes);
  return rows;
}

/** Runs the parts of a write command; an error ends an ordered one, and is listed. */
export function eachOf<T>(parts: readonly T[], ordered: boolean, run: (part: T, index: number) => void): Value[] {
  const errors: Value[] = [];
  for (const [index, part] of parts.entries()) {
    try {
      run(part, index);
    } catch (error) {
      if (!(error instanceof MongoError)) throw error;
      errors.push(writeError(error, index));
      if (ordered) break;
    }
  }
  return errors;
}

function writeError(error: MongoError, index: number): Doc {
  const duplicate = error instanceof DuplicateKey ? { keyPattern: error.keyPattern, keyValue: error.keyValue } : {};
  return doc({ index: int(index), code: int(error.code), ...duplicate, errmsg: error.message });
}

/** Parts of one command, as MongoDB limits them. */
export const MAX_WRITE_BATCH = 100_000;

export function requireBatch<T>(parts: T[]): T[] {
  if (parts.length < 1 || parts.length > MAX_WRITE_BATCH)
    throw new MongoError(
      16,
      `Write batch sizes must be between 1 and ${MAX_WRITE_BATCH}. Got ${parts.length} operations.`,
    );
  return parts;
}
