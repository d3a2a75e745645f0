import { OutreachError } from './error.ts';

const hourMs = 3_600_000;
/** Calls of one user in an hour (FACTS D). */
const most = 10_000;

/** Counts the calls of each user in each hour. */
export class RateLimit {
  readonly #now: () => number;
  #hour = 0;
  readonly #counts = new Map<number, number>();

  /** @param now epoch milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  clear(): void {
    this.#counts.clear();
  }

  /**
   * Counts a call.
   * @returns the headers that say what is left
   * @throws OutreachError 429 beyond the limit
   */
  count(userId: number): Readonly<Record<string, string>> {
    const hour = Math.floor(this.#now() / hourMs);
    if (hour !== this.#hour) this.#counts.clear();
    this.#hour = hour;
    const count = (this.#counts.get(userId) ?? 0) + 1;
    this.#counts.set(userId, count);
    if (count > most) {
      const detail = 'You have exceeded the number of requests of this hour.';
      throw new OutreachError(429, 'rateLimitExceeded', 'Rate Limit Exceeded', detail);
    }
    return {
      'x-ratelimit-limit': String(most),
      'x-ratelimit-remaining': String(most - count),
      'x-ratelimit-reset': String(((hour + 1) * hourMs) / 1000),
    };
  }
}
