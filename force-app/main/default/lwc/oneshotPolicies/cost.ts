import type { OrgSettings } from 'c/oneshotApi';

/** A day of work. */
const WORK_MINUTES = 8 * 60;
/** Lists that a rep looks at in a day: with the cache off each is read anew. */
const VIEWS = 60;
/** Accounts on one page of Salesforce's answer. */
const PAGE = 2_000;
/** Besides the pages: what may be asked for, the rep's currency. */
const PER_PULL = 2;
/** Reading the home region. */
const PER_SIGN_IN = 1;

/**
 * API calls that one rep makes in a day of work, estimated: each session pulls afresh, and so does a list whose minutes
 * are over.
 * @param accounts that pay
 */
export function callsADay(settings: Pick<OrgSettings, 'sessionMinutes' | 'cache'>, accounts: number): number {
  const { sessionMinutes, cache } = settings;
  const pages = Math.max(1, Math.ceil(accounts / PAGE));
  const signIns = Math.ceil(WORK_MINUTES / sessionMinutes);
  const pulls = cache.enabled ? Math.ceil(WORK_MINUTES / Math.min(cache.minutes, sessionMinutes)) : VIEWS;
  return pulls * (pages + PER_PULL) + signIns * PER_SIGN_IN;
}
