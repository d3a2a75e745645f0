import type { LightningElement } from 'lwc';
import type { Activity } from 'c/oneshotApi';
import { rep, settle, tokenAnswer } from '../../../../../test/backend';
import { Tab } from '../../../../../test/connections';
import { useLanguage } from '../../../../../test/language';

const acme = { id: '001000000000001AAA', name: 'Acme', deleted: false };
const ana = { id: '003000000000001AAA', name: 'Ana Ruiz', deleted: false };
const sent: Activity = {
  id: 'a1',
  at: '2026-11-24T09:01:00.000Z',
  channel: 'gmail',
  outcome: 'accepted',
  account: acme,
  contact: ana,
};

let tab: Tab;
let list: HTMLElement & { accountId?: string; contactId?: string };

async function open(properties: object = {}): Promise<void> {
  const { createElement } = require('lwc') as typeof import('lwc');
  const { default: List } = require('c/oneshotActivityList') as { default: typeof LightningElement };
  list = createElement('c-oneshot-activity-list', { is: List }) as unknown as typeof list;
  Object.assign(list, properties);
  document.body.appendChild(list);
  await settle();
}

const answer = (rows: Activity[], nextCursor: string | null = null): void => {
  tab.backend.on('GET /v1/activity', { body: { rows, nextCursor } });
};
const asked = (): string[] => tab.backend.of('GET /v1/activity').map(({ query }) => query.toString());
const find = <T extends Element = HTMLElement>(selector: string): T | null =>
  list.shadowRoot?.querySelector<T>(selector) ?? null;
const rows = (): string[] =>
  [...(list.shadowRoot?.querySelectorAll('.row') ?? [])].map((row) =>
    (row.textContent ?? '').replace(/\s+/g, ' ').trim(),
  );
const words = (): string => (list.shadowRoot?.textContent ?? '').replace(/\s+/g, ' ');

/** axe needs real timers. */
async function expectAccessible(): Promise<void> {
  const now = Date.now();
  jest.useRealTimers();
  await expect(list).toBeAccessible();
  jest.useFakeTimers({ now });
}

beforeEach(async () => {
  tab = new Tab();
  await tab.load();
  answer([sent]);
});
afterEach(async () => {
  await tab.close();
  useLanguage('en_US');
});

test('signed out it is one useful button, which signs in and shows the list', async () => {
  await open();
  expect(asked()).toEqual([]);
  find('c-oneshot-start')?.dispatchEvent(new CustomEvent('show'));
  expect(tab.opened).toHaveLength(1);
  await tab.arrive();
  expect(rows()).toHaveLength(1);
  expect(asked()).toHaveLength(1);
});

