import { facets, freshness, page } from '../../../../../test/accounts';
import { settle } from '../../../../../test/backend';
import { contact } from '../../../../../test/contacts';
import { useLanguage } from '../../../../../test/language';
import { Bench, start } from '../../../../../test/workspace';

const table = 'c-oneshot-customer-table';
const bar = 'c-oneshot-filter-bar';
const problem = 'c-oneshot-problem';
const energy = { facet: 'industry', values: ['Energy'] };

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(async () => {
  await bench.close();
  useLanguage('en_US');
});

describe('before signing in', () => {
  test('there is one useful button and no wall, in the words of the house', async () => {
    await bench.open();
    expect(bench.words()).toContain('My customers');
    expect(bench.words()).toContain('Show my customers');
    expect(bench.words()).toContain(
      'A small Salesforce window opens and closes by itself. OneShot never sees your password.',
    );
    expect(bench.backend.asked).toHaveLength(0);
    await bench.expectAccessible();
  });

  test('the click opens the popup in its own turn and then shows the customers', async () => {
    await bench.open();
    bench.child('c-oneshot-start').dispatchEvent(new CustomEvent('show'));
    expect(bench.opened).toHaveLength(1);
    await settle();
    expect(bench.words()).toContain('Finish in the Salesforce window.');
    await bench.arrive();
    expect(bench.rows()).toHaveLength(50);
    expect(bench.text('.title')).toBe('My customers 120');
    expect(bench.backend.of('GET /v1/accounts')).toHaveLength(1);
  });

  test('a blocked popup says what to allow, and Try again works', async () => {
    await bench.open();
    const open = window.open;
    window.open = () => null;
    bench.child('c-oneshot-start').dispatchEvent(new CustomEvent('show'));
    await settle();
    expect(bench.words()).toContain('Your browser blocked the Salesforce window. Allow pop-ups for this site');
    await bench.expectAccessible();
    window.open = open;
    await bench.fire(problem, 'retry');
    await bench.arrive();
    expect(bench.rows()).toHaveLength(50);
    expect(bench.find(problem)).toBeNull();
  });

  test.each([
    ['access_denied', 'You chose Deny in the Salesforce window'],
    ['permission_missing', 'Ask your Salesforce admin for the permission set OneShot Rep, then try again.'],
    ['app_not_installed', 'Ask your Salesforce admin to install it'],
    ['app_not_approved', 'Ask them to approve the app OneShot'],
    ['api_disabled', 'Ask your Salesforce admin for the permission API Enabled'],
    ['user_inactive', 'Ask your Salesforce admin to activate it'],
    ['region_unreadable', 'check the OneShot home region'],
    ['something_new', 'Something went wrong on our side'],
  ])('%s says who must do what', async (code, words) => {
    await bench.open();
    bench.child('c-oneshot-start').dispatchEvent(new CustomEvent('show'));
    await bench.arrive({ source: 'oneshot', type: 'sign-in-error', error: { code } });
    expect(bench.words()).toContain(words);
    expect(bench.text('[role="status"]')).toContain(words);
  });

  test('the wrong region offers the right one as one button', async () => {
    await bench.open();
    const error = { code: 'wrong_region', url: 'https://eu.api.oneshot.example' };
    bench.backend.on('POST /v1/auth/token', { status: 421, body: { error } });
    await bench.signIn();
    expect(bench.words()).toContain("Your company's data lives in Europe. Nothing was saved here.");
    expect(bench.words()).toContain('Continue in Europe');
    await bench.fire(problem, 'continue');
    expect(new URL(bench.opened[1] ?? '').origin).toBe('https://eu.api.oneshot.example');
  });

  test('speaks German', async () => {
    useLanguage('de');
    await bench.open();
    expect(bench.words()).toContain('Meine Kunden zeigen');
    await bench.signIn();
    expect(bench.words()).toMatch(/vor 1 Minute aus Salesforce gelesen\. OneShot vergisst diese Kopie um 14:00/);
    expect(bench.rows()[0]).toMatchObject({
      arr: expect.stringMatching(/^1\.000\.000\s€$/) as string,
      changed: 'vor 3 Tagen',
    });
  });
});

