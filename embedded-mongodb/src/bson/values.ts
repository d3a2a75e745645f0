import { Binary, BSONRegExp, Code, Decimal128, Int32, MaxKey, MinKey, ObjectId, Timestamp } from 'bson';

/**
 * A document as the server works on it. A Map, because a plain object would move integer-like names to the front
 * and treat `__proto__` as something else than a name.
 */
export type Doc = Map<string, Value>;

/**
 * A BSON value without loss of type: `number` is always a double, `bigint` always an int64.
 * The deprecated types undefined, DBPointer, symbol and code-with-scope are refused when a message is read.
 */
export type Value =
  | number
  | bigint
  | Int32
  | Decimal128
  | string
  | boolean
  | null
  | Date
  | ObjectId
  | Binary
  | BSONRegExp
  | Timestamp
  | Code
  | MinKey
  | MaxKey
  | RawDoc
  | Value[]
  | Doc;

/** Bytes of a stored document, written to a reply as they are. Never part of a document that is computed with. */
export class RawDoc {
  readonly bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

/** What a path finds where no field is. */
export const MISSING = Symbol('missing');
/** An empty array as index and sort see it: below null. Source: MongoDB's index key format (undefined). */
export const EMPTY_ARRAY = Symbol('empty array');

export type Found = Value | typeof MISSING;

export const isDoc = (value: unknown): value is Doc => value instanceof Map;

export const isNumeric = (value: unknown): value is number | bigint | Int32 | Decimal128 =>
  typeof value === 'number' || typeof value === 'bigint' || value instanceof Int32 || value instanceof Decimal128;

/** Makes a document from plain parts; used for replies. */
export const doc = (fields: Readonly<Record<string, Value | undefined>>): Doc => {
  const result: Doc = new Map();
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) result.set(name, value);
  return result;
};

export const int = (value: number): Int32 => new Int32(value);

/** BSON type numbers and names as `$type` and error messages use them. Source: BSON specification 1.1. */
export function typeOf(value: Value): { number: number; name: string } {
  if (typeof value === 'number') return { number: 1, name: 'double' };
  if (typeof value === 'string') return { number: 2, name: 'string' };
  if (value instanceof Map || value instanceof RawDoc) return { number: 3, name: 'object' };
  if (Array.isArray(value)) return { number: 4, name: 'array' };
  if (value instanceof Binary) return { number: 5, name: 'binData' };
  if (value instanceof ObjectId) return { number: 7, name: 'objectId' };
  if (typeof value === 'boolean') return { number: 8, name: 'bool' };
  if (value instanceof Date) return { number: 9, name: 'date' };
  if (value === null) return { number: 10, name: 'null' };
  if (value instanceof BSONRegExp) return { number: 11, name: 'regex' };
  if (value instanceof Code) return { number: 13, name: 'javascript' };
  if (value instanceof Int32) return { number: 16, name: 'int' };
  if (value instanceof Timestamp) return { number: 17, name: 'timestamp' };
  if (typeof value === 'bigint') return { number: 18, name: 'long' };
  if (value instanceof Decimal128) return { number: 19, name: 'decimal' };
  if (value instanceof MinKey) return { number: -1, name: 'minKey' };
  return { number: 127, name: 'maxKey' };
}

/** Whether a value counts as true, as MongoDB's `trueValue()` sees it. */
export function isTruthy(value: Value): boolean {
  if (value === null || value === false) return false;
  if (value instanceof Int32) return value.value !== 0;
  if (value instanceof Decimal128) return !/^-?0+(\.0*)?(E.*)?$/.test(value.toString());
  if (typeof value === 'number') return value !== 0;
  if (typeof value === 'bigint') return value !== 0n;
  return true;
}
