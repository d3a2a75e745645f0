import { contact, optedOut } from '../../../../../test/contacts';
import { settle } from '../../../../../test/backend';
import { useLanguage } from '../../../../../test/language';
import { find } from '../../../../../test/mount';
import { press, Tab, wordsOf } from '../../../../../test/tab';

type Drafts = typeof import('c/oneshotDrafts');
const route = `GET /v1/contacts/${contact(0).id}`;

interface TestWire {
  emit(value: object): void;
}

let tab: Tab;
let drafts: Drafts;
let panel: HTMLElement & { recordId: string };

async function open(attributes: object = {}): Promise<void> {
  drafts = tab.load<Drafts>('c/oneshotDrafts');
  panel = await tab.show('c/oneshotContactPanel', { recordId: contact(0).id, ...attributes });
  const { getRecord } = tab.load<{ getRecord: TestWire }>('lightning/uiRecordApi');
  getRecord.emit({ id: contact(0).id, fields: { Name: { value: 'Ana Ruiz' }, Title: { value: 'CFO' } } });
  await settle();
}

const answer = (change: object): void => {
  tab.backend.on(route, { body: { contact: contact(0, change) } });
};

beforeEach(async () => {
  tab = new Tab();
  await tab.open();
});
afterEach(async () => {
  await tab.close();
  useLanguage('en_US');
});

test('before sign-in shows name and title from Lightning, and Write signs in and then writes', async () => {
  await open();
  expect(wordsOf(panel)).toContain('Ana Ruiz');
  expect(wordsOf(panel)).toContain('CFO');
  expect(tab.backend.asked).toHaveLength(0);
  await tab.expectAccessible(panel);
  await press(panel, 'Write');
  expect(tab.opened).toHaveLength(1);
  await tab.arrive();
  expect(drafts.draftsView().openId).toBe(contact(0).id);
});

test('a page can do without sequences, and without the last activity', async () => {
  answer({ lastActivityDate: '2026-11-12' });
  await tab.signIn();
  await open({ hideSequence: true, hideActivity: 'true' });
  expect(panel.shadowRoot?.querySelector('.sequence')).toBeNull();
  expect(wordsOf(panel)).not.toContain('Last activity');
  expect(wordsOf(panel)).toContain('Write');
});

test('shows whether mail is allowed, the own last mail, and the last activity', async () => {
  answer({ lastSentAt: '2026-11-21T12:00:00Z', lastActivityDate: '2026-11-12' });
  await tab.signIn();
  await open();
  expect(wordsOf(panel)).toContain('Mail allowed');
  expect(wordsOf(panel)).toContain('You wrote 3 days ago');
  expect(wordsOf(panel)).toContain('Last activity in Salesforce: Nov 12, 2026');
  await tab.expectAccessible(panel);
});

test('opted out: the button stays focusable, says that it is disabled, and why; pressing it opens nothing', async () => {
  answer(optedOut);
  await tab.signIn();
  await open();
  const write = find<HTMLButtonElement>(panel, '.write');
  expect(write.getAttribute('aria-disabled')).toBe('true');
  expect(write.disabled).toBe(false);
  expect(wordsOf(panel)).toContain("Ana Ruiz has opted out of email in Salesforce, so you can't write to them here.");
  write.click();
  await settle();
  expect(drafts.draftsView().drafts).toHaveLength(0);
  await tab.expectAccessible(panel);
});

test.each([
  ['bounced', 'came back last time'],
  ['no_email', 'has no email address'],
  ['do_not_contact', 'not to be contacted'],
  ['consent_hidden', "doesn't show you whether"],
  ['something_new', 'must not be written to'],
])('%s says what stands in the way', async (reason, words) => {
  answer({ canEmail: false, reasons: [reason] });
  await tab.signIn();
  await open();
  expect(wordsOf(panel)).toContain(words);
});

test('a refusal that only signing in reveals opens no draft', async () => {
  answer(optedOut);
  await open();
  await press(panel, 'Write');
  await tab.arrive();
  expect(drafts.draftsView().drafts).toHaveLength(0);
  expect(wordsOf(panel)).toContain('has opted out of email');
});

