import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { ApiSession } from './harness/api.ts';
import { violations } from './harness/axe.ts';
import { startBrowser } from './harness/browser.ts';
import { Connections } from './harness/connections.ts';
import { connect, readMail, type Mail } from './harness/mailbox.ts';
import { Relay, type Cut } from './harness/relay.ts';
import { startStack, type Stack } from './harness/stack.ts';
import { PATIENCE_MS, Workspace } from './harness/workspace.ts';

interface Contact {
  id: string;
  name: string;
  canEmail: boolean;
}

const rep = 'rep.one@demo.example';
/** Whose mailbox is at Outlook. */
const colleague = 'rep.two@demo.example';
const folder = fileURLToPath(new URL('../test-results/screens/', import.meta.url));
const SEVERAL = 50;

let stack: Stack;
let relay: Relay;
let browser: Browser;
let session: ApiSession;
let context: BrowserContext;
let page: Page;
let account: { id: string; name: string };
/** The one who is written to. */
let contact: Contact;
/** Another one of the same account, to whom requests go whose line is cut. */
let twice: { id: string; name: string };
/** 50 contacts of one customer, one of whom opted out and one whose mail bounced. */
let crowd: { id: string; name: string };

beforeAll(async () => {
  await mkdir(folder, { recursive: true });
  relay = await Relay.open();
  // The browser reaches the backend through the relay only; without a cut it is a line like any other.
  [stack, browser] = await Promise.all([startStack({ PUBLIC_URL: relay.url }), startBrowser()]);
  relay.target = stack.backend;
  session = await ApiSession.signIn(stack, rep);
  await connect(stack, session, 'gmail', rep);
  await connect(stack, session, 'outreach', rep);
  const { rows } = (await session.call('GET', '/v1/accounts?limit=50')) as { rows: { id: string; name: string }[] };
  for (const row of rows.slice(0, 20)) {
    const contacts = (await session.call('GET', `/v1/accounts/${row.id}/contacts`)) as { rows: Contact[] };
    const found = contacts.rows.find(({ canEmail }) => canEmail);
    if (!found) continue;
    [account, contact] = [row, found];
    break;
  }
  const [last] = rows.filter(({ id }) => id !== account.id);
  if (!last) throw new Error('There is no second customer');
  crowd = last;
  const own = (await stack.sandbox.records('Contact')).filter(({ AccountId }) => AccountId === crowd.id);
  await stack.sandbox.delete(
    'Contact',
    own.map(({ Id }) => String(Id)),
  );
  await stack.sandbox.upsert(
    'Contact',
    Array.from({ length: SEVERAL }, (_, n) => ({
      AccountId: crowd.id,
      FirstName: 'Person',
      LastName: `Number ${String(n + 1).padStart(2, '0')}`,
      Email: `person.${String(n + 1)}@customers.example`,
      ...(n === 0 && { HasOptedOutOfEmail: true }),
      ...(n === 1 && { EmailBouncedDate: '2026-11-01T00:00:00.000+0000' }),
    })),
  );
  await stack.sandbox.upsert('Contact', [
    { AccountId: account.id, FirstName: 'Tva', LastName: 'Twice', Email: 'twice@customers.example' },
  ]);
  const made = (await stack.sandbox.records('Contact')).find(({ LastName }) => LastName === 'Twice');
  twice = { id: String(made?.Id), name: 'Tva Twice' };
});
afterAll(async () => {
  await browser.close();
  await stack.stop();
  await relay.close();
});
beforeEach(async () => {
  context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
});
afterEach(() => context.close());

const accountPanel = (): Locator => page.locator('c-oneshot-account-panel');
const contactPanel = (): Locator => page.locator('c-oneshot-contact-panel');
const utility = (): Locator => page.locator('footer [data-panel]');

async function open(object: 'Account' | 'Contact', id: string, query = ''): Promise<void> {
  await page.goto(`${stack.preview}/lightning/r/${object}/${id}/view${query}`);
}