describe('the list', () => {
  beforeEach(async () => {
    await bench.open();
    await bench.signIn();
  });

  test('shows money in its currency, relative times, more products in the title, and real links', () => {
    expect(bench.rows()[1]).toMatchObject({
      name: 'Customer 0001',
      arr: '€999,999',
      products: 'Product A +2',
      productsTitle: 'Product A, Product B, Product C',
      owner: 'Rita Rep',
      changed: '3 days ago',
      url: 'https://www.example.com',
    });
  });

  test('is accessible', async () => {
    await bench.expectAccessible();
  });

  test('says when it was read and will be forgotten, and tells it again each minute', async () => {
    expect(bench.words()).toMatch(
      /Read from Salesforce 1 minute ago\. OneShot forgets this copy at 2:00\sPM; Salesforce keeps everything\./,
    );
    await bench.pass(11 * 60_000);
    expect(bench.words()).toContain('Read from Salesforce 12 minutes ago.');
  });

  test('names the fields that are hidden from this rep', async () => {
    bench.backend.on('GET /v1/accounts', {
      body: { ...page(0, 50, 120), freshness: freshness({ hiddenFields: ['Industry'] }) },
    });
    await bench.fire(bar, 'search', { text: 'x' });
    expect(bench.words()).toContain('Hidden from you in Salesforce: Industry. Your admin can change that.');
  });

  test('loads fifty more when the table asks', async () => {
    await bench.fire(table, 'loadmore');
    expect(bench.rows()).toHaveLength(100);
    expect(bench.text('[role="status"]')).toBe('100 of 120 customers shown.');
  });

  test('searches, filters, sorts and clears at the backend', async () => {
    await bench.fire(bar, 'search', { text: ' bonn ' });
    await bench.fire(bar, 'filter', energy);
    await bench.fire(table, 'sortchange', { key: 'name', order: 'asc' });
    const last = bench.backend.of('GET /v1/accounts').at(-1)?.query;
    expect(Object.fromEntries(last ?? [])).toMatchObject({
      search: 'bonn',
      industry: 'Energy',
      sort: 'name',
      order: 'asc',
    });
    await bench.fire(bar, 'clear');
    expect(bench.backend.of('GET /v1/accounts').at(-1)?.query.has('search')).toBe(false);
  });

  test('copies the chosen customers as a sentence of names, never an amount', async () => {
    const writeText = jest.fn().mockResolvedValue(undefined);
    Object.defineProperty(navigator, 'clipboard', { value: { writeText }, configurable: true });
    const [first, second] = bench.rows();
    await bench.fire(table, 'select', { ids: [first?.id, second?.id] });
    expect(bench.words()).toContain('2 selected');
    expect(bench.words()).toContain('Check that they agreed to be named.');
    await bench.fire('footer .references', 'click');
    expect(writeText).toHaveBeenCalledWith('Our customers include Customer 0000 and Customer 0001.');
    await bench.fire(table, 'rowaction', { action: 'copyReference', id: first?.id });
    expect(writeText).toHaveBeenLastCalledWith('Customer 0000 is one of our customers.');
  });

  test('shows the sentence where the browser does not let it copy', async () => {
    Object.defineProperty(navigator, 'clipboard', { value: undefined, configurable: true });
    await bench.fire(table, 'rowaction', { action: 'copyReference', id: bench.rows()[0]?.id });
    expect(bench.child<{ value: string }>('lightning-textarea').value).toBe('Customer 0000 is one of our customers.');
    await bench.expectAccessible();
  });

  test('opens a record in a new tab without handing over this window', async () => {
    const open = jest.spyOn(window, 'open');
    await bench.fire(table, 'rowaction', { action: 'openInNewTab', id: bench.rows()[0]?.id });
    expect(open).toHaveBeenCalledWith('https://www.example.com', '_blank', 'noopener');
  });

  test('"/" goes to the search, but not while typing', async () => {
    const search = bench.child(bar);
    const focus = jest.spyOn(search as unknown as HTMLElement, 'focus');
    const press = (target: EventTarget): boolean =>
      target.dispatchEvent(new KeyboardEvent('keydown', { key: '/', bubbles: true, cancelable: true, composed: true }));
    expect(press(bench.child('.workspace'))).toBe(false);
    expect(focus).toHaveBeenCalledTimes(1);
    expect(press(bench.child<HTMLElement>(bar).shadowRoot?.querySelector('lightning-input') as EventTarget)).toBe(true);
    expect(focus).toHaveBeenCalledTimes(1);
  });

  test('with nothing that matches says so and offers Clear', async () => {
    bench.backend.on('GET /v1/accounts', { body: { ...page(0, 50, 0), total: 120 } });
    await bench.fire(bar, 'search', { text: 'zzz' });
    expect(bench.words()).toContain('No customer matches your search and filters.');
    expect(bench.text('.title')).toBe('My customers 0 of 120');
    await bench.expectAccessible();
  });

  test('says what is wrong beside the old rows, and tries again', async () => {
    bench.backend.on('GET /v1/accounts', () => {
      throw new TypeError('Failed to fetch');
    });
    await bench.fire(bar, 'filter', energy);
    expect(bench.words()).toContain("Your browser couldn't reach OneShot. If this is new, ask your admin to check");
    expect(bench.rows()).toHaveLength(50);
    await bench.expectAccessible();
    bench.backend.on('GET /v1/accounts', { body: page(0, 50, 70) });
    await bench.fire(problem, 'retry');
    expect(bench.text('.title')).toBe('My customers 70 of 70');
    expect(bench.find(problem)).toBeNull();
  });

  test('is forgotten when its time is over, and comes back with one click', async () => {
    await bench.pass(Date.parse('2026-11-24T13:00:00Z') - start);
    expect(bench.words()).not.toContain('Customer 0001');
    expect(bench.words()).toMatch(/OneShot forgot its copy at 2:00\sPM, as promised\./);
    expect(bench.find(table)).toBeNull();
  });

  test('leaves the screen at sign-out, with the rows', async () => {
    await bench.fire('.head lightning-button-menu', 'select', { value: 'signOut' });
    expect(bench.words()).not.toContain('Customer 0001');
    expect(bench.text('[role="status"]')).toContain('You are signed out.');
    expect(bench.backend.of('POST /v1/auth/sign-out')).toHaveLength(1);
  });
});

