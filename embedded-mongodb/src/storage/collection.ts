import { Decimal128, Int32, ObjectId } from 'bson';
import { decode } from '../bson/decode.ts';
import { encode } from '../bson/encode.ts';
import { EMPTY_ARRAY, typeOf, type Doc, type Value } from '../bson/values.ts';
import { MongoError } from '../errors.ts';
import type { Database } from './database.ts';
import type { Entry, IndexSpec } from './index-spec.ts';
import { present } from '../present.ts';

/** Largest document, as MongoDB limits it. */
export const MAX_DOCUMENT_BYTES = 16_777_216;
/** Rows read from SQLite at once. */
const BATCH = 256;
const HIGHEST = Buffer.from([255]);

export type Row = { rid: number; bytes: Buffer };
/** An index and whether some document has several entries in it. */
export type Index = { id: number; spec: IndexSpec; multikey: boolean };
/** Entries with low <= key < high. */
export type Interval = { low: Buffer; high: Buffer };

/** E11000, with what mongoose reads from it. */
export class DuplicateKey extends MongoError {
  readonly keyPattern: Doc;
  readonly keyValue: Doc;

  constructor(namespace: string, spec: IndexSpec, keyValue: Doc) {
    const values = [...keyValue].map(([name, value]) => `${name}: ${display(value)}`).join(', ');
    super(11000, `E11000 duplicate key error collection: ${namespace} index: ${spec.name} dup key: { ${values} }`);
    this.keyPattern = spec.keyPattern;
    this.keyValue = keyValue;
  }
}

/** Documents of one collection and their index entries; each change of a document is all or nothing. */
export class Collection {
  readonly name: string;
  readonly id: number;
  readonly uuid: Buffer;
  readonly indexes: Index[] = [];
  isDropped = false;
  readonly #database: Database;

  constructor(database: Database, name: string, id: number, uuid: Buffer) {
    this.#database = database;
    this.name = name;
    this.id = id;
    this.uuid = uuid;
  }

  get namespace(): string {
    return `${this.#database.name}.${this.name}`;
  }

  attachIndex(id: number, spec: IndexSpec, multikey: boolean): Index {
    const index = { id, spec, multikey };
    this.indexes.push(index);
    return index;
  }

