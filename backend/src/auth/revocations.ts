import type { Model } from 'mongoose';
import { isDuplicateKey } from '../database/duplicate-key.ts';
import { DatabaseUnavailable } from '../http/problems.ts';
import type { RevocationDocument } from './model.ts';

/** Which sessions ended. Ids are opaque. */
export interface SessionsEnded {
  /** One session, all of a rep, or all of an org. */
  readonly scope: 'session' | 'rep' | 'org';
  readonly orgId: string;
  /** Absent for an org. */
  readonly userId?: string;
  /** The sessions that were there: named one by one, so that no two processes' clocks have to agree. */
  readonly sessionIds: readonly string[];
}

export interface RevocationsOptions {
  readonly revocations: Model<RevocationDocument>;
  /** The longest that a session can live, in milliseconds; a revocation is needed that long. */
  readonly longestSessionMs: number;
  /** Between the beginnings of two reads. Default 1 s. */
  readonly pollMs?: number;
  /** Without a successful read for so long, requests are refused. Default 5 s (DESIGN 2, promise 6). */
  readonly staleMs?: number;
}

/** One read of the poll, in milliseconds; the next one starts anew. */
const READ_TIMEOUT_MS = 2_000;
const MAX_PER_READ = 1_000;

/** Revocations older than a session can live are deleted this often, in milliseconds. */
const CLEAN_EVERY_MS = 10 * 60_000;

/**
 * Sessions that were ended, in this process at once and in every other one within a poll. A process that cannot read
 * them for five seconds must refuse requests: it cannot know who was signed out elsewhere.
 */
export class Revocations {
  readonly #options: Required<RevocationsOptions>;
  readonly #listeners: ((ended: SessionsEnded) => void)[] = [];
  /** Ended sessions, and until when (epoch milliseconds) they must be remembered. */
  readonly #ended = new Map<string, number>();
  /** Rows written and applied here, which the poll has not met yet and must not apply again. */
  readonly #applied = new Set<number>();
  #lastSeen = 0;
  /** The highest number known to be taken: read, or written here. */
  #newest = 0;
  #writing: Promise<void> = Promise.resolve();
  /** `performance.now()` at the beginning of the last read that succeeded. */
  #readAt = Number.NEGATIVE_INFINITY;
  #cleanedAt = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  private constructor(options: RevocationsOptions) {
    this.#options = { pollMs: 1_000, staleMs: 5_000, ...options };
  }

  /** Reads all that still matter, then polls until `close`. @throws what the database throws while it is away */
  static async open(options: RevocationsOptions): Promise<Revocations> {
    const opened = new Revocations(options);
    await opened.#read();
    opened.#schedule();
    return opened;
  }

  /** Called once for each revocation, whichever process it came from; must not throw. */
  onEnded(listener: (ended: SessionsEnded) => void): void {
    this.#listeners.push(listener);
  }

  get isFresh(): boolean {
    return performance.now() - this.#readAt <= this.#options.staleMs;
  }

  /** @throws DatabaseUnavailable when revocations could not be read lately */
  assertFresh(): void {
    if (!this.isFresh) throw new DatabaseUnavailable();
  }

  /** Whether a session that is still in the database, or on its way from there, was ended. */
  covers(sessionId: string): boolean {
    return this.#ended.has(sessionId);
  }

  /** Ends sessions: stored for every other process first, then applied here. One after the other within a process. */
  async add(ended: SessionsEnded): Promise<void> {
    const written = this.#writing.then(() => this.#write(ended));
    this.#writing = written.catch(() => undefined);
    await written;
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => {
      void this.#read()
        .catch(() => undefined)
        .then(() => this.#schedule());
    }, this.#options.pollMs).unref();
  }

  async #write(ended: SessionsEnded): Promise<void> {
    const { revocations, longestSessionMs } = this.#options;
    const row = { ...ended, sessionIds: [...ended.sessionIds], deleteAt: new Date(Date.now() + longestSessionMs) };
    let next = this.#newest + 1;
    for (;;) {
      try {
        // A number is only taken once its predecessor is there, so a poll never skips one that comes late.
        await revocations.create({ _id: next, ...row });
        break;
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
      const newest = await revocations.findOne().sort({ _id: -1 }).select({ _id: 1 }).lean();
      next = (newest?._id ?? 0) + 1;
    }
    this.#newest = Math.max(this.#newest, next);
    // Unless the poll was faster.
    if (this.#lastSeen < next) {
      this.#applied.add(next);
      this.#apply(ended);
    }
  }

  async #read(): Promise<void> {
    const { revocations } = this.#options;
    for (;;) {
      const startedAt = performance.now();
      const rows = await withTimeout(
        revocations
          .find({ _id: { $gt: this.#lastSeen } })
          .sort({ _id: 1 })
          .limit(MAX_PER_READ)
          .lean()
          .exec(),
        READ_TIMEOUT_MS,
      );
      for (const row of rows) {
        this.#lastSeen = row._id;
        this.#newest = Math.max(this.#newest, row._id);
        if (!this.#applied.delete(row._id)) this.#apply(endedOf(row));
      }
      if (rows.length < MAX_PER_READ) {
        this.#readAt = startedAt;
        break;
      }
    }
    if (performance.now() - this.#cleanedAt > CLEAN_EVERY_MS) await this.#clean();
  }

  #apply(ended: SessionsEnded): void {
    const until = Date.now() + this.#options.longestSessionMs;
    for (const sessionId of ended.sessionIds) this.#ended.set(sessionId, until);
    for (const listener of this.#listeners) listener(ended);
  }

  /** Keeps the newest row in any case: the next number is counted from it. */
  async #clean(): Promise<void> {
    this.#cleanedAt = performance.now();
    for (const [sessionId, until] of this.#ended) if (until < Date.now()) this.#ended.delete(sessionId);
    await this.#options.revocations.deleteMany({ _id: { $lt: this.#lastSeen }, deleteAt: { $lt: new Date() } });
  }
}

function endedOf(row: RevocationDocument): SessionsEnded {
  return {
    scope: row.scope,
    orgId: row.orgId,
    ...(row.userId === undefined ? {} : { userId: row.userId }),
    sessionIds: row.sessionIds,
  };
}

/** A driver that waits for a server that is gone must not keep the poll from trying again. */
async function withTimeout<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('The database did not answer in time')), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}
