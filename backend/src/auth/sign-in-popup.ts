import { Popup, type CallbackOutcome, type CallbackRequest } from './popup.ts';
import { OriginRefused } from './problems.ts';
import type { SalesforceOAuth } from './salesforce-oauth.ts';
import type { Trips } from './trips.ts';

export interface StartRequest {
  readonly challenge: string;
  readonly origin: string;
  readonly reauthenticate: boolean;
}

/** What a trip to Salesforce knows beside the rest. */
export interface SignInDetails {
  readonly loginHost: string;
  readonly isReauthenticated: boolean;
}

export interface SignInPopupParts {
  readonly trips: Trips<SignInDetails>;
  readonly oauth: SalesforceOAuth;
  /** The login host of a Lightning origin (DESIGN 3.2); undefined where that origin may not sign in. */
  readonly loginHostOf: (origin: string) => string | undefined;
  /** Our own origin: whether cookies can be `Secure`. */
  readonly publicUrl: () => string;
}

/** The popup to the org's own Salesforce. */
export class SignInPopup {
  readonly #parts: SignInPopupParts;
  readonly #popup: Popup<SignInDetails>;

  constructor(parts: SignInPopupParts) {
    this.#parts = parts;
    const { trips, publicUrl, oauth } = parts;
    this.#popup = new Popup({
      trips,
      publicUrl,
      title: 'Salesforce',
      refusal: (error, description, { loginHost }) => oauth.problemOf(error, description, loginHost),
    });
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
    const { oauth, loginHostOf } = this.#parts;
    const { challenge, origin, reauthenticate } = request;
    const loginHost = loginHostOf(origin);
    if (loginHost === undefined) throw new OriginRefused();
    const details = { challenge, origin, loginHost, isReauthenticated: reauthenticate };
    const { state, pkceVerifier, setCookie } = await this.#popup.begin(details);
    return { location: oauth.authorizeUrl(loginHost, state, pkceVerifier, reauthenticate), setCookie };
  }

  /** @throws as `Popup.callback` */
  callback(request: CallbackRequest, cookies: string): Promise<CallbackOutcome> {
    return this.#popup.callback(request, cookies);
  }
}
