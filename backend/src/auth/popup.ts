import type { ProblemError } from '../http/problem.ts';
import { Invalid } from '../http/problems.ts';
import { Secret } from '../vault/secret.ts';
import { randomToken } from '../vault/digest.ts';
import { signInProblem } from './oauth-errors.ts';
import { OriginRefused } from './problems.ts';
import type { SalesforceOAuth } from './salesforce-oauth.ts';
import { TRIP_MS, type Trip, type Trips } from './trips.ts';

export interface StartRequest {
  readonly challenge: string;
  readonly origin: string;
  readonly reauthenticate: boolean;
}

/** What Salesforce's redirect brought. Anything else in it is ignored (RFC 6749, 4.1.2). */
export interface CallbackRequest {
  readonly state?: string;
  readonly code?: string;
  readonly error?: string;
  readonly error_description?: string;
}

/** How a callback went: a code for the page, or what to tell it; to `origin`, once that is known. */
export type CallbackOutcome =
  | { readonly origin: string; readonly clearCookie: string; readonly code: string }
  | { readonly origin: string; readonly clearCookie: string; readonly problem: ProblemError };

export interface PopupParts {
  readonly trips: Trips;
  readonly oauth: SalesforceOAuth;
  /** The login host of a Lightning origin (DESIGN 3.2); undefined where that origin may not sign in. */
  readonly loginHostOf: (origin: string) => string | undefined;
  /** Our own origin: whether cookies can be `Secure`. */
  readonly publicUrl: () => string;
}

const STATE = /^[A-Za-z0-9_-]{43}$/;
/** Salesforce's codes have some 100 characters. */
const MAX_CODE_LENGTH = 2_048;

/** What the popup does on its way to Salesforce and back (DESIGN 3.2 to 3.4). It exchanges nothing. */
export class Popup {
  readonly #parts: PopupParts;

  constructor(parts: PopupParts) {
    this.#parts = parts;
  }

  /** Whether a page of this origin may be told anything. */
  accepts(origin: string): boolean {
    return this.#parts.loginHostOf(origin) !== undefined;
  }

  /**
   * Begins a trip.
   * @returns where the popup goes, and the cookie that binds it to this browser
   * @throws OriginRefused; TooManyTrips
   */
  async start(request: StartRequest): Promise<{ readonly location: string; readonly setCookie: string }> {
    const { trips, oauth, loginHostOf } = this.#parts;
    const { challenge, origin, reauthenticate } = request;
    const loginHost = loginHostOf(origin);
    if (loginHost === undefined) throw new OriginRefused();
    const pkceVerifier = randomToken();
    const { state, cookie } = await trips.start({
      challenge,
      origin,
      loginHost,
      pkceVerifier,
      isReauthenticated: reauthenticate,
    });
    return {
      location: oauth.authorizeUrl(loginHost, state, pkceVerifier, reauthenticate),
      setCookie: this.#cookie(challenge, cookie, TRIP_MS / 1_000),
    };
  }

  /**
   * Ends a trip.
   * @param cookies the request's Cookie header
   * @throws Invalid neither code nor error; StateInvalid; CookieInvalid: then nobody is told but the browser
   */
  async callback(request: CallbackRequest, cookies: string): Promise<CallbackOutcome> {
    const { trips } = this.#parts;
    const { state, code, error } = request;
    if (state === undefined || !STATE.test(state))
      throw new Invalid('state', 'format', 'This sign-in is not one of ours. Close this window and click again.');
    if (code === undefined && error === undefined)
      throw new Invalid('code', 'required', 'Salesforce sent no answer. Close this window and click again.');
    const trip = await trips.find(state, (challenge) => cookieIn(cookies, this.#cookieName(challenge)));
    const ended = { origin: trip.origin, clearCookie: this.#cookie(trip.challenge, '', 0) };
    if (error !== undefined) {
      await trips.refuse(state);
      return { ...ended, problem: signInProblem(error, request.error_description ?? '') };
    }
    return { ...ended, ...(await this.#finish(state, trip, code ?? '')) };
  }

  async #finish(
    state: string,
    trip: Trip,
    code: string,
  ): Promise<{ readonly code: string } | { readonly problem: ProblemError }> {
    if (code === '' || code.length > MAX_CODE_LENGTH) {
      await this.#parts.trips.refuse(state);
      return {
        problem: new Invalid('code', 'length', 'Salesforce sent no usable answer. Click again to try again.'),
      };
    }
    return { code: await this.#parts.trips.finish(state, trip, Secret.of(code)) };
  }

  /** `__Host-`: https only, this host only, no other path can set it. Plain http on loopback knows no such cookie. */
  #cookieName(challenge: string): string {
    return `${this.#isSecure() ? '__Host-' : ''}oneshot-${challenge.slice(0, 16)}`;
  }

  #cookie(challenge: string, value: string, maxAgeSeconds: number): string {
    const secure = this.#isSecure() ? '; Secure' : '';
    return `${this.#cookieName(challenge)}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly${secure}; SameSite=Lax`;
  }

  #isSecure(): boolean {
    return this.#parts.publicUrl().startsWith('https:');
  }
}

function cookieIn(header: string, name: string): string | undefined {
  for (const pair of header.split(';')) {
    const [key, ...value] = pair.trim().split('=');
    if (key === name) return value.join('=');
  }
  return undefined;
}
