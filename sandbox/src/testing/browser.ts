import { createHash, randomBytes } from 'node:crypto';
import { defaultClient, defaultRedirectUris, startSandbox, type RunningSandbox } from '../index.ts';

/** For tests: a sandbox, and somebody with a browser who signs in at its Salesforce by hand, form by form. */

export const redirectUri = defaultRedirectUris[0] ?? '';
export const repOne = 'rep.one@demo.example';
export const repTwo = 'rep.two@demo.example';

/** A PKCE pair (RFC 7636). */
export function pkce(): { verifier: string; challenge: string } {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

export interface TokenAnswer {
  access_token: string;
  refresh_token?: string;
  id_token?: string;
  scope: string;
  signature: string;
  instance_url: string;
  id: string;
  token_type: string;
  issued_at: string;
  error?: string;
  error_description?: string;
}

type Fields = Readonly<Record<string, string | undefined>>;

function encode(fields: Fields): URLSearchParams {
  return new URLSearchParams(
    Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** What every test here does with a sandbox. */
export class TestSandbox {
  readonly url: string;
  readonly salesforce: string;
  readonly #running: RunningSandbox;

  constructor(running: RunningSandbox) {
    this.#running = running;
    this.url = running.url;
    this.salesforce = `${running.url}/salesforce`;
  }

  static async start(): Promise<TestSandbox> {
    return new TestSandbox(await startSandbox({ accounts: 5 }));
  }

  close(): Promise<void> {
    return this.#running.close();
  }

  /** A control call that must succeed. */
  async control<T = unknown>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<T> {
    const answer = await this.tryControl(method, path, body);
    if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body as T;
  }

  async tryControl(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
    const answer = await fetch(`${this.url}/__control${path}`, {
      method,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: await answer.json() };
  }

  /** A second client, by default one whose refresh tokens rotate. */
  async addClient(clientId: string, more: Readonly<Record<string, unknown>> = { rotation: 'rotate' }): Promise<Fields> {
    const client = {
      provider: 'salesforce',
      clientId,
      clientSecret: `${clientId}-secret`,
      redirectUris: [redirectUri],
    };
    await this.control('POST', '/clients', { ...client, ...more });
    return { client_id: clientId, client_secret: client.clientSecret };
  }

  authorizeUrl(fields: Fields = {}): string {
    const query = encode({
      response_type: 'code',
      client_id: defaultClient.clientId,
      redirect_uri: redirectUri,
      scope: 'openid id api custom_permissions',
      state: 'a state & more',
      code_challenge: pkce().challenge,
      code_challenge_method: 'S256',
      ...fields,
    });
    return `${this.salesforce}/services/oauth2/authorize?${query.toString()}`;
  }

  /** Opens a page as a browser would, without following redirects. */
  visit(url: string, cookie?: string): Promise<Response> {
    return fetch(url, { redirect: 'manual', ...(cookie === undefined ? {} : { headers: { cookie } }) });
  }

  /** Opens the consent form and sends it. */
  async decide(fields: Fields, decision: string, username: string): Promise<Response> {
    const page = await this.visit(this.authorizeUrl(fields));
    return this.submit(await page.text(), { username, decision });
  }

  /** Sends the form of a page. */
  submit(html: string, fields: Fields): Promise<Response> {
    const action = /<form method="post" action="([^"]+)"/.exec(html)?.[1];
    const request = /name="request" value="([^"]+)"/.exec(html)?.[1];
    if (action === undefined || request === undefined) throw new Error(`No form in: ${html}`);
    const body = encode({ request, ...fields });
    return fetch(new URL(action, this.url), { method: 'POST', body, redirect: 'manual' });
  }

  /** Allows a request and gives the code. */
  async code(fields: Fields = {}, username = repOne): Promise<string> {
    const answer = await this.decide(fields, 'allow', username);
    const code = sentBack(answer).get('code');
    if (code === null) throw new Error(`No code: ${answer.status} ${answer.headers.get('location') ?? ''}`);
    return code;
  }

  /** Calls the token endpoint; the default client unless the fields say otherwise. */
  async token(fields: Fields): Promise<{ status: number; headers: Headers; body: TokenAnswer }> {
    const body = encode({
      client_id: defaultClient.clientId,
      client_secret: defaultClient.clientSecret,
      ...fields,
    });
    return readAnswer(await fetch(`${this.salesforce}/services/oauth2/token`, { method: 'POST', body }));
  }

  exchange(code: string, verifier: string | undefined, fields: Fields = {}): ReturnType<TestSandbox['token']> {
    return this.token({
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier,
      ...fields,
    });
  }

  refresh(refreshToken: string | undefined, client: Fields = {}): ReturnType<TestSandbox['token']> {
    return this.token({ grant_type: 'refresh_token', refresh_token: refreshToken, ...client });
  }

  /** The whole dance. */
  async signIn(
    scope = 'openid id api custom_permissions',
    client: Fields = {},
    username = repOne,
  ): Promise<TokenAnswer> {
    const { verifier, challenge } = pkce();
    const code = await this.code(
      { scope, client_id: client.client_id ?? defaultClient.clientId, code_challenge: challenge },
      username,
    );
    const { status, body } = await this.exchange(code, verifier, client);
    if (status !== 200) throw new Error(`Sign-in failed: ${status} ${JSON.stringify(body)}`);
    return body;
  }

  identity(tokens: TokenAnswer): Promise<Response> {
    return this.get(new URL(tokens.id).pathname.replace('/salesforce', ''), tokens.access_token);
  }

  /** Whether an access token works, without prolonging its session. */
  async isLive(accessToken: string, client: Fields = {}): Promise<boolean> {
    const credentials = { client_id: defaultClient.clientId, client_secret: defaultClient.clientSecret, ...client };
    const answer = await this.post('/services/oauth2/introspect', { token: accessToken, ...credentials });
    return ((await answer.json()) as { active: boolean }).active;
  }

  get(path: string, accessToken?: string): Promise<Response> {
    const headers: Record<string, string> = accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` };
    return fetch(this.salesforce + path, { headers });
  }

  post(path: string, fields: Fields): Promise<Response> {
    return fetch(this.salesforce + path, { method: 'POST', body: encode(fields) });
  }
}

/** The parameters with which the browser was sent back to the client. */
export function sentBack(answer: Response): URLSearchParams {
  const location = answer.headers.get('location');
  if (answer.status !== 302 || !location?.startsWith(redirectUri)) {
    throw new Error(`Not sent back to the client: ${answer.status} ${location ?? ''}`);
  }
  return new URL(location).searchParams;
}

export async function readAnswer(answer: Response): Promise<{ status: number; headers: Headers; body: TokenAnswer }> {
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as TokenAnswer };
}
