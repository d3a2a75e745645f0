import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { Clients, type Client } from './clients.ts';
import { Grants } from './grants.ts';
import type { Parameters } from './parameters.ts';
import type { Authorization, Issued, Person, Policy } from './policy.ts';
import { Refusal, type RedirectTarget } from './refusal.ts';

interface Code {
  readonly authorization: Authorization;
  readonly userId: string;
  readonly expiresAt: number;
  isUsed: boolean;
  /** Ends what the code gave, once it gave something. */
  endGrant: (() => void) | undefined;
}

/** How long a consent form may stay open. */
const formLifetimeMs = 15 * 60_000;

/**
 * An authorization server: authorize -> consent -> code -> token -> refresh -> revoke (RFC 6749, RFC 7636). It decides;
 * the policy says what its provider does differently and how each refusal reads. Every method changes its state
 * before anything is awaited, so of many parallel requests with one code or token exactly one wins.
 */
export class OAuthEngine<P extends Person> {
  readonly policy: Policy<P>;
  readonly clients: Clients;
  readonly grants: Grants;
  readonly #clock: Clock;
  readonly #codes = new Map<string, Code>();
  readonly #forms = new Map<string, { authorization: Authorization; expiresAt: number }>();
  /** Person and client -> scopes that were allowed once, for the silent second round trip. */
  readonly #approvals = new Map<string, ReadonlySet<string>>();
  /** Value of the browser's cookie -> who is signed in there. */
  readonly #browsers = new Map<string, string>();

  constructor(policy: Policy<P>, startClients: readonly Client[], clock: Clock) {
    this.policy = policy;
    this.clients = new Clients(startClients);
    this.grants = new Grants(policy, clock);
    this.#clock = clock;
  }

  /** Forgets everything but the clients of the start. */
  reset(): void {
    this.clients.reset();
    this.grants.reset();
    for (const memory of [this.#codes, this.#forms, this.#approvals, this.#browsers]) memory.clear();
  }

  /**
   * Checks an authorization request.
   * @throws Refusal; with `target` once the redirect URI is known to be the client's
   */
  authorize(params: Parameters): Authorization {
    const client = this.clients.find(params.optional('client_id'));
    if (!client) throw new Refusal('client', 'client_id');
    const redirectUri = params.optional('redirect_uri');
    if (redirectUri === undefined) throw new Refusal('redirect_uri_missing', 'redirect_uri');
    if (!client.redirectUris.includes(redirectUri)) throw new Refusal('redirect_uri', 'redirect_uri');
    const target = { redirectUri, state: onlyOne(params, 'state') };
    return this.#towards(target, () => {
      params.assertNoneRepeated();
      if (params.optional('response_type') !== 'code') throw new Refusal('response_type', 'response_type');
      const scopes = this.policy.scopes(params.optional('scope'), client);
      return {
        ...target,
        client,
        scopes,
        challenge: this.#readChallenge(params),
        nonce: params.optional('nonce'),
        mustAsk: readPrompt(params),
        prompt: params.optional('prompt'),
        loginHint: params.optional('login_hint'),
        wantsRefreshToken: this.policy.wantsRefreshToken(scopes, params),
      };
    });
  }

