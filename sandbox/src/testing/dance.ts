import { defaultClient } from '../index.ts';
import { redirectUrisOf } from '../start-clients.ts';
import type { SignInProvider } from '../start-clients.ts';
import { pkce, redirectUri as salesforceCallback, repOne, type TestSandbox } from './browser.ts';

/** For tests: somebody with a browser who signs in at any of the providers, form by form. */

export type Fields = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token?: string;
  readonly id_token?: string;
  readonly scope: string;
  readonly token_type: string;
  readonly expires_in: number;
  readonly [more: string]: unknown;
}

export interface Answer<Body = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

/** How a provider is spoken to. */
export interface DanceSteps {
  readonly provider: SignInProvider;
  /** Below the provider's prefix. */
  readonly authorize: string;
  readonly token: string;
  /** Sent with every authorization request unless a test says otherwise. */
  readonly ask: Fields;
}

export function form(fields: Fields): URLSearchParams {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    for (const one of typeof value === 'string' ? [value] : (value ?? [])) params.append(name, one);
  }
  return params;
}

export async function readJson<Body = Record<string, unknown>>(answer: Response): Promise<Answer<Body>> {
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: (text === '' ? {} : JSON.parse(text)) as Body };
}

export class Dance {
  readonly base: string;
  readonly redirectUri: string;
  readonly #sandbox: TestSandbox;
  readonly #steps: DanceSteps;

  constructor(sandbox: TestSandbox, steps: DanceSteps) {
    this.#sandbox = sandbox;
    this.#steps = steps;
    this.base = `${sandbox.url}/${steps.provider}`;
    this.redirectUri = redirectUrisOf(steps.provider, [salesforceCallback])[0] ?? '';
  }

  authorizeUrl(fields: Fields = {}): string {
    const query = form({
      response_type: 'code',
      client_id: defaultClient.clientId,
      redirect_uri: this.redirectUri,
      state: 'a state & more',
      ...this.#steps.ask,
      ...fields,
    });
    return `${this.base}${this.#steps.authorize}?${query.toString()}`;
  }

  /** Opens the consent page of a URL and sends its form. @returns the answer, redirects not followed */
  async decide(url: string, answer: Fields = {}): Promise<Response> {
    const page = await (await this.#sandbox.visit(url)).text();
    const action = /<form method="post" action="([^"]+)"/.exec(page)?.[1];
    const request = /name="request" value="([^"]+)"/.exec(page)?.[1];
    if (action === undefined || request === undefined) throw new Error(`No form in: ${page}`);
    const body = form({ request, username: repOne, decision: 'allow', ...answer });
    return fetch(new URL(action, this.#sandbox.url), { method: 'POST', body, redirect: 'manual' });
  }

  /** Where the browser is sent back to. */
  sentBack(answer: Response): URL {
    const location = answer.headers.get('location');
    if (answer.status !== 302 || !location?.startsWith(this.redirectUri)) {
      throw new Error(`Not sent back to the client: ${answer.status} ${location ?? ''}`);
    }
    return new URL(location);
  }

  /** What the person in front of the browser does with the URL that a client made. */
  async allow(url: string, answer: Fields = {}): Promise<URL> {
    return this.sentBack(await this.decide(url, answer));
  }

  async code(fields: Fields = {}, answer: Fields = {}): Promise<string> {
    const code = (await this.allow(this.authorizeUrl(fields), answer)).searchParams.get('code');
    if (code === null) throw new Error('No code');
    return code;
  }

  async token<Body = Record<string, unknown>>(fields: Fields): Promise<Answer<Body>> {
    const client = { client_id: defaultClient.clientId, client_secret: defaultClient.clientSecret };
    return this.post<Body>(this.#steps.token, { ...client, ...fields });
  }

  exchange(code: string, verifier?: string, fields: Fields = {}): Promise<Answer<Tokens>> {
    const grant = { grant_type: 'authorization_code', code, redirect_uri: this.redirectUri };
    return this.token<Tokens>({ ...grant, code_verifier: verifier, ...fields });
  }

  refresh(refreshToken: string | undefined, fields: Fields = {}): Promise<Answer<Tokens>> {
    return this.token<Tokens>({ grant_type: 'refresh_token', refresh_token: refreshToken, ...fields });
  }

  /** The whole dance, with PKCE. */
  async signIn(fields: Fields = {}, answer: Fields = {}): Promise<Tokens> {
    const { verifier, challenge } = pkce();
    const code = await this.code({ code_challenge: challenge, code_challenge_method: 'S256', ...fields }, answer);
    const { status, body } = await this.exchange(code, verifier);
    if (status !== 200) throw new Error(`Sign-in failed: ${status} ${JSON.stringify(body)}`);
    return body;
  }

  async post<Body = Record<string, unknown>>(path: string, fields: Fields): Promise<Answer<Body>> {
    return readJson<Body>(await fetch(this.base + path, { method: 'POST', body: form(fields) }));
  }

  get(path: string, accessToken?: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return fetch(this.base + path, { headers: { ...headers, ...bearer(accessToken) } });
  }

  /** Sends JSON. */
  send(path: string, accessToken: string | undefined, body: unknown, type = 'application/json'): Promise<Response> {
    return fetch(this.base + path, {
      method: 'POST',
      headers: { 'content-type': type, ...bearer(accessToken) },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  }
}

const bearer = (token: string | undefined): Record<string, string> =>
  token === undefined ? {} : { authorization: `Bearer ${token}` };
