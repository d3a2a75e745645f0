import { Agent, request, type Dispatcher } from 'undici';
import { sha256Text } from '../vault/digest.ts';
import { Secret } from '../vault/secret.ts';
import { clientOf, endpointsOf, type ProviderSettings } from './endpoints.ts';
import { NotOffered, ProviderInvalid, ProviderUnavailable } from './problems.ts';
import { providers, type Account } from './provider.ts';
import { objectIn, tokenRefusal, type ProviderAnswer, type Refusal } from './provider-errors.ts';
import type { ProviderName } from './tokens.ts';

/** Tokens as a provider gave them, checked. */
export interface Tokens {
  readonly accessToken: Secret;
  /** Undefined where this answer carried none: an older one goes on. */
  readonly refreshToken: Secret | undefined;
  /** Life of the access token, milliseconds. */
  readonly livesMs: number;
  /** What was granted; undefined where the answer names none: then it is what was asked for (RFC 6749, 5.1). */
  readonly scopes: readonly string[] | undefined;
  readonly idToken: string | undefined;
}

/** The provider's token endpoint said no; `refusal` says what that means. */
export class TokenRefusal extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(`The token endpoint refused: ${refusal.kind}`);
    this.name = 'TokenRefusal';
    this.refusal = refusal;
  }
}

/** The call was cut, or took too long. Whether the provider did its part is not known. */
export class AnswerLost extends Error {
  constructor() {
    super('The token endpoint did not answer');
    this.name = 'AnswerLost';
  }
}

/** Durations in milliseconds. */
const CONNECT_TIMEOUT_MS = 5_000;
const REVOKE_TIMEOUT_MS = 5_000;
const IDENTIFY_TIMEOUT_MS = 8_000;
const MAX_ANSWER_BYTES = 256 * 1024;
const MAX_TOKEN_LENGTH = 16_384;

/**
 * The OAuth endpoints of Google, Microsoft and Outreach. Hosts come from the settings alone; no redirect is followed, no
 * call repeated, and no text of an answer gets into an error.
 */
export class ProviderOAuth {
  readonly #settings: ProviderSettings;
  readonly #publicUrl: () => string;
  readonly #agent: Agent;

