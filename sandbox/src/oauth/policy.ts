import type { Client, Rotation } from './clients.ts';
import type { AccessToken, Grant } from './grants.ts';
import type { Parameters } from './parameters.ts';
import type { Refusal } from './refusal.ts';

/** Whoever can sign in at a provider. */
export interface Person {
  readonly id: string;
  readonly username: string;
  readonly name: string;
  readonly active: boolean;
}

/** An authorization request that passed every check; the person has not decided yet. */
export interface Authorization {
  readonly client: Client;
  readonly redirectUri: string;
  readonly state: string | undefined;
  readonly scopes: readonly string[];
  /** S256 challenge of PKCE (RFC 7636); undefined only where the policy does not require PKCE. */
  readonly challenge: string | undefined;
  /** OpenID Connect's nonce, copied into the id_token. */
  readonly nonce: string | undefined;
  /** Whether the form must be shown even to somebody who is signed in and approved the app. */
  readonly mustAsk: boolean;
  /** OpenID Connect's `prompt` as it was sent. */
  readonly prompt: string | undefined;
  readonly loginHint: string | undefined;
  readonly wantsRefreshToken: boolean;
}

/** Tokens just made, from which the policy makes the provider's answer. */
export interface Issued<P extends Person> {
  readonly by: 'authorization_code' | 'refresh_token';
  readonly user: P;
  readonly client: Client;
  readonly grant: Grant;
  readonly access: AccessToken;
  /** The refresh token to send along; undefined when this answer carries none. */
  readonly refreshToken: string | undefined;
  readonly nonce: string | undefined;
  /** The token request, for what only one provider reads of it. */
  readonly params: Parameters;
}

/** What a refused token request reads. */
export interface TokenWording {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What a refused authorization reads: sent to the client's redirect URI, or shown on the provider's own page.
 * An empty description is not sent. */
export type AuthorizeWording =
  | { readonly as: 'redirect'; readonly error: string; readonly description: string }
  | { readonly as: 'page'; readonly status: number; readonly error: string; readonly description: string };

/** The moment at which the policy may refuse a person. */
export type Step = 'authorize' | 'exchange' | 'refresh';

/** Everything in which providers differ. Durations in milliseconds, paths below the provider's prefix. */
export interface Policy<P extends Person> {
  /** Name on the pages, such as "Salesforce". */
  readonly title: string;
  readonly paths: {
    readonly authorize: string;
    readonly consent: string;
    readonly token: string;
    readonly revoke?: string;
  };
  readonly requiresPkce: boolean;
  /** What an absent `code_challenge_method` means; RFC 7636 says plain, which no provider here takes. */
  readonly defaultChallengeMethod: 'S256' | undefined;
  readonly codeLifetimeMs: number;
  readonly accessLifetimeMs: number;
  /** Whether each use of an access token begins its lifetime anew. */
  readonly accessSlides: boolean;
  /** A refresh token that was not used for so long is dead. */
  readonly refreshIdleMs: number;
  /** Whether each use of a refresh token begins that time anew; where not, it counts from when it was issued. */
  readonly refreshSlides: boolean;
  /** A refresh token dies once so many newer ones were issued to its (user, client); undefined is no limit. */
  readonly maxNewerRefreshTokens: number | undefined;
  /** Whether a refresh must name one of the client's redirect URIs. */
  readonly refreshNeedsRedirectUri: boolean;
  /** What the clients of this provider do with refresh tokens unless told otherwise. */
  readonly rotation: Rotation;
  /** Whether the revoke endpoint also reads its query; not recommended anywhere, but Google's own library sends it so. */
  readonly revokesByQuery?: boolean;
  /** What a revoked token takes along: see `Grants.revoke`, or all that the person ever allowed this client. */
  readonly revokes: 'token' | 'everything';
  /** Live grants with a refresh token of one (user, client); one more ends the oldest. */
  readonly maxGrants: number;

  readonly people: {
    find(username: string): P | undefined;
    byId(id: string): P | undefined;
    list(): readonly P[];
  };

  /**
   * The scopes that a request asks for, in the provider's canonical names.
   * @throws Refusal `scope`, `scope_not_on_app`
   */
  scopes(requested: string | undefined, client: Client): readonly string[];
  /** Whether this request earns a refresh token. */
  wantsRefreshToken(scopes: readonly string[], params: Parameters): boolean;
  /** One line for the consent page. */
  describeScope(scope: string): string;
  /** Whether the person may leave this scope out; undefined where the provider gives all or nothing. */
  readonly isOptional?: (scope: string) => boolean;
  /** What the browser carries back to the client beside code and state. */
  readonly sentBack?: (authorization: Authorization) => Readonly<Record<string, string>>;
  /** A fresh unguessable value in the provider's own form. */
  mint(kind: 'code' | 'access' | 'refresh'): string;
  /** @throws Refusal when the provider refuses this person or app at this step */
  admit(user: P, client: Client, step: Step): void;
  answer(issued: Issued<P>): Promise<Readonly<Record<string, unknown>>>;

  wordToken(refusal: Refusal): TokenWording;
  wordAuthorize(refusal: Refusal): AuthorizeWording;
  wordRevoke(refusal: Refusal): TokenWording;
}
