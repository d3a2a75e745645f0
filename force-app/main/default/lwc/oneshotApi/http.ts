import { Problem, problemFrom } from './problem';

export interface Call {
  /** Origin of the backend, without a path. */
  backendUrl: string;
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  path: string;
  query?: URLSearchParams;
  token?: string;
  repId?: string;
  body?: object;
  idempotencyKey?: string;
  etag?: string | undefined;
  /** In which the answer's words are wanted. */
  language?: string;
  signal?: AbortSignal | undefined;
  /** The whole call, retries and their waits included. */
  timeoutMs: number;
}

export interface Answer {
  status: number;
  /** Parsed JSON; undefined for 204 and 304. */
  body: unknown;
  etag: string | undefined;
}

/** A GET that is told to come back soon does so by itself; longer waits are the rep's to decide. */
const RETRIES = 2;
const LONGEST_WAIT_SECONDS = 5;
const WAIT_WITHOUT_ADVICE_SECONDS = 1;

/** RFC 9110 10.2.3: seconds or a date. The date is compared with the laptop's clock, so it is bounded below only. */
export function retryAfterSeconds(header: string | null): number | undefined {
  if (header === null || header.trim() === '') return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return seconds >= 0 ? seconds : undefined;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - Date.now()) / 1000));
}

function abortError(): DOMException {
  return new DOMException('The request was aborted.', 'AbortError');
}

/** True for the rejection of a call that its caller aborted: nothing to show. */
export function isAborted(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

/** Waits, or rejects as soon as the signal aborts. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(end, signal?.aborted ? 0 : ms);
    signal?.addEventListener('abort', end);
    function end(): void {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      if (signal?.aborted) reject(abortError());
      else resolve();
    }
  });
}

function headersOf(call: Call): Record<string, string> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (call.body !== undefined) headers['content-type'] = 'application/json';
  if (call.token !== undefined) headers.authorization = `Bearer ${call.token}`;
  if (call.repId !== undefined) headers['x-oneshot-rep'] = call.repId;
  if (call.idempotencyKey !== undefined) headers['idempotency-key'] = call.idempotencyKey;
  if (call.language !== undefined) headers['accept-language'] = call.language;
  if (call.etag !== undefined) headers['if-none-match'] = call.etag;
  return headers;
}

async function once(call: Call, signal: AbortSignal): Promise<Answer> {
  const query = call.query?.toString() ?? '';
  const response = await fetch(`${call.backendUrl}${call.path}${query === '' ? '' : `?${query}`}`, {
    method: call.method,
    headers: headersOf(call),
    ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
    credentials: 'omit',
    cache: 'no-store',
    redirect: 'error',
    referrerPolicy: 'no-referrer',
    signal,
  });
  const etag = response.headers.get('etag') ?? undefined;
  if (response.status === 204 || response.status === 304) return { status: response.status, body: undefined, etag };

  const raw = await response.text();
  let body: unknown;
  try {
    body = JSON.parse(raw);
  } catch {
    body = undefined;
  }
  if (response.ok && body !== undefined) return { status: response.status, body, etag };
  const wait = retryAfterSeconds(response.headers.get('retry-after'));
  const problem = response.ok
    ? undefined
    : problemFrom((body as { error?: unknown } | undefined)?.error, response.status, wait);
  if (problem) throw problem;
  throw new Problem({
    code: 'bad_answer',
    status: response.status,
    ...(wait === undefined ? {} : { retryAfter: wait }),
  });
}

async function withRetries(call: Call, signal: AbortSignal): Promise<Answer> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await once(call, signal);
    } catch (error) {
      const again =
        call.method === 'GET' &&
        attempt < RETRIES &&
        error instanceof Problem &&
        (error.status === 429 || error.status === 503);
      if (!again) throw error;
      const wait = error.retryAfter ?? WAIT_WITHOUT_ADVICE_SECONDS;
      if (wait > LONGEST_WAIT_SECONDS) throw error;
      await pause(wait * 1000, signal);
    }
  }
}

/**
 * The only fetch() of the package. No cookies, no browser cache, no redirects.
 * @throws Problem an error answer, `network`, `timeout` or `bad_answer`
 * @throws DOMException AbortError where the caller aborted
 */
export async function send(call: Call): Promise<Answer> {
  if (call.signal?.aborted) throw abortError();
  const controller = new AbortController();
  let timedOut = false;
  const abort = (): void => controller.abort();
  const timer = setTimeout(() => {
    timedOut = true;
    abort();
  }, call.timeoutMs);
  call.signal?.addEventListener('abort', abort, { once: true });
  try {
    return await withRetries(call, controller.signal);
  } catch (error) {
    if (call.signal?.aborted) throw abortError();
    if (timedOut) throw new Problem({ code: 'timeout' });
    if (error instanceof Problem) throw error;
    // fetch() rejects alike for a dead line, a refused CORS preflight and a missing trusted URL.
    throw new Problem({ code: 'network' });
  } finally {
    clearTimeout(timer);
    call.signal?.removeEventListener('abort', abort);
  }
}
