import type { SalesforceOrg } from '../org/org.ts';
import { SalesforceError } from '../error.ts';

const DAY = 86_400_000;

/** Counts the org's REST calls of a day (UTC) against its limit. */
export class ApiUsage {
  readonly #org: SalesforceOrg;
  /** The day, and the org's life, that `#used` counts. */
  #counted = '';
  #used = 0;

  constructor(org: SalesforceOrg) {
    this.#org = org;
  }

  /**
   * Counts one call.
   * @returns the header `Sforce-Limit-Info`
   * @throws SalesforceError 403 REQUEST_LIMIT_EXCEEDED when the day's calls are used up
   */
  count(): string {
    this.#turnDay();
    const { dailyApiLimit } = this.#org.flags;
    if (this.#used >= dailyApiLimit) {
      throw new SalesforceError(403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.');
    }
    this.#used++;
    return `api-usage=${this.#used}/${dailyApiLimit}`;
  }

  /** The answer of `/limits`. */
  limits(): Record<string, { Max: number; Remaining: number }> {
    this.#turnDay();
    const { dailyApiLimit } = this.#org.flags;
    return { DailyApiRequests: { Max: dailyApiLimit, Remaining: Math.max(0, dailyApiLimit - this.#used) } };
  }

  #turnDay(): void {
    const counted = `${this.#org.resets} ${Math.floor(this.#org.clock.now() / DAY)}`;
    if (counted !== this.#counted) this.#used = 0;
    this.#counted = counted;
  }
}
