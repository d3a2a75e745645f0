import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
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

test('an expired session: the next click signs in again and does what was clicked', async () => {
  await page.clock.install();
  const workspace = await Workspace.open(page, stack.preview);
  await workspace.signIn();
  await page.clock.fastForward('59:57');
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
