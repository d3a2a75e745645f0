import { setTimeout as delay } from 'node:timers/promises';
import mongoose, { type Connection, type ConnectOptions, type mongo } from 'mongoose';
import type { Secret } from '../vault/secret.ts';
import { whenHeartbeatHangs } from './heartbeats.ts';
import { isDatabaseUnavailable } from './unavailable.ts';

// A field that a schema does not declare is refused in documents and in filters alike, never dropped in silence.
mongoose.set('strict', 'throw');
mongoose.set('strictQuery', 'throw');

/**
 * Every wait is bounded: an operation fails within these times and the caller answers 503. A server that answers late is
 * busy and not gone: the driver gives it up, with all its connections, only after `connectTimeoutMS` without a heartbeat.
 */
const OPTIONS: ConnectOptions = {
  serverSelectionTimeoutMS: 2_000,
  connectTimeoutMS: 5_000,
  socketTimeoutMS: 10_000,
  waitQueueTimeoutMS: 5_000,
  heartbeatFrequencyMS: 2_000,
  maxPoolSize: 20,
  bufferCommands: false,
  autoIndex: false,
  autoCreate: false,
  appName: 'oneshot',
};

/** A heartbeat that lasts longer hangs, in milliseconds. */
const HUNG_MS = 10_000;

/** Between two attempts to connect at start, in milliseconds. */
const RETRY_MS = 1_000;

export type DatabaseState = 'connected' | 'disconnected' | 'reconnected';

export interface DatabaseOptions {
  readonly mongodbUri: Secret;
  readonly sessionsMongodbUri: Secret;
  readonly onState?: (state: DatabaseState) => void;
  /** Sees every command that the driver sends; for tests of what a query names. */
  readonly onCommand?: (command: mongo.CommandStartedEvent) => void;
}

/** An index could not be made; the message names the collection, never a value. */
export class IndexFailed extends Error {
  constructor(collection: string, cause: unknown) {
    const code = cause instanceof Error && 'code' in cause ? ` (MongoDB code ${String(cause.code)})` : '';
    super(`The indexes of the collection ${collection} could not be made${code}`);
    this.name = 'IndexFailed';
  }
}

/**
 * The two databases: `main` is kept and backed up, `sessions` is neither (DESIGN 6). Rooms register their models on
 * them at any time; nothing here knows a room.
 */
export class Database {
  readonly main: Connection = mongoose.createConnection();
  readonly sessions: Connection = mongoose.createConnection();
  readonly #options: DatabaseOptions;
  #state: DatabaseState | undefined;
  readonly #closing = new AbortController();

  constructor(options: DatabaseOptions) {
    this.#options = options;
    for (const connection of [this.main, this.sessions]) {
      for (const event of ['connected', 'reconnected', 'disconnected']) connection.on(event, () => this.#changed());
      connection.on('error', () => undefined); // met again by whoever asks; an event without a listener would end the process
    }
  }

  /** Whether both databases answered when the driver last looked (every 2 s). */
  get isConnected(): boolean {
    return isUp(this.main) && isUp(this.sessions);
  }

  /** Connects both, trying again for as long as it takes. @throws AbortError when `signal` aborts */
  async connect(signal: AbortSignal): Promise<void> {
    await Promise.all([
      this.#connect(this.main, this.#options.mongodbUri, signal),
      this.#connect(this.sessions, this.#options.sessionsMongodbUri, signal),
    ]);
  }

  /**
   * Makes every index that the models registered so far declare, and says whose it could not make. A room that must not
   * write before its indexes are there makes its own first. @throws IndexFailed
   */
  async ensureIndexes(): Promise<void> {
    for (const connection of [this.main, this.sessions]) {
      for (const model of Object.values(connection.models)) {
        try {
          await model.createIndexes();
        } catch (error) {
          throw isDatabaseUnavailable(error) ? error : new IndexFailed(model.collection.collectionName, error);
        }
      }
    }
  }

  /** Asks both databases now. @returns false before the first connection @throws what the driver throws */
  async ping(): Promise<boolean> {
    for (const { db } of [this.main, this.sessions]) {
      if (db === undefined) return false;
      await db.command({ ping: 1 });
    }
    return true;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all([this.main.close(true), this.sessions.close(true)]);
  }

  async #connect(connection: Connection, uri: Secret, signal: AbortSignal): Promise<void> {
    const { onCommand } = this.#options;
    const options = onCommand === undefined ? OPTIONS : { ...OPTIONS, monitorCommands: true };
    for (;;) {
      signal.throwIfAborted();
      try {
        await connection.openUri(uri.reveal(), options);
        break;
      } catch (error) {
        if (!isDatabaseUnavailable(error)) throw error;
        await delay(RETRY_MS, undefined, { signal });
      }
    }
    if (onCommand !== undefined) connection.getClient().on('commandStarted', onCommand);
    whenHeartbeatHangs(connection, HUNG_MS, () => void this.#reopen(connection, uri));
  }

  async #reopen(connection: Connection, uri: Secret): Promise<void> {
    const { signal } = this.#closing;
    await connection.close(true).catch(() => undefined);
    let isOpen = false;
    while (!isOpen && !signal.aborted) {
      try {
        await this.#connect(connection, uri, signal);
        isOpen = true;
      } catch {
        // Whatever it is: nobody else would open it.
        await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
    if (this.#closing.signal.aborted) await connection.close(true).catch(() => undefined);
  }

  /** Both databases count as one; what mongoose says about each of them is told once. */
  #changed(): void {
    const wasConnected = this.#state === 'connected' || this.#state === 'reconnected';
    if (this.#closing.signal.aborted || this.isConnected === wasConnected) return;
    this.#state = wasConnected ? 'disconnected' : this.#state === undefined ? 'connected' : 'reconnected';
    this.#options.onState?.(this.#state);
  }
}

const isUp = (connection: Connection): boolean => connection.readyState === mongoose.ConnectionStates.connected;
