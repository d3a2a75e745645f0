import { Problem, problemFrom, signInUrl } from 'c/oneshotApi';
import { type Pair, takePair } from './pairs';

/** What a popup brought back. */
export type Outcome = { code: string; pair: Pair; backendUrl: string } | { problem: Problem };

interface Attempt {
  pair: Pair;
  backendUrl: string;
  done: (outcome: Outcome) => void;
  timer: ReturnType<typeof setTimeout>;
}

/** The cookie of a transaction lives ten minutes: a message after that is nobody's. */
const PENDING_MS = 10 * 60_000;
/** One name, so that a second click steers the popup that is already open instead of leaving two. */
const WINDOW_NAME = 'oneshot-sign-in';
const FEATURES = 'popup=yes,width=520,height=720';
const CODE = /^[A-Za-z0-9_-]{22,512}$/;

let pending: Attempt | undefined;

function hasExactly(value: object, ...keys: string[]): boolean {
  const own = Object.keys(value);
  return own.length === keys.length && keys.every((key) => own.includes(key));
}

/** Exactly `{ source, type: "sign-in", code }` or `{ source, type: "sign-in-error", error }`, else undefined. */
function read(data: unknown): { code: string } | { problem: Problem } | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const message = data as Record<string, unknown>;
  if (message.source !== 'oneshot') return undefined;
  if (message.type === 'sign-in' && hasExactly(message, 'source', 'type', 'code')) {
    const code = message.code;
    return typeof code === 'string' && CODE.test(code) ? { code } : undefined;
  }
  if (message.type === 'sign-in-error' && hasExactly(message, 'source', 'type', 'error')) {
    const problem = problemFrom(message.error, 0);
    return problem ? { problem } : undefined;
  }
  return undefined;
}

/**
 * Strangers may post to this window at any time, so a message counts only while our own popup is pending, from exactly
 * the backend's origin and in exactly the agreed shape. `event.source` is not compared: under Lightning Web Security
 * the popup is seen through a membrane and is not the same object.
 */
function receive(event: MessageEvent): void {
  if (!pending || event.origin !== new URL(pending.backendUrl).origin) return;
  const message = read(event.data);
  if (!message) return;
  const { pair, backendUrl, done } = pending;
  stopWaiting();
  done('code' in message ? { code: message.code, pair, backendUrl } : message);
}

/** Forgets the pending popup: whatever it posts later is ignored. */
export function stopWaiting(): void {
  if (!pending) return;
  clearTimeout(pending.timer);
  window.removeEventListener('message', receive);
  pending = undefined;
}

/**
 * Opens the sign-in popup. Must run inside a click, before anything is awaited. A popup that the rep closes, or whose
 * opener another site severed, simply never answers: the next click opens it again.
 * @param done called at most once, with a code or with what went wrong
 * @param expired called when nothing came in ten minutes
 * @throws Problem `popup_blocked`; `not_ready` in the page's first milliseconds or where the browser has no WebCrypto
 */
export function openPopup(backendUrl: string, done: (outcome: Outcome) => void, expired: () => void): void {
  stopWaiting();
  const pair = takePair();
  if (!pair) throw new Problem({ code: 'not_ready' });
  const timer = setTimeout(() => {
    stopWaiting();
    expired();
  }, PENDING_MS);
  pending = { pair, backendUrl, done, timer };
  window.addEventListener('message', receive);

  let popup: Window | null = null;
  try {
    // No `noopener`: the page at the end of the trip answers through window.opener.
    popup = window.open(signInUrl(backendUrl, pair.challenge, window.location.origin), WINDOW_NAME, FEATURES);
    popup?.focus();
  } catch {
    // Some blockers throw instead of returning null, and a cross-origin window may refuse focus().
  }
  if (popup === null) {
    stopWaiting();
    throw new Problem({ code: 'popup_blocked' });
  }
}
