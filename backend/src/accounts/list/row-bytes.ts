import { KIND } from '../../salesforce/json-bytes.ts';
import { CrmInvalid } from '../../salesforce/errors.ts';
import { fold, foldBytes } from './fold.ts';
import type { ErasableMemory } from './memory.ts';
import type { RecordBytes } from './record-fields.ts';
import { copyText, SLACK, writeText, type Text } from './row-text.ts';

const FIRST_BYTES = 4_096;
/** UTF-8 bytes that one UTF-16 unit can become; with JSON's escapes, six. */
const MAX_BYTES = 6;
/** Of `""`. */
export const EMPTY_TEXT_BYTES = 2;
const NULL = Buffer.from('null', 'latin1');

/**
 * A place to write one row after the other. Values are copied from the page that brought them, byte by byte; only a text
 * with escapes, and what is not ASCII in search text, becomes a string on the way.
 */
export class RowBytes {
  readonly #memory: ErasableMemory;
  #bytes: Buffer;
  #view: DataView;
  #length = 0;
  #reserved = 0;

  constructor(memory: ErasableMemory) {
    this.#memory = memory;
    this.#bytes = memory.allocate(FIRST_BYTES);
    this.#view = new DataView(this.#bytes.buffer);
  }

  get bytes(): Buffer {
    return this.#bytes;
  }

  /** The same bytes. */
  get view(): DataView {
    return this.#view;
  }

  get length(): number {
    return this.#length;
  }

  clear(): void {
    this.#length = 0;
  }

  /** Makes room, so that writing byte by byte need not look for it each time. */
  reserve(bytes: number): void {
    this.#reserved = bytes;
    this.#makeRoom(bytes);
  }

  /** Within what was reserved, as are all that follow. */
  byte(value: number): void {
    this.#bytes[this.#length++] = value;
  }

  /** Any text, as it is; what was reserved stays so. */
  text(text: string): void {
    this.#makeRoom(text.length * MAX_BYTES + this.#reserved);
    this.#length += this.#bytes.write(text, this.#length, 'utf8');
  }

  /** Nothing but these bytes. */
  set(source: Buffer, start: number, end: number): void {
    this.clear();
    this.reserve(end - start);
    this.copy(source, start, end);
  }

  copy(source: Buffer, start: number, end: number): void {
    const bytes = this.#bytes;
    let at = this.#length;
    for (let index = start; index < end; index += 1) bytes[at++] = source[index]!;
    this.#length = at;
  }

  /** Within what was reserved; what it writes behind the end is written over next. */
  plain(text: Text): void {
    this.#length = writeText(text, this.#view, this.#length);
  }

  /** Copies a value of a record, in the same way. */
  value({ bytes, view }: RecordBytes, start: number, end: number): void {
    if (end + SLACK > bytes.length) this.copy(bytes, start, end);
    else this.#length = copyText(view, start, end - start, this.#view, this.#length);
  }

  /**
   * JSON of a text, the same bytes for the same text; `null` for an empty one and for what is no text.
   * @returns false for `null`
   */
  quoted(record: RecordBytes, field: number): boolean {
    const { bytes, fields } = record;
    const start = fields.starts[field]!;
    const end = fields.ends[field]!;
    const kind = fields.kinds[field];
    if (kind === KIND.text && end - start > EMPTY_TEXT_BYTES) this.value(record, start, end);
    else if (kind === KIND.escapedText) this.text(JSON.stringify(decoded(bytes, start, end)));
    else {
      this.null();
      return false;
    }
    return true;
  }

  null(): void {
    this.copy(NULL, 0, NULL.length);
  }

  /**
   * JSON of a number, the same bytes for the same number; `null` for what is none.
   * @returns the number; NaN for what is none
   */
  number(record: RecordBytes, field: number): number {
    const { bytes, fields } = record;
    const start = fields.starts[field]!;
    const end = fields.ends[field]!;
    if (fields.kinds[field] !== KIND.number) {
      this.null();
      return Number.NaN;
    }
    const plain = plainNumber(bytes, start, end);
    if (!Number.isNaN(plain)) {
      this.value(record, start, end);
      return plain;
    }
    const number = Number(bytes.toString('latin1', start, end));
    if (!Number.isFinite(number)) throw new CrmInvalid();
    this.text(String(number));
    return number;
  }

  /** The text as search compares it (fold.ts). */
  folded({ bytes, fields }: RecordBytes, field: number): void {
    const start = fields.starts[field]!;
    const end = fields.ends[field]!;
    const kind = fields.kinds[field];
    if (kind === KIND.text) {
      const length = foldBytes(bytes, start + 1, end - 1, this.#bytes, this.#length);
      if (length !== -1) {
        this.#length = length;
        return;
      }
    }
    if (kind === KIND.text || kind === KIND.escapedText) this.text(fold(decoded(bytes, start, end)));
  }

  /** Overwrites what was written. */
  release(): void {
    this.#memory.release(this.#bytes);
    this.#length = 0;
  }

  #makeRoom(bytes: number): void {
    const needed = this.#length + bytes + SLACK;
    if (needed <= this.#bytes.length) return;
    this.#bytes = this.#memory.grow(this.#bytes, needed * 2);
    this.#view = new DataView(this.#bytes.buffer);
  }
}

/** Digits that a double holds exactly. */
const EXACT_DIGITS = 15;
const ZERO = 0x30;
const POINT = 0x2e;
const POWERS = Array.from({ length: EXACT_DIGITS + 1 }, (_, power) => 10 ** power);

/**
 * A number as JavaScript would print it: up to 15 digits, no exponent, no zero that could be left out. Both parts of the
 * quotient are exact, so it is the very double that parsing gives. NaN for one that is written otherwise.
 */
function plainNumber(bytes: Buffer, start: number, end: number): number {
  if (end - start > EXACT_DIGITS || (bytes[start] === ZERO && end - start > 1)) return Number.NaN;
  let digits = 0;
  let decimals = -1;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at]!;
    if (byte === POINT && decimals === -1 && at > start) decimals = 0;
    else if (byte >= ZERO && byte <= ZERO + 9) {
      digits = digits * 10 + byte - ZERO;
      if (decimals !== -1) decimals += 1;
    } else return Number.NaN;
  }
  if (decimals === -1) return digits;
  return decimals === 0 || bytes[end - 1] === ZERO ? Number.NaN : digits / POWERS[decimals]!;
}

/** The string of a JSON text. @throws CrmInvalid its escapes are none of JSON's */
export function decoded(bytes: Buffer, start: number, end: number): string {
  try {
    return JSON.parse(bytes.toString('utf8', start, end)) as string;
  } catch {
    throw new CrmInvalid();
  }
}
