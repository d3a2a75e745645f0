import { CrmInvalid } from './errors.ts';

/** What kind of JSON value stands at a place. */
export const KIND = { none: 0, null: 1, text: 2, escapedText: 3, number: 4, other: 5 } as const;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;

/** What is wanted of an object: by a property's name the number of its place in Fields, or what is wanted inside it. */
export type Wanted = ReadonlyMap<string, number | Wanted>;

/**
 * Where the wanted values of one record lie in the page: bytes `[starts[i], ends[i])`, texts with their quotes.
 * `isAscii[i]` is 1 for texts of ASCII alone.
 */
export interface Fields {
  readonly kinds: Uint8Array;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly isAscii: Uint8Array;
}

/** A place for `count` values. */
export function emptyFields(count: number): Fields {
  return {
    kinds: new Uint8Array(count),
    starts: new Uint32Array(count),
    ends: new Uint32Array(count),
    isAscii: new Uint8Array(count),
  };
}

/**
 * Reads JSON where it lies: the values that are wanted are found, not made objects of. A pull of 100,000 accounts spends
 * most of its time, and nearly all of its garbage, on strings that it only needs as bytes again. Texts are not decoded;
 * whoever uses them checks the page's UTF-8 once (`buffer.isUtf8`).
 */
export class JsonBytes {
  readonly bytes: Buffer;
  at: number;
  #depth = 0;

  /** @param at where to begin */
  constructor(bytes: Buffer, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  /** Goes behind the brace that opens an object, to its first name. @returns false for an empty one, which it then has read */
  openObject(): boolean {
    this.#expect(OPEN_OBJECT);
    if (this.#skipIf(CLOSE_OBJECT)) return false;
    this.#space();
    return true;
  }

  /** Goes behind the name at this place and its colon. @returns where the name ends; it begins behind its quote */
  name(): number {
    this.#text();
    const end = this.at - 1;
    this.#expect(COLON);
    return end;
  }

  /** Goes on behind a property's value, to the next name. @returns false at the end of the object */
  nextName(): boolean {
    if (this.#skipIf(COMMA)) {
      this.#space();
      return true;
    }
    this.#expect(CLOSE_OBJECT);
    return false;
  }

  /** Whether an object comes next. */
  isObject(): boolean {
    this.#space();
    return this.bytes[this.at] === OPEN_OBJECT;
  }

  /** Goes behind the bracket that opens an array. @returns false for an empty one, which it then has read */
  openArray(): boolean {
    this.#expect(OPEN_ARRAY);
    return !this.#skipIf(CLOSE_ARRAY);
  }

  /** Goes on behind an element. @returns false at the end of the array */
  nextElement(): boolean {
    if (this.#skipIf(COMMA)) return true;
    this.#expect(CLOSE_ARRAY);
    return false;
  }

  /** Reads what is left of the object that the array just read belongs to: nothing may follow it. @throws CrmInvalid */
  endEnvelope(): void {
    while (this.nextName()) {
      this.name();
      this.skip();
    }
    this.#space();
    if (this.at < this.bytes.length) throw new CrmInvalid();
  }

  /** Reads any value and forgets it. @returns its kind */
  skip(): number {
    this.#space();
    const next = this.bytes[this.at];
    if (next === QUOTE) return this.#text() >= ESCAPED ? KIND.escapedText : KIND.text;
    if (next !== OPEN_OBJECT && next !== OPEN_ARRAY) return this.#word();
    this.#nested();
    return KIND.other;
  }

  /** The number, text, boolean or null at this place, as a JavaScript value. @throws CrmInvalid it is another one */
  scalar(): unknown {
    this.#space();
    const start = this.at;
    if (this.skip() === KIND.other && this.bytes[start] !== 0x74 && this.bytes[start] !== 0x66) throw new CrmInvalid();
    try {
      return JSON.parse(this.bytes.toString('utf8', start, this.at));
    } catch {
      throw new CrmInvalid();
    }
  }

  /** Reads one value into a place. */
  into(fields: Fields, index: number): void {
    this.#space();
    fields.starts[index] = this.at;
    if (this.bytes[this.at] === QUOTE) {
      const flags = this.#text();
      fields.kinds[index] = flags >= ESCAPED ? KIND.escapedText : KIND.text;
      fields.isAscii[index] = (flags & NOT_ASCII) === 0 ? 1 : 0;
    } else {
      fields.kinds[index] = this.skip();
      fields.isAscii[index] = 1;
    }
    fields.ends[index] = this.at;
  }

  /** @returns flags: NOT_ASCII, ESCAPED */
  #text(): number {
    const { bytes } = this;
    const end = bytes.length;
    let at = this.at;
    if (bytes[at] !== QUOTE) throw new CrmInvalid();
    let flags = 0;
    for (at += 1; at < end; at += 1) {
      const byte = bytes[at] ?? 0;
      if (byte === QUOTE) {
        this.at = at + 1;
        return flags;
      }
      if (byte === BACKSLASH) {
        flags |= ESCAPED;
        at = this.#escape(at + 1);
      } else if (byte < 0x20) {
        throw new CrmInvalid();
      } else {
        flags |= byte & NOT_ASCII;
      }
    }
    throw new CrmInvalid();
  }

  /** @returns the index of the escape's last byte */
  #escape(at: number): number {
    const byte = this.bytes[at] ?? 0;
    if (byte !== 0x75) {
      if (!ESCAPES.includes(byte)) throw new CrmInvalid();
      return at;
    }
    for (let digit = at + 1; digit <= at + 4; digit += 1) if (!isHex(this.bytes[digit] ?? 0)) throw new CrmInvalid();
    return at + 4;
  }

  /** An object or array, whatever is in it. */
  #nested(): void {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new CrmInvalid();
    if (this.bytes[this.at] === OPEN_OBJECT) {
      if (this.openObject()) {
        do {
          this.name();
          this.skip();
        } while (this.nextName());
      }
    } else if (this.openArray()) {
      do this.skip();
      while (this.nextElement());
    }
    this.#depth -= 1;
  }

