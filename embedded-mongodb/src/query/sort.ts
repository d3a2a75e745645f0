import { encodeKey } from '../bson/key.ts';
import { keysOf } from '../bson/index-keys.ts';
import { isArrayIndex } from '../bson/paths.ts';
import type { Doc } from '../bson/values.ts';
import { MongoError, unsupported } from '../errors.ts';
import { wholeNumber } from './leaf.ts';
import { present } from '../present.ts';

/** Field paths with their directions: of a sort, and of an index. */
export type Pattern = { name: string; path: readonly string[]; descending: boolean }[];

/** @throws MongoError 15974, 15975 for malformed directions, 2 for what is not implemented ($meta, positional paths) */
export function parseSort(sort: Doc): Pattern {
  return [...sort].map(([name, direction]) => {
    const number = wholeNumber(direction);
    if (direction instanceof Map) throw unsupported('Sorting by an expression');
    if (number === undefined) throw new MongoError(15974, `Illegal key in $sort specification: ${name}`);
    if (number !== 1 && number !== -1)
      throw new MongoError(15975, '$sort key ordering must be 1 (for ascending) or -1 (for descending)');
    const path = name.split('.');
    if (name.startsWith('$'))
      throw new MongoError(16410, `FieldPath field names may not start with '$'. Given '${name}'.`);
    if (path.includes('')) throw new MongoError(40352, 'FieldPath field names may not be empty strings');
    if (path.slice(1).some(isArrayIndex)) throw unsupported('Sorting by an array position');
    return { name, path, descending: number === -1 };
  });
}

/** Bytes that order documents as the pattern says; of several keys (arrays) the first in that order counts. */
export function sortKey(document: Doc, pattern: Pattern): Buffer {
  const descending = pattern.map((part) => part.descending);
  const { keys } = keysOf(
    document,
    pattern.map((part) => part.path),
  );
  let best: Buffer | undefined;
  for (const { parts } of keys) {
    const key = encodeKey(parts, descending);
    if (!best || Buffer.compare(key, best) < 0) best = key;
  }
  return present(best);
}

/** Sorts in memory; equal documents keep their order. */
export function sortBy<T>(rows: T[], document: (row: T) => Doc, pattern: Pattern): T[] {
  return rows
    .map((row) => ({ row, key: sortKey(document(row), pattern) }))
    .sort((left, right) => Buffer.compare(left.key, right.key))
    .map(({ row }) => row);
}
