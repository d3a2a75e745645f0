import { Agent, request, type Dispatcher } from 'undici';
import { CrmInvalid, CrmUnavailable } from '../salesforce/errors.ts';
import { Secret } from '../vault/secret.ts';
import { sha256Text } from '../vault/digest.ts';
import type { ProblemError } from '../http/problem.ts';
import { signInProblem } from './oauth-errors.ts';

/** Our External Client App, as the customer's Salesforce knows it. */
export interface OAuthClient {
  readonly clientId: string;
  readonly clientSecret: Secret;
  /** Of the managed package, whose custom permissions carry it; '' for none. */
  readonly packageNamespace: string;
  /** Exactly as registered; asked for when it is needed, since the address may be known only once we listen. */
  readonly redirectUri: () => string;
}

/** What the exchange of an authorization code gave, checked. */
export interface SalesforceGrant {
  readonly accessToken: Secret;
  readonly ids: SalesforceIds;
}

/** 18-character ids; never logged. */
export interface SalesforceIds {
  readonly salesforceOrgId: string;
  readonly salesforceUserId: string;
}

export interface SalesforceIdentity {
  readonly username: string;
  readonly email: string;
  readonly name: string;
  readonly isActive: boolean;
  readonly mayUse: boolean;
  readonly isAdmin: boolean;
  /** What Salesforce says of the app in this org; true where it says nothing. */
  readonly isAppInstalled: boolean;
}

/** No `refresh_token`: Salesforce keeps five a user, and a sign-in an hour would use them up (FACTS H). */
const SCOPES = 'openid id api custom_permissions';

/** Durations in milliseconds. One call to Salesforce's OAuth endpoints; none is ever repeated or redirected. */
const CONNECT_TIMEOUT_MS = 5_000;
const HEADERS_TIMEOUT_MS = 8_000;
const BODY_IDLE_TIMEOUT_MS = 5_000;
const REVOKE_TIMEOUT_MS = 4_000;
const MAX_ANSWER_BYTES = 256 * 1024;

interface Answer {
  readonly status: number;
  readonly body: string;
}

/**
 * Salesforce's OAuth endpoints at one login host: the host is derived from the Lightning page (DESIGN 3.2), and nothing
 * that Salesforce answers can lead a token anywhere else. No answer's text gets into an error.
 */
