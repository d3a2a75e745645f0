import { createHash, randomBytes } from 'node:crypto';

/** Where to sign in: a backend, the Lightning page that opens its popup, and nothing else. */
export interface SignInTarget {
  /** Origin of the backend, e.g. `http://127.0.0.1:45000`. */
  readonly url: string;
  /** Origin of the page (`PREVIEW_ORIGIN`). */
  readonly origin: string;
}

export interface SignInOptions {
  readonly reauth?: boolean;
  readonly pair?: PkcePair;
  readonly idempotencyKey?: string;
}

export interface PkcePair {
  readonly verifier: string;
  readonly challenge: string;
}

/** An answer, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Json;
}

/** JSON of any shape: a test looks into it without a cast on every line, and what is not there is `undefined`. */
export interface Json {
  readonly [name: string]: Json;
}

/** A text inside an answer. @throws TypeError it is something else, or not there */
export function textOf(value: Json | undefined): string {
  const text: unknown = value;
  if (typeof text !== 'string') throw new TypeError(`Not a text: ${JSON.stringify(value)}`);
  return text;
}

/** What a callback page said. */
export interface Page {
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;
  readonly message: Json;
  /** The origin the page posts to; undefined when it posts to nobody. */
  readonly target: string | undefined;
}

/** A step of the dance answered otherwise than a browser can go on with. */
export class SignInFailed extends Error {
  readonly status: number;
  readonly body: unknown;

  constructor(step: string, status: number, body: unknown) {
    super(`Sign-in failed at ${step}: ${status} ${JSON.stringify(body)}`);
    this.status = status;
    this.body = body;
  }
}

/** A verifier of 256 bits and its S256 challenge, as the component makes them. */
export function pkcePair(): PkcePair {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

/** A rep's browser tab that is signed in: calls the backend as the component does. */
export class RepClient {
  readonly target: SignInTarget;
  readonly token: string;
  readonly user: { readonly id: string; readonly name: string; readonly email: string; readonly isAdmin: boolean };
  readonly org: { readonly id: string; readonly region: string };
  readonly expiresAt: string;

  constructor(target: SignInTarget, signedIn: Json) {
    this.target = target;
    this.token = textOf(signedIn.token);
    this.user = signedIn.user as unknown as RepClient['user'];
    this.org = signedIn.org as unknown as RepClient['org'];
    this.expiresAt = textOf(signedIn.expiresAt);
  }

  get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.request('GET', path, undefined, headers);
  }

  post(path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.request('POST', path, body, headers);
  }

  put(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.request('PUT', path, body, headers);
  }

  delete(path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.request('DELETE', path, body, headers);
  }

  /** @param headers go over the ones that the component sends */
  request(method: string, path: string, body: unknown, headers: Readonly<Record<string, string>>): Promise<Answer> {
    return call(this.target.url, method, path, body, {
      authorization: `Bearer ${this.token}`,
      origin: this.target.origin,
      'x-oneshot-rep': this.user.id,
      ...headers,
    });
  }

  /** The same session at another process. */
  at(url: string): RepClient {
    const { token, user, org, expiresAt } = this;
    return new RepClient({ ...this.target, url }, { token, user, org, expiresAt } as unknown as Json);
  }
}

/**
 * Signs a person of the demo org in, the whole way a browser goes: start, consent form, callback page, token.
 * @throws SignInFailed at the first step that refuses
 */
export async function signIn(target: SignInTarget, username: string, options: SignInOptions = {}): Promise<RepClient> {
  const pair = options.pair ?? pkcePair();
  const page = await passPopup(target, username, { ...options, pair });
  if (textOf(page.message.type) !== 'sign-in') throw new SignInFailed('callback', page.status, page.message);
  const answer = await redeem(target, textOf(page.message.code), pair.verifier, options.idempotencyKey);
  if (answer.status !== 200) throw new SignInFailed('token', answer.status, answer.body);
  return new RepClient(target, answer.body);
}

/** From the popup's first address to the page that posts its message. */
export async function passPopup(
  target: SignInTarget,
  username: string,
  options: SignInOptions & { readonly decision?: 'allow' | 'deny' } = {},
): Promise<Page> {
  const started = await start(target, options);
  const callback = await consent(started.location, username, options.decision ?? 'allow');
  return visitCallback(target, callback, started.cookie);
}

