import { Binary, BSONRegExp, Code, Decimal128, Int32, MinKey, ObjectId, Timestamp } from 'bson';
import { comparePlain, plain } from './decimal.ts';
import { MaxKey } from 'bson';
import { RawDoc, type Doc, type Value } from './values.ts';

/**
 * Place of a value's type in MongoDB's order of types; the numbers are also the first byte of an index key,
 * where 0 and 255 are taken. Source: MongoDB manual, "Comparison/Sort Order".
 */
export const RANK = {
  minKey: 0x10,
  emptyArray: 0x18,
  null: 0x20,
  number: 0x28,
  string: 0x30,
  object: 0x38,
  array: 0x40,
  binary: 0x48,
  objectId: 0x50,
  boolean: 0x58,
  date: 0x60,
  timestamp: 0x68,
  regex: 0x70,
  code: 0x78,
  maxKey: 0xe0,
} as const;

export function rankOf(value: Value): number {
  if (typeof value === 'string') return RANK.string;
  if (typeof value === 'number' || typeof value === 'bigint') return RANK.number;
  if (typeof value === 'boolean') return RANK.boolean;
  if (value === null) return RANK.null;
  if (value instanceof Int32 || value instanceof Decimal128) return RANK.number;
  if (value instanceof ObjectId) return RANK.objectId;
  if (value instanceof Date) return RANK.date;
  if (value instanceof Map || value instanceof RawDoc) return RANK.object;
  if (Array.isArray(value)) return RANK.array;
  if (value instanceof Binary) return RANK.binary;
  if (value instanceof BSONRegExp) return RANK.regex;
  if (value instanceof Timestamp) return RANK.timestamp;
  if (value instanceof Code) return RANK.code;
  return value instanceof MinKey ? RANK.minKey : RANK.maxKey;
}

/** Total order of BSON values: negative, zero or positive. Numbers of different types compare by value, exactly. */
export function compare(left: Value, right: Value): number {
  const rank = rankOf(left);
  const difference = rank - rankOf(right);
  return difference === 0 ? compareSameType(left, right) : difference;
}

function compareSameType(left: Value, right: Value): number {
  if (typeof left === 'string') return compareText(left, right as string);
  if (left === null || left instanceof MinKey || left instanceof MaxKey) return 0;
  if (typeof left === 'number' || typeof left === 'bigint' || left instanceof Int32 || left instanceof Decimal128)
    return comparePlain(plain(left), plain(right as number));
  if (typeof left === 'boolean') return Number(left) - Number(right);
  if (left instanceof ObjectId) return Buffer.compare(left.id, (right as ObjectId).id);
  if (left instanceof Date) return left.getTime() - (right as Date).getTime();
  if (left instanceof Map) return compareDocs(left, right as Doc);
  if (Array.isArray(left)) return compareArrays(left, right as Value[]);
  if (left instanceof Binary) return compareBinary(left, right as Binary);
  if (left instanceof Timestamp) {
    const other = right as Timestamp;
    return left.t - other.t || left.i - other.i;
  }
  if (left instanceof BSONRegExp) {
    const other = right as BSONRegExp;
    return compareText(left.pattern, other.pattern) || compareText(left.options, other.options);
  }
  if (left instanceof Code) return compareText(left.code, (right as Code).code);
  throw new Error('raw documents are not compared');
}

const SURROGATE = /[\uD800-\uDFFF]/;

/** Order by UTF-8 bytes; UTF-16 order differs only where surrogates meet. */
export function compareText(left: string, right: string): number {
  if (left === right) return 0;
  if (SURROGATE.test(left) || SURROGATE.test(right)) return Buffer.compare(Buffer.from(left), Buffer.from(right));
  return left < right ? -1 : 1;
}

function compareBinary(left: Binary, right: Binary): number {
  return (
    left.position - right.position ||
    left.sub_type - right.sub_type ||
    Buffer.compare(left.buffer.subarray(0, left.position), right.buffer.subarray(0, right.position))
  );
}

/** Field by field: type, then name, then value; the shorter of two equal beginnings is less. */
function compareDocs(left: Doc, right: Doc): number {
  const others = right.entries();
  for (const [name, value] of left) {
    const next = others.next();
    if (next.done) return 1;
    const [otherName, other] = next.value;
    const order = rankOf(value) - rankOf(other) || compareText(name, otherName) || compare(value, other);
    if (order !== 0) return order;
  }
  return left.size - right.size;
}

function compareArrays(left: Value[], right: Value[]): number {
  for (const [index, value] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    const order = compare(value, other);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}
