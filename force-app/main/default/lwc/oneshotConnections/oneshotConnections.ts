import { type Connection, isAborted, Problem, type ProviderName, type Revocation } from 'c/oneshotApi';
import * as session from 'c/oneshotSession';
import { Trips } from './trips';

/** A connection and what is going on with it. */
export interface ConnectionView {
  readonly connection: Connection;
  /** `waiting`: the popup is open (or was closed; nobody can tell). `finishing`: it came back. */
  readonly doing: 'nothing' | 'waiting' | 'finishing' | 'disconnecting';
  /** True where a click on Connect opens the popup at once. */
  readonly isReady: boolean;
  /** True where the rep clicked and only signing in, or waiting for the address, came of it: click once more. */
  readonly isClickAgain: boolean;
  readonly problem: Problem | null;
  /** What the last disconnect did at the provider. */
  readonly revocation: Revocation | null;
}

export interface ConnectionsView {
  readonly phase: 'unknown' | 'loading' | 'ready';
  readonly rows: readonly ConnectionView[];
  /** Why the list could not be read. */
  readonly problem: Problem | null;
}

/** States in which the rep may go to the provider's consent page. */
const CONNECTABLE: readonly Connection['status'][] = ['not_connected', 'reconnect', 'waiting_for_admin'];
const unknown: ConnectionsView = { phase: 'unknown', rows: [], problem: null };

let view = unknown;
let seen: session.SessionView | undefined;
/** Panels on the screen: only they need ways to be ready. */
let panels = 0;
let reading: AbortController | undefined;
const listeners = new Set<(view: ConnectionsView) => void>();
/** Problems of making a way ready: they are over as soon as one is. */
const ofTrips = new WeakSet<Problem>();
const trips = new Trips(tellTrip);

function change(next: Partial<ConnectionsView>): void {
  view = { ...view, ...next };
  for (const listener of [...listeners]) listener(view);
}

function changeRow(provider: ProviderName, next: Partial<ConnectionView>): void {
  change({ rows: view.rows.map((row) => (row.connection.provider === provider ? { ...row, ...next } : row)) });
}

const rowOf = (provider: ProviderName): ConnectionView | undefined =>
  view.rows.find((row) => row.connection.provider === provider);

function tellTrip(provider: ProviderName, isReady: boolean, problem: Problem | null): void {
  if (problem) ofTrips.add(problem);
  const before = rowOf(provider)?.problem ?? null;
  changeRow(provider, { isReady, problem: problem ?? (before && ofTrips.has(before) ? null : before) });
}

const asProblem = (error: unknown): Problem => (error instanceof Problem ? error : new Problem({ code: 'bad_answer' }));

/** True where a click may lead to the provider's consent page: it is offered, and not connected now. */
export function isConnectable({ status, reason }: Connection): boolean {
  return CONNECTABLE.includes(status) && (status !== 'not_connected' || reason === null);
}

/** The list as the backend tells it now; what is going on with a row goes on. */
function show(connections: readonly Connection[]): void {
  const rows = connections.map((connection): ConnectionView => {
    const before = rowOf(connection.provider);
    const fresh = { doing: 'nothing', isReady: false, isClickAgain: false, problem: null, revocation: null } as const;
    return { ...(before ?? fresh), connection };
  });
  change({ phase: 'ready', rows, problem: null });
  wantTrips();
}

function wantTrips(): void {
  for (const { connection } of view.rows) {
    if (panels > 0 && isConnectable(connection)) trips.want(connection.provider);
    else dropTrip(connection.provider);
  }
}

/** A way that is dropped is not ready any more: a click that came before the next one would open nothing. */
function dropTrip(provider: ProviderName): void {
  trips.drop(provider);
  if (rowOf(provider)?.isReady === true) changeRow(provider, { isReady: false });
}

function dropTrips(): void {
  trips.dropAll();
  for (const { connection } of view.rows) dropTrip(connection.provider);
}

/** Follows the session: another rep's connections are never shown, and an answer of `me` is a first list. */
function follow(next: session.SessionView): void {
  const before = seen;
  seen = next;
  if (next.status === 'signedOut' || (before?.user && before.user.id !== next.user?.id)) {
    reading?.abort();
    dropTrips();
    if (view !== unknown) change(unknown);
  }
  if (next.status === 'expired') dropTrips();
  if (next.me?.connections && next.me !== before?.me) show(next.me.connections);
  else if (next.signIns !== before?.signIns && next.status === 'signedIn' && panels > 0) void read();
}

