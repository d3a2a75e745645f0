import { contact } from '../../../../../test/contacts';
import { settle } from '../../../../../test/backend';
import { Tab } from '../../../../../test/tab';

type Drafts = typeof import('c/oneshotDrafts');

const ana = { contactId: contact(0).id, accountId: contact(0).accountId, name: 'Ana Ruiz' };
const sendRoute = 'POST /v1/emails';
const accepted = { status: 201, body: { id: 's1', state: 'accepted', stored: {}, task: 'none' } };
const other = { id: 'rep-2', name: 'Olaf Other', email: 'olaf@demo.example', isAdmin: false };

let tab: Tab;
let drafts: Drafts;

function draft(): import('c/oneshotDrafts').Draft {
  const found = drafts.draftOf(ana.contactId);
  if (!found) throw new Error('There is no draft');
  return found;
}

function write(): void {
  drafts.openDraft(ana);
  drafts.changeDraft(ana.contactId, { channel: 'gmail', subject: 'Hello', html: '<p>Dear Ana</p>' });
}

async function send(): Promise<void> {
  drafts.sendDraft(ana.contactId);
  await settle();
}

const keys = (): string[] => tab.backend.of(sendRoute).map(({ headers }) => headers['idempotency-key'] ?? '');

beforeEach(async () => {
  tab = new Tab();
  await tab.open();
  drafts = tab.load<Drafts>('c/oneshotDrafts');
  tab.backend.on(sendRoute, accepted);
});
afterEach(() => tab.close());

describe('a draft', () => {
  test('is one for a contact, and is there after going away and coming back', () => {
    write();
    drafts.closeDraft(ana.contactId);
    drafts.openDraft(ana);
    expect(draft()).toMatchObject({ subject: 'Hello', html: '<p>Dear Ana</p>', state: 'writing' });
    expect(drafts.draftsView().drafts).toHaveLength(1);
  });

  test('without text leaves nothing behind when it is closed', () => {
    drafts.openDraft(ana);
    drafts.closeDraft(ana.contactId);
    expect(drafts.draftOf(ana.contactId)).toBeUndefined();
  });

  test('makes the browser ask before the page is left, as long as it has text', () => {
    drafts.openDraft(ana);
    expect(tab.asksBeforeLeaving()).toBe(false);
    write();
    expect(tab.asksBeforeLeaving()).toBe(true);
    drafts.discardDraft(ana.contactId);
    expect(tab.asksBeforeLeaving()).toBe(false);
  });

  test('is in no web storage', () => {
    write();
    expect(Object.keys(localStorage)).toHaveLength(0);
    expect(Object.keys(sessionStorage)).toHaveLength(0);
  });

  test('takes a sentence at its end, as text and never as markup', () => {
    write();
    expect(drafts.insertIntoOpen('<b>Acme</b> & Co')).toBe('Ana Ruiz');
    expect(draft().html).toBe('<p>Dear Ana</p><p>&lt;b&gt;Acme&lt;/b&gt; &amp; Co</p>');
  });

  test('that is designed takes a sentence into its opening line', () => {
    write();
    drafts.changeDraft(ana.contactId, { designed: '<table></table>' });
    drafts.insertIntoOpen('Acme is a customer.');
    expect(draft()).toMatchObject({ opening: 'Acme is a customer.', designed: '<table></table>' });
  });

  test('that nobody opened takes nothing', () => {
    expect(drafts.insertIntoOpen('x')).toBeUndefined();
  });
});