describe('the end of the session', () => {
  beforeEach(async () => {
    await bench.open();
    bench.backend.on('GET /v1/accounts', ({ query }) => ({
      body: {
        ...page(Number(query.get('offset')), Number(query.get('limit')), 120),
        freshness: freshness({ fetchedAt: new Date().toISOString(), expiresAt: '2026-11-24T16:00:00Z' }),
      },
    }));
    await bench.signIn();
  });

  test('is told ahead, with a button that signs in again', async () => {
    await bench.pass(56 * 60_000);
    expect(bench.words()).toContain('Your session ends in less than five minutes.');
    await bench.expectAccessible();
    await bench.fire('.note lightning-button', 'click');
    await bench.arrive();
    expect(bench.words()).not.toContain('Your session ends');
    expect(bench.rows()).toHaveLength(50);
  });

  test('leaves the rows; a click signs in first and then does what was clicked', async () => {
    await bench.pass(61 * 60_000);
    expect(bench.words()).toMatch(/Your session ended\. These rows stay here until 5:00\sPM\./);
    expect(bench.rows()).toHaveLength(50);
    bench.child(bar).dispatchEvent(new CustomEvent('filter', { detail: energy }));
    expect(bench.opened).toHaveLength(2);
    await bench.arrive();
    expect(bench.backend.of('GET /v1/accounts').at(-1)?.query.get('industry')).toBe('Energy');
  });

  test('while typing opens no popup but says "Sign in and search", which then searches', async () => {
    await bench.pass(61 * 60_000);
    await bench.fire(bar, 'search', { text: 'bonn' });
    expect(bench.opened).toHaveLength(1);
    expect(bench.words()).toContain('Sign in and search');
    await bench.fire(problem, 'retry');
    expect(bench.opened).toHaveLength(2);
    await bench.arrive();
    expect(bench.backend.of('GET /v1/accounts').at(-1)?.query.get('search')).toBe('bonn');
  });

  test('by a 401 keeps the rows and says "Sign in and apply"', async () => {
    bench.backend.on('GET /v1/accounts', { status: 401, body: { error: { code: 'session_ended' } } });
    await bench.fire(table, 'sortchange', { key: 'name', order: 'asc' });
    expect(bench.rows()).toHaveLength(50);
    expect(bench.words()).toContain('Sign in and apply');
  });

  test('while scrolling is told once and not asked about again and again', async () => {
    await bench.pass(61 * 60_000);
    await bench.fire(table, 'loadmore');
    await bench.fire(table, 'loadmore');
    expect(bench.words()).toContain('Sign in and show more');
    expect(bench.opened).toHaveLength(1);
  });
});

