import { isIPv6 } from 'node:net';

const MINUTE_MS = 60_000;

/** Callers that are remembered at once; of more, the window that began first is forgotten. */
const MAX_CALLERS = 100_000;

interface Window {
  taken: number;
  endsAt: number;
}

/**
 * Counts calls of each caller in windows of a minute that begin with the caller's first call. In memory, so that it
 * costs a look into a map; a limit holds for each process.
 */
export class RateLimit {
  readonly #perMinute: number;
  /** In the order in which the windows end: a window that ended is put in again at the back. */
  readonly #windows = new Map<string, Window>();

  constructor(perMinute: number) {
    this.#perMinute = perMinute;
  }

  /**
   * Takes one call.
   * @param now epoch milliseconds
   * @returns 0 when it may go on, else the whole seconds until the next window
   */
  take(caller: string, now: number): number {
    const window = this.#windows.get(caller);
    if (window !== undefined && window.endsAt > now) {
      window.taken += 1;
      return window.taken <= this.#perMinute ? 0 : Math.ceil((window.endsAt - now) / 1_000);
    }
    this.#windows.delete(caller);
    this.#forgetOld(now);
    this.#windows.set(caller, { taken: 1, endsAt: now + MINUTE_MS });
    return 0;
  }

  get size(): number {
    return this.#windows.size;
  }

  #forgetOld(now: number): void {
    for (const [caller, { endsAt }] of this.#windows) {
      if (endsAt > now && this.#windows.size < MAX_CALLERS) return;
      this.#windows.delete(caller);
    }
  }
}

/** One household or company line: an IPv4 address, or the /64 that one IPv6 customer has to themselves. */
export function callerOf(address: string): string {
  if (!isIPv6(address)) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped?.[1] !== undefined) return mapped[1];
  const [head = '', tail] = address.toLowerCase().split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) while (groups.length < 8 - (tail === '' ? 0 : tail.split(':').length)) groups.push('0');
  return `${groups.slice(0, 4).join(':')}::/64`;
}
