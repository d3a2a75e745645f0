import type { Connection, ProviderName } from 'c/oneshotApi';
import { backendUrl, FakeBackend, rep, settle, tokenAnswer } from './backend';

/** A connection as the API tells it. */
export function connection(provider: ProviderName, change: Partial<Connection> = {}): Connection {
  return {
    provider,
    status: 'not_connected',
    reason: null,
    label: null,
    scopes: null,
    since: null,
    expiresAt: null,
    action: null,
    adminUrl: null,
    ...change,
  };
}

export const code = 'c0de-0123456789_abcdefg';
const start = Date.parse('2026-11-24T12:01:00Z');

/** A browser tab with the session's own modules; only the network, the popups and the clock are the test's. */
export class Tab {
  readonly backend = new FakeBackend();
  /** Addresses that were opened, each with the window's name and how much had been asked by then. */
  readonly opened: { url: URL; name: string; asked: number }[] = [];
  isBlocked = false;
  connections: Connection[] = [connection('gmail'), connection('outlook'), connection('outreach')];
  /** Seconds until a way to a provider ends. */
  ticketSeconds = 300;
  session!: typeof import('c/oneshotSession');
  private tickets = 0;

  async load(): Promise<void> {
    jest.resetModules();
    this.session = require('c/oneshotSession') as typeof import('c/oneshotSession');
    await settle();
    jest.useFakeTimers({ now: start });
    window.open = ((url: string, name: string) => {
      if (this.isBlocked) return null;
      this.opened.push({ url: new URL(url), name, asked: this.backend.asked.length });
      return { focus: () => undefined };
    }) as unknown as typeof window.open;
    const settings = { sessionMinutes: 60, cache: { enabled: true, minutes: 60 } };
    this.backend
      .on('POST /v1/auth/token', () => tokenAnswer(Date.now()))
      .on('POST /v1/auth/sign-out', { status: 204 })
      .on('GET /v1/me', () => ({ body: { user: rep, org: {}, settings, setUp: true } }))
      .on('GET /v1/connections', () => ({ body: { rows: this.connections } }));
    for (const { provider } of this.connections) {
      this.backend.on(`POST /v1/connections/${provider}/start`, () => ({ body: this.ticket(provider) }));
    }
  }

  private ticket(provider: string): object {
    this.tickets += 1;
    const url = `${backendUrl}/v1/connections/${provider}/go?ticket=ticket-${String(this.tickets)}`;
    return { url, expiresAt: new Date(Date.now() + this.ticketSeconds * 1000).toISOString() };
  }

  /** Says how a connection is from now on. */
  set(provider: ProviderName, change: Partial<Connection>): void {
    this.connections = this.connections.map((row) => (row.provider === provider ? { ...row, ...change } : row));
  }

  /** Brings a popup's message. */
  async arrive(data: unknown = { source: 'oneshot', type: 'sign-in', code }, origin = backendUrl): Promise<void> {
    window.dispatchEvent(new MessageEvent('message', { data, origin }));
    await settle();
  }

  async signIn(): Promise<void> {
    this.session.signIn(() => undefined);
    await this.arrive();
  }

  async pass(ms: number): Promise<void> {
    await jest.advanceTimersByTimeAsync(ms);
    await settle();
  }

  async close(): Promise<void> {
    document.body.replaceChildren();
    await this.session.signOut();
    jest.useRealTimers();
  }
}
