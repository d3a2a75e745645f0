import { contact } from '../../../../../test/contacts';
import { settle } from '../../../../../test/backend';
import { useLanguage } from '../../../../../test/language';
import { all, find, hear } from '../../../../../test/mount';
import { button, press, Tab, wordsOf } from '../../../../../test/tab';

type Drafts = typeof import('c/oneshotDrafts');

const ana = { contactId: contact(0).id, accountId: contact(0).accountId, name: 'Ana Ruiz' };
const templateId = '00X000000000001AAA';
const render = `POST /v1/email-templates/${templateId}/render`;
const sendRoute = 'POST /v1/emails';

let tab: Tab;
let drafts: Drafts;
let composer: HTMLElement;

async function open(): Promise<void> {
  drafts = tab.load<Drafts>('c/oneshotDrafts');
  drafts.openDraft(ana);
  composer = await tab.show('c/oneshotComposer', { contactId: ana.contactId });
}

const fields = (): HTMLElement => find(composer, 'c-oneshot-mail-fields');

async function type(selector: string, detail: object): Promise<void> {
  find(fields(), selector).dispatchEvent(new CustomEvent('change', { detail }));
  await settle();
}

async function write(): Promise<void> {
  await type('lightning-input', { value: 'Hello' });
  await type('c-oneshot-mail-body', { html: '<p>Dear Ana</p>' });
}

async function choose(): Promise<void> {
  await press(composer, 'Template');
  find(fields(), 'c-oneshot-template-picker').dispatchEvent(
    new CustomEvent('choose', { detail: { id: templateId, name: 'Intro' } }),
  );
  await settle();
}

const draft = (): import('c/oneshotDrafts').Draft | undefined => drafts.draftOf(ana.contactId);
const isDisabled = (label: string): boolean =>
  (button(composer, label) as HTMLElement & { disabled: boolean }).disabled;

beforeEach(async () => {
  tab = new Tab();
  await tab.open();
  tab.backend
    .on(sendRoute, { status: 201, body: { id: 's1', state: 'accepted', stored: {}, task: 'none' } })
    .on('GET /v1/email-templates', {
      body: { rows: [{ id: templateId, name: 'Intro', folder: 'Sales' }], nextCursor: null },
    })
    .on(render, { body: { subject: 'Intro', html: '<p>Dear Ana Ruiz</p>', text: 'Dear Ana Ruiz', missing: [] } });
});
afterEach(async () => {
  await tab.close();
  useLanguage('en_US');
});