  /** @throws DuplicateKey when a unique index finds two documents with one key */
  createIndex(spec: IndexSpec): void {
    const fresh: Entry[][] = [];
    const rids: number[] = [];
    const seen = new Set<string>();
    let multikey = false;
    for (const row of this.scan()) {
      const made = spec.entriesOf(decode(row.bytes));
      for (const entry of made.entries) {
        const key = entry.key.toString('latin1');
        if (spec.isUnique && seen.has(key)) throw new DuplicateKey(this.namespace, spec, keyValue(spec, entry));
        seen.add(key);
      }
      multikey ||= made.multikey;
      fresh.push(made.entries);
      rids.push(row.rid);
    }
    this.#write(() => {
      const id = this.#database.recordIndex(this, spec);
      this.#database.define(
        `CREATE TABLE i${id}(k BLOB NOT NULL, rid INTEGER NOT NULL, PRIMARY KEY(k, rid)) WITHOUT ROWID`,
      );
      const index = this.attachIndex(id, spec, false);
      for (const [at, entries] of fresh.entries()) this.#addEntries(index, entries, present(rids[at]), multikey);
    });
  }

  dropIndex(index: Index): void {
    this.#write(() => {
      this.#database.dropTable(`i${index.id}`);
      this.#database.run('DELETE FROM indexes WHERE id = ?', [index.id]);
      this.indexes.splice(this.indexes.indexOf(index), 1);
      this.#database.scheduleWipe();
    });
  }

  /**
   * Adds a document.
   * @throws DuplicateKey; MongoError 10334 when it is too large
   */
  insert(document: Doc): void {
    const bytes = sized(document);
    const planned = this.#plan(document);
    for (const { index, entries } of planned) this.#requireUnique(index, entries, undefined);
    this.#write(() => {
      const rid = this.#database.run(`INSERT INTO c${this.id}(doc) VALUES(?)`, [bytes]);
      for (const { index, entries, multikey } of planned) this.#addEntries(index, entries, rid, multikey);
    });
  }

  /**
   * Puts a document in another one's place.
   * @returns false when nothing would change
   * @throws DuplicateKey; MongoError 10334 when it is too large
   */
  replace(rid: number, oldBytes: Buffer, document: Doc): boolean {
    const bytes = sized(document);
    if (bytes.equals(oldBytes)) return false;
    const before = this.#plan(decode(oldBytes));
    const after = this.#plan(document);
    const changes = after.map((plan, at) => difference(plan, present(before[at])));
    for (const { index, added } of changes) this.#requireUnique(index, added, rid);
    this.#write(() => {
      this.#database.run(`UPDATE c${this.id} SET doc = ? WHERE rid = ?`, [bytes, rid]);
      for (const { index, added, removed, multikey } of changes) {
        this.#removeEntries(index, removed, rid);
        this.#addEntries(index, added, rid, multikey);
      }
      this.#database.scheduleWipe();
    });
    return true;
  }

  remove(rid: number, bytes: Buffer): void {
    const planned = this.#plan(decode(bytes));
    this.#write(() => {
      this.#database.run(`DELETE FROM c${this.id} WHERE rid = ?`, [rid]);
      for (const { index, entries } of planned) this.#removeEntries(index, entries, rid);
      this.#database.scheduleWipe();
    });
  }

  get(rid: number): Buffer | undefined {
    const [row] = this.#database.all<{ doc: ArrayBuffer }>(`SELECT doc FROM c${this.id} WHERE rid = ?`, [rid]);
    return row && Buffer.from(row.doc);
  }

  count(): number {
    return this.#database.all<{ n: number }>(`SELECT count(*) AS n FROM c${this.id}`, [])[0]?.n ?? 0;
  }

  dataSize(): number {
    return this.#database.all<{ n: number | null }>(`SELECT sum(length(doc)) AS n FROM c${this.id}`, [])[0]?.n ?? 0;
  }

  /** All documents in the order of insertion; safe against changes while it runs. */
  *scan(reverse = false): Generator<Row> {
    const text = reverse
      ? `SELECT rid, doc FROM c${this.id} WHERE rid < ? ORDER BY rid DESC LIMIT ${BATCH}`
      : `SELECT rid, doc FROM c${this.id} WHERE rid > ? ORDER BY rid LIMIT ${BATCH}`;
    let last = reverse ? Number.MAX_SAFE_INTEGER : -1;
    for (;;) {
      this.#requireAlive();
      const rows = this.#database.all<{ rid: number; doc: ArrayBuffer }>(text, [last]);
      for (const row of rows) yield { rid: row.rid, bytes: Buffer.from(row.doc) };
      if (rows.length < BATCH) return;
      last = (rows.at(-1) as { rid: number }).rid;
    }
  }

  /** Row ids of the entries of an interval in key order. */
  *entries(index: Index, interval: Interval, reverse = false): Generator<number> {
    const table = `SELECT k, rid FROM i${index.id} WHERE`;
    const forward = `${table} (k, rid) > (?, ?) AND k < ? ORDER BY k, rid LIMIT ${BATCH}`;
    const backward = `${table} (k, rid) < (?, ?) AND k >= ? ORDER BY k DESC, rid DESC LIMIT ${BATCH}`;
    let position: [Buffer, number] = reverse ? [interval.high, -1] : [interval.low, -1];
    for (;;) {
      this.#requireAlive();
      const rows = this.#database.all<{ k: ArrayBuffer; rid: number }>(reverse ? backward : forward, [
        ...position,
        reverse ? interval.low : interval.high,
      ]);
      for (const row of rows) yield row.rid;
      if (rows.length < BATCH) return;
      const last = rows.at(-1) as { k: ArrayBuffer; rid: number };
      position = [Buffer.from(last.k), last.rid];
    }
  }

  #requireAlive(): void {
    if (this.isDropped) throw new MongoError(175, `collection dropped: ${this.namespace}`);
  }

  #plan(document: Doc): Planned[] {
    return this.indexes.map((index) => ({ index, ...index.spec.entriesOf(document) }));
  }

  #requireUnique(index: Index, entries: Entry[], self: number | undefined): void {
    if (!index.spec.isUnique) return;
    for (const entry of entries) {
      const rows = this.#database.all<{ rid: number }>(`SELECT rid FROM i${index.id} WHERE k = ? LIMIT 2`, [entry.key]);
      if (rows.some((row) => row.rid !== self))
        throw new DuplicateKey(this.namespace, index.spec, keyValue(index.spec, entry));
    }
  }

  #addEntries(index: Index, entries: Entry[], rid: number, multikey: boolean): void {
    for (const entry of entries) this.#database.run(`INSERT INTO i${index.id}(k, rid) VALUES(?, ?)`, [entry.key, rid]);
    if (!multikey || index.multikey) return;
    index.multikey = true;
    this.#database.run('UPDATE indexes SET multikey = 1 WHERE id = ?', [index.id]);
  }

  #removeEntries(index: Index, entries: Entry[], rid: number): void {
    for (const entry of entries)
      this.#database.run(`DELETE FROM i${index.id} WHERE k = ? AND rid = ?`, [entry.key, rid]);
  }

  /** All checks are done before; an error here is the disk's, and undoes the whole transaction. */
  #write(change: () => void): void {
    this.#requireAlive();
    try {
      change();
    } catch (error) {
      throw this.#database.fail(error);
    }
  }
}