  /** Keeps a request while its form is open. The id is the form's hidden field and works until it is decided. */
  openForm(authorization: Authorization): string {
    for (const [id, form] of this.#forms) {
      if (this.#clock.now() < form.expiresAt) break;
      this.#forms.delete(id);
    }
    const id = randomBytes(24).toString('base64url');
    this.#forms.set(id, { authorization, expiresAt: this.#clock.now() + formLifetimeMs });
    return id;
  }

  /** The request behind a form, as long as it may be decided. */
  findForm(id: string): Authorization | undefined {
    const form = this.#forms.get(id);
    return form && this.#clock.now() < form.expiresAt ? form.authorization : undefined;
  }

  /** Ends a form: its id does not work again. */
  closeForm(id: string): void {
    this.#forms.delete(id);
  }

  /** Remembers that this browser is signed in; the value goes into a cookie. */
  signIn(user: P): string {
    const value = randomBytes(24).toString('base64url');
    this.#browsers.set(value, user.id);
    return value;
  }

  /** Who is signed in in the browser that sent this cookie. */
  signedIn(cookie: string | undefined): P | undefined {
    const userId = cookie === undefined ? undefined : this.#browsers.get(cookie);
    return userId === undefined ? undefined : this.policy.people.byId(userId);
  }

  /** Whether no form is needed: this person allowed this client these scopes before, and nothing asks for the form. */
  isSilent(authorization: Authorization, user: P): boolean {
    if (authorization.mustAsk) return false;
    if (authorization.loginHint !== undefined && authorization.loginHint !== user.username) return false;
    const approved = this.#approvals.get(approvalKey(user.id, authorization.client));
    return approved !== undefined && authorization.scopes.every((scope) => approved.has(scope));
  }

  /** The request with only those scopes that the person left ticked; what cannot be left out stays. */
  narrow(authorization: Authorization, ticked: readonly string[]): Authorization {
    const { isOptional } = this.policy;
    if (isOptional === undefined) return authorization;
    const scopes = authorization.scopes.filter((scope) => !isOptional(scope) || ticked.includes(scope));
    return { ...authorization, scopes };
  }

  /**
   * The person allows the request.
   * @returns the authorization code
   * @throws Refusal with `target` when the provider does not let this person use this app
   */
  allow(authorization: Authorization, user: P): string {
    return this.#towards(authorization, () => {
      this.#admit(user, authorization.client, 'authorize');
      const key = approvalKey(user.id, authorization.client);
      this.#approvals.set(key, new Set([...(this.#approvals.get(key) ?? []), ...authorization.scopes]));
      const value = this.policy.mint('code');
      const expiresAt = this.#clock.now() + this.policy.codeLifetimeMs;
      this.#codes.set(value, { authorization, userId: user.id, expiresAt, isUsed: false, endGrant: undefined });
      return value;
    });
  }

  /** The person denies the request: the refusal to send to the client. */
  deny(authorization: Authorization): Refusal {
    const refusal = new Refusal('denied');
    refusal.target = authorization;
    return refusal;
  }

  /**
   * A token request.
   * @param authorization the Authorization header, if any
   * @throws Refusal
   */
  token(params: Parameters, authorization: string | undefined): Issued<P> {
    params.assertNoneRepeated();
    const grantType = params.optional('grant_type');
    if (grantType !== 'authorization_code' && grantType !== 'refresh_token') {
      throw new Refusal('grant_type', 'grant_type');
    }
    const client = this.clients.authenticate(params, authorization);
    return grantType === 'refresh_token' ? this.#refresh(params, client) : this.#exchange(params, client);
  }

  /** @throws Refusal `token` for one that is unknown, expired or revoked already */
  revoke(params: Parameters): void {
    params.assertNoneRepeated();
    const value = params.required('token');
    const grant = this.policy.revokes === 'everything' ? this.grants.ownerOf(value) : undefined;
    if (grant) this.withdraw(grant.userId, grant.clientId);
    else if (!this.grants.revoke(value)) throw new Refusal('token', 'token');
  }

  /**
   * Withdraws everything that a person allowed, or allowed one client: grants, codes on their way, approvals.
   * @returns the number of grants
   */
  withdraw(userId: string, clientId?: string): number {
    const isMeant = (client: string) => clientId === undefined || client === clientId;
    for (const key of this.#approvals.keys()) {
      const [user, client = ''] = key.split(' ');
      if (user === userId && isMeant(client)) this.#approvals.delete(key);
    }
    for (const code of this.#codes.values()) {
      if (code.userId === userId && isMeant(code.authorization.client.clientId)) code.isUsed = true;
    }
    return this.grants.endAllOf(userId, clientId);
  }

  /** A code works once, whatever comes of it: a request with a wrong redirect URI or verifier uses it up. */
  #exchange(params: Parameters, client: Client): Issued<P> {
    const code = this.#codes.get(params.required('code'));
    if (code?.authorization.client.clientId !== client.clientId) throw new Refusal('code', 'code');
    if (code.isUsed) {
      code.endGrant?.();
      throw new Refusal('code_replayed', 'code');
    }
    code.isUsed = true;
    if (this.#clock.now() >= code.expiresAt) throw new Refusal('code_expired', 'code');
    const { authorization } = code;
    const redirectUri = params.optional('redirect_uri');
    if (redirectUri === undefined) throw new Refusal('redirect_uri_missing', 'redirect_uri');
    if (redirectUri !== authorization.redirectUri) throw new Refusal('redirect_uri', 'redirect_uri');
    checkVerifier(params.optional('code_verifier'), authorization.challenge);
    const user = this.#person(code.userId);
    this.#admit(user, client, 'exchange');
    const { scopes, nonce, wantsRefreshToken } = authorization;
    const opened = this.grants.open({
      userId: user.id,
      clientId: client.clientId,
      scopes,
      withRefreshToken: wantsRefreshToken,
    });
    const { grant } = opened.access;
    code.endGrant = () => this.grants.end(grant);
    return { by: 'authorization_code', user, client, grant, nonce, params, ...opened };
  }

  #refresh(params: Parameters, client: Client): Issued<P> {
    const scope = params.optional('scope');
    if (this.policy.refreshNeedsRedirectUri) {
      const redirectUri = params.optional('redirect_uri');
      if (redirectUri === undefined) throw new Refusal('redirect_uri_missing', 'redirect_uri');
      if (!client.redirectUris.includes(redirectUri)) throw new Refusal('redirect_uri', 'redirect_uri');
    }
    const refreshed = this.grants.refresh(params.required('refresh_token'), client, (grant) => {
      this.#admit(this.#person(grant.userId), client, 'refresh');
      const asked = scope === undefined ? [] : this.policy.scopes(scope, client);
      if (!asked.every((name) => grant.scopes.includes(name))) throw new Refusal('scope', 'scope');
    });
    const { grant } = refreshed.access;
    return {
      by: 'refresh_token',
      user: this.#person(grant.userId),
      client,
      grant,
      nonce: undefined,
      params,
      ...refreshed,
    };
  }

  #admit(user: P, client: Client, step: 'authorize' | 'exchange' | 'refresh'): void {
    if (!user.active) throw new Refusal('user_inactive');
    this.policy.admit(user, client, step);
  }

  #person(userId: string): P {
    const user = this.policy.people.byId(userId);
    if (!user) throw new Refusal('user_inactive');
    return user;
  }

  #readChallenge(params: Parameters): string | undefined {
    const challenge = params.optional('code_challenge');
    if (challenge === undefined) {
      if (this.policy.requiresPkce || params.optional('code_challenge_method') !== undefined) {
        throw new Refusal('challenge_missing', 'code_challenge');
      }
      return undefined;
    }
    const method = params.optional('code_challenge_method') ?? this.policy.defaultChallengeMethod;
    if (method !== 'S256') throw new Refusal('challenge_method', 'code_challenge_method');
    // SHA-256 in base64url without padding is always 43 characters (RFC 7636, 4.2).
    if (!/^[A-Za-z0-9_-]{43}$/.test(challenge)) throw new Refusal('challenge', 'code_challenge');
    return challenge;
  }

  /** Runs a check whose refusal may be sent to the client's redirect URI. */
  #towards<T>(target: RedirectTarget, check: () => T): T {
    try {
      return check();
    } catch (error) {
      if (error instanceof Refusal) error.target = target;
      throw error;
    }
  }
}

