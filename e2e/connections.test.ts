import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { ApiSession } from './harness/api.ts';
import { violations } from './harness/axe.ts';
import { startBrowser } from './harness/browser.ts';
import { Connections, disconnectAll } from './harness/connections.ts';
import { startStack, type Stack } from './harness/stack.ts';
import { Workspace } from './harness/workspace.ts';

const screens = fileURLToPath(new URL('../test-results/screens/', import.meta.url));
const ONE = 'rep.one@demo.example';
const TWO = 'rep.two@demo.example';

let stack: Stack;
let browser: Browser;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  await mkdir(screens, { recursive: true });
  [stack, browser] = await Promise.all([startStack(), startBrowser()]);
});
afterAll(async () => {
  await browser.close();
  await stack.stop();
});
beforeEach(async () => {
  await disconnectAll(stack, ONE);
  context = await browser.newContext();
  page = await context.newPage();
});
afterEach(() => context.close());

/** The panel of a rep who is signed in. */
async function open(username = ONE): Promise<Connections> {
  const connections = await Connections.open(await Workspace.open(page, stack.preview));
  await connections.signIn(username);
  return connections;
}

/** Pictures at desktop and phone width, light and dark; each is also checked by axe. */
async function look(state: string): Promise<void> {
  for (const [place, width, height] of [
    ['desktop', 1440, 900],
    ['phone', 390, 844],
  ] as const) {
    for (const theme of ['light', 'dark'] as const) {
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme: theme });
      await page.waitForTimeout(200);
      const name = `connections-${state}-${place}-${theme}`;
      await page.screenshot({ path: `${screens}${name}.png` });
      expect({ name, violations: await violations(page) }).toEqual({ name, violations: [] });
    }
  }
}

test('a rep connects Gmail, Outlook and Outreach: one click and one window each, and sees whose account it is', async () => {
  const connections = await open();
  for (const title of ['Gmail', 'Outlook', 'Outreach'] as const) {
    const calls: string[] = [];
    const count = (request: { url: () => string }): number => calls.push(new URL(request.url()).pathname);
    await connections.button(`Connect ${title}`).waitFor();
    page.on('request', count);
    const opened = page.waitForEvent('popup');
    await connections.button(`Connect ${title}`).click();
    const popup = await opened;
    // Nothing was fetched before the window opened; a new way for the next click may be on its way already.
    expect(calls.filter((path) => !path.endsWith('/start'))).toEqual([]);
    page.off('request', count);
    await popup.locator('input[name=username]').fill(ONE);
    await popup.locator('button[value=allow]').click();
    if (!popup.isClosed()) await popup.waitForEvent('close');
    await connections.card(title).getByText('Connected', { exact: true }).waitFor();
    await connections.card(title).getByText(ONE).waitFor();
    await connections
      .card(title)
      .getByText(/^Since /)
      .waitFor();
    await connections.button(`Disconnect ${title}`).waitFor();
  }
  await connections.card('Gmail').getByText('Send only: we cannot read your mailbox.').waitFor();
  await connections
    .card('Outreach')
    .getByText(/^Ends on .* unless you use it before\.$/)
    .waitFor();
  const kept = await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie]);
  expect(kept).toEqual([0, 0, '']);
  await look('connected');
  // The button that was pressed was disabled for a while and is another one now: Esc closes the dialog all the same.
  await page.keyboard.press('Escape');
  await connections.root.waitFor({ state: 'detached' });
});