describe('writing', () => {
  beforeEach(async () => {
    await tab.signIn();
    await open();
  });

  test('names the contact, shows no address, takes the one mailbox by itself, says what is stored', async () => {
    const words = wordsOf(composer);
    expect(words).toContain('Ana Ruiz');
    expect(words).toContain('(address read at sending)');
    expect(words).not.toContain('someone@example.com');
    expect(words).toContain(
      'We keep: company, contact, you, channel, time, outcome. Never: address, name, subject or text.',
    );
    expect(draft()?.channel).toBe('gmail');
    await tab.expectAccessible(composer);
  });

  test('Send waits for a text', async () => {
    expect(isDisabled('Send')).toBe(true);
    await type('lightning-input', { value: 'Hello' });
    expect(isDisabled('Send')).toBe(true);
    expect(wordsOf(composer)).toContain('a mail without text is not sent');
    await write();
    expect(isDisabled('Send')).toBe(false);
  });

  test('Ctrl+Enter sends', async () => {
    await write();
    find(composer, '.composer').dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', ctrlKey: true }));
    await settle();
    expect(draft()?.state).toBe('undo');
  });

  test('Esc minimises and discards nothing', async () => {
    await write();
    const minimise = hear(composer, 'minimise');
    find(composer, '.composer').dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', cancelable: true }));
    expect(minimise).toHaveBeenCalledTimes(1);
    expect(draft()?.html).toBe('<p>Dear Ana</p>');
  });

  test('an empty subject asks once, and then goes out without', async () => {
    await type('c-oneshot-mail-body', { html: '<p>Dear Ana</p>' });
    await press(composer, 'Send');
    expect(wordsOf(composer)).toContain('This mail has no subject.');
    expect(draft()?.state).toBe('writing');
    await tab.expectAccessible(composer);
    await press(composer, 'Send without subject');
    expect(draft()?.state).toBe('undo');
    await press(composer, 'Undo');
    await press(composer, 'Send');
    expect(draft()?.state).toBe('undo');
  });

  test('Discard asks, and Keep writing keeps', async () => {
    await write();
    await press(composer, 'Discard');
    expect(wordsOf(composer)).toContain('Discard this text? It is nowhere else.');
    await press(composer, 'Keep writing');
    expect(draft()?.html).toBe('<p>Dear Ana</p>');
    const done = hear(composer, 'done');
    await press(composer, 'Discard');
    all(find(composer, 'c-oneshot-question'), 'lightning-button')
      .find((one) => (one as HTMLElement & { variant: string }).variant === 'destructive-text')
      ?.click();
    expect(done).toHaveBeenCalledTimes(1);
    expect(draft()).toBeUndefined();
  });

  test('Copy text is there in every state, and shows the text where the browser refuses', async () => {
    await write();
    Object.defineProperty(navigator, 'clipboard', {
      value: { writeText: () => Promise.reject(new Error('refused')) },
      configurable: true,
    });
    await press(composer, 'Send');
    await press(composer, 'Copy text');
    expect(find<HTMLElement & { value: string }>(composer, 'lightning-textarea').value).toBe('Hello\n\nDear Ana');
  });

  test('Preview shows the mail with its subject', async () => {
    await write();
    const { default: Preview } = tab.load<{ default: { open: jest.Mock } }>('c/oneshotPreviewModal');
    await press(composer, 'Preview');
    expect(Preview.open).toHaveBeenCalledWith(
      expect.objectContaining({ name: 'Ana Ruiz', subject: 'Hello', html: '<p>Dear Ana</p>' }),
    );
  });
});

describe('a template', () => {
  beforeEach(async () => {
    await tab.signIn();
    await open();
  });

  test('fills in subject and text', async () => {
    await choose();
    expect(draft()).toMatchObject({ subject: 'Intro', html: '<p>Dear Ana Ruiz</p>', designed: null });
    expect(tab.backend.of(render)[0]?.body).toEqual({ contactId: ana.contactId });
  });

  test('says that it is on its way, while Salesforce fills it in', async () => {
    let arrive = (): void => undefined;
    tab.backend.on(render, async () => {
      await new Promise<void>((resolve) => (arrive = resolve));
      return { body: { subject: 'Intro', html: '<p>Dear Ana</p>', text: 'Dear Ana', missing: [] } };
    });
    await choose();
    expect(composer.shadowRoot?.querySelector('.rendering')?.textContent).toBe('Loading...');
    arrive();
    await settle();
    expect(composer.shadowRoot?.querySelector('.rendering')).toBeNull();
    expect(draft()?.subject).toBe('Intro');
  });

  test('takes the place of a text that can be put back', async () => {
    await write();
    await choose();
    expect(wordsOf(composer)).toContain('The template took the place of your text.');
    await press(composer, 'Put my text back');
    expect(draft()).toMatchObject({ subject: 'Hello', html: '<p>Dear Ana</p>' });
  });

  test('names the fields that are empty', async () => {
    tab.backend.on(render, { body: { subject: 'S', html: '<p>x</p>', text: 'x', missing: ['Contact.Title'] } });
    await choose();
    expect(wordsOf(composer)).toContain('Empty in Salesforce, so check the text: Contact.Title.');
  });

  test('whose layout an editor would break is shown as it is, below an opening line, and sent so', async () => {
    const html = '<table bgcolor="#eef"><tr><td>News</td></tr></table>';
    tab.backend.on(render, { body: { subject: 'News', html, text: 'News', missing: [] } });
    await choose();
    expect(draft()).toMatchObject({ designed: html, subject: 'News' });
    await type('c-oneshot-mail-body', { opening: 'Dear Ana & team' });
    await press(composer, 'Send');
    await tab.pass(drafts.UNDO_MS);
    expect(tab.backend.of(sendRoute)[0]?.body).toMatchObject({ html: `<p>Dear Ana &amp; team</p>${html}` });
  });

  test('that cannot be read says so and leaves the text alone', async () => {
    await write();
    tab.backend.on(render, { status: 404, body: { error: { code: 'not_found', message: 'x' } } });
    await choose();
    expect(wordsOf(composer)).toContain('Salesforce has no such record any more');
    expect(draft()?.html).toBe('<p>Dear Ana</p>');
  });
});

