import type { ProblemError } from '../http/problem.ts';
import { Invalid } from '../http/problems.ts';
import { randomToken } from '../vault/digest.ts';
import { Secret } from '../vault/secret.ts';
import { TRIP_MS, type Trip, type TripBasics, type Trips } from './trips.ts';

/** What a provider's redirect brought. Anything else in it is ignored (RFC 6749, 4.1.2). */
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

export interface PopupParts<Details extends object> {
  readonly trips: Trips<Details>;
  /** Name of the provider, for sentences. */
  readonly title: string;
  /** What the provider's refusal means to the person. */
  readonly refusal: (error: string, description: string, trip: Trip<Details>) => ProblemError | Promise<ProblemError>;
  /** Our own origin: whether cookies can be `Secure`. */
  readonly publicUrl: () => string;
}

/** A trip that has begun: what leads to the provider, and the cookie that binds it to this browser. */
export interface BegunTrip {
  readonly state: string;
  readonly pkceVerifier: string;
  readonly setCookie: string;
}

const STATE = /^[A-Za-z0-9_-]{43}$/;
/** Longer than any provider's code: Salesforce's have some 100 characters, Microsoft's up to 2,000. */
const MAX_CODE_LENGTH = 4_096;

/** What every popup does on its way to a provider and back (DESIGN 3.2 to 3.4). It exchanges nothing. */
export class Popup<Details extends object> {
  readonly #parts: PopupParts<Details>;

  constructor(parts: PopupParts<Details>) {
    this.#parts = parts;
  }

  /** @throws TooManyTrips; StateInvalid a trip of this click finished already */
  async begin(details: Omit<TripBasics, 'cookieHash' | 'pkceVerifier'> & Details): Promise<BegunTrip> {
    const pkceVerifier = randomToken();
    const { state, cookie } = await this.#parts.trips.start({ ...details, pkceVerifier });
    return { state, pkceVerifier, setCookie: this.#cookie(details.challenge, cookie, TRIP_MS / 1_000) };
  }

  /**
   * Ends a trip.
   * @param cookies the request's Cookie header
   * @throws Invalid neither code nor error; StateInvalid; CookieInvalid: then nobody is told but the browser
   */
  async callback(request: CallbackRequest, cookies: string): Promise<CallbackOutcome> {
    const { trips, title, refusal } = this.#parts;
    const { state, code, error } = request;
    if (state === undefined || !STATE.test(state))
      throw new Invalid('state', 'format', 'This window is not one of ours. Close it and click again.');
    if (code === undefined && error === undefined)
      throw new Invalid('code', 'required', `${title} sent no answer. Close this window and click again.`);
    const trip = await trips.find(state, (challenge) => cookieIn(cookies, this.#cookieName(challenge)));
    const ended = { origin: trip.origin, clearCookie: this.#cookie(trip.challenge, '', 0) };
    if (error !== undefined) {
      await trips.refuse(state);
      return { ...ended, problem: await refusal(error, request.error_description ?? '', trip) };
    }
    return { ...ended, ...(await this.#finish(state, trip, code ?? '')) };
  }

  async #finish(
    state: string,
    trip: Trip<Details>,
    code: string,
  ): Promise<{ readonly code: string } | { readonly problem: ProblemError }> {
    const { trips, title } = this.#parts;
    if (code === '' || code.length > MAX_CODE_LENGTH) {
      await trips.refuse(state);
      return { problem: new Invalid('code', 'length', `${title} sent no usable answer. Click again to try again.`) };
    }
    return { code: await trips.finish(state, trip, Secret.of(code)) };
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
