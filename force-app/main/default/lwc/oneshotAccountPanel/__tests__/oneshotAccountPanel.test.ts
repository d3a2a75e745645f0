import { accountId, contact, optedOut } from '../../../../../test/contacts';
import { settle } from '../../../../../test/backend';
import { useLanguage } from '../../../../../test/language';
import { find } from '../../../../../test/mount';
import { press, Tab, wordsOf } from '../../../../../test/tab';

const otherId = '001000000000098AAA';
const similarRoute = `GET /v1/accounts/${accountId}/similar`;
const contactsRoute = `GET /v1/accounts/${accountId}/contacts`;

interface TestWire {
  emit(value: object): void;
}

let tab: Tab;
let panel: HTMLElement & { recordId: string };

const field = (value: unknown): object => ({ value, displayValue: null });

/** Lightning's data service answers. */
async function record(id: string, fields: Record<string, unknown>): Promise<void> {
  const { getRecord } = tab.load<{ getRecord: TestWire }>('lightning/uiRecordApi');
  getRecord.emit({
    id,
    fields: Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, field(value)])),
  });
  await settle();
}

async function open(objectApiName = 'Account', recordId = accountId): Promise<void> {
  panel = await tab.show('c/oneshotAccountPanel', { recordId, objectApiName });
}

beforeEach(async () => {
  tab = new Tab();
  await tab.open();
});
afterEach(async () => {
  await tab.close();
  useLanguage('en_US');
});

test('before sign-in one click names the account, asks nothing of the backend, and then shows the customers', async () => {
  await open();
  await record(accountId, { Name: 'Acme' });
  expect(wordsOf(panel)).toContain('Customers like Acme');
  expect(tab.backend.asked).toHaveLength(0);
  await tab.expectAccessible(panel);
  await press(panel, 'Customers like Acme');
  expect(tab.opened).toHaveLength(1);
  await tab.arrive();
  expect(wordsOf(panel)).toContain('Customer 0000');
  expect(wordsOf(panel)).toContain('Contacts (1)');
  expect(tab.backend.of(similarRoute)).toHaveLength(1);
  expect(tab.backend.of(contactsRoute)).toHaveLength(1);
});

test('the focus of the button that signed in goes to the panel', async () => {
  await open();
  await record(accountId, { Name: 'Acme' });
  await press(panel, 'Customers like Acme');
  await tab.arrive();
  expect(document.activeElement).toBe(panel);
});

test('with a session it reads by itself', async () => {
  await tab.signIn();
  await open();
  await record(accountId, { Name: 'Acme' });
  expect(wordsOf(panel)).toContain('Customer 0000');
  await tab.expectAccessible(panel);
});

test.each(['Contact', 'Opportunity'])(
  'on the page of a record of %s the account is the one it belongs to',
  async (object) => {
    await tab.signIn();
    const recordId = object === 'Contact' ? contact(0).id : '006000000000001AAA';
    await open(object, recordId);
    await record(recordId, { AccountId: accountId, Account: { fields: { Name: field('Acme') } } });
    expect(wordsOf(panel)).toContain('Customers like Acme');
    expect(tab.backend.of(similarRoute)).toHaveLength(1);
  },
);

test('a contact without an account says so', async () => {
  await open('Contact', contact(0).id);
  await record(contact(0).id, { AccountId: null });
  expect(wordsOf(panel)).toContain('This record belongs to no account that you can see.');
});

test("another record: the old one's name and customers are gone at once, and a late answer changes nothing", async () => {
  await tab.signIn();
  let answerLate: (reply: object) => void = () => undefined;
  tab.backend.on(contactsRoute, () => new Promise((resolve) => (answerLate = resolve)));
  tab.backend
    .on(`GET /v1/accounts/${otherId}/similar`, { body: { rows: [], freshness: {} } })
    .on(`GET /v1/accounts/${otherId}/contacts`, { body: { rows: [], nextCursor: null } });
  await open();
  await record(accountId, { Name: 'Acme' });
  expect(wordsOf(panel)).toContain('Customer 0000');
  panel.recordId = otherId;
  await settle();
  expect(wordsOf(panel)).not.toContain('Acme');
  expect(wordsOf(panel)).not.toContain('Customer 0000');
  // Lightning may still tell about the record that was shown before.
  await record(accountId, { Name: 'Acme' });
  expect(wordsOf(panel)).not.toContain('Acme');
  await record(otherId, { Name: 'Beta' });
  answerLate({ body: { rows: [contact(0)], nextCursor: null } });
  await settle();
  expect(wordsOf(panel)).toContain('Customers like Beta');
  expect(wordsOf(panel)).not.toContain('Ana Ruiz');
});

