import type { Clock } from '../clock.ts';
import type { Rotation } from './clients.ts';
import { Refusal } from './refusal.ts';

/** What one person allowed one client at one sign-in. Its tokens live and die with it. */
export interface Grant {
  readonly userId: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly hasRefreshToken: boolean;
  isLive: boolean;
}

/** Times are epoch milliseconds of the sandbox's clock. */
export interface AccessToken {
  readonly value: string;
  readonly grant: Grant;
  readonly issuedAt: number;
  expiresAt: number;
}

interface RefreshToken {
  readonly grant: Grant;
  /** How many refresh tokens its (user, client) had been given when it was issued, itself included. */
  readonly number: number;
  usableUntil: number;
  isSuperseded: boolean;
}

/** What grants need to know of the provider; a part of `Policy`. */
interface GrantRules {
  readonly accessLifetimeMs: number;
  readonly accessSlides: boolean;
  readonly refreshIdleMs: number;
  readonly refreshSlides: boolean;
  readonly maxNewerRefreshTokens: number | undefined;
  readonly maxGrants: number;
  mint(kind: 'access' | 'refresh'): string;
}

/**
 * Grants and their tokens. Every method runs to its end without awaiting, so of many parallel requests exactly one
 * sees the state before the change.
 */
export class Grants {
  readonly #rules: GrantRules;
  readonly #clock: Clock;
  /** In the order in which they were given, oldest first; live ones only. */
  readonly #live = new Set<Grant>();
  readonly #access = new Map<string, AccessToken>();
  /** Dead ones too: a provider tells a token that was revoked from one that it never saw. */
  readonly #refresh = new Map<string, RefreshToken>();
  /** User and client -> how many refresh tokens they were given. */
  readonly #issued = new Map<string, number>();

  constructor(rules: GrantRules, clock: Clock) {
    this.#rules = rules;
    this.#clock = clock;
  }

  /** A new grant with its first tokens. With a refresh token, the oldest grant beyond `maxGrants` ends. */
  open(of: { userId: string; clientId: string; scopes: readonly string[]; withRefreshToken: boolean }): {
    access: AccessToken;
    refreshToken: string | undefined;
  } {
    const { withRefreshToken, ...who } = of;
    const grant: Grant = { ...who, hasRefreshToken: withRefreshToken, isLive: true };
    this.#live.add(grant);
    if (withRefreshToken) this.#endOldest(grant);
    return {
      access: this.#issueAccess(grant),
      refreshToken: withRefreshToken ? this.#issueRefresh(grant) : undefined,
    };
  }

