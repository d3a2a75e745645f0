import type { Asked, Reply } from './backend';
import { FakeBackend, settle, tokenAnswer } from './backend';

export const start = Date.parse('2026-11-24T12:01:00Z');
export const backendUrl = 'https://us.api.oneshot.example';
export const admin = { id: 'usr-a', name: 'Ada Admin', email: 'ada@demo.example', isAdmin: true };
const code = 'c0de-0123456789_abcdefg';

export const settings = {
  payingField: 'ActiveARR__c',
  products: { source: 'none' },
  sessionMinutes: 60,
  cache: { enabled: true, minutes: 60 },
  logSendsToSalesforce: 'ask',
  channels: { gmail: true, outlook: true, outreach: true },
  mailFooterTemplateId: null,
  sendsPerRepAndDay: 200,
  activityDays: 730,
  homeRegion: 'us',
};

const check = (id: string, state = 'ok'): object => ({
  id,
  title: `Title of ${id}`,
  state,
  seen: `Seen of ${id}`,
  steps: state === 'ok' ? [] : [`Step of ${id}`],
  url: `https://acme.lightning.force.com/lightning/setup/${id}`,
});

export const checks = [
  check('app_installed'),
  check('app_approved', 'unknown'),
  check('trusted_url', 'todo'),
  check('rep_permission_set'),
  check('paying_field'),
  check('rep_products'),
  check('home_region', 'todo'),
  check('settings_saved', 'todo'),
  check('components', 'unknown'),
];

const FILES = {
  'c-oneshot-setup': 'c/oneshotSetup',
  'c-oneshot-people': 'c/oneshotPeople',
  'c-oneshot-evidence': 'c/oneshotEvidence',
  'c-oneshot-kept-heads': 'c/oneshotKeptHeads',
} as const;

/** A page of an admin on its own, with real modules below it; only the network, the popup and the clock are ours. */
export class AdminBench {
  readonly backend = new FakeBackend();
  readonly opened: string[] = [];
  element!: HTMLElement;
  session!: typeof import('c/oneshotSession');
  saved: Reply = { body: { version: 2, settings } };

  async open(name: keyof typeof FILES): Promise<void> {
    jest.resetModules();
    const { createElement } = require('lwc') as typeof import('lwc');
    const { default: component } = require(FILES[name]) as { default: typeof import('lwc').LightningElement };
    this.session = require('c/oneshotSession') as typeof import('c/oneshotSession');
    await settle();
    jest.useFakeTimers({ now: start });
    window.open = ((url: string) => {
      this.opened.push(url);
      return { focus: () => undefined };
    }) as unknown as typeof window.open;
    this.backend
      .on('POST /v1/auth/token', () => tokenAnswer(Date.now(), 60, admin))
      .on('POST /v1/auth/sign-out', { status: 204 })
      .on('GET /v1/me', { body: { user: admin, org: {}, settings: { sessionMinutes: 60, cache: {} }, setUp: true } })
      .on('GET /v1/settings', { body: { version: 1, settings } })
      .on('PUT /v1/settings', () => this.saved)
      .on('GET /v1/settings/fields', ({ query }: Asked) => ({
        body: {
          paying: [
            { name: 'ActiveARR__c', label: 'Active ARR', type: 'currency' },
            { name: 'Seats__c', label: 'Seats', type: 'double' },
          ],
          products: [{ name: 'Industry', label: 'Industry', type: 'picklist' }],
          ...(query.has('count') ? { count: 1503, examples: ['Acme', 'Beta', 'Gamma'] } : {}),
        },
      }))
      .on('GET /v1/setup/checklist', { body: { rows: checks } })
      .on('GET /v1/setup/reps', { body: { rows: [{ id: '005000000000001AAA', name: 'Rita Rep' }], nextCursor: null } })
      .on('GET /v1/email-templates', { status: 404, body: { error: { code: 'not_found', message: 'x' } } })
      .on('GET /v1/admin/keys', { body: { rows: [], job: null, keySwitch: { connections: 70, people: 52 } } })
      .on('GET /v1/audit/heads', { body: { rows: [], nextCursor: null } })
      .on('GET /v1/admin/usage', {
        body: { apiCallsToday: 12, orgLimit: 1000, orgRemaining: 900, byPurpose: { setup: 12 } },
      })
      .on('GET /v1/admin/users', {
        body: {
          rows: [
            {
              id: 'usr-1',
              name: 'Rita Rep',
              email: 'rita@demo.example',
              status: 'active',
              lastSignInAt: '2026-11-24T11:01:00.000Z',
              sessions: 2,
              connections: [{ provider: 'gmail', status: 'reconnect' }],
            },
            {
              id: 'usr-2',
              name: null,
              email: 'gone@demo.example',
              status: 'inactive',
              lastSignInAt: '2026-11-20T11:01:00.000Z',
              sessions: 0,
              connections: [],
            },
          ],
          nextCursor: null,
        },
      });
    this.element = createElement(name, { is: component });
    document.body.appendChild(this.element);
    await settle();
  }

  async close(): Promise<void> {
    document.body.replaceChildren();
    await this.session.signOut();
    jest.useRealTimers();
  }

  async arrive(): Promise<void> {
    const data = { source: 'oneshot', type: 'sign-in', code };
    window.dispatchEvent(new MessageEvent('message', { data, origin: backendUrl }));
    await settle();
    await settle();
  }

  async signIn(): Promise<void> {
    this.child('c-oneshot-admin-start').dispatchEvent(new CustomEvent('start'));
    await this.arrive();
  }

  child<T = HTMLElement & Record<string, never>>(selector: string): T {
    const found = this.find(selector) as T | null;
    if (!found) throw new Error(`${selector} is not there`);
    return found;
  }

  /** On the page, or in the frame around it. */
  find(selector: string): HTMLElement | null {
    const own = this.element.shadowRoot;
    const frame = own?.querySelector('c-oneshot-admin-frame')?.shadowRoot;
    return own?.querySelector<HTMLElement>(selector) ?? frame?.querySelector<HTMLElement>(selector) ?? null;
  }

  async fire(selector: string, type: string, detail?: unknown): Promise<void> {
    (this.child(selector) as unknown as HTMLElement).dispatchEvent(new CustomEvent(type, { detail }));
    await settle();
  }

  /** axe needs real timers. */
  async expectAccessible(): Promise<void> {
    const now = Date.now();
    jest.useRealTimers();
    await expect(this.element).toBeAccessible();
    jest.useFakeTimers({ now });
  }
}
