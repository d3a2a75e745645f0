import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { Agent, errors, request } from 'undici';
import { CrmInvalid, CrmUnavailable } from './errors.ts';
import { problemOf } from './error-mapping.ts';

/** Every time-out, retry and limit of a call to Salesforce. Durations in milliseconds. */
export interface TransportPolicy {
  readonly connectTimeoutMs: number;
  /** Until the answer's headers. Salesforce lets a query run 120 s, but no rep waits so long. */
  readonly headersTimeoutMs: number;
  /** Longest silence inside a body. */
  readonly bodyIdleTimeoutMs: number;
  /** For one call with all its retries. */
  readonly totalTimeoutMs: number;
  /** Retries of a read (GET) after a cut connection or 429, 502, 503, 504; a write is never sent twice. */
  readonly readRetries: number;
  /** First pause before a retry; doubles each time, plus up to half of it by chance. */
  readonly backoffMs: number;
  readonly maxBodyBytes: number;
  readonly connectionsPerOrigin: number;
}

export const defaultTransportPolicy: TransportPolicy = {
  connectTimeoutMs: 5_000,
  headersTimeoutMs: 60_000,
  bodyIdleTimeoutMs: 15_000,
  totalTimeoutMs: 90_000,
  readRetries: 2,
  backoffMs: 250,
  maxBodyBytes: 32 * 1024 * 1024,
  connectionsPerOrigin: 64,
};

export interface CrmRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface CrmResponse {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  /** Unpacked. */
  readonly body: Buffer;
}

const unzip = promisify(gunzip);
const RETRIED_STATUS = new Set([429, 502, 503, 504]);

/**
 * HTTP to Salesforce for jsforce, whose own transport follows redirects with the token to other origins, retries for
 * 15 s, and never settles on a body that stalls. This one stays below one URL prefix, follows nothing, has a limit for
 * everything, and gives errors without Salesforce's text.
 */
export class CrmTransport {
  readonly #agent: Agent;
  readonly #policy: TransportPolicy;

  constructor(policy: TransportPolicy = defaultTransportPolicy) {
    this.#policy = policy;
    this.#agent = new Agent({
      connect: { timeout: policy.connectTimeoutMs },
      headersTimeout: policy.headersTimeoutMs,
      bodyTimeout: policy.bodyIdleTimeoutMs,
      connections: policy.connectionsPerOrigin,
      keepAliveTimeout: 30_000,
      pipelining: 1,
      maxResponseSize: policy.maxBodyBytes,
    });
  }

  /**
   * @param allowedPrefix e.g. `https://acme.my.salesforce.com/`; any other URL is refused unsent
   * @param onSent called for each request that leaves, retries included: each is one of the org's API calls
   * @throws the Crm errors of ./errors.ts; the signal's own reason when the caller gave up
   */
  async send(call: CrmRequest, allowedPrefix: string, signal: AbortSignal, onSent?: () => void): Promise<CrmResponse> {
    if (!call.url.startsWith(allowedPrefix)) throw new CrmInvalid();
    const policy = this.#policy;
    const total = AbortSignal.timeout(policy.totalTimeoutMs);
    const either = AbortSignal.any([signal, total]);
    const attempts = call.method === 'GET' ? policy.readRetries + 1 : 1;
    for (let attempt = 1; ; attempt += 1) {
      signal.throwIfAborted();
      onSent?.();
      const outcome = await this.#once(call, either, signal);
      if (outcome instanceof CrmUnavailable) {
        if (attempt >= attempts || total.aborted) throw outcome;
      } else if (outcome.statusCode < 300) {
        return outcome;
      } else if (!RETRIED_STATUS.has(outcome.statusCode) || attempt >= attempts) {
        throw refusalOf(outcome, call);
      }
      await pause(policy.backoffMs * 2 ** (attempt - 1) * (1 + Math.random() / 2), either, signal);
    }
  }

  /** Ends open connections. */
  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #once(call: CrmRequest, either: AbortSignal, caller: AbortSignal): Promise<CrmResponse | CrmUnavailable> {
    caller.throwIfAborted();
    try {
      const response = await request(call.url, {
        dispatcher: this.#agent,
        method: call.method,
        headers: { ...call.headers, 'accept-encoding': 'gzip' },
        ...(call.body === undefined ? {} : { body: call.body }),
        signal: either,
      });
      const bytes = Buffer.from(await response.body.arrayBuffer());
      return {
        statusCode: response.statusCode,
        headers: flat(response.headers),
        body: await this.#unpacked(response.headers, bytes),
      };
    } catch (error) {
      if (caller.aborted) throw caller.reason;
      if (error instanceof CrmInvalid) throw error;
      if (error instanceof errors.ResponseExceededMaxSizeError) throw new CrmInvalid();
      return new CrmUnavailable();
    }
  }

  async #unpacked(headers: Readonly<Record<string, unknown>>, bytes: Buffer): Promise<Buffer> {
    const encoding = headers['content-encoding'];
    if (encoding === undefined || encoding === 'identity') return bytes;
    if (encoding !== 'gzip') throw new CrmInvalid();
    try {
      return await unzip(bytes, { maxOutputLength: this.#policy.maxBodyBytes });
    } catch {
      throw new CrmInvalid();
    }
  }
}

/** A redirect is refused like any other answer that is not Salesforce's: it would take the token elsewhere. */
function refusalOf(response: CrmResponse, call: CrmRequest): Error {
  if (response.statusCode < 400) return new CrmInvalid();
  return problemOf(
    response.statusCode,
    response.body.toString('utf8'),
    decodeURIComponent(call.url) + (call.body ?? ''),
  );
}

function flat(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const single: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) single[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return single;
}

async function pause(ms: number, either: AbortSignal, caller: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(caller.aborted ? (caller.reason as Error) : new CrmUnavailable());
    };
    const timer = setTimeout(() => {
      either.removeEventListener('abort', stop);
      resolve();
    }, ms);
    if (either.aborted) stop();
    else either.addEventListener('abort', stop, { once: true });
  });
}
