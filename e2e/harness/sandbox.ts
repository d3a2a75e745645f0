export type Provider = 'salesforce' | 'google' | 'microsoft' | 'outreach';

/** A call that one of the sandbox's providers got. */
export interface SeenRequest {
  method: string;
  path: string;
  query: unknown;
  username: string | null;
  status: number;
}

/** What a fault does to the next calls whose path matches. DESIGN 9. */
export interface Fault {
  provider?: Provider;
  pathPattern: string;
  times: number;
  status?: number;
  body?: unknown;
  headers?: Record<string, string>;
  latencyMs?: number;
  drop?: 'before' | 'after';
}

/** The sandbox's control calls, as far as journeys need them. */
export class Sandbox {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  /** Back to the start: people, records, faults, tokens, clock. */
  async reset(): Promise<void> {
    await this.#call('POST', 'reset', {});
  }
  async fault(fault: Fault): Promise<void> {
    await this.#call('POST', 'faults', { provider: 'salesforce', ...fault });
  }
  /** Takes back what faults still wait, and lets the calls go on that one holds up. */
  async takeFaultsBack(): Promise<void> {
    await this.#call('DELETE', 'faults');
  }
  async upsert(object: string, records: Record<string, unknown>[]): Promise<void> {
    await this.#call('POST', 'records', { object, upsert: records });
  }
  async deleteAll(object: string): Promise<void> {
    await this.#call('POST', 'records', { object, delete: 'all' });
  }
  async records(object: string): Promise<Record<string, unknown>[]> {
    return (await this.#call('GET', `records?object=${object}`)) as Record<string, unknown>[];
  }
  async access(username: string, object: string, field: string, read: boolean): Promise<void> {
    await this.#call('POST', 'access', { username, object, field, read });
  }
  /** Gives a person the permission sets with these custom permissions, and takes the others away. */
  async permissions(username: string, permissions: string[]): Promise<void> {
    await this.#call('POST', 'users', { username, permissions });
  }
  async expireTokens(username: string): Promise<void> {
    await this.#call('POST', 'tokens', { provider: 'salesforce', username, action: 'expire' });
  }
  /** Ends what a person granted at a provider, as they or their admin would there. */
  async revokeGrant(provider: Provider, username: string): Promise<void> {
    await this.#call('POST', 'tokens', { provider, username, action: 'revoke' });
  }
  /** Whether Microsoft's tenant wants an admin to approve apps first. */
  async adminConsent(adminConsent: 'required' | 'granted'): Promise<void> {
    await this.#call('POST', 'tenant', { provider: 'microsoft', adminConsent });
  }
  async objectAccess(username: string, object: string, access: { read?: boolean; create?: boolean }): Promise<void> {
    await this.#call('POST', 'access', { username, object, ...access });
  }
  async delete(object: string, ids: string[]): Promise<void> {
    await this.#call('POST', 'records', { object, delete: ids });
  }
  async requests(provider: Provider = 'salesforce'): Promise<SeenRequest[]> {
    return (await this.#call('GET', `requests?provider=${provider}`)) as SeenRequest[];
  }
  async forgetRequests(): Promise<void> {
    await this.#call('DELETE', 'requests');
  }

  /** Raw mails that the mail providers accepted, oldest first. */
  async mails(): Promise<{ provider: string; username: string; raw: string }[]> {
    return (await this.#call('GET', 'mail')) as { provider: string; username: string; raw: string }[];
  }

  async #call(method: string, path: string, body?: object): Promise<unknown[]> {
    const response = await fetch(`${this.url}/__control/${path}`, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} /__control/${path}: ${response.status} ${text}`);
    return text === '' ? [] : ((JSON.parse(text) as { rows?: unknown[] }).rows ?? []);
  }
}
