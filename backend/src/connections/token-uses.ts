import type { ProviderName, TokenPurpose } from './tokens.ts';

/** How often a rep's token was used for something within one minute. */
export interface TokenUse {
  readonly orgId: string;
  readonly userId: string;
  readonly provider: ProviderName;
  readonly purpose: TokenPurpose;
  /** Beginning of the minute, UTC. */
  readonly minute: Date;
  readonly count: number;
}

export interface TokenUsesOptions {
  /** Stores a batch; what it throws is tried again with the next one. */
  readonly write: (uses: readonly TokenUse[]) => Promise<void>;
  /** Between two batches, in milliseconds. Default 10 s. */
  readonly everyMs?: number;
}

const MINUTE_MS = 60_000;
/** Counts kept while the database is away; more than any process serves in an hour. */
const MAX_KEPT = 100_000;

/**
 * Counts the uses of tokens per rep, provider, purpose and minute, so that each rep can see every one of them. The
 * counting itself waits for nothing; a count is written within `everyMs`, and at a stop.
 */
export class TokenUses {
  readonly #write: TokenUsesOptions['write'];
  readonly #timer: NodeJS.Timeout;
  #counts = new Map<string, TokenUse>();
  #flushing: Promise<void> | undefined;

  constructor({ write, everyMs = 10_000 }: TokenUsesOptions) {
    this.#write = write;
    this.#timer = setInterval(() => void this.flush(), everyMs).unref();
  }

  count(use: Omit<TokenUse, 'minute' | 'count'>, at = Date.now()): void {
    const minute = new Date(Math.floor(at / MINUTE_MS) * MINUTE_MS);
    this.#add({ ...use, minute, count: 1 });
  }

  /** Writes what was counted. Never throws: a use is not undone because it could not be counted yet. */
  async flush(): Promise<void> {
    this.#flushing ??= this.#flush().finally(() => (this.#flushing = undefined));
    await this.#flushing;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }

  async #flush(): Promise<void> {
    const counts = [...this.#counts.values()];
    if (counts.length === 0) return;
    this.#counts = new Map();
    try {
      await this.#write(counts);
    } catch {
      for (const use of counts) this.#add(use);
    }
  }

  #add(use: TokenUse): void {
    const { orgId, userId, provider, purpose, minute } = use;
    const name = [orgId, userId, provider, purpose, minute.getTime()].join(' ');
    const known = this.#counts.get(name);
    if (known === undefined && this.#counts.size >= MAX_KEPT) return;
    this.#counts.set(name, { ...use, count: (known?.count ?? 0) + use.count });
  }
}
