import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { ApiSession } from './harness/api.ts';
import { startBrowser } from './harness/browser.ts';
import { startStack, type Stack } from './harness/stack.ts';
import { Workspace } from './harness/workspace.ts';

let stack: Stack;
let browser: Browser;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), startBrowser()]);
});
afterAll(async () => {
  await browser.close();
  await stack.stop();
});
beforeEach(async () => {
  await stack.sandbox.reset();
  context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  page = await context.newPage();
});
afterEach(() => context.close());

test('one click signs in through Salesforce and shows the customers', async () => {
  const workspace = await Workspace.open(page, stack.preview);
  await expect(workspace.text(/OneShot never sees your password/).count()).resolves.toBe(1);
  await workspace.signIn();
  expect(await workspace.rows.count()).toBeGreaterThan(10);
  expect(await workspace.count()).toBeGreaterThan(100);
});

test('nothing stays in web storage or cookies of the page, and no token in its address', async () => {
  const workspace = await Workspace.open(page, stack.preview);
  await workspace.signIn();
  const kept = await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie]);
  expect(kept).toEqual([0, 0, '']);
  expect(page.url()).toBe(`${stack.preview}/lightning/n/OneShot`);
});

test('the popup is opened in the click itself, before anything is fetched', async () => {
  const calls: string[] = [];
  const workspace = await Workspace.open(page, stack.preview);
  await workspace.showMyCustomers.waitFor();
  page.on('request', (request) => calls.push(`${request.method()} ${new URL(request.url()).pathname}`));
  const opened = page.waitForEvent('popup');
  await workspace.showMyCustomers.click();
  const popup = await opened;
  await popup.waitForLoadState();
  expect(calls).toEqual([]);
  await popup.close();
});

test('a rep who denies is told so and can try again', async () => {
  const workspace = await Workspace.open(page, stack.preview);
  await workspace.through(() => workspace.showMyCustomers.click(), { decision: 'deny' });
  await workspace.text('You chose Deny in the Salesforce window, so nothing was read.').first().waitFor();
  expect(await workspace.rows.count()).toBe(0);
  await workspace.through(() => workspace.button('Try again').click());
  await workspace.firstRow.waitFor();
});

test('a person without the permission set is told which one and whom to ask', async () => {
  const workspace = await Workspace.open(page, stack.preview);
  await workspace.through(() => workspace.showMyCustomers.click(), { username: 'outsider@demo.example' });
  const words = "You don't have OneShot yet. Ask your Salesforce admin for the permission set OneShot Rep";
  await workspace.text(words).first().waitFor();
  expect(await workspace.rows.count()).toBe(0);
});

test('a blocked popup is explained, and Try again goes on', async () => {
  await page.addInitScript(() => {
    const open = window.open.bind(window);
    let blocked = true;
    window.open = (...args: Parameters<typeof window.open>) => {
      if (!blocked) return open(...args);
      blocked = false;
      return null;
    };
  });
  const workspace = await Workspace.open(page, stack.preview);
  await workspace.showMyCustomers.click();
  await workspace
    .text(/Your browser blocked the Salesforce window\./)
    .first()
    .waitFor();
  await workspace.through(() => workspace.button('Try again').first().click());
  await workspace.firstRow.waitFor();
});

test('a message from another origin is ignored while the popup is open', async () => {
  const workspace = await Workspace.open(page, stack.preview);
  const exchanges: string[] = [];
  page.on('request', (request) => {
    if (request.url().endsWith('/v1/auth/token') && request.method() === 'POST') exchanges.push(request.url());
  });
  const opened = page.waitForEvent('popup');
  await workspace.showMyCustomers.click();
  const popup = await opened;
  await popup.locator('input[name=username]').waitFor();
  // From the consent page, which is another origin, and from the page itself.
  const message = { source: 'oneshot', type: 'sign-in', code: 'A'.repeat(43) };
  await popup.evaluate((data) => (window.opener as Window).postMessage(data, '*'), message);
  await page.evaluate((data) => window.postMessage(data, '*'), message);
  await page.waitForTimeout(300);
  expect(exchanges).toEqual([]);
  await popup.locator('input[name=username]').fill('rep.one@demo.example');
  await popup.locator('button[value=allow]').click();
  await workspace.firstRow.waitFor();
  expect(exchanges).toHaveLength(1);
});