describe('other states', () => {
  test('the first pull shows progress, says that counts and sorting wait, and the rows that are there', async () => {
    await bench.open();
    const pulling = freshness({ complete: false, fetched: 4_000, total: 12_300 });
    bench.backend.on('GET /v1/accounts', { body: { ...page(0, 50, 4_000), freshness: pulling } });
    await bench.signIn();
    expect(bench.words()).toContain(
      'Loading your customers from Salesforce: 4,000 of 12,300, biggest first. You can start now.',
    );
    expect(bench.text('.title')).toBe('My customers 12,300');
    expect(bench.child<{ isSoFar: boolean }>(bar).isSoFar).toBe(true);
    await bench.fire(table, 'sortchange', { key: 'name', order: 'asc' });
    expect(bench.words()).toContain('Sorting waits until all your customers are here');
    await bench.expectAccessible();
  });

  test('with the cache off it is always live and searches on Enter', async () => {
    bench.cache = { enabled: false, minutes: 60 };
    await bench.open();
    await bench.signIn();
    expect(bench.words()).toContain('Always live: your company keeps no copy in memory.');
    expect(bench.child<{ isSearchOnEnter: boolean }>(bar).isSearchOnEnter).toBe(true);
  });

  test('an org that records no products has no column for them', async () => {
    await bench.open();
    bench.backend.on('GET /v1/accounts', { body: { ...page(0, 50, 120), facets: { ...facets, product: [] } } });
    await bench.signIn();
    expect(bench.child<{ hiddenNames: string[] }>(table).hiddenNames).toContain('products');
    bench.backend.on('GET /v1/accounts', { body: page(0, 50, 120) });
    await bench.fire(bar, 'search', { text: 'x' });
    expect(bench.child<{ hiddenNames: string[] }>(table).hiddenNames).not.toContain('products');
  });

  test('a rep without paying customers is told so', async () => {
    await bench.open();
    bench.backend.on('GET /v1/accounts', { body: page(0, 50, 0) });
    await bench.signIn();
    expect(bench.words()).toContain('None of the accounts you can see is a paying customer yet.');
    await bench.expectAccessible();
  });

  test.each([
    [true, 'You cannot see the field ActiveARR__c in Salesforce. Ask your Salesforce admin for read access to it.'],
    [false, "Your admin hasn't finished setup."],
  ])('a hidden paying field, set up: %s', async (setUp, words) => {
    bench.setUp = setUp;
    await bench.open();
    const error = { code: 'crm_field_hidden', field: 'ActiveARR__c' };
    bench.backend.on('GET /v1/accounts', { status: 409, body: { error } });
    await bench.signIn();
    expect(bench.words()).toContain(words);
    expect(bench.words().includes('ActiveARR__c')).toBe(setUp);
  });

  test('"Copy link to this view" takes the facets along and never the search text', async () => {
    const generate = jest.fn().mockResolvedValue('/lightning/n/OneShot?x');
    const { CurrentPageReference } = jest.requireActual<object & { CurrentPageReference: unknown }>(
      'lightning/navigation',
    );
    const [Navigate, GenerateUrl] = [Symbol('Navigate'), Symbol('GenerateUrl')];
    const mixin = (Base: new () => object): object =>
      class extends Base {
        [GenerateUrl] = generate;
      };
    const NavigationMixin = Object.assign(mixin, { Navigate, GenerateUrl });
    jest.doMock('lightning/navigation', () => ({ CurrentPageReference, NavigationMixin }));
    await bench.open();
    jest.dontMock('lightning/navigation');
    const writeText = jest.fn().mockResolvedValue(undefined);
    Object.defineProperty(navigator, 'clipboard', { value: { writeText }, configurable: true });
    await bench.signIn();
    await bench.fire(bar, 'filter', energy);
    await bench.fire(bar, 'search', { text: 'secret name' });
    await bench.fire('.head lightning-button-menu', 'select', { value: 'link' });
    expect(generate).toHaveBeenLastCalledWith(expect.objectContaining({ state: { c__industry: '["Energy"]' } }));
    expect(JSON.stringify(generate.mock.calls)).not.toContain('secret');
    expect(writeText).toHaveBeenCalledWith(`${window.location.origin}/lightning/n/OneShot?x`);
  });

  test('in a narrow place there are tiles', async () => {
    let tell: (width: number) => void = () => undefined;
    class Observer {
      constructor(callback: (entries: { contentRect: { width: number } }[]) => void) {
        tell = (width) => callback([{ contentRect: { width } }]);
      }
      observe(): void {}
      disconnect(): void {}
    }
    Object.defineProperty(globalThis, 'ResizeObserver', { value: Observer, configurable: true });
    await bench.open();
    tell(480);
    await bench.signIn();
    expect(bench.find(table)).toBeNull();
    expect(bench.child<{ rows: object[] }>('c-oneshot-customer-tiles').rows).toHaveLength(50);
    expect(bench.words()).toMatch(/Read 1 min\. ago · forgotten at/);
    await bench.expectAccessible();
    tell(768);
    await settle();
    expect(bench.find(table)).not.toBeNull();
    Reflect.deleteProperty(globalThis, 'ResizeObserver');
  });

  test('a second component of the page shares the session and shows its rows without a click', async () => {
    await bench.open();
    await bench.signIn();
    const { createElement } = require('lwc') as typeof import('lwc');
    const { default: Workspace } = require('c/oneshotWorkspace') as { default: typeof import('lwc').LightningElement };
    const utility = createElement('c-oneshot-workspace', { is: Workspace });
    document.body.appendChild(utility);
    await settle();
    expect(utility.shadowRoot?.querySelector(table)).not.toBeNull();
    expect(bench.opened).toHaveLength(1);
  });
});

