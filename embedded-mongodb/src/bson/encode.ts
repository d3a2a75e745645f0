import { Binary, BSONRegExp, Code, Decimal128, Int32, MinKey, ObjectId, Timestamp } from 'bson';
import { RawDoc, type Doc, type Value } from './values.ts';

/** Writes a document as BSON; the exact reverse of `decode`. */
export function encode(document: Doc): Buffer {
  const writer = new Writer();
  writer.document(document);
  return writer.finish();
}

class Writer {
  #bytes = Buffer.allocUnsafe(1024);
  #at = 0;

  finish(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }

  document(document: Doc): void {
    const start = this.#open();
    for (const [name, value] of document) this.#element(name, value);
    this.#close(start);
  }

  #open(): number {
    const start = this.#at;
    this.#int32(0);
    return start;
  }

  #close(start: number): void {
    this.#byte(0);
    this.#bytes.writeInt32LE(this.#at - start, start);
  }

  #element(name: string, value: Value): void {
    if (typeof value === 'string') {
      this.#head(0x02, name);
      this.#string(value);
    } else if (value instanceof Int32) {
      this.#head(0x10, name);
      this.#int32(value.value);
    } else if (typeof value === 'number') {
      this.#head(0x01, name);
      this.#put(8, (bytes, at) => bytes.writeDoubleLE(value, at));
    } else if (typeof value === 'bigint') {
      this.#head(0x12, name);
      this.#put(8, (bytes, at) => bytes.writeBigInt64LE(value, at));
    } else if (value === null) this.#head(0x0a, name);
    else if (typeof value === 'boolean') {
      this.#head(0x08, name);
      this.#byte(value ? 1 : 0);
    } else if (value instanceof Map) {
      this.#head(0x03, name);
      this.document(value);
    } else if (Array.isArray(value)) {
      this.#head(0x04, name);
      const start = this.#open();
      for (let index = 0; index < value.length; index++) this.#element(String(index), value[index] ?? null);
      this.#close(start);
    } else if (value instanceof RawDoc) {
      this.#head(0x03, name);
      this.#raw(value.bytes);
    } else if (value instanceof ObjectId) {
      this.#head(0x07, name);
      this.#raw(value.id);
    } else if (value instanceof Date) {
      this.#head(0x09, name);
      this.#put(8, (bytes, at) => bytes.writeBigInt64LE(BigInt(value.getTime()), at));
    } else this.#rare(name, value);
  }

  #rare(name: string, value: Exclude<Value, string | number | bigint | boolean | null | Doc | Value[]>): void {
    if (value instanceof Binary) {
      this.#head(0x05, name);
      this.#int32(value.position);
      this.#byte(value.sub_type);
      this.#raw(value.buffer.subarray(0, value.position));
    } else if (value instanceof Decimal128) {
      this.#head(0x13, name);
      this.#raw(value.bytes);
    } else if (value instanceof BSONRegExp) {
      this.#head(0x0b, name);
      this.#cstring(value.pattern);
      this.#cstring(value.options);
    } else if (value instanceof Timestamp) {
      this.#head(0x11, name);
      this.#put(4, (bytes, at) => bytes.writeUInt32LE(value.i, at));
      this.#put(4, (bytes, at) => bytes.writeUInt32LE(value.t, at));
    } else if (value instanceof Code) {
      this.#head(0x0d, name);
      this.#string(value.code);
    } else this.#head(value instanceof MinKey ? 0xff : 0x7f, name);
  }

  #head(type: number, name: string): void {
    this.#byte(type);
    this.#cstring(name);
  }

  #cstring(text: string): void {
    this.#text(text);
    this.#byte(0);
  }

  #string(text: string): void {
    const start = this.#open();
    const length = this.#text(text);
    this.#byte(0);
    this.#bytes.writeInt32LE(length + 1, start);
  }

  #text(text: string): number {
    const start = this.#room(text.length * 3);
    const length = this.#bytes.write(text, start, 'utf8');
    this.#at = start + length;
    return length;
  }

  #raw(bytes: Uint8Array): void {
    const at = this.#room(bytes.length);
    this.#bytes.set(bytes, at);
  }

  #byte(value: number): void {
    this.#put(1, (bytes, at) => bytes.writeUInt8(value, at));
  }

  #int32(value: number): void {
    this.#put(4, (bytes, at) => bytes.writeInt32LE(value, at));
  }

  /** Writes into reserved space; the buffer may become another one by reserving. */
  #put(length: number, write: (bytes: Buffer, at: number) => void): void {
    const at = this.#room(length);
    write(this.#bytes, at);
  }

  /** Reserves space and gives its offset. */
  #room(length: number): number {
    const start = this.#at;
    const needed = start + length;
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
      this.#bytes.copy(larger, 0, 0, start);
      this.#bytes = larger;
    }
    this.#at = needed;
    return start;
  }
}
