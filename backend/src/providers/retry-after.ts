/** When nothing says how long to wait, seconds. */
export const DEFAULT_WAIT = 60;
/** A provider cannot make a rep wait for longer than this before they may try again, seconds. */
const LONGEST_WAIT = 86_400;

/** Seconds of a `Retry-After` header, which is a number of them or a date (RFC 9110, 10.2.3); undefined when it is neither. */
export function retryAfterOf(header: string | undefined, now = Date.now()): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return bounded(Number(header));
  return secondsUntil(Date.parse(header), now);
}

/** Seconds until a moment, at least one. @param at epoch milliseconds; NaN gives undefined */
export function secondsUntil(at: number, now = Date.now()): number | undefined {
  return Number.isNaN(at) ? undefined : bounded(Math.ceil((at - now) / 1_000));
}

function bounded(seconds: number): number {
  return Math.min(Math.max(seconds, 1), LONGEST_WAIT);
}
