import { Problem, problemFrom } from 'c/oneshotApi';
import type { Pair } from './pairs';

/** What a popup brought back. */
export type Arrival = { code: string } | { problem: Problem };

/** A popup's way: where it goes and what its last page may post. */
export interface Trip {
  /** The address to open. */
  url: string;
  /** Origin of the backend whose page posts the message. */
  backendUrl: string;
  pair: Pair;
  /** The kind of message that ends this trip, and for a connection also of which provider. */
  ends: { type: 'sign-in' } | { type: 'connection'; provider: string };
}

interface Attempt {
  trip: Trip;
  done: (arrival: Arrival) => void;
  timer: ReturnType<typeof setTimeout>;
}

/** The cookie of a transaction lives ten minutes: a message after that is nobody's. */
const PENDING_MS = 10 * 60_000;
const FEATURES = 'popup=yes,width=520,height=720';
const CODE = /^[A-Za-z0-9_-]{22,512}$/;

/** Whether the message has exactly these parts, with these values where one is given. */
function isExactly(message: Record<string, unknown>, parts: Record<string, string | undefined>): boolean {
  const names = Object.keys(parts);
  return (
    Object.keys(message).length === names.length &&
    names.every((name) => Object.hasOwn(message, name) && (parts[name] ?? message[name]) === message[name])
  );
}

/**
 * Exactly `{ source, type, code }` or `{ source, type: "...-error", error }`, for a connection with its `provider`,
 * else undefined.
 */
function read(data: unknown, { type, ...provider }: Trip['ends']): Arrival | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const message = data as Record<string, unknown>;
  if (isExactly(message, { source: 'oneshot', type, ...provider, code: undefined })) {
    const code = message.code;
    return typeof code === 'string' && CODE.test(code) ? { code } : undefined;
  }
  if (isExactly(message, { source: 'oneshot', type: `${type}-error`, ...provider, error: undefined })) {
    const problem = problemFrom(message.error, 0);
    return problem ? { problem } : undefined;
  }
  return undefined;
}

/** One of the package's popups. It waits for one message at a time; two kinds of popup do not disturb each other. */
export class Popup {
  private readonly windowName: string;
  private pending: Attempt | undefined;

  /** @param windowName one for a kind, so that a second click steers the popup that is open instead of leaving two */
  constructor(windowName: string) {
    this.windowName = windowName;
  }

  /**
   * Opens the popup. Must run inside a click, or a moment after: browsers allow it for a second. A popup that the rep closes, or whose opener
   * another site severed, simply never answers: the next click opens it again.
   * @param done called at most once, with a code or with what went wrong
   * @param expired called when nothing came in ten minutes
   * @throws Problem `popup_blocked`
   */
  open(trip: Trip, done: (arrival: Arrival) => void, expired: () => void): void {
    this.stopWaiting();
    const timer = setTimeout(() => {
      this.stopWaiting();
      expired();
    }, PENDING_MS);
    this.pending = { trip, done, timer };
    window.addEventListener('message', this.receive);

    let popup: Window | null = null;
    try {
      // No `noopener`: the page at the end of the trip answers through window.opener.
      popup = window.open(trip.url, this.windowName, FEATURES);
      popup?.focus();
    } catch {
      // Some blockers throw instead of returning null, and a cross-origin window may refuse focus().
    }
    if (popup === null) {
      this.stopWaiting();
      throw new Problem({ code: 'popup_blocked' });
    }
  }

  /** Forgets the pending popup: whatever it posts later is ignored. */
  stopWaiting(): void {
    if (!this.pending) return;
    clearTimeout(this.pending.timer);
    window.removeEventListener('message', this.receive);
    this.pending = undefined;
  }

  /**
   * Strangers may post to this window at any time, so a message counts only while our own popup is pending, from exactly
   * the backend's origin and in exactly the agreed shape. `event.source` is not compared: under Lightning Web Security
   * the popup is seen through a membrane and is not the same object.
   */
  private receive = (event: MessageEvent): void => {
    if (!this.pending) return;
    const { trip, done } = this.pending;
    if (event.origin !== new URL(trip.backendUrl).origin) return;
    const arrival = read(event.data, trip.ends);
    if (!arrival) return;
    this.stopWaiting();
    done(arrival);
  };
}
