import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  openSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import Sqlite from 'libsql';
import { MongoError } from '../errors.ts';
import { decode } from '../bson/decode.ts';
import { encode } from '../bson/encode.ts';
import type { Doc } from '../bson/values.ts';
import { Collection } from './collection.ts';
import { IndexSpec } from './index-spec.ts';

/** A deleted document's bytes are gone from a wiping database this long after the call was answered, at the latest. */
const WIPE_DELAY_MS = 250;
/** A journal that grew beyond this is cut off after it was overwritten. */
const JOURNAL_KEEP_BYTES = 262_144;
const ZEROS = Buffer.alloc(65_536);

type Pending = { promise: Promise<void>; resolve: () => void; reject: (error: Error) => void };

/**
 * One database: one SQLite file. Calls are synchronous, so commands never interleave; what they write in one turn of
 * the event loop is committed together, and no command is answered before its commit is on disk.
 */
export class Database {
  readonly name: string;
  readonly file: string;
  readonly collections = new Map<string, Collection>();
  readonly #sql: Sqlite.Database;
  readonly #wipes: boolean;
  #pending: Pending | undefined;
  #wipeTimer: NodeJS.Timeout | undefined;
  #closed = false;

  /**
   * @param wipes whether the file is rewritten after deletions so that no old byte stays in it
   */
  constructor(name: string, file: string, wipes: boolean) {
    this.name = name;
    this.file = file;
    this.#wipes = wipes;
    this.#sql = new Sqlite(file);
    // A rollback journal that is overwritten after each commit: a write-ahead log would keep old pages for long.
    for (const setting of [
      'locking_mode=EXCLUSIVE',
      'journal_mode=PERSIST',
      'synchronous=FULL',
      'secure_delete=ON',
      'temp_store=MEMORY',
    ])
      this.#sql.pragma(setting);
    this.#sql.exec(`
      BEGIN IMMEDIATE;
      CREATE TABLE IF NOT EXISTS collections(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, uuid BLOB NOT NULL);
      CREATE TABLE IF NOT EXISTS indexes(id INTEGER PRIMARY KEY AUTOINCREMENT, collection INTEGER NOT NULL, spec BLOB NOT NULL, multikey INTEGER NOT NULL);
      COMMIT;`);
    this.#overwriteJournal();
    this.#load();
    // The process may have been killed between a deletion and its wiping.
    if (wipes) this.scheduleWipe();
  }

  #load(): void {
    this.collections.clear();
    const rows = this.all<{ id: number; name: string; uuid: ArrayBuffer }>(
      'SELECT id, name, uuid FROM collections ORDER BY id',
      [],
    );
    for (const row of rows) {
      const collection = new Collection(this, row.name, row.id, Buffer.from(row.uuid));
      const indexes = this.all<{ id: number; spec: ArrayBuffer; multikey: number }>(
        'SELECT id, spec, multikey FROM indexes WHERE collection = ? ORDER BY id',
        [row.id],
      );
      for (const index of indexes)
        collection.attachIndex(index.id, new IndexSpec(decode(Buffer.from(index.spec))), index.multikey === 1);
      this.collections.set(row.name, collection);
    }
  }

  /** Rows of a query, blobs as ArrayBuffer. Prepared statements are kept per text. */
  all<Row>(text: string, parameters: unknown[]): Row[] {
    return this.#statement(text).all(parameters) as Row[];
  }

  /** Runs a writing statement inside the open transaction. @returns the row id that SQLite gave, if any */
  run(text: string, parameters: unknown[]): number {
    this.#begin();
    return Number(this.#statement(text).run(parameters).lastInsertRowid);
  }

  /** Changes the schema inside the open transaction. */
  define(text: string): void {
    this.#begin();
    this.#sql.exec(text);
  }

  readonly #statements = new Map<string, Sqlite.Statement>();

  #statement(text: string): Sqlite.Statement {
    let statement = this.#statements.get(text);
    if (!statement) {
      statement = this.#sql.prepare(text);
      this.#statements.set(text, statement);
    }
    return statement;
  }

  /** Removes a table and the statements that were prepared for it. */
  dropTable(table: string): void {
    this.define(`DROP TABLE ${table}`);
    for (const text of this.#statements.keys())
      if (text.includes(` ${table} `) || text.includes(` ${table}(`)) this.#statements.delete(text);
  }

  /** Resolves when everything written so far is on disk; undefined when nothing is open. */
  get settled(): Promise<void> | undefined {
    return this.#pending?.promise;
  }

  #begin(): void {
    if (this.#pending) return;
    if (this.#closed) throw new MongoError(91, 'The database is closing');
    this.#sql.exec('BEGIN IMMEDIATE');
    let resolve = (): void => undefined;
    let reject: (error: Error) => void = () => undefined;
    const promise = new Promise<void>((done, fail) => {
      resolve = done;
      reject = fail;
    });
    // Whoever wrote without waiting (w: 0) must not bring the process down.
    promise.catch(() => undefined);
    this.#pending = { promise, resolve, reject };
    setImmediate(() => this.commit());
  }

  /** Commits what is open and answers who waits for it. */
  commit(): void {
    const pending = this.#pending;
    if (!pending) return;
    this.#pending = undefined;
    try {
      this.#sql.exec('COMMIT');
      this.#overwriteJournal();
    } catch (error) {
      this.#abandon();
      pending.reject(storageError(error));
      return;
    }
    pending.resolve();
  }

  /** Undoes the open transaction after a failed write; every command in it is answered with the error. */
  fail(error: unknown): MongoError {
    const pending = this.#pending;
    this.#pending = undefined;
    const reported = storageError(error);
    if (pending) {
      this.#abandon();
      pending.reject(reported);
    }
    return reported;
  }

  #abandon(): void {
    try {
      this.#sql.exec('ROLLBACK');
    } catch {
      // SQLite has already rolled back by itself.
    }
    for (const collection of this.collections.values()) collection.isDropped = true;
    this.#load();
  }

  /** Only between transactions: SQLite begins the next journal at its first byte. */
  #overwriteJournal(): void {
    const journal = `${this.file}-journal`;
    if (!existsSync(journal)) return;
    const file = openSync(journal, 'r+');
    try {
      const size = fstatSync(file).size;
      for (let at = 0; at < size; at += ZEROS.length) writeSync(file, ZEROS, 0, Math.min(ZEROS.length, size - at), at);
      if (size > JOURNAL_KEEP_BYTES) {
        fdatasyncSync(file);
        ftruncateSync(file, 0);
      }
    } finally {
      closeSync(file);
    }
  }

  /** To be called after bytes were deleted or replaced. */
  scheduleWipe(): void {
    if (!this.#wipes || this.#wipeTimer || this.#closed) return;
    this.#wipeTimer = setTimeout(() => this.wipe(), WIPE_DELAY_MS);
    this.#wipeTimer.unref();
  }

  /**
   * Rewrites the file. SQLite's secure_delete overwrites deleted cells, but copies that moving cells between pages
   * leaves behind stay (measured: 23 of 9,629); only VACUUM makes pages anew.
   */
  wipe(): void {
    clearTimeout(this.#wipeTimer);
    this.#wipeTimer = undefined;
    this.commit();
    if (this.#closed) return;
    this.#sql.exec('VACUUM');
    this.#overwriteJournal();
  }

  createCollection(name: string, uuid: Buffer, idIndex: Doc): Collection {
    const id = this.run('INSERT INTO collections(name, uuid) VALUES(?, ?)', [name, uuid]);
    this.define(`CREATE TABLE c${id}(rid INTEGER PRIMARY KEY, doc BLOB NOT NULL)`);
    const collection = new Collection(this, name, id, uuid);
    this.collections.set(name, collection);
    collection.createIndex(new IndexSpec(idIndex));
    return collection;
  }

  dropCollection(collection: Collection): void {
    collection.isDropped = true;
    for (const index of collection.indexes) this.dropTable(`i${index.id}`);
    this.run('DELETE FROM indexes WHERE collection = ?', [collection.id]);
    this.dropTable(`c${collection.id}`);
    this.run('DELETE FROM collections WHERE id = ?', [collection.id]);
    this.collections.delete(collection.name);
    this.scheduleWipe();
  }

  /** Writes the row that describes an index. @returns its id */
  recordIndex(collection: Collection, spec: IndexSpec): number {
    return this.run('INSERT INTO indexes(collection, spec, multikey) VALUES(?, ?, 0)', [
      collection.id,
      encode(spec.document),
    ]);
  }

  get sizeOnDisk(): number {
    return statSync(this.file).size;
  }

  close(): void {
    if (this.#closed) return;
    this.commit();
    if (this.#wipeTimer) this.wipe();
    this.#closed = true;
    clearTimeout(this.#wipeTimer);
    this.#statements.clear();
    this.#sql.close();
  }

  /** Closes the database and removes its file, overwritten first. */
  destroy(): void {
    for (const collection of this.collections.values()) collection.isDropped = true;
    this.#wipeTimer = undefined;
    this.close();
    for (const path of [this.file, `${this.file}-journal`]) {
      if (!existsSync(path)) continue;
      const file = openSync(path, 'r+');
      const size = fstatSync(file).size;
      for (let at = 0; at < size; at += ZEROS.length) writeSync(file, ZEROS, 0, Math.min(ZEROS.length, size - at), at);
      closeSync(file);
      rmSync(path);
    }
  }
}

function storageError(error: unknown): MongoError {
  if (error instanceof MongoError) return error;
  const text = error instanceof Error ? error.message : 'unknown';
  return new MongoError(/full/i.test(text) ? 14031 : 1, `The data file cannot be written: ${text}`);
}