describe('the focus', () => {
  test('goes to the list when the button that signed in is gone', async () => {
    await bench.open();
    bench.child<HTMLElement>('c-oneshot-start').click();
    await bench.signIn();
    expect(document.activeElement).toBe(bench.element);
  });

  test('stays on Refresh while the list is read again, and what goes on is told', async () => {
    await bench.open();
    await bench.signIn();
    bench.backend.on('POST /v1/accounts/refresh', { status: 202, body: { freshness: freshness() } });
    const [refresh] = [
      ...(bench.element.shadowRoot?.querySelectorAll<HTMLElement & { label: string; disabled?: boolean }>(
        'lightning-button',
      ) ?? []),
    ].filter(({ label }) => label === 'Refresh');
    refresh?.click();
    await settle();
    expect(refresh?.disabled).not.toBe(true);
    expect(bench.text('[role=status]')).toBe('Reading again from Salesforce...');
  });

  test('goes on into the mail only when the dialog that chose the contacts has left', async () => {
    await bench.open();
    await bench.signIn();
    const { default: Chooser } = require('c/oneshotContactChooser') as {
      default: { open: jest.Mock; left: Promise<void> };
    };
    let leave = (): void => undefined;
    Chooser.left = new Promise((resolve) => (leave = resolve));
    Chooser.open.mockResolvedValueOnce([{ contact: contact(0), accountName: 'Customer 0000' }]);
    await bench.fire(table, 'rowaction', { action: 'write', id: '001000000000000000' });
    const drafts = require('c/oneshotDrafts') as typeof import('c/oneshotDrafts');
    expect(drafts.draftsView().openId).toBeNull();
    leave();
    await settle();
    expect(drafts.draftsView().openId).toBe(contact(0).id);
  });
});

describe('writing from the list', () => {
  const first = '001000000000000000';

  beforeEach(async () => {
    await bench.open();
    await bench.signIn();
  });

  test('the chosen customers are offered with their contacts, and several contacts begin a queue', async () => {
    const { default: Chooser } = require('c/oneshotContactChooser') as { default: { open: jest.Mock } };
    const chosen = [0, 1].map((n) => ({ contact: contact(n), accountName: 'Customer 0000' }));
    Chooser.open.mockResolvedValueOnce(chosen);
    await bench.fire(table, 'select', { ids: [first] });
    expect(bench.words()).toContain('Choose contacts to write to');
    const button = [
      ...(bench.element.shadowRoot?.querySelectorAll<HTMLElement & { label: string }>('lightning-button') ?? []),
    ];
    button.find(({ label }) => label === 'Choose contacts to write to')?.click();
    await settle();
    expect(Chooser.open).toHaveBeenCalledWith(
      expect.objectContaining({ accounts: [{ id: first, name: 'Customer 0000' }] }),
    );
    const queue = require('c/oneshotQueue') as typeof import('c/oneshotQueue');
    expect(queue.queueView().recipients.map(({ contactId }) => contactId)).toEqual([contact(0).id, contact(1).id]);
  });

  test('one contact alone is a draft like any other', async () => {
    const { default: Chooser } = require('c/oneshotContactChooser') as { default: { open: jest.Mock } };
    Chooser.open.mockResolvedValueOnce([{ contact: contact(0), accountName: 'Customer 0000' }]);
    await bench.fire(table, 'rowaction', { action: 'write', id: first });
    const drafts = require('c/oneshotDrafts') as typeof import('c/oneshotDrafts');
    expect(drafts.draftOf(contact(0).id)).toMatchObject({ name: 'Ana Ruiz', state: 'writing' });
  });

  test('choosing nobody begins nothing', async () => {
    await bench.fire(table, 'rowaction', { action: 'write', id: first });
    const queue = require('c/oneshotQueue') as typeof import('c/oneshotQueue');
    expect(queue.queueView().phase).toBe('none');
  });

  test('a row shows the customers like it', async () => {
    const { default: Like } = require('c/oneshotLikeModal') as { default: { open: jest.Mock } };
    await bench.fire(table, 'rowaction', { action: 'customersLike', id: first });
    expect(Like.open).toHaveBeenCalledWith({ size: 'small', label: 'Customers like Customer 0000', accountId: first });
  });
});