describe('signed in', () => {
  beforeEach(() => tab.signIn());

  test('tells to whom, when and how it went, linked to the records', async () => {
    await open();
    expect(rows()[0]).toContain('Ana Ruiz');
    expect(rows()[0]).toContain('Acme');
    expect(rows()[0]).toContain('Accepted by Gmail');
    expect(rows()[0]).toContain('3 hours ago');
    const links = [...(list.shadowRoot?.querySelectorAll('a') ?? [])].map((link) => link.textContent);
    expect(links).toEqual(['Ana Ruiz', 'Acme']);
    expect(words()).toContain('Only you see this. We keep who and when, not what.');
    await expectAccessible();
  });

  test.each([
    ['gmail', 'accepted', 'Accepted by Gmail'],
    ['outlook', 'refused', 'Refused by Outlook'],
    ['outlook', 'failed', 'Not sent'],
    ['gmail', 'unknown', 'May have gone: check your Sent folder in Gmail'],
    ['outreach', 'accepted', 'Added to a sequence'],
    ['outreach', 'refused', 'Refused by Outreach'],
    ['outreach', 'failed', 'Not added'],
    ['outreach', 'unknown', 'May have been added: look in Outreach'],
  ] as const)('%s %s', async (channel, outcome, said) => {
    answer([{ ...sent, channel, outcome }]);
    await open();
    expect(rows()[0]).toContain(said);
  });

  test('what is gone is said, once, and not linked', async () => {
    const gone = { deleted: true, name: null };
    answer([
      { ...sent, id: 'a1', contact: { ...ana, ...gone } },
      { ...sent, id: 'a2', contact: { ...ana, ...gone }, account: { ...acme, ...gone } },
      { ...sent, id: 'a3', contact: { ...ana, name: null }, account: null },
    ]);
    await open();
    expect(rows()[0]).toMatch(/^Deleted, or no longer shared with you\s?·\s?Acme/);
    expect(rows()[1]?.match(/Deleted/g)).toHaveLength(1);
    expect(rows()[2]).toContain('(name hidden)');
    const links = [...(list.shadowRoot?.querySelectorAll('a') ?? [])].map((link) => link.textContent);
    expect(links).toEqual(['Acme', '(name hidden)']);
  });

  test('Show more goes on where the list ended', async () => {
    answer([sent], 'cursor-1');
    await open();
    answer([{ ...sent, id: 'a2', contact: { ...ana, name: 'Bo Li' } }]);
    find('.more lightning-button')?.click();
    await settle();
    expect(asked()).toEqual(['', 'cursor=cursor-1']);
    expect(rows()).toHaveLength(2);
    expect(find('.more')).toBeNull();
    expect(find('[role=status]')?.textContent).toBe('2 shown');
  });

  test('Refresh and Show more keep the focus while they read, and the list has it when Show more is gone', async () => {
    answer([sent], 'cursor-1');
    await open();
    answer([{ ...sent, id: 'a2' }]);
    find<HTMLElement & { disabled?: boolean }>('.more lightning-button')?.click();
    expect(find<HTMLElement & { disabled?: boolean }>('.more lightning-button')?.disabled).not.toBe(true);
    expect(find<HTMLElement & { disabled?: boolean }>('lightning-button-icon')?.disabled).not.toBe(true);
    find('.more lightning-button')?.click();
    await settle();
    expect(asked()).toEqual(['', 'cursor=cursor-1']);
    expect(document.activeElement).toBe(list);
  });

  test('nothing sent yet is said', async () => {
    answer([]);
    await open();
    expect(words()).toContain('You have not written to anybody through OneShot yet.');
    await expectAccessible();
  });

  test('another record: what was there is gone, and its own sends are read', async () => {
    await open({ accountId: acme.id });
    tab.backend.on('GET /v1/activity', () => new Promise(() => undefined));
    list.accountId = '001000000000002AAA';
    await settle();
    expect(rows()).toEqual([]);
    list.contactId = ana.id;
    await settle();
    expect(asked()).toEqual([
      `accountId=${acme.id}`,
      'accountId=001000000000002AAA',
      `accountId=001000000000002AAA&contactId=${ana.id}`,
    ]);
  });

  test('a failure says why; Try again reads anew', async () => {
    tab.backend.on('GET /v1/activity', { status: 500, body: { error: { code: 'x', message: 'm', requestId: 'r' } } });
    await open();
    expect(words()).not.toContain('You have not written');
    answer([sent]);
    find('c-oneshot-problem')?.dispatchEvent(new CustomEvent('retry'));
    await settle();
    expect(rows()).toHaveLength(1);
    expect(find('c-oneshot-problem')).toBeNull();
  });

  test('a session that is over keeps the rows, and the next click signs in and goes on', async () => {
    answer([sent], 'cursor-1');
    await open();
    await tab.pass(60 * 60_000);
    expect(rows()).toHaveLength(1);
    find('lightning-button-icon')?.click();
    expect(tab.opened).toHaveLength(2);
    answer([sent, { ...sent, id: 'a2' }]);
    await tab.arrive();
    expect(rows()).toHaveLength(2);
  });

  test('signing out, and another rep, leave nothing of the first one\u2019s', async () => {
    await open();
    tab.backend.on('POST /v1/auth/token', () => tokenAnswer(Date.now(), 60, { ...rep, id: 'rep-2' }));
    answer([]);
    await tab.signIn();
    expect(rows()).toEqual([]);
    answer([sent]);
    await tab.signIn();
    expect(rows()).toHaveLength(1);
    await tab.session.signOut();
    await settle();
    expect(rows()).toEqual([]);
    expect(find('c-oneshot-start')).not.toBeNull();
  });
});

test('in German', async () => {
  useLanguage('de');
  await tab.load();
  answer([{ ...sent, outcome: 'unknown' }]);
  await tab.signIn();
  await open();
  expect(rows()[0]).toContain('Vielleicht gesendet');
  expect(rows()[0]).toContain('vor 3 Stunden');
});
