import type { ServerResponse } from 'node:http';
import type { ProviderName } from './providers.ts';

/**
 * Where the connection is cut: `before` the call has any effect, `after` its effect but before any byte of the answer,
 * `middle` after the head and half of the answer's body.
 */
export type Drop = 'before' | 'middle' | 'after';

/** What a test wants to go wrong. */
export interface Fault {
  readonly provider: ProviderName;
  /** Matched against the path below the provider's prefix and against the whole path, without the query. */
  readonly pathPattern: RegExp;
  /** How many calls it hits. */
  readonly times: number;
  readonly status?: number | undefined;
  /** A text is sent as it is, anything else as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly latencyMs?: number | undefined;
  readonly drop?: Drop | undefined;
}

/** What the faults together do to one call. */
export interface FaultPlan {
  readonly latencyMs: number;
  /** Added to the answer, whoever makes it. */
  readonly headers: Readonly<Record<string, string>>;
  /** An answer instead of the provider's own. */
  readonly answer: { readonly status: number; readonly body: unknown } | undefined;
  readonly drop: Drop | undefined;
}

/** Whether a fault answers or cuts, rather than only slowing a call down or adding headers to it. */
function isFailure(fault: Fault): boolean {
  return fault.status !== undefined || fault.body !== undefined || fault.drop !== undefined;
}

/** The faults that are waiting for calls. */
export class Faults {
  #waiting: { readonly fault: Fault; left: number }[] = [];
  /** What lets the calls go on that are held up now. */
  readonly #heldUp = new Set<() => void>();

  add(fault: Fault): void {
    this.#waiting.push({ fault, left: fault.times });
  }

  clear(): void {
    this.#waiting = [];
  }

  /** The same, and calls that are held up go on at once, with whatever else the fault does to them. */
  takeBack(): void {
    this.clear();
    for (const letGo of [...this.#heldUp]) letGo();
  }

  /** Holds a call up for so long, or until the faults are taken back. */
  holdUp(latencyMs: number, goOn: () => void): void {
    const letGo = (): void => {
      clearTimeout(timer);
      this.#heldUp.delete(letGo);
      goOn();
    };
    const timer = setTimeout(letGo, latencyMs).unref();
    this.#heldUp.add(letGo);
  }

  list(): readonly { readonly fault: Fault; readonly left: number }[] {
    return this.#waiting;
  }

  /**
   * Takes what waits for this call: of the faults that answer or cut, only the one that was set first; every one that
   * only slows down or adds headers.
   */
  take(provider: ProviderName, below: string): FaultPlan | undefined {
    let failure: Fault | undefined;
    const shaping: Fault[] = [];
    for (const entry of this.#waiting) {
      const { fault } = entry;
      const matches = fault.pathPattern.test(below) || fault.pathPattern.test(`/${provider}${below}`);
      if (fault.provider !== provider || !matches) continue;
      if (!isFailure(fault)) shaping.push(fault);
      else if (failure === undefined) failure = fault;
      else continue;
      entry.left -= 1;
    }
    this.#waiting = this.#waiting.filter((entry) => entry.left > 0);
    const hits = failure ? [failure, ...shaping] : shaping;
    if (hits.length === 0) return undefined;
    return {
      latencyMs: hits.reduce((sum, fault) => sum + (fault.latencyMs ?? 0), 0),
      headers: Object.assign({}, ...hits.map((fault) => fault.headers)) as Record<string, string>,
      answer:
        failure && (failure.status !== undefined || failure.body !== undefined)
          ? { status: failure.status ?? 200, body: failure.body }
          : undefined,
      drop: failure?.drop,
    };
  }
}

/** Lets the handler run and then cuts the connection: the caller sees nothing of the answer. */
export function cutAfter(response: ServerResponse): void {
  const inert = { writeHead: () => response, write: () => true, flushHeaders: () => undefined };
  const end = () => {
    response.socket?.destroy();
    return response;
  };
  Object.assign(response, inert, { end });
}

/** Sends the head and half of the body, then cuts the connection. */
export function cutMiddle(response: ServerResponse): void {
  const write = response.write.bind(response) as (chunk: Buffer, done: () => void) => boolean;
  const cutAt = (chunk: unknown) => {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(typeof chunk === 'string' ? chunk : '');
    write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.socket?.destroy());
  };
  let isCut = false;
  const cutOnce = (chunk: unknown) => {
    if (!isCut) cutAt(chunk);
    isCut = true;
  };
  const replacements = {
    write: (chunk: unknown) => {
      cutOnce(chunk);
      return true;
    },
    end: (chunk: unknown) => {
      cutOnce(chunk);
      return response;
    },
  };
  Object.assign(response, replacements);
}
