import { Binary } from 'bson';
import { isDoc, isNumeric, isTruthy, typeOf, type Doc, type Value } from '../bson/values.ts';
import { badValue, MongoError, unsupported } from '../errors.ts';
import { wholeNumber } from '../query/leaf.ts';

/** Reads one field of a command; `where` is its name as MongoDB prints it ("find.limit"). */
type Reader<T> = (value: Value, where: string) => T;
type Readers = Readonly<Record<string, Reader<unknown>>>;
type Read<S extends Readers> = { -readonly [K in keyof S]?: ReturnType<S[K]> };

const wrongType = (value: Value, where: string, expected: string): MongoError =>
  new MongoError(14, `BSON field '${where}' is the wrong type '${typeOf(value).name}', expected type '${expected}'`);

export const aDocument: Reader<Doc> = (value, where) => {
  if (!isDoc(value)) throw wrongType(value, where, 'object');
  return value;
};

export const aString: Reader<string> = (value, where) => {
  if (typeof value !== 'string') throw wrongType(value, where, 'string');
  return value;
};

export const anArray: Reader<Value[]> = (value, where) => {
  if (!Array.isArray(value)) throw wrongType(value, where, 'array');
  return value;
};

export const documents: Reader<Doc[]> = (value, where) =>
  anArray(value, where).map((element, index) => aDocument(element, `${where}.${index}`));

/** True or false; a number counts as such, as in MongoDB's "safe bool". */
export const aBoolean: Reader<boolean> = (value, where) => {
  if (typeof value !== 'boolean' && !isNumeric(value)) throw wrongType(value, where, 'bool');
  return isTruthy(value);
};

export const anInteger: Reader<number> = (value, where) => {
  if (!isNumeric(value)) throw wrongType(value, where, 'long');
  const number = wholeNumber(value);
  if (number === undefined) throw badValue(`BSON field '${where}' must be a whole number`);
  return number;
};

export const aCount: Reader<number> = (value, where) => {
  const number = anInteger(value, where);
  if (number < 0) throw new MongoError(51024, `BSON field '${where}' value must be >= 0, actual value '${number}'`);
  return number;
};

export const aLong: Reader<bigint> = (value, where) => {
  if (typeof value !== 'bigint') throw wrongType(value, where, 'long');
  return value;
};

export const aHint: Reader<string | Doc | undefined> = (value, where) => {
  if (typeof value === 'string') return value;
  const hint = aDocument(value, where);
  return hint.size === 0 ? undefined : hint;
};

export const anything: Reader<Value> = (value) => value;

/** Only the collation that compares bytes, which is what this server does anyway. */
export const simpleCollation: Reader<undefined> = (value, where) => {
  const collation = aDocument(value, where);
  if (collation.size > 0 && !(collation.size === 1 && collation.get('locale') === 'simple'))
    throw unsupported('Collation');
  return undefined;
};

/** Variables are for $expr and expressions, which do not take them here. */
export const noVariables: Reader<undefined> = (value, where) => {
  if (aDocument(value, where).size > 0) throw unsupported("The option 'let'");
  return undefined;
};

/** An option whose default alone is implemented. */
export const onlyFalse: Reader<undefined> = (value, where) => {
  if (aBoolean(value, where)) throw unsupported(`The option '${where.split('.').at(-1)}'`);
  return undefined;
};

const lsid: Reader<undefined> = (value, where) => {
  const id = aDocument(value, where).get('id');
  if (!(id instanceof Binary) || id.sub_type !== 4) throw new MongoError(14, "BSON field 'lsid.id' must be a UUID");
  return undefined;
};

const readConcern: Reader<undefined> = (value, where) => {
  for (const [name, level] of aDocument(value, where)) {
    if (name === 'level' && typeof level === 'string' && ['local', 'available', 'majority'].includes(level)) continue;
    if (name === 'level' && level === 'linearizable')
      throw new MongoError(123, 'Cannot specify linearizable readConcern level on a standalone');
    throw new MongoError(72, `readConcern ${name} is not supported by the embedded server`);
  }
  return undefined;
};

const writeConcern: Reader<undefined> = (value, where) => {
  for (const [name, setting] of aDocument(value, where)) {
    if (name === 'j' || name === 'fsync' || name === 'wtimeout' || name === 'provenance') continue;
    if (name !== 'w') throw new MongoError(40415, `BSON field 'writeConcern.${name}' is an unknown field.`);
    if (setting === 'majority') continue;
    const nodes = wholeNumber(setting);
    if (nodes === undefined)
      throw new MongoError(79, 'No write concern mode of that name found in replica set configuration');
    if (nodes > 1) throw badValue("cannot use 'w' > 1 when a host is not replicated");
  }
  return undefined;
};

const inTransaction: Reader<undefined> = () => {
  throw new MongoError(20, 'Transaction numbers are only allowed on a replica set member or mongos');
};

const versionedApi: Reader<undefined> = () => {
  throw new MongoError(322, 'The stable API is not supported by the embedded server');
};

/** Fields that every command takes. */
const GENERIC: Readers = {
  $db: aString,
  lsid,
  readConcern,
  writeConcern,
  comment: anything,
  maxTimeMS: aCount,
  $readPreference: aDocument,
  $clusterTime: aDocument,
  txnNumber: inTransaction,
  autocommit: inTransaction,
  startTransaction: inTransaction,
  apiVersion: versionedApi,
  apiStrict: versionedApi,
  apiDeprecationErrors: versionedApi,
};

/**
 * Reads the fields of a command or of a part of one.
 * @throws MongoError 40415 for a field that is not known, 14 for a wrong type, and what the readers throw
 */
export function readFields<S extends Readers>(document: Doc, name: string, readers: S, generic = true): Read<S> {
  const result: Record<string, unknown> = {};
  for (const [field, value] of document) {
    const reader = Object.hasOwn(readers, field)
      ? readers[field]
      : generic && Object.hasOwn(GENERIC, field)
        ? GENERIC[field]
        : undefined;
    if (!reader) throw new MongoError(40415, `BSON field '${name}.${field}' is an unknown field.`);
    if (value === null && field !== 'comment' && reader !== anything) continue;
    const read = reader(value, `${name}.${field}`);
    if (Object.hasOwn(readers, field)) result[field] = read;
  }
  return result as Read<S>;
}

/** @throws MongoError 40414 when a required field was not sent */
export function required<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new MongoError(40414, `BSON field '${name}' is missing but a required field`);
  return value;
}
