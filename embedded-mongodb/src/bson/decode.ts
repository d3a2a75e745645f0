import { Binary, BSONRegExp, Code, Decimal128, Int32, MaxKey, MinKey, ObjectId, Timestamp } from 'bson';
import { MongoError } from '../errors.ts';
import type { Doc, Value } from './values.ts';

/** Nested documents and arrays, as MongoDB limits them (BSONDepth). */
const MAX_DEPTH = 180;
/** JavaScript dates end here; BSON allows more milliseconds, which this server refuses. */
const MAX_DATE_MS = 8_640_000_000_000_000n;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const invalid = (what: string): MongoError => new MongoError(22, `Invalid BSON: ${what}`);

/**
 * Reads one BSON document with all its types and the order of its fields.
 * @throws MongoError 22 for malformed bytes, 2 for a deprecated BSON type, 15 for too deep nesting
 */
export function decode(bytes: Uint8Array): Doc {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length < 5 || buffer.readInt32LE(0) !== buffer.length) throw invalid('wrong document length');
  return new Reader(buffer).document(0);
}

class Reader {
  #at = 0;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  document(depth: number): Doc {
    const result: Doc = new Map();
    this.#elements(depth, (name, value) => {
      if (result.has(name))
        throw new MongoError(2, `Duplicate field '${name}' is not supported by the embedded server`);
      result.set(name, value);
    });
    return result;
  }

  #array(depth: number): Value[] {
    const result: Value[] = [];
    this.#elements(depth, (_name, value) => result.push(value));
    return result;
  }

  #elements(depth: number, add: (name: string, value: Value) => void): void {
    if (depth > MAX_DEPTH) throw new MongoError(15, `BSON nesting exceeds ${MAX_DEPTH} levels`);
    const start = this.#at;
    const end = start + this.#int32();
    if (end > this.#bytes.length || end < start + 5 || this.#bytes[end - 1] !== 0) throw invalid('wrong length');
    for (;;) {
      const type = this.#byte();
      if (type === 0) break;
      const name = this.#cstring();
      add(name, this.#value(type, name, depth));
      if (this.#at >= end) throw invalid('element beyond its document');
    }
    if (this.#at !== end) throw invalid('document shorter than its length');
  }

  #value(type: number, name: string, depth: number): Value {
    switch (type) {
      case 0x01:
        return this.#bytes.readDoubleLE(this.#take(8));
      case 0x02:
        return this.#string();
      case 0x03:
        return this.document(depth + 1);
      case 0x04:
        return this.#array(depth + 1);
      case 0x05:
        return this.#binary();
      case 0x07:
        return new ObjectId(this.#copy(12));
      case 0x08: {
        const value = this.#byte();
        if (value > 1) throw invalid('boolean that is neither 0 nor 1');
        return value === 1;
      }
      case 0x09: {
        const ms = this.#bytes.readBigInt64LE(this.#take(8));
        if (ms > MAX_DATE_MS || ms < -MAX_DATE_MS) throw new MongoError(2, `Date in field '${name}' is out of range`);
        return new Date(Number(ms));
      }
      case 0x0a:
        return null;
      case 0x0b:
        return new BSONRegExp(this.#cstring(), this.#cstring());
      case 0x0d:
        return new Code(this.#string());
      case 0x10:
        return new Int32(this.#int32());
      case 0x11: {
        const i = this.#bytes.readUInt32LE(this.#take(4));
        return new Timestamp({ i, t: this.#bytes.readUInt32LE(this.#take(4)) });
      }
      case 0x12:
        return this.#bytes.readBigInt64LE(this.#take(8));
      case 0x13:
        return new Decimal128(this.#copy(16));
      case 0xff:
        return new MinKey();
      case 0x7f:
        return new MaxKey();
      case 0x06:
      case 0x0c:
      case 0x0e:
      case 0x0f:
        throw new MongoError(
          2,
          `Deprecated BSON type ${type} in field '${name}' is not supported by the embedded server`,
        );
      default:
        throw invalid(`unknown type ${type}`);
    }
  }

  #binary(): Binary {
    const length = this.#int32();
    const subType = this.#byte();
    if (subType === 2) throw new MongoError(2, 'Binary subtype 2 is not supported by the embedded server');
    return new Binary(this.#copy(length), subType);
  }

  #string(): string {
    const length = this.#int32();
    if (length < 1) throw invalid('string length');
    const start = this.#take(length);
    if (this.#bytes[start + length - 1] !== 0) throw invalid('string without end');
    return this.#text(start, start + length - 1);
  }

  #cstring(): string {
    const end = this.#bytes.indexOf(0, this.#at);
    if (end < 0) throw invalid('name without end');
    const start = this.#at;
    this.#at = end + 1;
    return this.#text(start, end);
  }

  #text(start: number, end: number): string {
    if (end - start < 24) {
      // Short ASCII is by far the most common content; a decoder call costs more than this loop.
      let text = '';
      let at = start;
      for (; at < end; at++) {
        const code = this.#bytes[at] ?? 0;
        if (code > 127) break;
        text += String.fromCharCode(code);
      }
      if (at === end) return text;
    }
    try {
      return utf8.decode(this.#bytes.subarray(start, end));
    } catch {
      throw invalid('text that is not UTF-8');
    }
  }

  #copy(length: number): Buffer {
    const start = this.#take(length);
    return Buffer.from(this.#bytes.subarray(start, start + length));
  }

  #byte(): number {
    return this.#bytes.readUInt8(this.#take(1));
  }

  #int32(): number {
    return this.#bytes.readInt32LE(this.#take(4));
  }

  #take(length: number): number {
    const start = this.#at;
    if (length < 0 || start + length > this.#bytes.length) throw invalid('value beyond the end');
    this.#at = start + length;
    return start;
  }
}
