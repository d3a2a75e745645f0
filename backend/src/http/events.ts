import {
  code,
  count,
  flag,
  milliseconds,
  oneOf,
  opaqueId,
  ownAddress,
  routePattern,
  type FieldKind,
} from './log-fields.ts';

/**
 * Every line that this service can log, with every field that the line may hold. This list is the promise "no personal
 * data in logs": what is not declared here does not compile, and is dropped and counted at run time.
 */
export const events = defineEvents({
  listening: { url: ownAddress },
  /** Each reason to stop; `error` only where an error was thrown, which has a line of its own. */
  stopping: { signal: oneOf('SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM', 'other', 'error') },
  stopped: { ms: milliseconds },
  request: {
    request: opaqueId,
    method: oneOf('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'other'),
    route: routePattern,
    status: count,
    ms: milliseconds,
    org: opaqueId,
    rep: opaqueId,
    problem: code,
  },
  unexpectedError: { request: opaqueId, route: routePattern, errorClass: code, place: code },
  databaseState: { state: oneOf('connected', 'disconnected', 'reconnected') },
  masterKeyState: { state: oneOf('available', 'unavailable'), problem: code },
  signedIn: { org: opaqueId, rep: opaqueId, ms: milliseconds, admin: flag },
  signInRefused: { problem: code },
  signedOut: { org: opaqueId, rep: opaqueId },
  sessionsRevoked: { org: opaqueId, rep: opaqueId, sessions: count },
  accountsPulled: { org: opaqueId, rep: opaqueId, rows: count, pages: count, ms: milliseconds },
  accountsPullFailed: { org: opaqueId, rep: opaqueId, problem: code, ms: milliseconds },
  accountsErased: {
    org: opaqueId,
    rep: opaqueId,
    rows: count,
    reason: oneOf('expired', 'signed_out', 'revoked', 'cache_off', 'replaced', 'stopping'),
  },
  connectionMade: { org: opaqueId, rep: opaqueId, provider: oneOf('gmail', 'outlook', 'outreach') },
  connectionEnded: { org: opaqueId, rep: opaqueId, provider: oneOf('gmail', 'outlook', 'outreach'), problem: code },
  connectionRefused: { org: opaqueId, rep: opaqueId, provider: oneOf('gmail', 'outlook', 'outreach'), problem: code },
  tokenRefreshed: { org: opaqueId, rep: opaqueId, provider: oneOf('gmail', 'outlook', 'outreach'), ms: milliseconds },
  tokenRefreshFailed: { org: opaqueId, rep: opaqueId, provider: oneOf('gmail', 'outlook', 'outreach'), problem: code },
  keysRotated: { org: opaqueId, job: opaqueId, rows: count },
  erased: { org: opaqueId, rep: opaqueId, job: opaqueId, ms: milliseconds },
  ledgerReplayed: { entries: count },
  databaseRestored: { beatsBehind: count },
  regionsChecked: { orgs: count, tried: count, opened: count, ms: milliseconds },
  egressRefused: { refused: count },
  settingsSaved: { org: opaqueId, rep: opaqueId, version: count },
});

export type EventFields = Readonly<Record<string, FieldKind<string | number | boolean>>>;

export interface LogEvent<Fields extends EventFields = EventFields> {
  readonly name: string;
  readonly fields: Fields;
}

/** The values an event takes; each may be left out (a request without a session has no rep). */
export type ValuesOf<Event extends LogEvent> = {
  readonly [Field in keyof Event['fields']]?:
    (Event['fields'][Field] extends FieldKind<infer T> ? T : never) | undefined;
};

function defineEvents<const Declared extends Record<string, EventFields>>(
  declared: Declared,
): { readonly [Name in keyof Declared]: LogEvent<Declared[Name]> } {
  return Object.fromEntries(Object.entries(declared).map(([name, fields]) => [name, { name, fields }])) as {
    [Name in keyof Declared]: LogEvent<Declared[Name]>;
  };
}