/** Presses a button of a panel, and goes through the popup that it opens. */
async function through(button: Locator, decision: 'allow' | 'none' = 'allow', username = rep): Promise<void> {
  await new Workspace(page).through(() => button.click(), { username, decision });
}

async function mailsTo(name: string): Promise<Mail[]> {
  return (await stack.sandbox.mails()).map(({ raw }) => readMail(raw)).filter(({ to }) => to.includes(name));
}

async function look(name: string): Promise<void> {
  await page.waitForTimeout(250);
  await page.screenshot({ path: `${folder}write-${name}.png` });
  expect({ name, violations: await violations(page) }).toEqual({ name, violations: [] });
}

test('from a record page, signed out: customers like it, a template, a reference, sent, in the mailbox and in the activity', async () => {
  await page.clock.install();
  await open('Account', account.id);
  await through(accountPanel().getByRole('button', { name: `Customers like ${account.name}` }));
  await accountPanel().getByText('Check that they agreed to be named.').waitFor();
  const sentence = await accountPanel().getByLabel('Reference sentence').inputValue();
  expect(sentence).toMatch(/^Our customers include .+ and .+\.$/);
  expect(sentence).not.toContain(account.name);

  await accountPanel()
    .getByRole('button', { name: `Write to ${contact.name}` })
    .click();
  await utility().getByRole('button', { name: 'Template' }).click();
  await utility().getByLabel('Search templates').fill('first');
  await utility().getByRole('button', { name: 'First contact' }).click();
  await utility().getByRole('textbox', { name: 'Message' }).getByText('may I show you').waitFor();
  await accountPanel().getByRole('button', { name: 'Insert sentence' }).click();
  await look('column-light-composer');
  await utility().getByRole('button', { name: 'Send', exact: true }).click();
  await utility().getByRole('button', { name: 'Undo' }).waitFor();
  await look('column-light-undo');
  await page.clock.fastForward(11_000);
  await utility().getByText(`Gmail accepted your mail to ${contact.name}.`).waitFor();

  const [mail, ...others] = await mailsTo(contact.name);
  expect(others).toEqual([]);
  expect(mail?.subject).toBe(`Something for ${account.name}`);
  expect(mail?.text).toContain('may I show you what others like');
  await utility().getByRole('tab', { name: 'Activity' }).click();
  await utility().locator('c-oneshot-activity-list').getByText(contact.name).first().waitFor();
  await look('column-light-activity');
});

test('the session expires in the middle of a mail, and the mail goes out after one click', async () => {
  await page.clock.install();
  await open('Contact', contact.id);
  await through(contactPanel().getByRole('button', { name: 'Write', exact: true }));
  await utility()
    .getByText(/\(Gmail\)/)
    .waitFor();
  await utility().getByLabel('Subject').fill('After the end');
  await utility().getByRole('textbox', { name: 'Message' }).fill('This text outlives the session.');
  await page.clock.fastForward('59:57');
  await utility().getByText(`Your session ended. Your mail to ${contact.name} is still in this tab.`).waitFor();
  await look('column-light-expired');
  await through(utility().getByRole('button', { name: 'Send', exact: true }), 'none');
  await utility().getByRole('button', { name: 'Undo' }).waitFor();
  await page.clock.fastForward(11_000);
  await utility().getByText(`Gmail accepted your mail to ${contact.name}.`).waitFor();
  const mails = await mailsTo(contact.name);
  expect(mails.filter(({ subject }) => subject === 'After the end')).toHaveLength(1);
});

