import { setTimeout as delay } from 'node:timers/promises';
import type { CallPurpose } from '../salesforce/call-purpose.ts';
import type { CrmConnection } from '../salesforce/connection.ts';
import type { CrmGrant } from '../salesforce/connect.ts';
import { CrmUnavailable } from '../salesforce/errors.ts';
import { events } from '../http/events.ts';
import type { Log } from '../http/log.ts';
import { ProblemError } from '../http/problem.ts';
import type { Region } from '../regions.ts';
import type { OrgSettings } from '../settings/settings.ts';
import { Secret } from '../vault/secret.ts';
import { readHomeRegion } from './home-region.ts';
import type { SessionTokens, VerifiedToken } from './jwt.ts';
import type { People } from './people.ts';
import { CodeInvalid, OriginMismatch, PermissionMissing, UserInactive, WrongRegion } from './problems.ts';
import type { SalesforceGrant, SalesforceIdentity, SalesforceIds, SalesforceOAuth } from './salesforce-oauth.ts';
import type { OpenSession, Sessions } from './sessions.ts';
import type { SignInDetails } from './sign-in-popup.ts';
import { EXCHANGE_MS, type FinishedTrip, type Trips } from './trips.ts';

/** The answer of `POST /v1/auth/token` (API.md). */
export interface SignedIn {
  readonly token: string;
  readonly expiresAt: string;
  readonly user: { readonly id: string; readonly name: string; readonly email: string; readonly isAdmin: boolean };
  readonly org: { readonly id: string; readonly region: string };
}

/** What the component sends. */
export interface RedeemRequest {
  readonly code: string;
  readonly verifier: Secret;
  /** '' when there was none. */
  readonly idempotencyKey: string;
  /** The Origin header; undefined when there was none. */
  readonly origin: string | undefined;
}

/** What is told to others when a rep has signed in. */
export interface NewSignIn {
  readonly orgId: string;
  readonly userId: string;
  readonly isAdmin: boolean;
}

export interface RedeemerParts {
  readonly trips: Trips<SignInDetails>;
  readonly oauth: SalesforceOAuth;
  readonly people: People;
  readonly sessions: Sessions;
  readonly tokens: SessionTokens;
  readonly openCrm: (grant: CrmGrant, onCall: () => void) => CrmConnection;
  readonly countCalls: (orgId: string, purpose: CallPurpose, calls: number) => void;
  readonly regions: readonly Region[];
  readonly here: Region;
  /** What the org's admin decided, or the defaults. */
  readonly settingsOf: (orgId: string) => Promise<Pick<OrgSettings, 'sessionMinutes'>>;
  /** Called before the answer; a sign-in that cannot be audited does not happen. */
  readonly onSignedIn: (signIn: NewSignIn) => Promise<void>;
  /** Called for a sign-in that `onSignedIn` told of and that was refused after all: its code was shown twice. */
  readonly onTakenBack: (signIn: NewSignIn) => Promise<void>;
  /** Told of each session that stands; nothing waits for what it does. */
  readonly onSession: (token: VerifiedToken) => void;
  /** The customer's record names another region than this one, where the org is still held. */
  readonly onRegionLeft: (orgId: string) => Promise<void>;
  /** It names this one. */
  readonly onRegionKept: (orgId: string) => Promise<void>;
  readonly log: Log;
}

/** Between two looks at an exchange that another request runs, in milliseconds. */
const LOOK_MS = 100;

/**
 * Turns a one-time code and its verifier into a session (DESIGN 3.6): exchange, identity, permission, home region, and
 * only then anything stored. Whatever is wrong, there is no session and the fresh token is revoked at Salesforce.
 */
export class Redeemer {
  readonly #parts: RedeemerParts;

  constructor(parts: RedeemerParts) {
    this.#parts = parts;
  }

  /**
   * @throws CodeInvalid; OriginMismatch; UserInactive; PermissionMissing; RegionUnreadable; WrongRegion; the problems of
   * ./oauth-errors.ts; the Crm errors
   */
  async redeem(request: RedeemRequest): Promise<SignedIn> {
    const { trips, sessions } = this.#parts;
    const until = performance.now() + EXCHANGE_MS + 1_000;
    for (;;) {
      const claim = await trips.claim(request.code, request.verifier, request.idempotencyKey);
      switch (claim.kind) {
        case 'first':
          return this.#exchange(claim.tripId, claim.trip, request);
        case 'repeated': {
          const again = await sessions.again(claim.madeId, request.verifier);
          if (again === undefined) throw new CodeInvalid();
          return this.#answer(again.session, again.key);
        }
        case 'replayed':
          await this.#endReplayed(claim.madeId);
          throw new CodeInvalid();
        case 'refused':
          throw new ProblemError(claim.problem);
        case 'running':
          if (performance.now() > until) throw new CodeInvalid();
          await delay(LOOK_MS);
      }
    }
  }