  constructor(settings: ProviderSettings, publicUrl: () => string) {
    this.#settings = settings;
    this.#publicUrl = publicUrl;
    this.#agent = new Agent({
      connect: { timeout: CONNECT_TIMEOUT_MS },
      maxResponseSize: MAX_ANSWER_BYTES,
      // Connections are not kept: one that the provider closed meanwhile would make a refresh that it never heard of look
      // like one that may have used the token up.
      pipelining: 0,
      connections: 32,
    });
  }

  isOffered(provider: ProviderName): boolean {
    return clientOf(this.#settings, provider) !== undefined;
  }

  /** @throws NotOffered */
  clientId(provider: ProviderName): string {
    return this.#of(provider).client.clientId;
  }

  /** Exactly as registered; one for each provider, so that no answer can be mixed up (RFC 9700, 4.4). */
  redirectUri(provider: ProviderName): string {
    return `${this.#publicUrl()}/v1/connections/${provider}/callback`;
  }

  /** Where the popup goes. PKCE with S256 (RFC 7636). */
  authorizeUrl(provider: ProviderName, state: string, pkceVerifier: string): string {
    const { client, endpoints } = this.#of(provider);
    const { scopes, authorize } = providers[provider];
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: client.clientId,
      redirect_uri: this.redirectUri(provider),
      scope: scopes.join(' '),
      state,
      code_challenge: sha256Text(pkceVerifier),
      code_challenge_method: 'S256',
      ...authorize,
    });
    return `${endpoints.authorize}?${query.toString()}`;
  }

  /** @throws TokenRefusal; AnswerLost; ProviderInvalid tokens without what belongs to them */
  exchange(provider: ProviderName, code: Secret, pkceVerifier: Secret, signal: AbortSignal): Promise<Tokens> {
    return this.#tokens(provider, signal, {
      grant_type: 'authorization_code',
      code: code.reveal(),
      redirect_uri: this.redirectUri(provider),
      code_verifier: pkceVerifier.reveal(),
    });
  }

  /** @throws as `exchange` */
  refresh(provider: ProviderName, refreshToken: Secret, signal: AbortSignal): Promise<Tokens> {
    const { refreshNamesRedirectUri } = providers[provider];
    return this.#tokens(provider, signal, {
      grant_type: 'refresh_token',
      refresh_token: refreshToken.reveal(),
      ...(refreshNamesRedirectUri ? { redirect_uri: this.redirectUri(provider) } : {}),
    });
  }

  /** Whose account the tokens are for. @throws ProviderInvalid; ProviderUnavailable */
  identify(provider: ProviderName, { accessToken, idToken }: Tokens, signal: AbortSignal): Promise<Account> {
    const { client, endpoints } = this.#of(provider);
    const limited = AbortSignal.any([signal, AbortSignal.timeout(IDENTIFY_TIMEOUT_MS)]);
    const read = async (url: string, accept = 'application/json'): Promise<Readonly<Record<string, unknown>>> => {
      let answer: ProviderAnswer;
      try {
        answer = await this.#send(url, {
          method: 'GET',
          headers: { accept, 'content-type': accept, authorization: `Bearer ${accessToken.reveal()}` },
          signal: limited,
        });
      } catch {
        throw new ProviderUnavailable(provider);
      }
      if (answer.status === 429 || answer.status >= 500) throw new ProviderUnavailable(provider);
      const body = answer.status === 200 ? objectIn(answer.body) : undefined;
      if (body === undefined) throw new ProviderInvalid(provider);
      return body;
    };
    return providers[provider].identify(read, endpoints, idToken, client.clientId);
  }

  /** Ends a grant at the provider. Never throws: the caller has something else to say. */
  async revoke(provider: ProviderName, token: Secret): Promise<'revoked' | 'no_endpoint' | 'failed'> {
    try {
      const { revoke } = this.#of(provider).endpoints;
      if (revoke === undefined) return 'no_endpoint';
      const { status } = await this.#post(revoke, AbortSignal.timeout(REVOKE_TIMEOUT_MS), { token: token.reveal() });
      return status === 200 ? 'revoked' : 'failed';
    } catch {
      return 'failed';
    }
  }

  hasRevocation(provider: ProviderName): boolean {
    return endpointsOf(this.#settings, provider)?.revoke !== undefined;
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #tokens(provider: ProviderName, signal: AbortSignal, form: Readonly<Record<string, string>>): Promise<Tokens> {
    const { client, endpoints } = this.#of(provider);
    const answer = await this.#post(endpoints.token, signal, {
      ...form,
      client_id: client.clientId,
      client_secret: client.clientSecret.reveal(),
    });
    const body = answer.status === 200 ? objectIn(answer.body) : undefined;
    // Some say 200 and mean no.
    if (body === undefined || body.error !== undefined) throw new TokenRefusal(tokenRefusal(provider, answer));
    return tokensIn(provider, body);
  }

  #post(url: string, signal: AbortSignal, form: Readonly<Record<string, string>>): Promise<ProviderAnswer> {
    return this.#send(url, {
      method: 'POST',
      headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(form).toString(),
      signal,
    });
  }

  async #send(
    url: string,
    options: Pick<Dispatcher.RequestOptions, 'method' | 'headers' | 'body' | 'signal'>,
  ): Promise<ProviderAnswer> {
    try {
      // undici's `request` follows no redirect and repeats nothing by itself.
      const { statusCode, headers, body } = await request(url, { ...options, dispatcher: this.#agent });
      const retryAfter = headers['retry-after'];
      return {
        status: statusCode,
        retryAfter: Array.isArray(retryAfter) ? retryAfter[0] : retryAfter,
        body: await body.text(),
      };
    } catch {
      throw new AnswerLost();
    }
  }

  #of(provider: ProviderName): {
    readonly client: NonNullable<ReturnType<typeof clientOf>>;
    readonly endpoints: NonNullable<ReturnType<typeof endpointsOf>>;
  } {
    const client = clientOf(this.#settings, provider);
    const endpoints = endpointsOf(this.#settings, provider);
    if (client === undefined || endpoints === undefined) throw new NotOffered(provider, 'not_offered');
    return { client, endpoints };
  }
}

function tokensIn(provider: ProviderName, body: Readonly<Record<string, unknown>>): Tokens {
  const { access_token, refresh_token, expires_in, scope, id_token, token_type } = body;
  const seconds = Number(expires_in);
  const isWhole = isToken(access_token) && /^bearer$/i.test(String(token_type)) && seconds > 0;
  if (!isWhole || !Number.isFinite(seconds)) throw new ProviderInvalid(provider);
  return {
    accessToken: Secret.of(access_token),
    refreshToken: isToken(refresh_token) ? Secret.of(refresh_token) : undefined,
    livesMs: Math.min(seconds, 30 * 86_400) * 1_000,
    scopes: typeof scope === 'string' ? scope.split(/[\s,]+/).filter(Boolean) : undefined,
    idToken: typeof id_token === 'string' ? id_token : undefined,
  };
}

const isToken = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= MAX_TOKEN_LENGTH && /^[\x21-\x7e]+$/.test(value);
