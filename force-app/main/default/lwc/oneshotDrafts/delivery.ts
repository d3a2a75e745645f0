import { type Email, pause, Problem } from 'c/oneshotApi';
import { read as readConnections } from 'c/oneshotConnections';
import { sendEmail } from 'c/oneshotSession';

/**
 * How sending ended. `refused`: nothing was sent. `unreached`: no answer came, so nobody here knows; asking again with
 * the same key is safe, because the backend sends once for a key.
 */
export type Outcome =
  | { state: 'accepted'; isLogFailed: boolean }
  | { state: 'unknown' }
  | { state: 'refused'; problem: Problem }
  | { state: 'unreached'; problem: Problem };

/** Waits before the same key is asked for again. */
const AGAIN_AFTER_MS = [1_000, 3_000, 8_000];

/**
 * True where the answer leaves open whether the mail went. What Salesforce or the mail provider refused was not sent, and
 * the answer says so.
 */
function isOpen(problem: Problem): boolean {
  if (/^(crm|provider)_/.test(problem.code) || problem.code === 'sending_paused') return false;
  if (problem.code === 'in_progress' || problem.code === 'bad_answer') return true;
  return problem.code === 'network' || problem.code === 'timeout' || problem.status >= 500;
}

/** True where the request was turned away before its key was looked up: this says nothing of an attempt before it. */
function isAtTheDoor({ needsSignIn, code }: Problem): boolean {
  return needsSignIn || code === 'too_many_requests' || code === 'sending_paused';
}

/** Sends one mail and, where no answer comes, asks again with the same key. Never rejects. */
export async function deliver(email: Email, key: string): Promise<Outcome> {
  let wasOpen = false;
  for (let attempt = 0; ; attempt += 1) {
    try {
      const sent = await sendEmail(email, key);
      if (sent.state === 'unknown') return { state: 'unknown' };
      return { state: 'accepted', isLogFailed: sent.task === 'failed' || sent.task === 'unknown' };
    } catch (error) {
      const problem = error instanceof Problem ? error : new Problem({ code: 'bad_answer' });
      // The connection is over: the utility bar and an open panel shall say so, too.
      if (problem.action === 'reconnect') void readConnections();
      if (!isOpen(problem)) return { state: wasOpen && isAtTheDoor(problem) ? 'unreached' : 'refused', problem };
      wasOpen = true;
      const wait = AGAIN_AFTER_MS[attempt];
      if (wait === undefined) return { state: 'unreached', problem };
      await pause(Math.max(wait, Math.min(problem.retryAfter ?? 0, 15) * 1000));
    }
  }
}