export class SalesforceOAuth {
  readonly #client: OAuthClient;
  readonly #agent = new Agent({
    connect: { timeout: CONNECT_TIMEOUT_MS },
    headersTimeout: HEADERS_TIMEOUT_MS,
    bodyTimeout: BODY_IDLE_TIMEOUT_MS,
    maxResponseSize: MAX_ANSWER_BYTES,
    keepAliveTimeout: 30_000,
  });

  constructor(client: OAuthClient) {
    this.#client = client;
  }

  /** Where the popup goes. PKCE with S256 (RFC 7636). @param pkceVerifier 43 characters, ours, kept on the server */
  authorizeUrl(loginHost: string, state: string, pkceVerifier: string, reauthenticate: boolean): string {
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: this.#client.clientId,
      redirect_uri: this.#client.redirectUri(),
      scope: SCOPES,
      state,
      code_challenge: sha256Text(pkceVerifier),
      code_challenge_method: 'S256',
      ...(reauthenticate ? { prompt: 'login' } : {}),
    });
    return `${loginHost}/services/oauth2/authorize?${query.toString()}`;
  }

  /**
   * Exchanges Salesforce's authorization code. `instance_url` must be the login host itself, character by character, and
   * `id` must end in `/id/{org}/{user}`; if not, the token is revoked at the login host before this throws.
   * @throws the problems of ./oauth-errors.ts; CrmUnavailable; CrmInvalid
   */
  async exchange(loginHost: string, code: Secret, pkceVerifier: Secret, signal: AbortSignal): Promise<SalesforceGrant> {
    const answer = await this.#post(loginHost, '/services/oauth2/token', signal, {
      grant_type: 'authorization_code',
      code: code.reveal(),
      redirect_uri: this.#client.redirectUri(),
      client_id: this.#client.clientId,
      client_secret: this.#client.clientSecret.reveal(),
      code_verifier: pkceVerifier.reveal(),
    });
    if (answer.status !== 200) throw this.#refusal(answer, loginHost);
    const body = jsonObject(answer.body);
    if (typeof body.access_token !== 'string' || body.access_token === '') throw new CrmInvalid();
    const accessToken = Secret.of(body.access_token);
    const ids = idsIn(body.id, loginHost);
    if (body.instance_url !== loginHost || ids === undefined || !/^bearer$/i.test(String(body.token_type))) {
      await this.revoke(loginHost, accessToken);
      throw new CrmInvalid();
    }
    return { accessToken, ids };
  }

  /**
   * Who the token is for, read at the login host. Only a path made of checked ids is used, never the host of `id`.
   * @throws CrmInvalid other ids than the token's, a refused token, no JSON; CrmUnavailable
   */
  async identity(
    loginHost: string,
    accessToken: Secret,
    ids: SalesforceIds,
    signal: AbortSignal,
  ): Promise<SalesforceIdentity> {
    const answer = await this.#send(`${loginHost}/id/${ids.salesforceOrgId}/${ids.salesforceUserId}`, {
      method: 'GET',
      headers: { accept: 'application/json', authorization: `Bearer ${accessToken.reveal()}` },
      signal,
    });
    if (answer.status >= 500) throw new CrmUnavailable();
    // A token that Salesforce gave a moment ago and refuses now ("Bad_OAuth_Token", 403): no answer to act on.
    if (answer.status !== 200) throw new CrmInvalid();
    return identityOf(jsonObject(answer.body), ids, this.#client.packageNamespace);
  }

  /** Ends a token at Salesforce. Never throws: the caller has something else to say. Returns whether it worked. */
  async revoke(loginHost: string, accessToken: Secret): Promise<boolean> {
    try {
      const answer = await this.#post(loginHost, '/services/oauth2/revoke', AbortSignal.timeout(REVOKE_TIMEOUT_MS), {
        token: accessToken.reveal(),
      });
      return answer.status === 200;
    } catch {
      return false;
    }
  }

  /** What Salesforce's refusal of a sign-in means in this org; its own text is dropped. */
  problemOf(error: string, description: string, loginHost: string): ProblemError {
    return signInProblem(error, description, { loginHost, redirectUri: this.#client.redirectUri() });
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  #refusal(answer: Answer, loginHost: string): Error {
    if (answer.status >= 500) return new CrmUnavailable();
    const { error, error_description: description } = jsonObject(answer.body);
    if (answer.status < 400 || typeof error !== 'string') return new CrmInvalid();
    return this.problemOf(error, typeof description === 'string' ? description : '', loginHost);
  }

  async #post(
    loginHost: string,
    path: string,
    signal: AbortSignal,
    form: Readonly<Record<string, string>>,
  ): Promise<Answer> {
    return this.#send(`${loginHost}${path}`, {
      method: 'POST',
      headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(form).toString(),
      signal,
    });
  }

  async #send(
    url: string,
    options: Pick<Dispatcher.RequestOptions, 'method' | 'headers' | 'body' | 'signal'>,
  ): Promise<Answer> {
    try {
      // undici's `request` follows no redirect and repeats nothing by itself.
      const response = await request(url, { ...options, dispatcher: this.#agent });
      return { status: response.statusCode, body: await response.body.text() };
    } catch {
      throw new CrmUnavailable();
    }
  }
}

/** `https://login.salesforce.com/id/00D.../005...`: the path only, and only at the end of the login host's own path. */
function idsIn(id: unknown, loginHost: string): SalesforceIds | undefined {
  if (typeof id !== 'string' || !URL.canParse(id)) return undefined;
  const { pathname } = new URL(id);
  const match = /\/id\/(00D[A-Za-z0-9]{15})\/(005[A-Za-z0-9]{15})$/.exec(pathname);
  const prefix = match === null ? undefined : pathname.slice(0, match.index);
  const [, salesforceOrgId, salesforceUserId] = match ?? [];
  if (salesforceOrgId === undefined || salesforceUserId === undefined) return undefined;
  if (prefix !== '' && prefix !== new URL(loginHost).pathname) return undefined;
  return { salesforceOrgId, salesforceUserId };
}

function identityOf(
  body: Readonly<Record<string, unknown>>,
  ids: SalesforceIds,
  namespace: string,
): SalesforceIdentity {
  const { user_id, organization_id, username, email, display_name, active, custom_permissions, is_app_installed } =
    body;
  if (user_id !== ids.salesforceUserId || organization_id !== ids.salesforceOrgId) throw new CrmInvalid();
  if (!isWord(username) || !isWord(email) || !isWord(display_name)) throw new CrmInvalid();
  return {
    username,
    email,
    name: display_name,
    isActive: active === true,
    mayUse: permits(custom_permissions, 'OneShot_User', namespace),
    isAdmin: permits(custom_permissions, 'OneShot_Admin', namespace),
    isAppInstalled: is_app_installed !== false,
  };
}

/** Only the package's own permission counts: anybody in the org can make one of the same name without namespace. */
function permits(permissions: unknown, permission: string, namespace: string): boolean {
  const name = namespace === '' ? permission : `${namespace}__${permission}`;
  if (typeof permissions !== 'object' || permissions === null || !Object.hasOwn(permissions, name)) return false;
  return (permissions as Readonly<Record<string, unknown>>)[name] === true;
}

/** Longest value that Salesforce's User fields hold (Name 121, Email and Username 80), with room. */
function isWord(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= 255;
}

function jsonObject(body: string): Readonly<Record<string, unknown>> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    throw new CrmInvalid();
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw new CrmInvalid();
  return parsed as Readonly<Record<string, unknown>>;
}