test('a draft is there after going to another record and back, and Undo sends nothing', async () => {
  await open('Contact', contact.id);
  await through(contactPanel().getByRole('button', { name: 'Write', exact: true }));
  await utility().getByLabel('Subject').fill('Unfinished');
  await utility().getByRole('textbox', { name: 'Message' }).fill('Half a sentence');
  await page.keyboard.press('Escape');
  await utility().getByLabel('Subject').waitFor({ state: 'hidden' });
  await contactPanel().getByText('You have a draft in this tab.').waitFor();
  await accountPanel().locator('a[href*="/lightning/r/Account/"]').first().click();
  await page.waitForURL(/\/lightning\/r\/Account\//);
  await page.goBack();
  await contactPanel().getByRole('button', { name: 'Go on writing' }).click();
  await utility().getByLabel('Subject').waitFor();
  expect(await utility().getByLabel('Subject').inputValue()).toBe('Unfinished');
  // Writing goes on where it stopped, without a click.
  await utility().locator('[role=textbox]:focus').waitFor();
  await page.keyboard.press('Control+Enter');
  await utility().getByRole('button', { name: 'Undo' }).click();
  await page.waitForTimeout(500);
  const mails = await mailsTo(contact.name);
  expect(mails.filter(({ subject }) => subject === 'Unfinished')).toEqual([]);
});

test('the quick action writes, and keeps the draft when it is closed', async () => {
  await open('Contact', contact.id);
  // In the head of the page; the panel beside it, which may be there first, has a button of that name, too.
  await page.locator('.slds-page-header').getByRole('button', { name: 'Write', exact: true }).click();
  const dialog = page.getByRole('dialog').filter({ hasText: 'Your text stays in this tab.' });
  await through(dialog.getByRole('button', { name: `Write to ${contact.name}` }));
  await dialog.getByRole('textbox', { name: 'Message' }).fill('From the quick action');
  await look('action-light');
  await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
  await contactPanel().getByText('You have a draft in this tab.').waitFor();
});

test('the line is cut after Gmail took the mail: the draft is locked, and "It was sent" sends no second one', async () => {
  await page.clock.install();
  await open('Contact', contact.id);
  await through(contactPanel().getByRole('button', { name: 'Write', exact: true }));
  await utility()
    .getByText(/\(Gmail\)/)
    .waitFor();
  await utility().getByLabel('Subject').fill('Cut');
  await utility().getByRole('textbox', { name: 'Message' }).fill('May have gone');
  await stack.sandbox.fault({ provider: 'google', pathPattern: 'messages/send', times: 1, drop: 'after' });
  await utility().getByRole('button', { name: 'Send', exact: true }).click();
  await page.clock.fastForward(11_000);
  await utility().getByText('The line to Gmail broke while sending. Your mail may have gone.').waitFor();
  expect(await utility().getByLabel('Subject').isDisabled()).toBe(true);
  await look('column-light-unknown');
  await utility().getByRole('button', { name: 'It was sent' }).click();
  await utility().getByText(`You found your mail to ${contact.name} in your Sent folder`).waitFor();
  expect((await mailsTo(contact.name)).filter(({ subject }) => subject === 'Cut')).toHaveLength(1);
});

test('adds a contact to a sequence, and says so', async () => {
  await open('Contact', contact.id);
  await through(contactPanel().getByRole('button', { name: 'Add to sequence' }));
  const dialog = page.getByRole('dialog').last();
  await dialog.locator('c-oneshot-choices label').first().click();
  await look('sequence-light');
  await dialog.getByRole('button', { name: 'Add to sequence' }).click();
  await dialog.locator('c-oneshot-sequence-picker .result').getByText(contact.name).waitFor();
});

describe('Chromium repeats by itself a POST whose connection was dropped unanswered', () => {
  /** The one request of the page that a cut was asked for, as the relay saw it come twice. */
  function expectRepeated(path: string, asked: readonly string[]): void {
    const arrivals = relay.arrivals(path);
    // Twice on the wire, the first by a kept connection that was dropped, while the page had asked once.
    expect(arrivals.map(({ isReused }) => isReused)).toEqual([true, expect.any(Boolean)]);
    expect(arrivals[1]?.connection).not.toBe(arrivals[0]?.connection);
    expect(arrivals[1]).toMatchObject({ key: arrivals[0]?.key, body: arrivals[0]?.body });
    expect(arrivals[0]?.key).toMatch(/^[\w-]{22,64}$/);
    expect(asked).toHaveLength(1);
  }

  /** POSTs to a path that the page itself makes; what the browser repeats is none of them. */
  function asksOf(path: string): string[] {
    const asked: string[] = [];
    page.on('request', (request) => {
      if (request.method() === 'POST' && request.url().endsWith(path)) asked.push(request.url());
    });
    return asked;
  }

  const activity = async (): Promise<unknown> => {
    const { rows } = (await session.call('GET', `/v1/activity?contactId=${twice.id}`)) as { rows: object[] };
    return rows;
  };

  async function tasks(subject: string): Promise<number> {
    const all = await stack.sandbox.records('Task');
    return all.filter(({ WhoId, Subject }) => WhoId === twice.id && Subject === `Email: ${subject}`).length;
  }

  test('one mail, one Task and one line of activity, and the rep sees that it was accepted', async () => {
    await page.clock.install();
    await open('Contact', twice.id);
    await through(contactPanel().getByRole('button', { name: 'Write', exact: true }));
    const before = (await activity()) as object[];
    const sent: Cut[] = ['answered', 'running', 'gone'];
    for (const [index, cut] of sent.entries()) {
      if (index > 0) await contactPanel().getByRole('button', { name: 'Write', exact: true }).click();
      await utility()
        .getByText(/\(Gmail\)/)
        .waitFor();
      const subject = `Dropped, ${cut}`;
      await utility().getByLabel('Subject').fill(subject);
      await utility().getByRole('textbox', { name: 'Message' }).fill('Once is enough.');
      // The choice of the last mail is kept for the next one.
      if (index === 0) await utility().getByText('Log in Salesforce').click();
      const asked = asksOf('/v1/emails');
      relay.cutNext('/v1/emails', cut);
      await utility().getByRole('button', { name: 'Send', exact: true }).click();
      await page.clock.fastForward(11_000);
      await utility().getByText(`Gmail accepted your mail to ${twice.name}.`).waitFor();
      expectRepeated('/v1/emails', asked);
      const mails = await mailsTo(twice.name);
      expect(mails.filter((mail) => mail.subject === subject)).toHaveLength(1);
      expect([cut, await tasks(subject)]).toEqual([cut, 1]);
      expect(await activity()).toHaveLength(before.length + index + 1);
      await utility().getByRole('button', { name: 'Close', exact: true }).click();
    }
    expect(await activity()).toMatchObject(sent.map(() => ({ channel: 'gmail', outcome: 'accepted' })));
  });

  test('where Gmail’s line is cut as well, the repetition says unknown, and one mail went', async () => {
    await page.clock.install();
    await open('Contact', twice.id);
    await through(contactPanel().getByRole('button', { name: 'Write', exact: true }));
    await utility()
      .getByText(/\(Gmail\)/)
      .waitFor();
    await utility().getByLabel('Subject').fill('Dropped twice');
    await utility().getByRole('textbox', { name: 'Message' }).fill('Who knows?');
    const asked = asksOf('/v1/emails');
    relay.cutNext('/v1/emails', 'answered');
    await stack.sandbox.fault({ provider: 'google', pathPattern: 'messages/send', times: 1, drop: 'after' });
    await utility().getByRole('button', { name: 'Send', exact: true }).click();
    await page.clock.fastForward(11_000);
    await utility().getByText('The line to Gmail broke while sending. Your mail may have gone.').waitFor();
    expectRepeated('/v1/emails', asked);
    expect((await mailsTo(twice.name)).filter(({ subject }) => subject === 'Dropped twice')).toHaveLength(1);
  });

  test.each(['answered', 'running'] as const)('one enrolment (%s)', async (cut) => {
    await stack.sandbox.forgetRequests();
    await open('Contact', twice.id);
    await through(contactPanel().getByRole('button', { name: 'Add to sequence' }));
    const dialog = page.getByRole('dialog').last();
    await dialog
      .locator('c-oneshot-choices label')
      .nth(cut === 'answered' ? 0 : 1)
      .click();
    const asked = asksOf('/v1/outreach/enrolments');
    relay.cutNext('/v1/outreach/enrolments', cut);
    await dialog.getByRole('button', { name: 'Add to sequence' }).click();
    await dialog.locator('c-oneshot-sequence-picker .result').getByText(twice.name).waitFor();
    expectRepeated('/v1/outreach/enrolments', asked);
    const calls = await stack.sandbox.requests('outreach');
    const made = calls.filter(({ method, path }) => method === 'POST' && path.endsWith('/sequenceStates'));
    expect(made.map(({ status }) => status)).toEqual([201]);
    const rows = (await activity()) as { channel: string; outcome: string }[];
    const enrolled = rows.filter(({ channel, outcome }) => channel === 'outreach' && outcome === 'accepted');
    expect(enrolled).toHaveLength(cut === 'answered' ? 1 : 2);
  });
});

test('Outlook, connected in the popup from where the mail is written: in the mailbox and in the activity', async () => {
  const two = await ApiSession.signIn(stack, colleague);
  const { rows } = (await two.call('GET', '/v1/accounts?limit=20')) as { rows: { id: string; name: string }[] };
  let person: Contact | undefined;
  for (const { id } of rows) {
    const found = (await two.call('GET', `/v1/accounts/${id}/contacts`)) as { rows: Contact[] };
    person = found.rows.find(({ canEmail }) => canEmail);
    if (person) break;
  }
  if (!person) throw new Error('There is nobody to write to');

  await page.clock.install();
  await open('Contact', person.id);
  await through(contactPanel().getByRole('button', { name: 'Write', exact: true }), 'allow', colleague);
  await utility().getByRole('button', { name: 'Connect a mailbox' }).click();
  const connections = Connections.shown(page);
  await connections.through('Connect Outlook', { username: colleague });
  await connections.card('Outlook').getByText('Connected', { exact: true }).waitFor();
  await connections.card('Outlook').getByText(colleague).waitFor();
  await connections.close();
  await utility()
    .getByText(/\(Outlook\)/)
    .waitFor();
  await utility().getByLabel('Subject').fill('From Outlook: Grüße 🎉');
  await utility().getByRole('textbox', { name: 'Message' }).fill('Written in Salesforce, sent from Outlook.');
  await look('column-light-outlook');
  await utility().getByRole('button', { name: 'Send', exact: true }).click();
  await page.clock.fastForward(11_000);
  await utility().getByText(`Outlook accepted your mail to ${person.name}.`).waitFor();

  const sent = (await stack.sandbox.mails()).filter(({ provider }) => provider === 'microsoft');
  expect(sent.map(({ username }) => username)).toEqual([colleague]);
  expect(sent.map(({ raw }) => readMail(raw))).toMatchObject([
    {
      to: expect.stringContaining(person.name),
      subject: 'From Outlook: Grüße 🎉',
      text: expect.stringContaining('Written in Salesforce, sent from Outlook.'),
    },
  ]);
  await utility().getByRole('tab', { name: 'Activity' }).click();
  const entry = utility().locator('c-oneshot-activity-list li').filter({ hasText: person.name });
  await entry.first().waitFor();
  expect(await entry.allInnerTexts()).toEqual([expect.stringContaining('Outlook')]);
});

test('one who opted out: the reason beneath a button that can be focused', async () => {
  const [blocked] = (await stack.sandbox.records('Contact')).filter(({ LastName }) => LastName === 'Number 01');
  await open('Contact', String(blocked?.Id));
  const write = contactPanel().getByRole('button', { name: 'Write', exact: true });
  await through(write);
  await contactPanel()
    .getByText(/has opted out of email in Salesforce, so you can't write to them here\./)
    .first()
    .waitFor();
  await write.focus();
  expect(await write.getAttribute('aria-disabled')).toBe('true');
  await look('contact-light-opted-out');
});

test('to 50 of a customer, one opted out and one bounced: 48 mails, each their own, and the two with their reason', async () => {
  await page.clock.install();
  const workspace = await Workspace.open(page, stack.preview);
  await workspace.through(() => workspace.showMyCustomers.click(), { username: rep });
  await workspace.firstRow.waitFor();
  await workspace.searchBox.fill(crowd.name);
  await workspace.untilNames((names) => names.length > 0 && names[0] === crowd.name);
  await workspace.rows.first().locator('label').first().click();
  await workspace.button('Choose contacts to write to').click();
  const dialog = page.getByRole('dialog').last();
  const more = dialog.getByRole('button', { name: 'Show more' });
  await dialog.getByRole('checkbox').first().waitFor();
  while ((await dialog.getByRole('checkbox').count()) < SEVERAL) await more.click();
  for (const box of await dialog.getByRole('checkbox').all()) await box.check();
  await dialog.getByRole('button', { name: `Write to ${String(SEVERAL)}` }).click();
  await page.getByRole('dialog', { name: 'Choose contacts to write to' }).waitFor({ state: 'detached' });
  // The dialog gives the focus back to what opened it when it leaves; the mail has it all the same.
  await utility().locator('c-oneshot-mail-fields input:focus').waitFor();
  await utility().getByLabel('Subject').fill('Hello {!Contact.Name}');
  await utility().getByRole('textbox', { name: 'Message' }).fill('Dear {!Contact.Name} of {!Account.Name}');
  await utility().getByText('Skipped: 2.').waitFor();
  await utility().getByRole('button', { name: 'Preview for Person Number 03' }).click();
  await utility().getByText(`Dear Person Number 03 of ${crowd.name}`).waitFor();
  await look('several-light');
  await utility().getByRole('button', { name: 'Send to 48' }).click();
  await utility().getByRole('button', { name: 'Pause' }).click();
  await utility().getByText('Paused.').first().waitFor();
  await utility().getByRole('button', { name: 'Resume' }).click();
  const done = utility().getByText('Accepted: 48, not accepted: 2.').first();
  // The pause between two mails is not waited for.
  let seen = '';
  while (!(await done.isVisible())) {
    const [progress = ''] = await utility().getByText('of 48 done').allInnerTexts();
    if (progress === seen) await page.waitForTimeout(20);
    else await page.clock.fastForward(300);
    seen = progress;
  }
  await look('several-light-done');
  const mails = (await mailsTo('Person Number')).map(({ subject }) => subject);
  expect(mails).toHaveLength(48);
  expect(new Set(mails).size).toBe(48);
  expect(mails).not.toContain('Hello Person Number 01');
  expect(mails).not.toContain('Hello Person Number 02');
}, 300_000);

describe.each(['light', 'dark'] as const)('looks, %s', (theme) => {
  test('record column and phone', async () => {
    const wide = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: theme });
    page = await wide.newPage();
    await open('Contact', contact.id);
    await contactPanel().getByRole('button', { name: 'Write', exact: true }).waitFor();
    await look(`column-${theme}-signed-out`);
    await through(contactPanel().getByRole('button', { name: 'Write', exact: true }));
    await accountPanel().getByText('Check that they agreed to be named.').waitFor();
    await look(`column-${theme}-contact`);
    await wide.close();

    const phone = await browser.newContext({ viewport: { width: 390, height: 844 }, colorScheme: theme });
    page = await phone.newPage();
    await open('Contact', contact.id);
    await through(contactPanel().getByRole('button', { name: 'Write', exact: true }));
    await page.getByRole('dialog').getByLabel('Message').fill('One column, plain text.');
    await look(`phone-${theme}-composer`);
    const targets = await page.locator('c-oneshot-composer').locator('button, summary').all();
    const heights = await Promise.all(targets.map(async (target) => (await target.boundingBox())?.height ?? 0));
    expect(heights.length).toBeGreaterThan(5);
    expect(heights.filter((height) => height < 44)).toEqual([]);
    await phone.close();
  });
});
