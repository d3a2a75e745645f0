import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import Sqlite from 'libsql';
import { MongoError } from '../errors.ts';
import type { Collection } from './collection.ts';
import { Database } from './database.ts';
import { ID_INDEX } from './index-spec.ts';

/** Databases whose names end so are wiped: what is deleted there is in no file a moment later. */
const WIPED = '_sessions';
const EXTENSION = '.sqlite';
/** Not the name of a database: a dot is not allowed in one. */
const LOCK_FILE = 'folder.lock';

/** The data folder is in use by another process (or another server of this one). */
export class FolderInUse extends Error {
  constructor(folder: string) {
    super(`The data folder ${folder} is in use by another embedded MongoDB server`);
  }
}

/** All databases of one data folder. */
export class Engine {
  readonly databases = new Map<string, Database>();
  readonly #folder: string;
  readonly #lock: Sqlite.Database;

  /** @throws FolderInUse */
  constructor(dataDir: string) {
    this.#folder = join(dataDir, 'mongodb');
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    // The operating system takes this lock away from a killed process, so it never has to be cleaned up.
    this.#lock = new Sqlite(join(this.#folder, LOCK_FILE));
    try {
      this.#lock.pragma('journal_mode=MEMORY');
      this.#lock.exec('BEGIN EXCLUSIVE');
    } catch {
      this.#lock.close();
      throw new FolderInUse(this.#folder);
    }
    try {
      for (const file of readdirSync(this.#folder))
        if (file.endsWith(EXTENSION)) this.#open(file.slice(0, -EXTENSION.length));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  #open(name: string): Database {
    const database = new Database(name, join(this.#folder, name + EXTENSION), name.endsWith(WIPED));
    this.databases.set(name, database);
    return database;
  }

  /** @returns undefined where the database or the collection does not exist */
  collection(database: string, name: string): Collection | undefined {
    return this.databases.get(database)?.collections.get(name);
  }

  /** @throws MongoError 73 for an illegal name, 13297 for one that differs from another only in case */
  ensureCollection(databaseName: string, name: string): Collection {
    const existing = this.collection(databaseName, name);
    if (existing) return existing;
    requireCollectionName(databaseName, name);
    const database = this.databases.get(databaseName) ?? this.#openNew(databaseName);
    try {
      return database.createCollection(name, randomBytes(16), ID_INDEX);
    } catch (error) {
      throw database.fail(error);
    }
  }

  #openNew(name: string): Database {
    for (const other of this.databases.keys())
      if (other.toLowerCase() === name.toLowerCase())
        throw new MongoError(
          13297,
          `db already exists with different case already have: [${other}] trying to create [${name}]`,
        );
    return this.#open(name);
  }

  dropDatabase(name: string): boolean {
    const database = this.databases.get(name);
    database?.destroy();
    return this.databases.delete(name);
  }

  /** Resolves when everything written so far is on disk. */
  async settled(): Promise<void> {
    await Promise.all([...this.databases.values()].map((database) => database.settled ?? Promise.resolve()));
  }

  close(): void {
    for (const database of this.databases.values()) database.close();
    this.databases.clear();
    this.#lock.close();
  }
}

/** @throws MongoError 73 */
export function requireDatabaseName(name: string): void {
  if (name === '' || Buffer.byteLength(name) > 63 || /[/\\. "$*<>:|?\0]/.test(name))
    throw new MongoError(73, `Invalid database name: '${name}'`);
}

/** @throws MongoError 73 */
export function requireCollectionName(database: string, name: string): void {
  const illegal =
    name === '' || name.includes('$') || name.includes('\0') || name.startsWith('.') || name.endsWith('.');
  if (illegal || name.startsWith('system.') || Buffer.byteLength(`${database}.${name}`) > 255)
    throw new MongoError(73, `Invalid namespace specified '${database}.${name}'`);
}