type Planned = { index: Index; entries: Entry[]; multikey: boolean };

function difference(
  after: Planned,
  before: Planned,
): { index: Index; added: Entry[]; removed: Entry[]; multikey: boolean } {
  const added = after.entries.filter((entry) => !before.entries.some((other) => other.key.equals(entry.key)));
  const removed = before.entries.filter((entry) => !after.entries.some((other) => other.key.equals(entry.key)));
  return { index: after.index, added, removed, multikey: after.multikey };
}

function sized(document: Doc): Buffer {
  const bytes = encode(document);
  if (bytes.length > MAX_DOCUMENT_BYTES)
    throw new MongoError(
      10334,
      `BSONObj size: ${bytes.length} is invalid. Size must be between 0 and ${MAX_DOCUMENT_BYTES}`,
    );
  return Buffer.from(bytes);
}

function keyValue(spec: IndexSpec, entry: Entry): Doc {
  return new Map(
    spec.pattern.map(({ name }, at): [string, Value] => {
      const part = entry.parts[at] ?? null;
      return [name, part === EMPTY_ARRAY ? null : part];
    }),
  );
}

/** A value as MongoDB prints it in E11000. */
function display(value: Value): string {
  if (typeof value === 'string') return `"${value}"`;
  if (value === null || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return Number.isInteger(value) ? value.toFixed(1) : String(value);
  if (value instanceof ObjectId) return `ObjectId('${value.toHexString()}')`;
  if (value instanceof Date) return `new Date(${value.getTime()})`;
  if (value instanceof Map) return `{ ${[...value].map(([name, inner]) => `${name}: ${display(inner)}`).join(', ')} }`;
  if (Array.isArray(value)) return `[ ${value.map(display).join(', ')} ]`;
  if (value instanceof Int32 || value instanceof Decimal128) return value.toString();
  return `<${typeOf(value).name}>`;
}

/** Above every key that begins with these bytes. */
export const after = (prefix: Buffer): Buffer => Buffer.concat([prefix, HIGHEST]);