/** RFC 7636, 4.1 and 4.6: 43-128 unreserved characters whose SHA-256 is the challenge. */
function checkVerifier(verifier: string | undefined, challenge: string | undefined): void {
  if (challenge === undefined) {
    // RFC 9700, 2.1.1: refuse a verifier where no challenge was sent, else PKCE can be downgraded.
    if (verifier !== undefined) throw new Refusal('verifier_unexpected', 'code_verifier');
    return;
  }
  if (verifier === undefined) throw new Refusal('verifier_missing', 'code_verifier');
  const isWellFormed = /^[A-Za-z0-9._~-]{43,128}$/.test(verifier);
  const hash = createHash('sha256').update(verifier).digest('base64url');
  if (!isWellFormed || hash !== challenge) throw new Refusal('verifier', 'code_verifier');
}

const prompts = new Set(['login', 'consent', 'select_account']);

/** Whether `prompt` wants the form to be shown. */
function readPrompt(params: Parameters): boolean {
  const asked = params.optional('prompt')?.split(' ') ?? [];
  if (!asked.every((word) => prompts.has(word))) throw new Refusal('prompt', 'prompt');
  return asked.length > 0;
}

/** The value of a parameter that is there exactly once; a repeated one is reported by the checks that follow. */
function onlyOne(params: Parameters, name: string): string | undefined {
  try {
    return params.optional(name);
  } catch {
    return undefined;
  }
}

function approvalKey(userId: string, client: Client): string {
  return `${userId} ${client.clientId}`;
}
