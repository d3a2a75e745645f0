import { Binary, BSONRegExp, Code, Decimal128, Int32, ObjectId, Timestamp } from 'bson';
import { RANK, rankOf } from './compare.ts';
import { compareExact, digitsOf, exact, magnitude, plain, subtractExact, type Plain } from './decimal.ts';
import { EMPTY_ARRAY, type Doc, type Value } from './values.ts';
import { present } from '../present.ts';

/** A part of an index key: a value, or an array without elements. */
export type KeyPart = Value | typeof EMPTY_ARRAY;

/**
 * Bytes whose order is the order of `compare`, so that SQLite's order of blobs is MongoDB's order of values.
 * Each part ends itself and begins with a byte between 0x10 and 0xef, so parts can be put one after the other and
 * `part + 0xff` is above everything that begins with `part`. A descending part is the complement of its bytes.
 */
export function encodeKey(parts: readonly KeyPart[], descending: readonly boolean[]): Buffer {
  const chunks = parts.map((part, index) => (descending[index] ? complement(encodePart(part)) : encodePart(part)));
  return chunks.length === 1 ? present(chunks[0]) : Buffer.concat(chunks);
}

export function encodePart(part: KeyPart): Buffer {
  const bytes: number[] = [];
  if (part === EMPTY_ARRAY) bytes.push(RANK.emptyArray);
  else writeValue(bytes, part);
  return Buffer.from(bytes);
}

export function complement(bytes: Buffer): Buffer {
  const result = Buffer.allocUnsafe(bytes.length);
  for (let index = 0; index < bytes.length; index++) result[index] = 255 - (bytes[index] ?? 0);
  return result;
}

function writeValue(out: number[], value: Value): void {
  out.push(rankOf(value));
  writeContent(out, value);
}

function writeContent(out: number[], value: Value): void {
  if (typeof value === 'string') writeText(out, value);
  else if (typeof value === 'number' || typeof value === 'bigint' || value instanceof Int32)
    writeNumber(out, plain(value));
  else if (value instanceof Decimal128) writeNumber(out, plain(value));
  else if (typeof value === 'boolean') out.push(value ? 1 : 0);
  else if (value instanceof ObjectId) out.push(...value.id);
  else if (value instanceof Date) writeUint64(out, BigInt(value.getTime()) + (1n << 63n));
  else if (value instanceof Map) writeDoc(out, value);
  else if (Array.isArray(value)) {
    for (const element of value) writeValue(out, element);
    out.push(0);
  } else if (value instanceof Binary) {
    writeUint32(out, value.position);
    out.push(value.sub_type);
    for (const byte of value.buffer.subarray(0, value.position)) out.push(byte);
  } else if (value instanceof Timestamp) {
    writeUint32(out, value.t);
    writeUint32(out, value.i);
  } else if (value instanceof BSONRegExp) {
    writeText(out, value.pattern);
    writeText(out, value.options);
  } else if (value instanceof Code) writeText(out, value.code);
}

function writeDoc(out: number[], document: Doc): void {
  for (const [name, value] of document) {
    out.push(rankOf(value));
    writeText(out, name);
    writeContent(out, value);
  }
  out.push(0);
}

/** Ends with 0 0; a zero inside is followed by 255, which keeps the order. */
function writeText(out: number[], text: string): void {
  for (const byte of Buffer.from(text)) {
    out.push(byte);
    if (byte === 0) out.push(255);
  }
  out.push(0, 0);
}

function writeUint32(out: number[], value: number): void {
  out.push((value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
}

function writeUint64(out: number[], value: bigint): void {
  writeUint32(out, Number(value >> 32n));
  writeUint32(out, Number(value & 0xffffffffn));
}

const NAN = 1;
const NEGATIVE = 2;
const ZERO = 3;
const POSITIVE = 4;

function writeNumber(out: number[], value: Plain): void {
  const zero = typeof value === 'object' ? value.coefficient === 0n : value == 0;
  if (zero) out.push(ZERO);
  else if (typeof value === 'number' && Number.isNaN(value)) out.push(NAN);
  else if (typeof value === 'object' ? value.coefficient > 0n : value > 0) {
    out.push(POSITIVE);
    writeMagnitude(out, value);
  } else {
    out.push(NEGATIVE);
    const bytes: number[] = [];
    writeMagnitude(bytes, typeof value === 'object' ? { ...value, coefficient: -value.coefficient } : -value);
    for (const byte of bytes) out.push(255 - byte);
  }
}

/** A positive number: the largest double not above it, then 0 if that is all, else 1 and what is left, in decimal. */
function writeMagnitude(out: number[], value: Plain): void {
  if (typeof value === 'number') {
    writeDouble(out, value);
    return;
  }
  const target = exact(value);
  const floor = doubleBelow(
    typeof value === 'bigint' ? Number(value) : Number(`${value.coefficient}E${value.exponent}`),
    value,
  );
  const rest = subtractExact(target, exact(floor));
  if (rest.coefficient === 0n) {
    writeDouble(out, floor);
    return;
  }
  writeDoubleBits(out, floor);
  out.push(1);
  const size = magnitude(rest) + 32768;
  out.push(size >> 8, size & 255);
  for (const digit of digitsOf(rest)) out.push(Number(digit) + 1);
  out.push(0);
}

function writeDouble(out: number[], value: number): void {
  writeDoubleBits(out, value);
  out.push(0);
}

const view = new DataView(new ArrayBuffer(8));

function writeDoubleBits(out: number[], value: number): void {
  view.setFloat64(0, value);
  writeUint32(out, view.getUint32(0));
  writeUint32(out, view.getUint32(4));
}

/** `near` is the value rounded to a double; gives the double at or below the value. */
function doubleBelow(near: number, value: Plain): number {
  if (near === Infinity) return Number.MAX_VALUE;
  if (compareExact(exact(near), exact(value)) <= 0) return near;
  view.setFloat64(0, near);
  view.setBigUint64(0, view.getBigUint64(0) - 1n);
  return view.getFloat64(0);
}