/** Calls the listener at once and at each change; the returned function ends it. */
export function subscribe(listener: (view: ConnectionsView) => void): () => void {
  listeners.add(listener);
  listener(view);
  return () => {
    listeners.delete(listener);
  };
}

/**
 * A panel is on the screen: the list is read again and ways to the providers are kept ready, until the returned function
 * is called.
 */
export function open(): () => void {
  panels += 1;
  if (session.isSignedIn()) void read();
  let isOpen = true;
  return () => {
    if (!isOpen) return;
    isOpen = false;
    panels -= 1;
    if (panels === 0) dropTrips();
  };
}

/** Reads the connections. Without a session it does nothing: signing in reads them. */
export async function read(): Promise<void> {
  if (!session.isSignedIn()) return;
  reading?.abort();
  const controller = new AbortController();
  reading = controller;
  if (view.phase === 'unknown') change({ phase: 'loading' });
  try {
    const connections = await session.listConnections(controller.signal);
    if (!controller.signal.aborted) show(connections);
  } catch (error) {
    if (isAborted(error) || controller.signal.aborted) return;
    change({ problem: asProblem(error), phase: view.rows.length > 0 ? 'ready' : 'unknown' });
  }
}

/** Signs in, only inside a click, and reads the connections. */
export function signIn(): void {
  session.whenSignedIn(() => void read());
}

/**
 * Opens a provider's consent page: only inside a click. Without a session the click signs in, and the rep clicks once
 * more: a popup opens in a click only.
 */
export function connect(provider: ProviderName): void {
  if (!session.isSignedIn()) {
    changeRow(provider, { problem: null, revocation: null, isClickAgain: true });
    session.signIn(() => void read());
    return;
  }
  const trip = trips.take(provider);
  if (!trip) {
    changeRow(provider, { problem: null, revocation: null, isReady: false, isClickAgain: true });
    trips.want(provider);
    return;
  }
  try {
    session.openConnection(
      trip,
      (arrival) => void finish(trip, arrival),
      () => changeRow(provider, { doing: 'nothing' }),
    );
  } catch (error) {
    trips.putBack(trip);
    changeRow(provider, { problem: asProblem(error), revocation: null, isClickAgain: false });
    return;
  }
  // The one window now goes to this provider: whoever waited for it waits no longer.
  const rows = view.rows.map((row) => (row.doing === 'waiting' ? { ...row, doing: 'nothing' as const } : row));
  change({ rows });
  changeRow(provider, { doing: 'waiting', problem: null, revocation: null, isReady: false, isClickAgain: false });
  trips.want(provider);
}

async function finish(trip: session.ConnectionTrip, arrival: session.Arrival): Promise<void> {
  const provider = trip.ends.provider;
  if ('problem' in arrival) {
    changeRow(provider, { doing: 'nothing', problem: arrival.problem });
  } else {
    changeRow(provider, { doing: 'finishing' });
    try {
      const connection = await session.finishConnection(trip, arrival.code);
      changeRow(provider, { connection, doing: 'nothing', problem: null });
    } catch (error) {
      changeRow(provider, { doing: 'nothing', problem: asProblem(error) });
    }
  }
  // A refusal may have changed it too: "waiting for your admin" is a state, and not this window's alone.
  await read();
}

/** Ends a connection, here and at the provider where that has a way. The rep was asked before. */
export async function disconnect(provider: ProviderName): Promise<void> {
  changeRow(provider, { doing: 'disconnecting', problem: null, revocation: null });
  try {
    const revocation = await session.disconnect(provider);
    changeRow(provider, { doing: 'nothing', revocation });
  } catch (error) {
    changeRow(provider, { doing: 'nothing', problem: asProblem(error) });
  }
  await read();
}

/** Puts the message of the list away. */
export function dismissProblem(): void {
  change({ problem: null });
}

/** Puts the message of a provider away. */
export function dismiss(provider: ProviderName): void {
  changeRow(provider, { problem: null, revocation: null });
}

session.subscribe(follow);