  /**
   * Uses a refresh token.
   * @param admit throws when the person or the app may not go on; nothing has changed by then
   * @returns the new access token, and the refresh token to use from now on where it changed
   * @throws Refusal `refresh_token` unknown or of another client; `refresh_token_revoked` of an ended grant;
   *   `refresh_token_expired`; `refresh_token_superseded` an old one of a rotating client, which ends the grant
   */
  refresh(
    value: string,
    client: { readonly clientId: string; readonly rotation: Rotation },
    admit: (grant: Grant) => void,
  ): { access: AccessToken; refreshToken: string | undefined } {
    const token = this.#refresh.get(value);
    if (token?.grant.clientId !== client.clientId) throw new Refusal('refresh_token', 'refresh_token');
    if (!token.grant.isLive) throw new Refusal('refresh_token_revoked', 'refresh_token');
    if (token.isSuperseded) {
      this.end(token.grant);
      throw new Refusal('refresh_token_superseded', 'refresh_token');
    }
    if (this.#isTooOld(token)) throw new Refusal('refresh_token_expired', 'refresh_token');
    admit(token.grant);
    if (this.#rules.refreshSlides) token.usableUntil = this.#clock.now() + this.#rules.refreshIdleMs;
    token.isSuperseded = client.rotation === 'rotate';
    return {
      access: this.#issueAccess(token.grant),
      refreshToken: client.rotation === 'none' ? undefined : this.#issueRefresh(token.grant),
    };
  }

  /** The access token if it is good now. Where the provider's sessions slide, this use begins its lifetime anew. */
  use(value: string): AccessToken | undefined {
    const token = this.peek(value);
    if (token && this.#rules.accessSlides) token.expiresAt = this.#clock.now() + this.#rules.accessLifetimeMs;
    return token;
  }

  /** The access token if it is good now, without using it. */
  peek(value: string): AccessToken | undefined {
    const token = this.#access.get(value);
    return token?.grant.isLive && this.#clock.now() < token.expiresAt ? token : undefined;
  }

  /** The grant of a refresh token that could be used now. */
  peekRefresh(value: string): Grant | undefined {
    const token = this.#refresh.get(value);
    const isGood = token?.grant.isLive && !token.isSuperseded && !this.#isTooOld(token);
    return isGood ? token.grant : undefined;
  }

  /** Revokes a token: a refresh token takes its whole grant along, an access token only itself. False: not a live one. */
  revoke(value: string): boolean {
    const grant = this.peekRefresh(value);
    if (grant) {
      this.end(grant);
      return true;
    }
    const access = this.peek(value);
    if (!access) return false;
    if (access.grant.hasRefreshToken) this.#access.delete(value);
    else this.end(access.grant);
    return true;
  }

  /** Whose live token this is, of either kind. */
  ownerOf(value: string): Grant | undefined {
    return this.peekRefresh(value) ?? this.peek(value)?.grant;
  }

  /** Ends a grant: none of its tokens works any more. */
  end(grant: Grant): void {
    grant.isLive = false;
    this.#live.delete(grant);
    for (const [value, token] of this.#access) if (token.grant === grant) this.#access.delete(value);
  }

  /** Lets every access token of a person expire now; refresh tokens go on. Returns how many there were. */
  expireAccessOf(userId: string): number {
    let count = 0;
    for (const token of this.#access.values()) {
      if (token.grant.userId !== userId || this.#clock.now() >= token.expiresAt) continue;
      token.expiresAt = this.#clock.now();
      count += 1;
    }
    return count;
  }

  /** Ends every grant of a person, or only those to one client. Returns how many there were. */
  endAllOf(userId: string, clientId?: string): number {
    const theirs = [...this.#live].filter(
      (grant) => grant.userId === userId && (clientId === undefined || grant.clientId === clientId),
    );
    for (const grant of theirs) this.end(grant);
    return theirs.length;
  }

  reset(): void {
    for (const grant of this.#live) grant.isLive = false;
    this.#live.clear();
    this.#access.clear();
    this.#refresh.clear();
    this.#issued.clear();
  }

  #isTooOld({ grant, number, usableUntil }: RefreshToken): boolean {
    const newer = (this.#issued.get(ownerKey(grant)) ?? 0) - number;
    return this.#clock.now() >= usableUntil || newer >= (this.#rules.maxNewerRefreshTokens ?? Infinity);
  }

  #issueAccess(grant: Grant): AccessToken {
    const issuedAt = this.#clock.now();
    const value = this.#rules.mint('access');
    const token = { value, grant, issuedAt, expiresAt: issuedAt + this.#rules.accessLifetimeMs };
    this.#access.set(value, token);
    return token;
  }

  #issueRefresh(grant: Grant): string {
    const value = this.#rules.mint('refresh');
    const usableUntil = this.#clock.now() + this.#rules.refreshIdleMs;
    const number = (this.#issued.get(ownerKey(grant)) ?? 0) + 1;
    this.#issued.set(ownerKey(grant), number);
    this.#refresh.set(value, { grant, number, usableUntil, isSuperseded: false });
    return value;
  }

  #endOldest(newest: Grant): void {
    const same = [...this.#live].filter(
      (grant) => grant.hasRefreshToken && grant.userId === newest.userId && grant.clientId === newest.clientId,
    );
    for (const grant of same.slice(0, -this.#rules.maxGrants)) this.end(grant);
  }
}

function ownerKey({ userId, clientId }: Grant): string {
  return `${userId} ${clientId}`;
}
