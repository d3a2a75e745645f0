import { setTimeout as delay } from 'node:timers/promises';

export interface RetentionParts {
  /** Ids of all orgs of this region. */
  readonly orgs: () => AsyncIterable<{ readonly _id: string }>;
  /** Puts one org in order; must do no harm when several processes do it at once. */
  readonly tidy: (orgId: string) => Promise<unknown>;
  /** Between two rounds, in milliseconds. Default one hour. */
  readonly everyMs?: number;
}

const HOUR_MS = 3_600_000;

/**
 * Goes through the orgs every hour and forgets what is past its time. A row past its time is not shown meanwhile either:
 * the lists filter by themselves.
 */
export class Retention {
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;

  constructor(parts: RetentionParts) {
    this.#done = this.#run(parts);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  async #run({ orgs, tidy, everyMs = HOUR_MS }: RetentionParts): Promise<void> {
    // Processes that started together do not all work at the same moment.
    while (await this.#pause(everyMs * (0.5 + Math.random() / 2))) {
      try {
        for await (const { _id } of orgs()) {
          if (this.#isStopped()) return;
          await tidy(_id);
        }
      } catch {
        // The database is away, or an org went meanwhile: the next round does what this one could not.
      }
    }
  }

  #isStopped(): boolean {
    return this.#stop.signal.aborted;
  }

  /** @returns whether to go on */
  async #pause(ms: number): Promise<boolean> {
    await delay(ms, undefined, { signal: this.#stop.signal, ref: false }).catch(() => undefined);
    return !this.#isStopped();
  }
}
