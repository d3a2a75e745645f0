import { page } from './accounts';
import { FakeBackend, rep, settle, tokenAnswer } from './backend';

export const start = Date.parse('2026-11-24T12:01:00Z');
export const backendUrl = 'https://us.api.oneshot.example';
const code = 'c0de-0123456789_abcdefg';

/** The workspace in a page of its own, with real modules below it; only the network, the popup and the clock are ours. */
export class Bench {
  readonly backend = new FakeBackend();
  readonly opened: string[] = [];
  element!: HTMLElement;
  session!: typeof import('c/oneshotSession');
  cache = { enabled: true, minutes: 60 };
  setUp = true;

  /** @param attributes as App Builder sets them */
  async open(attributes: Record<string, unknown> = {}): Promise<void> {
    jest.resetModules();
    const { createElement } = require('lwc') as typeof import('lwc');
    const { default: Workspace } = require('c/oneshotWorkspace') as { default: typeof import('lwc').LightningElement };
    this.session = require('c/oneshotSession') as typeof import('c/oneshotSession');
    await settle();
    jest.useFakeTimers({ now: start });
    window.open = ((url: string) => {
      this.opened.push(url);
      return { focus: () => undefined };
    }) as unknown as typeof window.open;
    this.backend
      .on('POST /v1/auth/token', () => tokenAnswer(Date.now()))
      .on('POST /v1/auth/sign-out', { status: 204 })
      .on('GET /v1/me', () => ({
        body: { user: rep, org: {}, settings: { sessionMinutes: 60, cache: this.cache }, setUp: this.setUp },
      }))
      .on('GET /v1/accounts', ({ query }) => ({
        body: page(Number(query.get('offset')), Number(query.get('limit')), 120),
      }));
    this.element = createElement('c-oneshot-workspace', { is: Workspace });
    Object.assign(this.element, attributes);
    document.body.appendChild(this.element);
    await settle();
  }

  async close(): Promise<void> {
    document.body.replaceChildren();
    await (this.session as typeof this.session | undefined)?.signOut();
    jest.useRealTimers();
  }

  /** Brings the popup's message. */
  async arrive(data: object = { source: 'oneshot', type: 'sign-in', code }): Promise<void> {
    window.dispatchEvent(new MessageEvent('message', { data, origin: backendUrl }));
    await settle();
  }

  /** Clicks "Show my customers" and comes back from the popup. */
  async signIn(): Promise<void> {
    this.child('c-oneshot-start').dispatchEvent(new CustomEvent('show'));
    await this.arrive();
  }

  /** axe needs real timers; what was scheduled before is gone afterwards. */
  async expectAccessible(): Promise<void> {
    const now = Date.now();
    jest.useRealTimers();
    await expect(this.element).toBeAccessible();
    jest.useFakeTimers({ now });
  }

  async pass(ms: number): Promise<void> {
    await jest.advanceTimersByTimeAsync(ms);
    await settle();
  }

  find<T = HTMLElement & Record<string, unknown>>(selector: string): T | null {
    return this.element.shadowRoot?.querySelector(selector) as T | null;
  }

  child<T = HTMLElement & Record<string, never>>(selector: string): T {
    const found = this.find<T>(selector);
    if (!found) throw new Error(`${selector} is not there`);
    return found;
  }

  async fire(selector: string, type: string, detail?: unknown): Promise<void> {
    (this.child(selector) as unknown as HTMLElement).dispatchEvent(new CustomEvent(type, { detail }));
    await settle();
  }

  text(selector: string): string {
    return (this.find<HTMLElement>(selector)?.textContent ?? '').replace(/\s+/g, ' ').trim();
  }

  /** All words on the screen, those of the children included. */
  words(): string {
    const collect = (node: Node): string => {
      if (node.nodeType === Node.TEXT_NODE) return node.textContent ?? '';
      const element = node as HTMLElement & { shadowRoot?: ShadowRoot; label?: unknown };
      const isBase = /^lightning-/i.test(element.tagName ?? '');
      const label = isBase && typeof element.label === 'string' ? ` ${element.label} ` : '';
      const inside = [...(element.shadowRoot?.childNodes ?? []), ...node.childNodes];
      return label + inside.map(collect).join(' ');
    };
    return collect(this.element).replace(/\s+/g, ' ');
  }

  rows(): Record<string, string>[] {
    return this.child<{ rows: Record<string, string>[] }>('c-oneshot-customer-table').rows;
  }
}