test('a draft that waits is told, and Write goes on with it', async () => {
  await tab.signIn();
  await open();
  await press(panel, 'Write');
  drafts.changeDraft(contact(0).id, { html: '<p>Dear Ana</p>' });
  drafts.closeDraft(contact(0).id);
  await settle();
  expect(wordsOf(panel)).toContain('You have a draft in this tab.');
  await press(panel, 'Go on writing');
  expect(drafts.draftOf(contact(0).id)?.html).toBe('<p>Dear Ana</p>');
});

test('after a mail was accepted the last mail is read again', async () => {
  await tab.signIn();
  await open();
  answer({ lastSentAt: '2026-11-24T12:00:00Z' });
  tab.load<typeof import('c/oneshotChannel')>('c/oneshotChannel').tell({ action: 'wrote', contactId: contact(0).id });
  await settle();
  expect(wordsOf(panel)).toContain('You wrote 1 minute ago');
});

test("another record: the old one's name is gone at once", async () => {
  await tab.signIn();
  await open();
  tab.backend.on(`GET /v1/contacts/${contact(1).id}`, { body: { contact: contact(1) } });
  panel.recordId = contact(1).id;
  // Nothing of the old record may be seen even before the next answer.
  await Promise.resolve();
  expect(wordsOf(panel)).not.toContain('Ana Ruiz');
  await settle();
  expect(wordsOf(panel)).toContain('Contact 1');
});

test('going on to another record while signing in writes to nobody', async () => {
  await open();
  await press(panel, 'Write');
  panel.recordId = contact(1).id;
  tab.backend.on(`GET /v1/contacts/${contact(1).id}`, { body: { contact: contact(1) } });
  await tab.arrive();
  expect(drafts.draftsView().drafts).toHaveLength(0);
});

test('a contact that is gone says so', async () => {
  tab.backend.on(route, { status: 404, body: { error: { code: 'not_found', message: 'x' } } });
  await tab.signIn();
  await open();
  expect(wordsOf(panel)).toContain('Salesforce has no such record any more');
});

test('Try again reads again, and takes nobody who only looked to a mail', async () => {
  tab.backend.on(route, { status: 502, body: { error: { code: 'crm_invalid', message: 'x' } } });
  await tab.signIn();
  await open();
  answer({});
  await press(panel, 'Try again');
  expect(wordsOf(panel)).toContain('Mail allowed');
  expect(drafts.draftsView().drafts).toHaveLength(0);
});

test('Try again after Write goes on to the mail', async () => {
  await open();
  tab.backend.on(route, { status: 502, body: { error: { code: 'crm_invalid', message: 'x' } } });
  await press(panel, 'Write');
  await tab.arrive();
  answer({});
  await press(panel, 'Try again');
  expect(drafts.draftsView().openId).toBe(contact(0).id);
});

test('a draft to somebody who opted out meanwhile can still be opened, to copy its text', async () => {
  answer(optedOut);
  await tab.signIn();
  await open();
  drafts.openDraft({ contactId: contact(0).id, accountId: null, name: 'Ana Ruiz' });
  drafts.changeDraft(contact(0).id, { html: '<p>Dear Ana</p>' });
  drafts.closeDraft(contact(0).id);
  await settle();
  expect(find(panel, '.write').getAttribute('aria-disabled')).toBe('false');
  await press(panel, 'Go on writing');
  expect(drafts.draftsView().openId).toBe(contact(0).id);
  expect(find(panel, '.sequence').getAttribute('aria-disabled')).toBe('true');
});

test('speaks German', async () => {
  useLanguage('de');
  await tab.close();
  tab = new Tab();
  await tab.open();
  await tab.signIn();
  await open();
  expect(wordsOf(panel)).toContain('Mail erlaubt');
  expect(wordsOf(panel)).toContain('Letzte Aktivität in Salesforce: 12.11.2026');
});