  /** A number, true, false or null. */
  #word(): number {
    const first = this.bytes[this.at];
    if (first === MINUS || isDigit(first)) return this.#number();
    if (first === 0x6e) return this.#literal(NULL, KIND.null);
    if (first === 0x74) return this.#literal(TRUE, KIND.other);
    if (first === 0x66) return this.#literal(FALSE, KIND.other);
    throw new CrmInvalid();
  }

  #literal(word: Uint8Array, kind: number): number {
    for (const letter of word) {
      if (this.bytes[this.at] !== letter) throw new CrmInvalid();
      this.at += 1;
    }
    return kind;
  }

  /** RFC 8259, 6: no leading zero, digits on both sides of the point. */
  #number(): number {
    const { bytes } = this;
    if (bytes[this.at] === MINUS) this.at += 1;
    if (bytes[this.at] === ZERO) this.at += 1;
    else this.#digits();
    if (bytes[this.at] === POINT) {
      this.at += 1;
      this.#digits();
    }
    if (bytes[this.at] === 0x65 || bytes[this.at] === 0x45) {
      this.at += 1;
      if (bytes[this.at] === MINUS || bytes[this.at] === PLUS) this.at += 1;
      this.#digits();
    }
    return KIND.number;
  }

  #digits(): void {
    const start = this.at;
    while (isDigit(this.bytes[this.at])) this.at += 1;
    if (this.at === start) throw new CrmInvalid();
  }

  #space(): void {
    for (let byte = this.bytes[this.at]; byte !== undefined && isSpace(byte); byte = this.bytes[this.at]) this.at += 1;
  }

  #expect(byte: number): void {
    this.#space();
    if (this.bytes[this.at] !== byte) throw new CrmInvalid();
    this.at += 1;
  }

  #skipIf(byte: number): boolean {
    this.#space();
    if (this.bytes[this.at] !== byte) return false;
    this.at += 1;
    return true;
  }
}

const NOT_ASCII = 0x80;
const ESCAPED = 0x100;
const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const ZERO = 0x30;
const NULL = Buffer.from('null', 'latin1');
const TRUE = Buffer.from('true', 'latin1');
const FALSE = Buffer.from('false', 'latin1');
/** What may follow a backslash, but for `u`. */
const ESCAPES = Buffer.from('"\\/bfnrt', 'latin1');
/** Far more than Salesforce nests. */
const MAX_DEPTH = 64;

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39;

/** RFC 8259, 2. */
const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

function isHex(byte: number): boolean {
  return isDigit(byte) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66);
}

/** A property as it was met last, at its place in the order of properties. */
interface Met {
  readonly name: Buffer;
  readonly target: number | RecordShape | undefined;
}

/** Reads records of one query: their properties come in the same order each time, so a name is compared, not looked up. */
export class RecordShape {
  readonly #wanted: ReadonlyMap<string, number | RecordShape>;
  readonly #met: Met[] = [];

  constructor(wanted: Wanted) {
    this.#wanted = new Map(
      [...wanted].map(([name, target]) => [name, typeof target === 'number' ? target : new RecordShape(target)]),
    );
  }

  /** Reads the record at the reader's place into `fields`, which must be cleared before. @throws CrmInvalid */
  read(json: JsonBytes, fields: Fields): void {
    if (!json.openObject()) return;
    let order = 0;
    do {
      const start = json.at + 1;
      const target = this.#target(json.bytes, start, json.name(), order);
      order += 1;
      if (target === undefined) json.skip();
      else if (typeof target === 'number') json.into(fields, target);
      else if (json.isObject()) target.read(json, fields);
      else json.skip();
    } while (json.nextName());
  }

  #target(bytes: Buffer, start: number, end: number, order: number): number | RecordShape | undefined {
    const met = this.#met[order];
    if (met?.name.length === end - start) {
      let same = 0;
      while (same < met.name.length && met.name[same] === bytes[start + same]) same += 1;
      if (same === met.name.length) return met.target;
    }
    const name = bytes.toString('latin1', start, end);
    const target = this.#wanted.get(name);
    this.#met[order] = { name: Buffer.from(name, 'latin1'), target };
    return target;
  }
}
