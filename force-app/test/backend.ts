/** A backend for component tests: answers by path, remembers what it was asked. Only the network is replaced. */
export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: Record<string, string>;
  body: unknown;
}

export interface Reply {
  status?: number;
  body?: unknown;
  text?: string;
  headers?: Record<string, string>;
}

type Handler = (asked: Asked) => Reply | Promise<Reply>;

export class FakeBackend {
  readonly asked: Asked[] = [];
  private readonly handlers = new Map<string, Handler>();

  constructor() {
    Object.defineProperty(globalThis, 'fetch', {
      value: (url: string, options: RequestInit) => this.answer(url, options),
      configurable: true,
      writable: true,
    });
  }

  /** @param route for example `GET /v1/accounts` */
  on(route: string, handler: Handler | Reply): this {
    this.handlers.set(route, typeof handler === 'function' ? handler : () => handler);
    return this;
  }

  of(route: string): Asked[] {
    return this.asked.filter((call) => `${call.method} ${call.path}` === route);
  }

  private async answer(url: string, options: RequestInit): Promise<object> {
    const { pathname, searchParams } = new URL(url);
    const method = options.method ?? 'GET';
    const call: Asked = {
      method,
      path: pathname,
      query: searchParams,
      headers: options.headers as Record<string, string>,
      body: options.body === undefined ? undefined : (JSON.parse(options.body as string) as unknown),
    };
    this.asked.push(call);
    const handler = this.handlers.get(`${method} ${pathname}`);
    if (!handler) throw new TypeError('Failed to fetch');
    const aborted = new Promise<never>((_resolve, reject) => {
      options.signal?.addEventListener('abort', () => reject(new DOMException('Aborted', 'AbortError')));
    });
    const reply = await Promise.race([handler(call), aborted]);
    const status = reply.status ?? 200;
    const headers = new Map(Object.entries(reply.headers ?? {}));
    return {
      status,
      ok: status >= 200 && status < 300,
      headers: { get: (name: string) => headers.get(name) ?? null },
      text: () => Promise.resolve(reply.text ?? JSON.stringify(reply.body ?? null)),
    };
  }
}

export const backendUrl = 'https://us.api.oneshot.example';

/** An unsigned JWT: the component reads `iat` and `exp` and nothing else. */
export function jwt(iat: number, exp: number): string {
  const part = (value: object): string => btoa(JSON.stringify(value)).replace(/=/g, '');
  return `${part({ alg: 'none' })}.${part({ iat, exp })}.x`;
}

export const rep = { id: 'rep-1', name: 'Rita Rep', email: 'rita@demo.example', isAdmin: false };

/** The answer of `POST /v1/auth/token`, for a session of `minutes`. */
export function tokenAnswer(nowMs: number, minutes = 60, user = rep): Reply {
  const iat = Math.floor(nowMs / 1000);
  const exp = iat + minutes * 60;
  const expiresAt = new Date(exp * 1000).toISOString();
  return { body: { token: jwt(iat, exp), expiresAt, user, org: { id: 'org-1', region: 'us' } } };
}

/** Lets promises settle, timers aside. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
}
