import { Agent, errors, request } from 'undici';

/** Time-outs of a call to a mail or sales provider, in milliseconds. */
export interface ProviderPolicy {
  readonly connectTimeoutMs: number;
  /** Until the answer's headers: a provider takes a moment to send a mail. */
  readonly headersTimeoutMs: number;
  /** For the whole call. */
  readonly totalTimeoutMs: number;
  readonly maxBodyBytes: number;
}

export const defaultProviderPolicy: ProviderPolicy = {
  connectTimeoutMs: 5_000,
  headersTimeoutMs: 12_000,
  totalTimeoutMs: 15_000,
  maxBodyBytes: 4 * 1024 * 1024,
};

export interface ProviderCall {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** An answer, whatever its status, read to its end. */
export interface ProviderAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** No connection came about, so the provider got nothing. */
export class NeverSent extends Error {}

/** The line was cut, or the answer did not come in time: the provider may have done it or not. */
export class LineCut extends Error {}

/** The provider sent what it never should: a redirect, an answer of endless size. Nothing is known of the effect. */
export class BadAnswer extends Error {}

/**
 * HTTP to providers. It stays below one URL prefix, follows no redirect, has a limit for everything, and sends nothing
 * twice. Connections are not kept: one that the provider closed meanwhile would make a send that never happened look like
 * one of which nothing is known.
 */
export class ProviderTransport {
  readonly #agent: Agent;
  readonly #policy: ProviderPolicy;

  constructor(policy: ProviderPolicy = defaultProviderPolicy) {
    this.#policy = policy;
    this.#agent = new Agent({
      connect: { timeout: policy.connectTimeoutMs },
      headersTimeout: policy.headersTimeoutMs,
      bodyTimeout: policy.headersTimeoutMs,
      pipelining: 0,
      maxResponseSize: policy.maxBodyBytes,
    });
  }

  /**
   * @param allowedPrefix e.g. `https://gmail.googleapis.com/`; any other URL is refused unsent
   * @throws NeverSent, LineCut, BadAnswer; the signal's reason when the caller gave up
   */
  async send(call: ProviderCall, allowedPrefix: string, signal?: AbortSignal): Promise<ProviderAnswer> {
    if (!call.url.startsWith(allowedPrefix)) throw new BadAnswer();
    const total = AbortSignal.timeout(this.#policy.totalTimeoutMs);
    signal?.throwIfAborted();
    try {
      const response = await request(call.url, {
        dispatcher: this.#agent,
        method: call.method,
        headers: { ...call.headers },
        ...(call.body === undefined ? {} : { body: call.body }),
        signal: signal === undefined ? total : AbortSignal.any([signal, total]),
      });
      const body = await response.body.text();
      if (response.statusCode >= 300 && response.statusCode < 400) throw new BadAnswer();
      return { status: response.statusCode, headers: flat(response.headers), body };
    } catch (error) {
      if (signal?.aborted === true) throw signal.reason;
      if (error instanceof BadAnswer) throw error;
      if (error instanceof errors.ResponseExceededMaxSizeError) throw new BadAnswer();
      throw isBeforeSending(error) ? new NeverSent() : new LineCut();
    }
  }

  /** Ends open connections. */
  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

/** Failures of name look-up, of connecting and of TLS: the request was not written. Node's `syscall`, undici's classes. */
function isBeforeSending(error: unknown): boolean {
  if (error instanceof errors.ConnectTimeoutError) return true;
  const { syscall, code } = error as Partial<NodeJS.ErrnoException>;
  if (syscall === 'connect' || syscall === 'getaddrinfo') return true;
  return typeof code === 'string' && /^(?:CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/.test(code);
}

function flat(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const single: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) single[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return single;
}
