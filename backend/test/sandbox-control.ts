/** What a fault does to the next calls whose path matches (DESIGN 9). */
export interface Fault {
  /** `salesforce` when left out. */
  readonly provider?: 'salesforce' | 'google' | 'microsoft' | 'outreach' | 'kms';
  readonly pathPattern: string;
  readonly times: number;
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly latencyMs?: number;
  readonly drop?: 'before' | 'middle' | 'after';
}

/** A call that the sandbox got. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, unknown>> | string;
  readonly username: string | null;
  readonly at: string;
  readonly status: number;
}

/** A mail that the Gmail or Graph stand-in accepted, as it was handed in. */
export interface AcceptedMail {
  readonly provider: 'google' | 'microsoft';
  readonly username: string;
  readonly raw: string;
}

type Fields = Readonly<Record<string, unknown>>;

/** A provider as the control calls name it. */
export type SandboxProvider = 'salesforce' | 'google' | 'microsoft' | 'outreach';

/** The sandbox's `/__control`, typed. */
export class SandboxControl {
  /** Origin of the sandbox; Salesforce is at `${url}/salesforce`. */
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  /** Back to the start: people, records, faults, tokens, clock, org. */
  reset(): Promise<unknown> {
    return this.#call('POST', 'reset', {});
  }

  upsert(object: string, records: readonly Fields[]): Promise<unknown> {
    return this.#call('POST', 'records', { object, upsert: records });
  }

  delete(object: string, ids: readonly string[] | 'all'): Promise<unknown> {
    return this.#call('POST', 'records', { object, delete: ids });
  }

  records(object: string): Promise<readonly Fields[]> {
    return this.#rows<Fields>(`records?object=${object}`);
  }

  fault(fault: Fault, provider: SandboxProvider | 'kms' = 'salesforce'): Promise<unknown> {
    return this.#call('POST', 'faults', { provider, ...fault });
  }

  /** The faults that no call has met yet. */
  waitingFaults(): Promise<readonly unknown[]> {
    return this.#rows<unknown>('faults');
  }

  /** Takes back the faults that wait, and lets the calls go on that one holds up: how a test ends a latency itself. */
  takeFaultsBack(): Promise<unknown> {
    return this.#call('DELETE', 'faults');
  }

  tokens(username: string, action: 'expire' | 'revoke', provider: SandboxProvider = 'salesforce'): Promise<unknown> {
    return this.#call('POST', 'tokens', { provider, username, action });
  }

  user(
    username: string,
    change: { readonly active?: boolean; readonly permissions?: readonly string[] },
  ): Promise<unknown> {
    return this.#call('POST', 'users', { username, ...change });
  }

  access(
    username: string,
    object: string,
    change: { readonly field?: string; readonly read?: boolean; readonly create?: boolean },
  ): Promise<unknown> {
    return this.#call('POST', 'access', { username, object, ...change });
  }

  schema(
    object: string,
    change: { readonly fields?: readonly Fields[]; readonly remove?: readonly string[] },
  ): Promise<unknown> {
    return this.#call('POST', 'schema', { object, ...change });
  }

  org(change: Fields): Promise<unknown> {
    return this.#call('POST', 'org', change);
  }

  clock(offsetMs: number): Promise<unknown> {
    return this.#call('POST', 'clock', { offsetMs });
  }

  /** A key of the KMS stand-in. */
  kmsKey(
    keyId: string,
    change: {
      readonly region?: string;
      readonly state?: string;
      readonly allowed?: boolean;
      readonly actions?: readonly string[];
    },
  ): Promise<unknown> {
    return this.#call('POST', 'kms', { keyId, ...change });
  }

  requests(provider: SandboxProvider | 'kms' = 'salesforce'): Promise<readonly SeenRequest[]> {
    return this.#rows<SeenRequest>(`requests?provider=${provider}`);
  }

  forgetRequests(): Promise<unknown> {
    return this.#call('DELETE', 'requests');
  }

  mail(): Promise<readonly AcceptedMail[]> {
    return this.#rows<AcceptedMail>('mail');
  }

  async #rows<Row>(path: string): Promise<readonly Row[]> {
    return ((await this.#call('GET', path)) as { readonly rows: readonly Row[] }).rows;
  }

  async #call(method: string, path: string, body?: object): Promise<unknown> {
    const answer = await fetch(`${this.url}/__control/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} /__control/${path}: ${answer.status} ${text}`);
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  }
}