describe('the session', () => {
  test('that ends in the middle of a mail loses nothing, and Send signs in and sends', async () => {
    await tab.signIn();
    await open();
    await write();
    await tab.pass(60 * 60_000);
    expect(wordsOf(composer)).toContain(
      'Your session ended. Your mail to Ana Ruiz is still in this tab. Press Send: we sign you in, then send it.',
    );
    await tab.expectAccessible(composer);
    await press(composer, 'Send');
    expect(tab.opened).toHaveLength(2);
    await tab.arrive();
    await tab.pass(drafts.UNDO_MS);
    expect(tab.backend.of(sendRoute)).toHaveLength(1);
    expect(wordsOf(composer)).toContain('Gmail accepted your mail to Ana Ruiz.');
  });

  test('whose popup is blocked says what to allow, beside the click', async () => {
    await tab.signIn();
    await open();
    await write();
    await tab.pass(60 * 60_000);
    window.open = () => null;
    await press(composer, 'Send');
    expect(wordsOf(composer)).toContain('Your browser blocked the Salesforce window.');
    expect(draft()?.html).toBe('<p>Dear Ana</p>');
  });
});

describe('what the org decides about Salesforce', () => {
  test.each([
    ['ask', true, ''],
    ['always', false, 'Your company logs each mail in Salesforce'],
    ['never', false, ''],
  ])('%s', async (logSendsToSalesforce, hasBox, words) => {
    tab.settings = { logSendsToSalesforce };
    await tab.signIn();
    await open();
    expect(
      all<HTMLElement & { type: string }>(fields(), 'lightning-input').some((one) => one.type === 'checkbox'),
    ).toBe(hasBox);
    expect(wordsOf(composer)).toContain(words);
  });

  test('the choice is sent', async () => {
    tab.settings = { logSendsToSalesforce: 'ask' };
    await tab.signIn();
    await open();
    await write();
    all<HTMLElement & { type: string }>(fields(), 'lightning-input')
      .find((one) => one.type === 'checkbox')
      ?.dispatchEvent(new CustomEvent('change', { detail: { checked: true } }));
    await press(composer, 'Send');
    await tab.pass(drafts.UNDO_MS);
    expect(tab.backend.of(sendRoute)[0]?.body).toMatchObject({ logToSalesforce: true });
  });
});

test('another contact shows the other draft, and nothing of the first', async () => {
  await tab.signIn();
  await open();
  await write();
  drafts.openDraft({ contactId: contact(1).id, accountId: null, name: 'Bo Li' });
  Object.assign(composer, { contactId: contact(1).id });
  await settle();
  expect(wordsOf(composer)).toContain('Bo Li');
  expect(wordsOf(composer)).not.toContain('Ana Ruiz');
});

test('speaks German', async () => {
  useLanguage('de');
  await tab.close();
  tab = new Tab();
  await tab.open();
  await tab.signIn();
  await open();
  expect(wordsOf(composer)).toContain('Betreff');
  expect(wordsOf(composer)).toContain('Text kopieren');
});