test('no close match offers the largest of the industry, and shows them', async () => {
  await tab.signIn();
  tab.backend
    .on(similarRoute, { body: { rows: [], freshness: {} } })
    .on(`GET /v1/accounts/${accountId}`, { body: { account: { id: accountId, industry: 'Energy' } } })
    .on('GET /v1/accounts', ({ query }) => ({
      body: {
        rows: [
          { id: accountId, name: 'Acme' },
          { id: '001000000000001AAA', name: `Big in ${query.get('industry') ?? ''}` },
        ],
        facets: {},
        freshness: {},
      },
    }));
  await open();
  await record(accountId, { Name: 'Acme' });
  expect(wordsOf(panel)).toContain('No customer is a close match.');
  await press(panel, 'Show largest in this industry');
  expect(wordsOf(panel)).toContain('Big in Energy');
  // The button that was pressed is gone.
  expect(document.activeElement).toBe(panel);
  // The account is not its own reference.
  expect(wordsOf(panel)).not.toContain('Acme is one of');
});

test('a contact that may not be written to has the reason in place of the button', async () => {
  await tab.signIn();
  tab.backend.on(contactsRoute, { body: { rows: [contact(0), contact(1, optedOut)], nextCursor: null } });
  await open();
  await record(accountId, { Name: 'Acme' });
  expect(wordsOf(panel)).toMatch(/Contact 1.*opted out/);
  await press(panel, 'Write');
  expect(tab.load<typeof import('c/oneshotDrafts')>('c/oneshotDrafts').draftOf(contact(0).id)).toMatchObject({
    name: 'Ana Ruiz',
    accountId,
  });
});

test('a page that lists contacts already can do without', async () => {
  await tab.signIn();
  panel = await tab.show('c/oneshotAccountPanel', {
    recordId: accountId,
    objectApiName: 'Account',
    hideContacts: true,
  });
  await record(accountId, { Name: 'Acme' });
  expect(tab.backend.of(contactsRoute)).toHaveLength(0);
});

test('a page chooses how many customers stand there, and whether a sentence names them', async () => {
  await tab.signIn();
  panel = await tab.show('c/oneshotAccountPanel', {
    recordId: accountId,
    objectApiName: 'Account',
    rows: '3',
    hideSentence: 'true',
  });
  await record(accountId, { Name: 'Acme' });
  const similar = panel.shadowRoot?.querySelector('c-oneshot-similar-customers') as unknown as {
    rowsAtFirst: number;
    hideSentence: boolean;
    shadowRoot: ShadowRoot;
  };
  expect([similar.rowsAtFirst, similar.hideSentence]).toEqual([3, true]);
  expect(tab.backend.of(`GET /v1/accounts/${accountId}/similar`).map(({ query }) => query.get('limit'))).toEqual(['3']);
  expect(similar.shadowRoot.querySelector('.sentence')).toBeNull();
});

test.each([
  [0, '1'],
  [1e9, '50'],
  ['some', '5'],
])('customers: %p is %s', async (rows, limit) => {
  await tab.signIn();
  panel = await tab.show('c/oneshotAccountPanel', { recordId: accountId, objectApiName: 'Account', rows });
  await record(accountId, { Name: 'Acme' });
  expect(tab.backend.of(`GET /v1/accounts/${accountId}/similar`)[0]?.query.get('limit')).toBe(limit);
});

test('signing out takes everything off the screen', async () => {
  await tab.signIn();
  await open();
  await record(accountId, { Name: 'Acme' });
  await tab.session.signOut();
  await settle();
  expect(wordsOf(panel)).not.toContain('Customer 0000');
  expect(wordsOf(panel)).not.toContain('Ana Ruiz');
});

test('a popup that is blocked is told in the panel that was clicked', async () => {
  await open();
  await record(accountId, { Name: 'Acme' });
  const idle = await tab.show('c/oneshotAccountPanel', { recordId: accountId, objectApiName: 'Account' });
  window.open = () => null;
  await press(panel, 'Customers like Acme');
  expect(wordsOf(panel)).toContain('Your browser blocked the Salesforce window.');
  expect(wordsOf(idle)).not.toContain('Your browser blocked');
});

test('Refresh reads both lists again', async () => {
  await tab.signIn();
  await open();
  await record(accountId, { Name: 'Acme' });
  find(panel, 'lightning-button-icon').click();
  await settle();
  expect(tab.backend.of(similarRoute)).toHaveLength(2);
  expect(tab.backend.of(contactsRoute)).toHaveLength(2);
});

test('speaks German', async () => {
  useLanguage('de');
  await tab.close();
  tab = new Tab();
  await tab.open();
  await tab.signIn();
  await open();
  await record(accountId, { Name: 'Acme' });
  expect(wordsOf(panel)).toContain('Kunden wie Acme');
  expect(wordsOf(panel)).toContain('gleiche Branche: Energy · beide nutzen Product A, Product B und 2 weitere');
});
