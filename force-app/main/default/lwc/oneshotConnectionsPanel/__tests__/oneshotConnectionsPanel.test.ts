import type { LightningElement } from 'lwc';
import { settle } from '../../../../../test/backend';
import { code, connection, Tab } from '../../../../../test/connections';
import { useLanguage } from '../../../../../test/language';

type Card = HTMLElement & { view: import('c/oneshotConnections').ConnectionView; isSignedIn: boolean };
const live = { status: 'connected', label: 'rep@demo.example' } as const;

let tab: Tab;
let panel: HTMLElement;

async function open(properties: object = {}): Promise<void> {
  const { createElement } = require('lwc') as typeof import('lwc');
  const { default: Panel } = require('c/oneshotConnectionsPanel') as { default: typeof LightningElement };
  panel = createElement('c-oneshot-connections-panel', { is: Panel }) as unknown as HTMLElement;
  Object.assign(panel, properties);
  document.body.appendChild(panel);
  await settle();
}

const find = <T extends Element = HTMLElement>(selector: string): T | null =>
  panel.shadowRoot?.querySelector<T>(selector) ?? null;
const cards = (): Card[] => [...(panel.shadowRoot?.querySelectorAll<Card>('c-oneshot-connection-card') ?? [])];
const providers = (): string[] => cards().map(({ view }) => view.connection.provider);
const said = (): string => find('[role=status]')?.textContent ?? '';

function fire(provider: string, type: string): void {
  const card = cards().find(({ view }) => view.connection.provider === provider);
  card?.dispatchEvent(new CustomEvent(type, { detail: { provider } }));
}

beforeEach(async () => {
  tab = new Tab();
  await tab.load();
});
afterEach(async () => {
  await tab.close();
  useLanguage('en_US');
});

test('signed out it is one useful button, which signs in and shows the cards', async () => {
  await open();
  expect(cards()).toHaveLength(0);
  expect(find<HTMLElement & { actionLabel: string }>('c-oneshot-start')?.actionLabel).toBe('Show my connections');
  find('c-oneshot-start')?.dispatchEvent(new CustomEvent('show'));
  expect(tab.opened.at(-1)?.name).toBe('oneshot-sign-in');
  await tab.arrive();
  expect(providers()).toEqual(['gmail', 'outlook', 'outreach']);
  expect(cards().every(({ view, isSignedIn }) => view.isReady && isSignedIn)).toBe(true);
  expect(find('c-oneshot-start')).toBeNull();
});

test('the focus of the button that signed in goes to the panel, so that Esc still closes the dialog around', async () => {
  await open();
  find('c-oneshot-start')?.click();
  find('c-oneshot-start')?.dispatchEvent(new CustomEvent('show'));
  await tab.arrive();
  expect(document.activeElement).toBe(panel);
});

test('signed in it shows the cards by itself', async () => {
  await tab.signIn();
  await open();
  expect(providers()).toEqual(['gmail', 'outlook', 'outreach']);
});

test('a place that needs one shows one', async () => {
  await tab.signIn();
  await open({ providers: ['outreach'] });
  expect(providers()).toEqual(['outreach']);
});

test('a click on a card opens the provider\u2019s window, and a screen reader hears how it went', async () => {
  tab.backend.on('POST /v1/connections/gmail/finish', () => {
    tab.set('gmail', live);
    return { body: connection('gmail', live) };
  });
  await tab.signIn();
  await open();
  fire('gmail', 'connect');
  expect(tab.opened.at(-1)?.url.pathname).toBe('/v1/connections/gmail/go');
  await settle();
  expect(said()).toContain('Finish in the Google window.');
  await tab.arrive({ source: 'oneshot', type: 'connection', provider: 'gmail', code });
  expect(said()).toBe('Gmail: Connected.');
});

test('a refusal is heard too', async () => {
  await tab.signIn();
  await open();
  fire('gmail', 'connect');
  const error = { code: 'access_denied', message: 'm' };
  await tab.arrive({ source: 'oneshot', type: 'connection-error', provider: 'gmail', error });
  expect(said()).toContain('You chose Deny in the Google window');
  fire('gmail', 'dismiss');
  await settle();
  expect(cards()[0]?.view.problem).toBeNull();
});

test('disconnecting tells what became of the access', async () => {
  tab.set('outlook', live);
  tab.backend.on('DELETE /v1/connections/outlook', () => {
    tab.set('outlook', { status: 'not_connected', label: null });
    return { body: { revocation: 'no_endpoint' } };
  });
  await tab.signIn();
  await open();
  fire('outlook', 'disconnect');
  await settle();
  expect(said()).toContain('Microsoft has no way to end it from here');
});

test('a key that was put right is seen after a new sign-in', async () => {
  tab.set('gmail', { status: 'blocked', reason: 'key_edited' });
  await tab.signIn();
  await open();
  fire('gmail', 'signin');
  expect(tab.opened.at(-1)?.name).toBe('oneshot-sign-in');
  tab.set('gmail', live);
  await tab.arrive();
  expect(cards()[0]?.view.connection.status).toBe('connected');
});

test('a list that cannot be read says why, and Try again reads it', async () => {
  await tab.signIn();
  tab.backend.on('GET /v1/connections', { status: 500, body: { error: { code: 'x', message: 'm' } } });
  await open();
  const problem = find('c-oneshot-problem');
  expect(problem).not.toBeNull();
  tab.backend.on('GET /v1/connections', () => ({ body: { rows: tab.connections } }));
  problem?.dispatchEvent(new CustomEvent('retry'));
  await settle();
  expect(providers()).toHaveLength(3);
  expect(find('c-oneshot-problem')).toBeNull();
});

test('the panel that is gone keeps no way ready', async () => {
  await tab.signIn();
  await open();
  const before = tab.backend.of('POST /v1/connections/gmail/start').length;
  panel.remove();
  await tab.pass(10 * 60_000);
  expect(tab.backend.of('POST /v1/connections/gmail/start')).toHaveLength(before);
});

test('in German', async () => {
  useLanguage('de');
  await tab.load();
  await tab.signIn();
  await open();
  fire('gmail', 'connect');
  await settle();
  expect(said()).toContain('Fenster von Google');
});
