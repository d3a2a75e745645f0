/**
 * The backend's time, told by this tab. A laptop's clock may be wrong by hours, so only differences are taken from it:
 * time passed since the token was asked for. `performance.now()` stands still while some systems sleep and `Date.now()`
 * jumps when somebody sets the clock; the larger of the two never believes in a session that has ended.
 */
let start: { serverMs: number; monotonicMs: number; wallMs: number } | undefined;

export interface Instant {
  monotonicMs: number;
  wallMs: number;
}

export function instant(): Instant {
  return { monotonicMs: performance.now(), wallMs: Date.now() };
}

/**
 * Sets the clock.
 * @param serverMs what the backend's clock showed, Unix milliseconds
 * @param at when this tab asked: earlier than the answer, so the error is on the safe side
 */
export function setServerClock(serverMs: number, at: Instant): void {
  start = { serverMs, ...at };
}

/** Now, on the backend's clock, Unix milliseconds; the laptop's own before the first sign-in. */
export function serverNow(): number {
  if (!start) return Date.now();
  const passed = Math.max(performance.now() - start.monotonicMs, Date.now() - start.wallMs, 0);
  return start.serverMs + passed;
}
