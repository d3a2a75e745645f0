import * as api from 'c/oneshotApi';
import { backendUrlOf, defaultRegion, regionAt } from 'c/oneshotRegions';
import { adminCallsAs } from './admin';
import { callsAs, type ConnectionTrip } from './calls';
import { serverNow, setServerClock } from './clock';
import { makePair, type Pair, preparePairs, takePair } from './pairs';
import { type Arrival, Popup } from './popup';
import { lifetimeOf, redeem } from './token';

export type { ConnectionTrip } from './calls';
export { serverNow } from './clock';
export { randomToken } from './pairs';
export type { Arrival } from './popup';

/** Ask to stay signed in this long before the end. */
const ENDS_SOON_MS = 5 * 60_000;
/** A click this close to the end signs in again: the request would arrive too late. */
const MARGIN_MS = 5_000;

/** What components may know. The token is not among it. */
export interface SessionView {
  readonly status: 'signedOut' | 'signedIn' | 'expired';
  /** `waiting`: the popup is open (or was closed; nobody can tell). `exchanging`: it came back. */
  readonly signIn: 'idle' | 'waiting' | 'exchanging';
  readonly user: api.User | null;
  readonly me: api.Me | null;
  /** Why the last sign-in failed. */
  readonly problem: api.Problem | null;
  /** After `wrong_region`: the region to go on in, by name. */
  readonly continueIn: string | null;
  readonly endsSoon: boolean;
  /** Raised at each sign-in: lists pulled before are old from then on. */
  readonly signIns: number;
}

interface Live {
  credentials: api.Credentials;
  expiresAtMs: number;
  timer?: ReturnType<typeof setTimeout>;
}

const signedOut: SessionView = {
  status: 'signedOut',
  signIn: 'idle',
  user: null,
  me: null,
  problem: null,
  continueIn: null,
  endsSoon: false,
  signIns: 0,
};

let live: Live | undefined;
let view: SessionView = signedOut;
let homeRegion: string = defaultRegion;
let pendingClick: (() => void) | undefined;
let exchange: AbortController | undefined;
const popup = new Popup('oneshot-sign-in');
const connecting = new Popup('oneshot-connect');
const listeners = new Set<(view: SessionView) => void>();

function change(next: Partial<SessionView>): void {
  view = { ...view, ...next };
  for (const listener of [...listeners]) listener(view);
}

/** Calls the listener at once and at each change; the returned function ends it. */
export function subscribe(listener: (view: SessionView) => void): () => void {
  listeners.add(listener);
  listener(view);
  return () => {
    listeners.delete(listener);
  };
}

/** The org's home region as Lightning reads it; an unknown or unreadable one leaves the default. */
export function setHomeRegion(name: string | null | undefined): void {
  homeRegion = name && backendUrlOf(name) !== undefined ? name : defaultRegion;
}

function isLive(forMs = 0): boolean {
  return live !== undefined && serverNow() < live.expiresAtMs - MARGIN_MS - forMs;
}

/** Drops the token. Who was signed in stays known, so that rows may stay until their time. */
function end(): void {
  clearTimeout(live?.timer);
  live = undefined;
  change({ status: 'expired', endsSoon: false });
}

/** Watches the end: first `endsSoon`, then `expired`. Timers fire late after sleep, so each looks at the clock. */
function watch(session: Live): void {
  const left = session.expiresAtMs - MARGIN_MS - serverNow();
  if (left <= 0) return end();
  const soon = left <= ENDS_SOON_MS;
  if (soon !== view.endsSoon) change({ endsSoon: soon });
  session.timer = setTimeout(() => watch(session), soon ? left : left - ENDS_SOON_MS);
}

function fail(problem: api.Problem): void {
  const region = problem.code === 'wrong_region' && problem.url !== undefined ? regionAt(problem.url) : undefined;
  change({ signIn: 'idle', problem, continueIn: region?.name ?? null });
}

async function finish(arrival: Arrival, { verifier }: Pair, backendUrl: string): Promise<void> {
  if ('problem' in arrival) return fail(arrival.problem);
  const body = { code: arrival.code, verifier };
  exchange?.abort();
  const controller = new AbortController();
  exchange = controller;
  change({ signIn: 'exchanging' });
  try {
    const { answer, askedAt } = await redeem(
      (key) => api.exchangeCode(backendUrl, body, key, controller.signal),
      controller.signal,
    );
    const lifetime = lifetimeOf(answer.token);
    setServerClock(lifetime.issuedAtMs, askedAt);
    start({ backendUrl, token: answer.token, repId: answer.user.id }, lifetime.expiresAtMs, answer);
  } catch (error) {
    if (!api.isAborted(error)) fail(error instanceof api.Problem ? error : new api.Problem({ code: 'bad_answer' }));
  }
}

function start(credentials: api.Credentials, expiresAtMs: number, answer: api.TokenAnswer): void {
  clearTimeout(live?.timer);
  const session: Live = { credentials, expiresAtMs };
  live = session;
  const sameRep = view.user?.id === answer.user.id;
  change({
    status: 'signedIn',
    signIn: 'idle',
    user: answer.user,
    me: sameRep ? view.me : null,
    problem: null,
    continueIn: null,
    endsSoon: false,
    signIns: view.signIns + 1,
  });
  watch(session);
  void learnSettings(session);
  const click = pendingClick;
  pendingClick = undefined;
  click?.();
}

