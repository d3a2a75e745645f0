import { pause, Problem } from 'c/oneshotApi';
import { instant, type Instant } from './clock';
import { randomToken } from './pairs';

/** The backend gives the same answer again for 60 s from the first try; stop well inside that. */
const REPEAT_FOR_MS = 45_000;
const REPEAT_AFTER_MS = [500, 2_000, 5_000];

export interface Lifetime {
  issuedAtMs: number;
  expiresAtMs: number;
}

/**
 * `iat` and `exp` of a JWT (RFC 7519 4.1). Not verified, nothing is granted by it: it tells the backend's own time, so
 * that the session's end does not depend on the laptop's clock.
 */
export function lifetimeOf(token: string): Lifetime {
  try {
    const payload = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
    const claims = JSON.parse(atob(payload)) as { iat?: unknown; exp?: unknown };
    if (typeof claims.iat === 'number' && typeof claims.exp === 'number' && claims.exp > claims.iat) {
      return { issuedAtMs: claims.iat * 1000, expiresAtMs: claims.exp * 1000 };
    }
  } catch {
    // Falls through to the one error there is.
  }
  throw new Problem({ code: 'bad_answer' });
}

/** A lost answer may hide something that was made: ask again with the same key rather than lose it. */
function isWorthRepeating(error: unknown): error is Problem {
  return (
    error instanceof Problem &&
    (error.code === 'network' || error.code === 'timeout' || error.status === 502 || error.status === 503)
  );
}

/**
 * Redeems a one-time code.
 * @param exchange the call; it is repeated with the same idempotency key
 * @returns the answer, and when it was first asked for: a session's time counts from there
 * @throws Problem
 */
export async function redeem<T>(
  exchange: (idempotencyKey: string) => Promise<T>,
  signal?: AbortSignal,
): Promise<{ answer: T; askedAt: Instant }> {
  const askedAt = instant();
  const key = randomToken();
  for (let attempt = 0; ; attempt += 1) {
    try {
      return { answer: await exchange(key), askedAt };
    } catch (error) {
      const wait = REPEAT_AFTER_MS[attempt];
      if (wait === undefined || !isWorthRepeating(error)) throw error;
      const waitMs = Math.max(wait, (error.retryAfter ?? 0) * 1000);
      if (performance.now() - askedAt.monotonicMs + waitMs > REPEAT_FOR_MS) throw error;
      await pause(waitMs, signal);
    }
  }
}