test('denied, unticked and blocked are each told in their own words, and nothing is connected', async () => {
  await page.addInitScript(() => {
    const open = window.open.bind(window);
    window.open = (...args: Parameters<typeof window.open>) =>
      (window as { isBlocked?: boolean }).isBlocked === true ? null : open(...args);
  });
  const connections = await open();
  const gmail = connections.card('Gmail');
  await connections.through('Connect Gmail', { decision: 'deny' });
  await gmail.getByText(/You chose Deny in the Google window, so nothing was connected\./).waitFor();
  await connections.through('Connect Gmail', { untick: 'Send email on your behalf' });
  await gmail.getByText(/Sending wasn't ticked in the Google window\./).waitFor();
  await page.evaluate(() => Object.assign(window, { isBlocked: true }));
  await connections.button('Connect Gmail').click();
  await gmail.getByText(/Your browser blocked the Google window\./).waitFor();
  await gmail.getByText('Not connected', { exact: true }).waitFor();
  await page.evaluate(() => Object.assign(window, { isBlocked: false }));
  await connections.through('Connect Gmail');
  await gmail.getByText('Connected', { exact: true }).waitFor();
});

test('where the window was closed, the next click goes the way again', async () => {
  const connections = await open();
  const opened = page.waitForEvent('popup');
  await connections.button('Connect Outreach').click();
  await (await opened).close();
  const outreach = connections.card('Outreach');
  await outreach.getByText('Finish in the Outreach window. If it is closed, press the button again.').waitFor();
  await connections.through('Connect Outreach');
  await outreach.getByText('Connected', { exact: true }).waitFor();
});

test('a message from another origin connects nothing', async () => {
  const connections = await open();
  const finishes: string[] = [];
  page.on('request', (request) => {
    if (request.url().endsWith('/finish') && request.method() === 'POST') finishes.push(request.url());
  });
  const opened = page.waitForEvent('popup');
  await connections.button('Connect Gmail').click();
  const popup = await opened;
  await popup.locator('input[name=username]').waitFor();
  const message = { source: 'oneshot', type: 'connection', provider: 'gmail', code: 'A'.repeat(43) };
  await popup.evaluate((data) => (window.opener as Window).postMessage(data, '*'), message);
  await page.evaluate((data) => window.postMessage(data, '*'), message);
  await page.waitForTimeout(300);
  expect(finishes).toEqual([]);
});

test('a grant that was revoked is said with its reason; another account is refused, the same one reconnects', async () => {
  const connections = await open();
  await connections.through('Connect Outreach');
  const outreach = connections.card('Outreach');
  await outreach.getByText('Connected', { exact: true }).waitFor();
  await connections.close();
  await stack.sandbox.revokeGrant('outreach', ONE);
  const rep = await ApiSession.signIn(stack, ONE);
  await expect(rep.call('GET', '/v1/outreach/sequences')).rejects.toThrow(/reconnect_required/);

  await Connections.open(new Workspace(page));
  await outreach.getByText('Reconnect needed').waitFor();
  await outreach.getByText(/Outreach ended this connection/).waitFor();
  await connections.through('Reconnect Outreach', { username: TWO });
  await outreach.getByText(/That is another Outreach account than the one you connected before\./).waitFor();
  // Signed out of the wrong account there, as the words ask for.
  await context.clearCookies();
  await connections.through('Reconnect Outreach');
  await outreach.getByText('Connected', { exact: true }).waitFor();
});

test('where Microsoft wants an admin, the rep gets a link to pass on, and Check again connects after the approval', async () => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await stack.sandbox.adminConsent('required');
  const connections = await open();
  const outlook = connections.card('Outlook');
  await connections.through('Connect Outlook');
  await outlook.getByText('Waiting for your IT admin').waitFor();
  await outlook.getByText(/Microsoft needs your IT admin's approval\. Send them this link/).waitFor();
  await look('waiting-for-admin');
  await outlook.getByRole('button', { name: 'Copy link' }).click();
  await outlook.getByText('Link copied').waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  expect(link).toContain('/adminconsent');

  const admin = await (await browser.newContext()).newPage();
  await admin.goto(link);
  await admin.locator('input[name=username]').fill('admin@demo.example');
  await admin.locator('button[value=allow]').click();
  await admin
    .getByText(/OneShot is approved/)
    .filter({ visible: true })
    .waitFor();
  await admin.context().close();
  await connections.through('Check again');
  await outlook.getByText('Connected', { exact: true }).waitFor();
});

test('disconnecting asks first and says what became of the access', async () => {
  const connections = await open();
  await connections.through('Connect Gmail');
  await connections.through('Connect Outlook');
  const [gmail, outlook] = [connections.card('Gmail'), connections.card('Outlook')];
  await connections.button('Disconnect Gmail').click();
  await gmail.getByText(/Disconnect Gmail\? OneShot deletes its access at once\./).waitFor();
  await page.keyboard.press('Escape');
  await gmail.getByText(/Disconnect Gmail\?/).waitFor({ state: 'detached' });
  await gmail.getByText('Connected', { exact: true }).waitFor();
  await connections.button('Disconnect Gmail').click();
  // The question has the focus: Enter answers it.
  await page.keyboard.press('Enter');
  await gmail.getByText('Disconnected. Google confirmed that the access has ended.').waitFor();
  await connections.button('Disconnect Outlook').click();
  await page.keyboard.press('Enter');
  await outlook.getByText(/Microsoft has no way to end it from here/).waitFor();
  await outlook.getByRole('link', { name: "Open your Microsoft account's list of apps" }).waitFor();
  await gmail.getByText('Not connected', { exact: true }).waitFor();
});

test('without the key object the panel says whom to ask for what', async () => {
  await stack.sandbox.objectAccess(TWO, 'OneShotKey__c', { read: false, create: false });
  const connections = await open(TWO);
  await connections
    .card('Gmail')
    .getByText(/Connections need the object OneShot Key in your Salesforce/)
    .waitFor();
});

test('a session that ended signs in on the click, and the next click connects', async () => {
  await page.clock.install();
  const connections = await open();
  await page.clock.fastForward('59:57');
  await connections.through('Connect Gmail', { decision: 'none' });
  await connections.card('Gmail').getByText('Ready. Press the button once more.').waitFor();
  await connections.through('Connect Gmail');
  await connections.card('Gmail').getByText('Connected', { exact: true }).waitFor();
});