/** Settings are a courtesy of the screen (cache on or off, set-up finished): without them the defaults are shown. */
async function learnSettings(session: Live): Promise<void> {
  try {
    const me = await api.readMe(session.credentials);
    if (live === session) change({ me });
  } catch {
    // The list's own call says what is wrong.
  }
}

function openAt(backendUrl: string, click: (() => void) | undefined, reauth = false): void {
  pendingClick = click;
  exchange?.abort();
  popup.stopWaiting();
  const pair = takePair();
  if (pair) return openWith(pair, backendUrl, reauth);
  // In the page's first milliseconds: a browser lets a popup open for a second after its click. Without WebCrypto: never.
  makePair().then(
    (made) => {
      if (pendingClick === click) openWith(made, backendUrl, reauth);
    },
    () => fail(new api.Problem({ code: 'not_ready' })),
  );
}

function openWith(pair: Pair, backendUrl: string, reauth: boolean): void {
  try {
    const url = api.signInUrl(backendUrl, pair.challenge, window.location.origin, reauth);
    popup.open(
      { url, backendUrl, pair, ends: { type: 'sign-in' } },
      (arrival) => void finish(arrival, pair, backendUrl),
      () => change({ signIn: 'idle' }),
    );
    change({ signIn: 'waiting', problem: null, continueIn: null });
  } catch (error) {
    fail(error instanceof api.Problem ? error : new api.Problem({ code: 'popup_blocked' }));
  }
}

/** The backend of the home region; the default's where the region is not in this package's list. */
function homeBackend(): string {
  return backendUrlOf(homeRegion) ?? backendUrlOf(defaultRegion) ?? '';
}

/**
 * Opens the sign-in popup: only inside a click. Afterwards does what was clicked, once.
 * @param click kept here, so that it survives the component that was clicked; left out: the click that still waits
 */
export function signIn(click: (() => void) | undefined = pendingClick): void {
  openAt(live?.credentials.backendUrl ?? homeBackend(), click);
}

/**
 * Opens the popup in which Salesforce has the admin sign in again, and then does what was clicked: for what cannot be
 * undone. Only inside a click.
 */
export function reauthenticate(click: () => void): void {
  openAt(live?.credentials.backendUrl ?? homeBackend(), click, true);
}

/** The one button after `wrong_region`: the same click, in the region that holds the company's data. */
export function continueInHomeRegion(): void {
  const region = view.continueIn;
  if (region === null) return;
  homeRegion = region;
  openAt(homeBackend(), pendingClick);
}

/**
 * Does `click` now, or signs in first and then does it. Checks the session's end synchronously, so that the popup may
 * open in this very click.
 * @param forMs how long the session has to last from now: what fires from a timer cannot open a popup
 */
export function whenSignedIn(click: () => void, forMs = 0): void {
  if (isLive(forMs)) return click();
  if (live && !isLive()) end();
  signIn(click);
}

/** For what no click began (typing, scrolling): true while a call may be made. Ends a session whose time is over. */
export function isSignedIn(): boolean {
  if (isLive()) return true;
  if (live) end();
  return false;
}

/** Puts the message of a failed sign-in away. */
export function dismissProblem(): void {
  change({ problem: null, continueIn: null });
}

/**
 * Signs out: the token is gone at once, whatever the backend answers.
 * @returns false where the backend could not be told; the session then ends there by itself
 */
export async function signOut(): Promise<boolean> {
  const credentials = live?.credentials;
  clearTimeout(live?.timer);
  live = undefined;
  pendingClick = undefined;
  exchange?.abort();
  popup.stopWaiting();
  connecting.stopWaiting();
  change({ ...signedOut, signIns: view.signIns });
  if (!credentials) return true;
  try {
    await api.signOut(credentials);
    return true;
  } catch (error) {
    return error instanceof api.Problem && error.needsSignIn;
  }
}

/**
 * Opens a provider's consent page: only inside a click. A trip that was opened before is waited for no longer.
 * @param done called at most once, with a code for `finishConnection` or with what went wrong
 * @param expired called when nothing came in ten minutes
 * @throws Problem `popup_blocked`
 */
export function openConnection(trip: ConnectionTrip, done: (arrival: Arrival) => void, expired: () => void): void {
  connecting.open(trip, done, expired);
}

/** Runs a call with the session's credentials. A 401 ends the session it was made with, and no newer one. */
async function withCredentials<T>(call: (credentials: api.Credentials) => Promise<T>): Promise<T> {
  const session = live;
  if (!session || !isSignedIn()) throw new api.Problem({ code: 'session_ended', status: 401 });
  try {
    return await call(session.credentials);
  } catch (error) {
    if (error instanceof api.Problem && live === session) {
      if (error.needsSignIn) end();
      if (error.code === 'wrong_region') fail(error);
    }
    throw error;
  }
}

/** The calls of the API as the signed-in rep. @throws Problem */
export const {
  listAccounts,
  refreshAccounts,
  readAccount,
  listConnections,
  prepareConnection,
  finishConnection,
  disconnect,
  listSequences,
  listMailboxes,
  enrol,
  listActivity,
  listContacts,
  readContact,
  listSimilar,
  listTemplates,
  renderTemplate,
  sendEmail,
} = callsAs(withCredentials);

/** The calls for admins. @throws Problem */
export const {
  readChecklist,
  listReps,
  readSettings,
  saveSettings,
  readFields,
  listFooterTemplates,
  listUsers,
  endSessions,
  endAllSessions,
  eraseUser,
  readKeySwitch,
  readUsage,
  readEvidence,
  readSignedEvidence,
  listKeptHeads,
  keepHead,
} = adminCallsAs(withCredentials);

void preparePairs();
