import { setTimeout as delay } from 'node:timers/promises';
import mongoose, { Schema, type Connection, type Model } from 'mongoose';
import { whenHeartbeatHangs } from '../database/heartbeats.ts';
import type { Secret } from '../vault/secret.ts';
import { beatOf, isEntry, LedgerUnavailable, type Ledger, type LedgerEntry, type LedgerEvent } from './ledger.ts';

interface EntryDocument {
  readonly beat: number;
  readonly entry: Readonly<Record<string, unknown>>;
}

interface BeatDocument {
  readonly _id: 'beat';
  readonly value: number;
}

const OPTIONS = {
  serverSelectionTimeoutMS: 3_000,
  connectTimeoutMS: 3_000,
  socketTimeoutMS: 10_000,
  heartbeatFrequencyMS: 5_000,
  maxPoolSize: 4,
  autoIndex: false,
  autoCreate: false,
  bufferCommands: false,
  writeConcern: { w: 'majority' },
} as const;

/** A heartbeat that lasts longer hangs, in milliseconds. */
const HUNG_MS = 12_000;
/** Between two attempts to open it anew, in milliseconds. */
const RETRY_MS = 1_000;

/** A ledger in a database of its own, which is restored from no backup: the cluster of the sessions, for instance. */
export class MongodbLedger implements Ledger {
  readonly #connection: Connection;
  readonly #entries: Model<EntryDocument>;
  readonly #beats: Model<BeatDocument>;
  readonly #closing = new AbortController();

  private constructor(connection: Connection) {
    this.#connection = connection;
    const common = { versionKey: false, strict: 'throw', id: false } as const;
    const entries = new Schema<EntryDocument>(
      { beat: { type: Number, required: true }, entry: { type: Schema.Types.Mixed, required: true } },
      { ...common, collection: 'ledgerEntries' },
    );
    entries.index({ beat: 1 });
    this.#entries = connection.model<EntryDocument>('LedgerEntry', entries);
    this.#beats = connection.model<BeatDocument>(
      'LedgerBeat',
      new Schema<BeatDocument>(
        { _id: { type: String, required: true }, value: { type: Number, required: true } },
        { ...common, collection: 'ledgerBeats' },
      ),
    );
  }

  /** @throws LedgerUnavailable */
  static async open(uri: Secret): Promise<MongodbLedger> {
    const connection = mongoose.createConnection();
    connection.on('error', () => undefined);
    try {
      await connection.openUri(uri.reveal(), OPTIONS);
      const ledger = new MongodbLedger(connection);
      ledger.#watch(uri);
      await ledger.#entries.createIndexes();
      return ledger;
    } catch {
      await connection.close(true).catch(() => undefined);
      throw new LedgerUnavailable('cannot be reached', true);
    }
  }

  async append(event: LedgerEvent): Promise<void> {
    const now = new Date();
    const beat = beatOf(now.getTime());
    await this.#try(() => this.#entries.create({ beat, entry: { at: now.toISOString(), beat, ...event } }));
  }

  async since(beat: number): Promise<readonly LedgerEntry[]> {
    const found = await this.#try(() =>
      this.#entries
        .find({ beat: { $gte: beat } })
        .sort({ beat: 1, _id: 1 })
        .lean(),
    );
    return found.map(({ entry }): unknown => entry).filter(isEntry);
  }

  async beat(): Promise<number> {
    return (await this.#try(() => this.#beats.findOne({ _id: 'beat' }).lean()))?.value ?? 0;
  }

  async raise(beat: number): Promise<void> {
    await this.#try(() => this.#beats.updateOne({ _id: 'beat' }, { $max: { value: beat } }, { upsert: true }));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#connection.close(true);
  }

  #watch(uri: Secret): void {
    whenHeartbeatHangs(this.#connection, HUNG_MS, () => void this.#reopen(uri));
  }

  async #reopen(uri: Secret): Promise<void> {
    await this.#connection.close(true).catch(() => undefined);
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        await this.#connection.openUri(uri.reveal(), OPTIONS);
        if (this.#closing.signal.aborted) await this.#connection.close(true);
        else this.#watch(uri);
        return;
      } catch {
        await delay(RETRY_MS, undefined, { ref: false, signal }).catch(() => undefined);
      }
    }
  }

  async #try<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch {
      throw new LedgerUnavailable('cannot be reached', true);
    }
  }
}
