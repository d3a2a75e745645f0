import type { PullSettings } from './account-fields.ts';
import type { ListPull } from './list-pull.ts';

/** How old and how whole what was answered is (API.md, freshness). */
export interface Freshness {
  readonly source: 'live' | 'memory';
  readonly complete: boolean;
  readonly fetched: number;
  readonly total: number;
  readonly fetchedAt: string;
  readonly expiresAt: string;
  readonly hiddenFields: readonly string[];
}

/** @param isLive whether the answer waited for the whole pull, or nothing is kept */
export function freshnessOf(pull: ListPull, isLive: boolean): Freshness {
  return {
    source: isLive ? 'live' : 'memory',
    complete: pull.isComplete,
    fetched: pull.list.size,
    total: pull.total,
    fetchedAt: pull.fetchedAt,
    expiresAt: pull.expiry,
    hiddenFields: pull.hiddenFields,
  };
}

/** What a refresh answers with the cache off: the next list request pulls by itself. */
export function notPulled({ cache }: PullSettings): Freshness {
  const now = Date.now();
  return {
    source: 'live',
    complete: false,
    fetched: 0,
    total: 0,
    fetchedAt: new Date(now).toISOString(),
    expiresAt: new Date(now + cache.minutes * 60_000).toISOString(),
    hiddenFields: [],
  };
}