test('where a page on the way severs the opener: close the window, click again, signed in without a question', async () => {
  // A header on the page itself: a browser acts on it where the server sends it, as a customer's identity provider does.
  const headers = { 'cross-origin-opener-policy': 'same-origin' };
  await stack.sandbox.fault({ pathPattern: '/services/oauth2/authorize', times: 1, headers });
  const workspace = await Workspace.open(page, stack.preview);
  const opened = page.waitForEvent('popup');
  await workspace.showMyCustomers.click();
  const popup = await opened;
  await popup.locator('input[name=username]').fill('rep.one@demo.example');
  await popup.locator('button[value=allow]').click();
  await popup.getByText(/close this window/i).waitFor();
  await popup.close();
  await workspace.through(() => workspace.showMyCustomers.click(), { decision: 'none' });
  await workspace.firstRow.waitFor();
});

test('a backend that cannot be reached is named, with what to do', async () => {
  const workspace = await Workspace.open(page, stack.preview);
  await workspace.showMyCustomers.waitFor();
  await page.route(/\/v1\/auth\/token/, (route) => route.abort('connectionrefused'));
  await workspace.through(() => workspace.showMyCustomers.click());
  await workspace
    .text(/Your browser couldn't reach OneShot\./)
    .first()
    .waitFor();
  await page.unroute(/\/v1\/auth\/token/);
  await workspace.through(() => workspace.button('Try again').click(), { decision: 'none' });
  await workspace.firstRow.waitFor();
});

describe('the session', () => {
  test('an expired session: the next click signs in again and does what was clicked', async () => {
    // A session that ends before the rows do.
    const admin = await ApiSession.signIn(stack, 'admin@demo.example');
    await admin.changeSettings({ sessionMinutes: 30 });
    await page.clock.install();
    const workspace = await Workspace.open(page, stack.preview);
    await workspace.signIn();
    await admin.changeSettings({ sessionMinutes: 60 });
    await page.clock.fastForward('29:57');
    await workspace.text(/Your session ended\. These rows stay here until/).waitFor();
    await workspace.through(() => workspace.button(/Refresh/).click(), { decision: 'none' });
    await workspace.firstRow.waitFor();
    expect(await workspace.rows.count()).toBeGreaterThan(10);
  });

  test('five minutes before the end, Stay signed in is offered in place', async () => {
    await page.clock.install();
    const workspace = await Workspace.open(page, stack.preview);
    await workspace.signIn();
    expect(await workspace.button('Stay signed in').count()).toBe(0);
    await page.clock.fastForward('56:00');
    await workspace.through(() => workspace.button('Stay signed in').click(), { decision: 'none' });
    await workspace.button('Stay signed in').waitFor({ state: 'detached' });
    await workspace.firstRow.waitFor();
  });

  test('when Salesforce ends its session, the next click signs in again and goes on', async () => {
    const workspace = await Workspace.open(page, stack.preview);
    await workspace.signIn();
    await stack.sandbox.expireTokens('rep.one@demo.example');
    await workspace.button(/Refresh/).click();
    await workspace.through(() => workspace.button('Sign in and refresh').click(), { decision: 'none' });
    await workspace.firstRow.waitFor();
  });

  test('a second tab that signs in does not empty the first', async () => {
    const first = await Workspace.open(page, stack.preview);
    await first.signIn();
    const second = await Workspace.open(await context.newPage(), stack.preview);
    await second.through(() => second.showMyCustomers.click(), { decision: 'none' });
    await second.firstRow.waitFor();
    expect(await first.rows.count()).toBeGreaterThan(10);
    await first.page.bringToFront();
    await first.searchBox.fill('a');
    await first.untilNames((names) => names.length > 0);
  });

  test('a reload forgets the session by design: one click and a popup that closes by itself', async () => {
    const workspace = await Workspace.open(page, stack.preview);
    await workspace.signIn();
    await page.reload();
    await workspace.showMyCustomers.waitFor();
    expect(await workspace.rows.count()).toBe(0);
    await workspace.through(() => workspace.showMyCustomers.click(), { decision: 'none' });
    await workspace.firstRow.waitFor();
  });
});
