import { createElement, type LightningElement } from 'lwc';
import { accountId, contact, similar } from './contacts';
import { freshness } from './accounts';
import { FakeBackend, rep, settle, tokenAnswer } from './backend';

export const start = Date.parse('2026-11-24T12:01:00Z');
const origin = 'https://us.api.oneshot.example';
const code = 'c0de-0123456789_abcdefg';

/** A tab of its own: modules afresh, so that no session and no draft of another test is there. */
export class Tab {
  readonly backend = new FakeBackend();
  readonly opened: string[] = [];
  session!: typeof import('c/oneshotSession');
  settings: Record<string, unknown> = {};
  user = rep;
  minutes = 60;

  private readonly leaving: ((event: Event) => void)[] = [];

  async open(): Promise<void> {
    jest.resetModules();
    // The window is all tests' own: what this tab would ask before leaving must not be asked in the next one.
    const add = window.addEventListener.bind(window);
    window.addEventListener = ((type: string, listener: (event: Event) => void) => {
      if (type === 'beforeunload') this.leaving.push(listener);
      add(type, listener);
    }) as typeof window.addEventListener;
    this.session = this.load<typeof import('c/oneshotSession')>('c/oneshotSession');
    await settle();
    jest.useFakeTimers({ now: start });
    window.open = ((url: string) => {
      this.opened.push(url);
      return { focus: () => undefined };
    }) as unknown as typeof window.open;
    this.backend
      .on('POST /v1/auth/token', () => tokenAnswer(Date.now(), this.minutes, this.user))
      .on('POST /v1/auth/sign-out', { status: 204 })
      .on('GET /v1/me', () => ({
        body: {
          user: this.user,
          org: {},
          settings: { sessionMinutes: 60, cache: { enabled: true, minutes: 60 }, ...this.settings },
          setUp: true,
        },
      }))
      .on('GET /v1/connections', {
        body: { rows: [{ provider: 'gmail', status: 'connected', reason: null, label: 'rita@demo.example' }] },
      })
      .on(`GET /v1/contacts/${contact(0).id}`, { body: { contact: contact(0) } })
      .on(`GET /v1/accounts/${accountId}/contacts`, { body: { rows: [contact(0)], nextCursor: null } })
      .on(`GET /v1/accounts/${accountId}/similar`, ({ query }) => ({
        body: {
          rows: Array.from({ length: Number(query.get('limit')) }, (_, n) => similar(n)),
          freshness: freshness(),
        },
      }));
  }

  async close(): Promise<void> {
    document.body.replaceChildren();
    for (const listener of this.leaving) window.removeEventListener('beforeunload', listener);
    await (this.session as typeof this.session | undefined)?.signOut();
    jest.useRealTimers();
  }

  /** A module of this tab. */
  load<T>(name: string): T {
    return require(name) as T;
  }

  /** Puts a component of this tab on the page. */
  async show<T extends object>(name: string, properties: object = {}): Promise<HTMLElement & T> {
    const { default: component } = this.load<{ default: typeof LightningElement }>(name);
    const element = createElement(
      name.replace('c/', 'c-').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
      {
        is: component,
      },
    );
    Object.assign(element, properties);
    document.body.appendChild(element);
    await settle();
    return element as unknown as HTMLElement & T;
  }

  /** What the popup brings back. */
  async arrive(data: object = { source: 'oneshot', type: 'sign-in', code }): Promise<void> {
    window.dispatchEvent(new MessageEvent('message', { data, origin }));
    await settle();
  }

  async signIn(): Promise<void> {
    this.session.whenSignedIn(() => undefined);
    await this.arrive();
  }

  async pass(ms: number): Promise<void> {
    await jest.advanceTimersByTimeAsync(ms);
    await settle();
  }

  /** True where the browser would ask before leaving. */
  asksBeforeLeaving(): boolean {
    const event = new CustomEvent('beforeunload', { cancelable: true });
    window.dispatchEvent(event);
    return event.defaultPrevented;
  }

  /** axe needs real timers; what was scheduled before is gone afterwards. */
  async expectAccessible(element: HTMLElement): Promise<void> {
    const now = Date.now();
    jest.useRealTimers();
    await expect(element).toBeAccessible();
    jest.useFakeTimers({ now });
  }
}

/** All words in a component, those of its children and the labels of base components included. */
export function wordsOf(element: Node): string {
  const collect = (node: Node): string => {
    if (node.nodeType === Node.TEXT_NODE) return node.textContent ?? '';
    const host = node as HTMLElement & { shadowRoot?: ShadowRoot; label?: unknown; value?: unknown };
    const isBase = /^lightning-/i.test(host.tagName ?? '');
    const texts = isBase ? [host.label, host.value].filter((text) => typeof text === 'string') : [];
    const inside = [...(host.shadowRoot?.childNodes ?? []), ...node.childNodes];
    return [...texts, ...inside.map(collect)].join(' ');
  };
  return collect(element).replace(/\s+/g, ' ');
}

/** The first element anywhere below, through shadow roots, that the selector names and whose label or text is this. */
export function button(element: Node, label: string): HTMLElement {
  const search = (node: Node): HTMLElement | undefined => {
    const host = node as HTMLElement & { label?: unknown };
    const isButton = /^(lightning-button|button)$/i.test(host.tagName ?? '');
    if (isButton && (host.label === label || host.textContent?.trim() === label)) return host;
    for (const child of [...((host as { shadowRoot?: ShadowRoot }).shadowRoot?.childNodes ?? []), ...node.childNodes]) {
      const found = search(child);
      if (found) return found;
    }
    return undefined;
  };
  const found = search(element);
  if (!found) throw new Error(`There is no button "${label}" in: ${wordsOf(element)}`);
  return found;
}

export async function press(element: Node, label: string): Promise<void> {
  button(element, label).click();
  await settle();
}
