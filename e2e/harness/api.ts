import { createHash, randomBytes } from 'node:crypto';
import type { Stack } from './stack.ts';

/** A session got over plain HTTP, as the popup and the component get it together. */
export class ApiSession {
  readonly #backend: string;
  readonly #token: string;
  readonly #origin: string;

  private constructor(backend: string, token: string, origin: string) {
    this.#backend = backend;
    this.#token = token;
    this.#origin = origin;
  }

  /** Walks the sign-in: start, consent form, callback page, token. */
  static async signIn({ backend, preview }: Stack, username: string): Promise<ApiSession> {
    const { verifier, challenge } = pair();
    const start = new URL('/v1/auth/salesforce/start', backend);
    start.search = new URLSearchParams({ challenge, origin: preview }).toString();
    const code = await consent(start, username);
    const answer = await fetch(new URL('/v1/auth/token', backend), {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: preview },
      body: JSON.stringify({ code, verifier }),
    });
    const { token } = (await answer.json()) as { token?: string };
    if (token === undefined) throw new Error(`Sign-in of ${username} over HTTP failed: ${String(answer.status)}`);
    return new ApiSession(backend, token, preview);
  }

  /** Calls the API; throws with the answer where it is not 2xx. */
  async call(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(new URL(path, this.#backend), {
      method,
      headers: { authorization: `Bearer ${this.#token}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${String(response.status)} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  /** Connects a mailbox or Outreach, as the panel and its popup do together. */
  async connect(provider: 'gmail' | 'outlook' | 'outreach', username: string): Promise<void> {
    const { verifier, challenge } = pair();
    const start = { challenge, origin: this.#origin };
    const { url } = (await this.call('POST', `/v1/connections/${provider}/start`, start)) as { url: string };
    const code = await consent(url, username);
    await this.call('POST', `/v1/connections/${provider}/finish`, { code, verifier });
  }

  /** Changes settings of the org; the session must be an admin's. */
  async changeSettings(change: Record<string, unknown>): Promise<void> {
    const { version, settings } = (await this.call('GET', '/v1/settings')) as { version: number; settings: object };
    await this.call('PUT', '/v1/settings', { version, settings: { ...settings, ...change } });
  }
}

function pair(): { verifier: string; challenge: string } {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

/** What happens in the popup: start, consent form, callback page. @returns the one-time code that the page posts */
async function consent(start: URL | string, username: string): Promise<string | undefined> {
  const started = await fetch(start, { redirect: 'manual' });
  const cookie = started.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  const authorize = started.headers.get('location') ?? '';
  const form = await (await fetch(authorize)).text();
  const request = /name="request" value="([^"]+)"/.exec(form)?.[1] ?? '';
  const action = new URL(/action="([^"]+)"/.exec(form)?.[1] ?? '', authorize);
  const decided = await fetch(action, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({ request, username, decision: 'allow' }),
  });
  const callback = await fetch(decided.headers.get('location') ?? '', { headers: { cookie } });
  const page = await callback.text();
  return (JSON.parse(/id="message"[^>]*>([^<]+)</.exec(page)?.[1] ?? '{}') as { code?: string }).code;
}