/** Where `start` sent the browser, and the cookie it set. */
export interface Started {
  readonly location: string;
  readonly cookie: string;
  readonly headers: Headers;
}

/** Opens the popup. @throws SignInFailed when it is not sent to Salesforce */
export async function start(target: SignInTarget, options: SignInOptions = {}): Promise<Started> {
  const { challenge } = options.pair ?? pkcePair();
  const query = new URLSearchParams({ challenge, origin: target.origin });
  if (options.reauth === true) query.set('reauth', 'true');
  const answer = await fetch(`${target.url}/v1/auth/salesforce/start?${query.toString()}`, { redirect: 'manual' });
  const location = answer.headers.get('location');
  if (answer.status !== 302 || location === null) throw new SignInFailed('start', answer.status, await answer.text());
  const cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  return { location, cookie, headers: answer.headers };
}

/** Fills in Salesforce's consent form. Returns the address of our callback, not visited yet. */
export async function consent(authorizeUrl: string, username: string, decision: 'allow' | 'deny'): Promise<string> {
  const shown = await fetch(authorizeUrl, { redirect: 'manual' });
  // Refused without a form, as Salesforce does for an app that is not installed.
  if (shown.status === 302) return shown.headers.get('location') ?? '';
  const html = await shown.text();
  const action = /<form[^>]*\saction="([^"]+)"/.exec(html)?.[1];
  if (action === undefined) throw new SignInFailed('authorize', shown.status, html);
  const form = new URLSearchParams({ username, decision });
  for (const [, name, value] of html.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g))
    form.set(unescapeHtml(name ?? ''), unescapeHtml(value ?? ''));
  const decided = await fetch(new URL(unescapeHtml(action), authorizeUrl), {
    method: 'POST',
    body: form,
    redirect: 'manual',
  });
  const location = decided.headers.get('location');
  if (location === null) throw new SignInFailed('consent', decided.status, await decided.text());
  return location;
}

/** Follows Salesforce's redirect back to us, at the backend of `target`, with the cookies given. */
export async function visitCallback(target: SignInTarget, callback: string, cookie: string): Promise<Page> {
  const { pathname, search } = new URL(callback);
  const answer = await fetch(`${target.url}${pathname}${search}`, {
    headers: cookie === '' ? {} : { cookie },
    redirect: 'manual',
  });
  return readPage(answer);
}

/** Reads a callback page as `window.opener` and a person would. */
export async function readPage(answer: Response): Promise<Page> {
  const html = await answer.text();
  const json = /<script type="application\/json" id="message">([^<]*)<\/script>/.exec(html)?.[1];
  if (json === undefined) throw new SignInFailed('page', answer.status, html);
  const target = / data-target="([^"]*)"/.exec(html)?.[1];
  return {
    status: answer.status,
    headers: answer.headers,
    html,
    message: JSON.parse(json) as Json,
    target: target === undefined ? undefined : unescapeHtml(target),
  };
}

/** What the component does with the code. */
export function redeem(
  target: SignInTarget,
  code: string,
  verifier: string,
  idempotencyKey?: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return call(
    target.url,
    'POST',
    '/v1/auth/token',
    { code, verifier },
    {
      origin: target.origin,
      ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      ...headers,
    },
  );
}

/** Asks again while a busy process says 503, as it does when it has not read revocations for five seconds. */
export async function patiently(ask: () => Promise<Answer>, timeoutMs = 60_000): Promise<Answer> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer.status !== 503 || Date.now() > deadline) return answer;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** One call; an empty body is `null`. */
export async function call(
  url: string,
  method: string,
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>>,
): Promise<Answer> {
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    redirect: 'manual',
  });
  const text = await answer.text();
  const isJson = answer.headers.get('content-type')?.startsWith('application/json') === true;
  return {
    status: answer.status,
    headers: answer.headers,
    body: (text === '' ? null : isJson ? JSON.parse(text) : { text }) as Json,
  };
}

function unescapeHtml(text: string): string {
  return text
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