describe('Send', () => {
  test('waits ten seconds, can be undone, and then nothing leaves', async () => {
    await tab.signIn();
    write();
    await send();
    expect(draft().state).toBe('undo');
    expect(tab.asksBeforeLeaving()).toBe(true);
    await tab.pass(9_000);
    drafts.undoSend(ana.contactId);
    await tab.pass(60_000);
    expect(tab.backend.of(sendRoute)).toHaveLength(0);
    expect(draft()).toMatchObject({ state: 'writing', html: '<p>Dear Ana</p>' });
  });

  test('sends what was written, once, and forgets the text', async () => {
    await tab.signIn();
    write();
    drafts.changeDraft(ana.contactId, { logToSalesforce: true });
    await send();
    await tab.pass(drafts.UNDO_MS);
    expect(tab.backend.of(sendRoute).map(({ body }) => body)).toEqual([
      {
        contactId: ana.contactId,
        accountId: ana.accountId,
        channel: 'gmail',
        subject: 'Hello',
        html: '<p>Dear Ana</p>',
        logToSalesforce: true,
      },
    ]);
    expect(keys()[0]).toMatch(/^[A-Za-z0-9_-]{22,64}$/);
    expect(draft()).toMatchObject({ state: 'sent', subject: '', html: '' });
    expect(tab.asksBeforeLeaving()).toBe(false);
  });

  test('tells the page that the contact was written to, with ids only', async () => {
    const heard: unknown[] = [];
    tab.load<typeof import('c/oneshotChannel')>('c/oneshotChannel').hear((signal) => heard.push(signal));
    await tab.signIn();
    write();
    await send();
    await tab.pass(drafts.UNDO_MS);
    expect(heard).toEqual([{ action: 'wrote', contactId: ana.contactId }]);
  });

  test('signs in first where nobody is signed in, and the key that Send made is the one that is sent', async () => {
    write();
    await send();
    expect(tab.opened).toHaveLength(1);
    const { key } = draft();
    await tab.arrive();
    expect(draft().state).toBe('undo');
    await tab.pass(drafts.UNDO_MS);
    expect(keys()).toEqual([key]);
  });

  test('signs in first where the session would end before the mail leaves', async () => {
    tab.minutes = 5;
    await tab.signIn();
    await tab.pass(5 * 60_000 - 20_000);
    write();
    await send();
    expect(tab.opened).toHaveLength(2);
    expect(draft().state).toBe('writing');
    await tab.arrive();
    await tab.pass(drafts.UNDO_MS);
    expect(draft().state).toBe('sent');
  });

  test('without a mailbox does nothing', async () => {
    await tab.signIn();
    write();
    drafts.changeDraft(ana.contactId, { channel: null });
    await send();
    expect(draft().state).toBe('writing');
  });

  test('is not repeated by a second press', async () => {
    await tab.signIn();
    write();
    await send();
    await send();
    await tab.pass(drafts.UNDO_MS);
    await send();
    expect(keys()).toHaveLength(1);
  });

  test('after another rep signed in, waits for that rep to choose a mailbox', async () => {
    await tab.signIn();
    write();
    await tab.pass(60 * 60_000);
    tab.user = other;
    await send();
    await tab.arrive();
    await tab.pass(60_000);
    expect(tab.backend.of(sendRoute)).toHaveLength(0);
    expect(draft()).toMatchObject({ channel: null, html: '<p>Dear Ana</p>', state: 'writing' });
  });
});

