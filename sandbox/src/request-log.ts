import type { Clock } from './clock.ts';
import type { ProviderName } from './providers.ts';

/** A call that a provider got; `path` is below the provider's prefix, `at` the sandbox's time in ISO 8601. */
export interface LoggedRequest {
  readonly method: string;
  readonly path: string;
  /** A parameter that is there more than once is a list. */
  readonly query: Readonly<Record<string, string | string[]>>;
  /** Whose token or sign-in it was; null where that is not known. */
  username: string | null;
  readonly at: string;
  /** null while it runs, and for a connection that was cut before an answer was made. */
  status: number | null;
}

/** How many calls are remembered; the oldest go first. */
const limit = 50_000;

/** What was called, for tests to look at; in memory only. */
export class RequestLog {
  readonly #clock: Clock;
  #rows: { readonly provider: ProviderName; readonly row: LoggedRequest }[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Notes a call when it arrives; who and what came of it are filled in later. */
  begin(provider: ProviderName, method: string, path: string, query: string): LoggedRequest {
    const row = {
      method,
      path,
      query: toObject(new URLSearchParams(query)),
      username: null,
      at: new Date(this.#clock.now()).toISOString(),
      status: null,
    };
    if (this.#rows.length >= limit) this.#rows = this.#rows.slice(limit / 10);
    this.#rows.push({ provider, row });
    return row;
  }

  /** The calls in the order in which they came; of one provider or of all. */
  list(provider?: ProviderName): LoggedRequest[] {
    return this.#rows.filter((entry) => provider === undefined || entry.provider === provider).map(({ row }) => row);
  }

  /** Forgets the calls of one provider, or all. */
  clear(provider?: ProviderName): void {
    this.#rows = provider === undefined ? [] : this.#rows.filter((entry) => entry.provider !== provider);
  }
}

function toObject(params: URLSearchParams): Record<string, string | string[]> {
  return Object.fromEntries(
    [...new Set(params.keys())].map((name) => {
      const values = params.getAll(name);
      return [name, values.length === 1 ? (values[0] ?? '') : values];
    }),
  );
}
