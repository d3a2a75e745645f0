import type { FastifyInstance, FastifyRequest, onRequestHookHandler, preHandlerAsyncHookHandler } from 'fastify';
import { abortSignal } from '../http/abort.ts';
import { type CallPurpose, purposeOf } from '../salesforce/call-purpose.ts';
import type { SessionTokens } from './jwt.ts';
import { NotAdmin, OriginMismatch, ReauthenticationRequired, SessionEnded } from './problems.ts';
import type { Rep } from './rep.ts';
import type { Revocations } from './revocations.ts';
import type { SalesforceOAuth } from './salesforce-oauth.ts';
import type { OpenSession, Sessions } from './sessions.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Anybody may call this route; every other one below /v1 needs a session. */
    open?: boolean;
  }
  interface FastifyRequest {
    /** Who makes this request. Set on every route that is not open. */
    rep: Rep;
    /** The session behind `rep`; for auth/ only. */
    openSession: OpenSession;
  }
}

export interface GuardParts {
  readonly tokens: SessionTokens;
  readonly sessions: Sessions;
  readonly revocations: Revocations;
}

/** How long after a sign-in with `reauth=true` a destructive call is allowed, in milliseconds (DESIGN 6). */
const FRESH_MS = 5 * 60_000;

/**
 * Puts the session check before every route below /v1 that is not marked open, so that a route which forgets to say
 * anything is closed. From the second request on it reads memory only. Call it before those routes are registered; one
 * that came earlier would have no `rep` to act for.
 */
export function guardSessions(app: FastifyInstance, parts: GuardParts): void {
  // The decorators only reserve the place; routes that are not open never run without the real ones.
  app.decorateRequest('rep', null as unknown as Rep);
  app.decorateRequest('openSession', null as unknown as OpenSession);
  const guardFor =
    (purpose: CallPurpose): onRequestHookHandler =>
    (request, _reply, done) => {
      let session: OpenSession | undefined;
      try {
        session = sessionInMemory(parts, request);
      } catch (error) {
        done(error as Error);
        return;
      }
      if (session !== undefined) {
        admit(request, session, purpose);
        done();
        return;
      }
      sessionFromDatabase(parts, request).then(
        (opened) => {
          admit(request, opened, purpose);
          done();
        },
        (error: unknown) => done(error as Error),
      );
    };
  // Decided once for a route: asking for a request's route options builds them anew each time.
  app.addHook('onRoute', (route) => {
    // A route that is limited by its bearer reads that itself: an ended session may be signed out once more.
    if (
      route.config?.open === true ||
      route.config?.limitByBearer === true ||
      route.method === 'OPTIONS' ||
      !route.url.startsWith('/v1/')
    )
      return;
    route.onRequest = [guardFor(purposeOf(route.url)), ...[route.onRequest ?? []].flat()];
  });
}

/** Admits the org's admins only; as `onRequest` of a route, so that nobody else's input is judged. @throws NotAdmin */
export const requireAdmin: onRequestHookHandler = (request, _reply, done) => {
  done(request.rep.isAdmin ? undefined : new NotAdmin());
};

/**
 * Admits admins who came through a sign-in with `reauth=true` at most five minutes ago, and who are admins at Salesforce at
 * this moment: for what cannot be undone. It keeps out a token that was stolen, and a tab that was left open for longer. It
 * proves no password: SECURITY.md, "What signing in again proves".
 * @throws NotAdmin; ReauthenticationRequired; the Crm errors of `SalesforceOAuth.identity`
 */
export function requireFreshAdmin(oauth: SalesforceOAuth): preHandlerAsyncHookHandler {
  return (request) => assertFreshAdmin(request, oauth);
}

/** The same inside of a route that only sometimes cannot be undone. @throws as `requireFreshAdmin` */
export async function assertFreshAdmin(request: FastifyRequest, oauth: SalesforceOAuth): Promise<void> {
  const { rep, isReauthenticated, instanceUrl, accessToken } = request.openSession;
  if (!rep.isAdmin) throw new NotAdmin();
  if (!isReauthenticated || rep.signedInAt + FRESH_MS < Date.now()) throw new ReauthenticationRequired();
  const identity = await oauth.identity(instanceUrl, accessToken, rep, abortSignal(request));
  if (!identity.isActive || !identity.isAdmin) throw new NotAdmin();
}

/** The token of an Authorization header. @throws SessionEnded there is none */
export function bearerOf(request: FastifyRequest): string {
  const header = request.headers.authorization;
  if (header === undefined || !/^Bearer /i.test(header)) throw new SessionEnded();
  return header.slice('Bearer '.length);
}

/** A bearer counts only where it was given out, or outside a browser. @throws OriginMismatch */
export function assertOwnOrigin(request: FastifyRequest, session: OpenSession): void {
  const { origin } = request.headers;
  if (origin !== undefined && origin !== session.rep.origin) throw new OriginMismatch();
}

function sessionInMemory({ sessions, revocations }: GuardParts, request: FastifyRequest): OpenSession | undefined {
  const token = sessions.verified(bearerOf(request));
  const session = token === undefined ? undefined : sessions.inMemory(token);
  if (session === undefined) return undefined;
  revocations.assertFresh();
  assertOwnOrigin(request, session);
  return session;
}

async function sessionFromDatabase(
  { tokens, sessions, revocations }: GuardParts,
  request: FastifyRequest,
): Promise<OpenSession> {
  const jwt = bearerOf(request);
  const token = await tokens.verify(jwt);
  if (token === undefined) throw new SessionEnded();
  revocations.assertFresh();
  const session = sessions.inMemory(token) ?? (await sessions.open(token));
  assertOwnOrigin(request, session);
  sessions.remember(jwt, token, session);
  return session;
}

function admit(request: FastifyRequest, session: OpenSession, purpose: CallPurpose): void {
  request.rep = repFor(session, purpose);
  request.openSession = session;
}

function repFor({ rep, reps }: OpenSession, purpose: CallPurpose): Rep {
  const known = reps.get(purpose);
  if (known !== undefined) return known;
  const made = { ...rep, crm: rep.crm.countedAs(purpose) };
  reps.set(purpose, made);
  return made;
}