describe('what can go wrong', () => {
  beforeEach(async () => {
    await tab.signIn();
    write();
  });

  test('a refusal keeps the text, says why, and the next Send is a mail of its own', async () => {
    tab.backend.on(sendRoute, {
      status: 422,
      body: { error: { code: 'cannot_email', message: 'x', reasons: ['opted_out'] } },
    });
    await send();
    await tab.pass(drafts.UNDO_MS);
    expect(draft()).toMatchObject({ state: 'writing', html: '<p>Dear Ana</p>', key: null });
    expect(draft().problem).toMatchObject({ code: 'cannot_email', reasons: ['opted_out'] });
  });

  test('Salesforce ended the session: after signing in the same key goes out', async () => {
    tab.backend.on(sendRoute, { status: 401, body: { error: { code: 'crm_session_expired', message: 'x' } } });
    await send();
    await tab.pass(drafts.UNDO_MS);
    expect(draft()).toMatchObject({ state: 'writing', html: '<p>Dear Ana</p>' });
    tab.backend.on(sendRoute, accepted);
    await send();
    await tab.arrive();
    await tab.pass(drafts.UNDO_MS);
    expect(draft().state).toBe('sent');
    expect(new Set(keys()).size).toBe(1);
  });

  test('an unknown outcome locks the draft', async () => {
    tab.backend.on(sendRoute, { body: { id: 's1', state: 'unknown', stored: {} } });
    await send();
    await tab.pass(drafts.UNDO_MS);
    expect(draft().state).toBe('unknown');
    drafts.changeDraft(ana.contactId, { html: '<p>other</p>' });
    drafts.discardDraft(ana.contactId);
    await send();
    expect(draft()).toMatchObject({ state: 'unknown', html: '<p>Dear Ana</p>' });
    expect(tab.asksBeforeLeaving()).toBe(true);
    expect(keys()).toHaveLength(1);
  });

  test('"It was sent" ends it; "Send again anyway" is a new mail with a new key', async () => {
    tab.backend.on(sendRoute, { body: { id: 's1', state: 'unknown', stored: {} } });
    await send();
    await tab.pass(drafts.UNDO_MS);
    tab.backend.on(sendRoute, accepted);
    drafts.sendAgainAnyway(ana.contactId);
    await tab.pass(drafts.UNDO_MS);
    expect(draft().state).toBe('sent');
    expect(new Set(keys()).size).toBe(2);
  });

  test('"It was sent" sends nothing more', async () => {
    tab.backend.on(sendRoute, { body: { id: 's1', state: 'unknown', stored: {} } });
    await send();
    await tab.pass(drafts.UNDO_MS);
    drafts.wasSent(ana.contactId);
    await tab.pass(60_000);
    expect(draft()).toMatchObject({ state: 'sent', html: '' });
    expect(keys()).toHaveLength(1);
  });

  test('no answer: the same key is asked for again by itself', async () => {
    let calls = 0;
    tab.backend.on(sendRoute, () => {
      calls += 1;
      if (calls < 3) throw new TypeError('Failed to fetch');
      return accepted;
    });
    await send();
    await tab.pass(drafts.UNDO_MS + 5_000);
    expect(draft().state).toBe('sent');
    expect(keys()).toHaveLength(3);
    expect(new Set(keys()).size).toBe(1);
  });

  test('still no answer: the draft is locked, and trying again asks with the same key', async () => {
    tab.backend.on(sendRoute, { status: 503, body: { error: { code: 'database_unavailable', message: 'x' } } });
    await send();
    await tab.pass(drafts.UNDO_MS + 30_000);
    expect(draft().state).toBe('unreached');
    drafts.changeDraft(ana.contactId, { html: '<p>other</p>' });
    expect(draft().html).toBe('<p>Dear Ana</p>');
    tab.backend.on(sendRoute, accepted);
    drafts.askAgain(ana.contactId);
    await settle();
    expect(draft().state).toBe('sent');
    expect(new Set(keys()).size).toBe(1);
  });

  test('sending is paused: nothing was sent, the text is open again at once, with the reason', async () => {
    tab.backend.on(sendRoute, { status: 503, body: { error: { code: 'sending_paused', message: 'x' } } });
    await send();
    await tab.pass(drafts.UNDO_MS);
    expect(draft()).toMatchObject({ state: 'writing', html: '<p>Dear Ana</p>', problem: { code: 'sending_paused' } });
    expect(keys()).toHaveLength(1);
  });

  test.each([
    [503, 'sending_paused'],
    [429, 'too_many_requests'],
  ])('no answer, then turned away at the door (%s %s): nobody knows of the first', async (status, code) => {
    let calls = 0;
    tab.backend.on(sendRoute, () => {
      calls += 1;
      if (calls === 1) throw new TypeError('Failed to fetch');
      return { status, body: { error: { code, message: 'x' } } };
    });
    await send();
    await tab.pass(drafts.UNDO_MS + 5_000);
    expect(draft()).toMatchObject({ state: 'unreached', problem: { code } });
  });

  test.each([
    ['scope_missing', 'reconnect', 1],
    ['footer_missing', 'contact_admin', 0],
  ])('%s: connections are read again where one of them is over', async (code, action, reads) => {
    tab.backend.on(sendRoute, { status: 409, body: { error: { code, action, message: 'x' } } });
    const before = tab.backend.of('GET /v1/connections').length;
    await send();
    await tab.pass(drafts.UNDO_MS);
    expect(draft()).toMatchObject({ state: 'writing', problem: { code } });
    expect(tab.backend.of('GET /v1/connections')).toHaveLength(before + reads);
  });

  test('the mail provider was away: nothing was sent, the text is open again at once', async () => {
    tab.backend.on(sendRoute, { status: 503, body: { error: { code: 'provider_unavailable', message: 'x' } } });
    await send();
    await tab.pass(drafts.UNDO_MS);
    expect(draft()).toMatchObject({ state: 'writing', html: '<p>Dear Ana</p>' });
    expect(keys()).toHaveLength(1);
  });
});