  async #exchange(tripId: string, trip: FinishedTrip<SignInDetails>, request: RedeemRequest): Promise<SignedIn> {
    const { trips, oauth, log } = this.#parts;
    const startedAt = performance.now();
    const signal = AbortSignal.timeout(EXCHANGE_MS - 5_000);
    // A code that left the page it was posted to is worth nothing anywhere.
    if (request.origin !== undefined && request.origin !== trip.origin) {
      await trips.abandon(tripId);
      throw new OriginMismatch();
    }
    try {
      const authorizationCode = Secret.of(trip.authorizationCode);
      const grant = await oauth.exchange(trip.loginHost, authorizationCode, Secret.of(trip.pkceVerifier), signal);
      try {
        const signedIn = await this.#welcome(tripId, trip, grant, request.verifier, signal);
        const { user, org } = signedIn;
        const ms = Math.round(performance.now() - startedAt);
        log.info(events.signedIn, { org: org.id, rep: user.id, admin: user.isAdmin, ms });
        return signedIn;
      } catch (error) {
        await oauth.revoke(trip.loginHost, grant.accessToken);
        throw error;
      }
    } catch (error) {
      const reason = signal.aborted && !(error instanceof ProblemError) ? new CrmUnavailable() : error;
      const settled = reason instanceof ProblemError ? trips.refused(tripId, reason) : trips.abandon(tripId);
      await settled.catch(() => undefined);
      throw reason;
    }
  }

  /** Everything after the exchange. Nothing is stored before the last check. */
  async #welcome(
    tripId: string,
    trip: FinishedTrip<SignInDetails>,
    grant: SalesforceGrant,
    verifier: Secret,
    signal: AbortSignal,
  ): Promise<SignedIn> {
    const { oauth, people, sessions, trips } = this.#parts;
    const { accessToken, ids } = grant;
    const identity = await oauth.identity(trip.loginHost, accessToken, ids, signal);
    if (!identity.isActive) throw new UserInactive();
    if (!identity.mayUse) throw new PermissionMissing();
    // Whose calls these are is known only after the first of them.
    let calls = 0;
    const crm = this.#parts.openCrm({ instanceUrl: trip.loginHost, accessToken }, () => (calls += 1));
    await this.#checkRegion(crm, ids, signal);
    const orgId = await people.welcomeOrg(ids.salesforceOrgId);
    await this.#parts.onRegionKept(orgId);
    this.#parts.countCalls(orgId, 'sign_in', calls);
    const { sessionMinutes } = await this.#parts.settingsOf(orgId);
    const userId = await people.welcomeUser(orgId, ids, identity);
    // Whole seconds, as the JWT tells them.
    const signedInAt = Date.now();
    const expiresAt = (Math.floor(signedInAt / 1_000) + sessionMinutes * 60) * 1_000;
    const { sessionId, key } = await sessions.create(
      {
        orgId,
        userId,
        isAdmin: identity.isAdmin,
        isReauthenticated: trip.isReauthenticated,
        signedInAt,
        expiresAt,
        secrets: {
          accessToken: accessToken.reveal(),
          instanceUrl: trip.loginHost,
          origin: trip.origin,
          name: identity.name,
          ...ids,
        },
      },
      verifier,
    );
    try {
      // An erasure that ran meanwhile saw neither: who signs in now begins anew.
      if (!(await people.exists(orgId, userId))) throw new CodeInvalid();
      await this.#parts.onSignedIn({ orgId, userId, isAdmin: identity.isAdmin });
      if (!(await trips.redeemed(tripId, sessionId, expiresAt))) {
        await this.#parts.onTakenBack({ orgId, userId, isAdmin: identity.isAdmin });
        throw new CodeInvalid();
      }
    } catch (error) {
      await sessions.discard(sessionId);
      throw error;
    }
    this.#parts.onSession({ sessionId, key, expiresAt });
    return this.#signedIn({ sessionId, orgId, userId, signedInAt, expiresAt }, key, identity);
  }

  /** @throws WrongRegion the customer's record names another region; their sessions here end */
  async #checkRegion(crm: CrmConnection, ids: SalesforceIds, signal: AbortSignal): Promise<void> {
    const { regions, here, people, sessions } = this.#parts;
    const home = await readHomeRegion(crm, regions, here, signal);
    if (home.name === here.name) return;
    const orgId = await people.findOrg(ids.salesforceOrgId);
    if (orgId !== undefined) {
      await sessions.endAll(orgId);
      await this.#parts.onRegionLeft(orgId);
    }
    throw new WrongRegion(home.label, home.backendUrl);
  }

  async #endReplayed(sessionId: string | undefined): Promise<void> {
    if (sessionId === undefined) return;
    const { sessions } = this.#parts;
    const session = await sessions.stored.find(sessionId);
    if (session !== undefined) await sessions.endOne({ sessionId, ...session });
  }

  async #answer(session: OpenSession, key: Buffer): Promise<SignedIn> {
    const { rep, name } = session;
    const contact = await this.#parts.people.contactOf(rep.orgId, rep.userId);
    if (contact === undefined) throw new CodeInvalid();
    return this.#signedIn(rep, key, { name, email: contact.email, isAdmin: rep.isAdmin });
  }

  #signedIn(
    session: Pick<OpenSession['rep'], 'sessionId' | 'orgId' | 'userId' | 'signedInAt' | 'expiresAt'>,
    key: Buffer,
    { name, email, isAdmin }: Pick<SalesforceIdentity, 'name' | 'email' | 'isAdmin'>,
  ): SignedIn {
    const { sessionId, orgId, userId, signedInAt, expiresAt } = session;
    const token = this.#parts.tokens.sign({
      sub: userId,
      org: orgId,
      sid: sessionId,
      key: key.toString('base64url'),
      iat: Math.floor(signedInAt / 1_000),
      exp: expiresAt / 1_000,
    });
    return {
      token,
      expiresAt: new Date(expiresAt).toISOString(),
      user: { id: userId, name, email, isAdmin },
      org: { id: orgId, region: this.#parts.here.name },
    };
  }
}
