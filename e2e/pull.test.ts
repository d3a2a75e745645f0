import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { ApiSession } from './harness/api.ts';
import { startBrowser } from './harness/browser.ts';
import { startStack, type Stack } from './harness/stack.ts';
import { Workspace } from './harness/workspace.ts';

const REP = 'rep.one@demo.example';
/** Until the journey lets the pull go on, however slow the machine is. */
const HELD_UP_MS = 60_000;

let stack: Stack;
let browser: Browser;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  // Three pages of 2,000 from Salesforce for the rep, so that there is something to watch.
  [stack, browser] = await Promise.all([startStack({ SANDBOX_ACCOUNTS: '12000' }), startBrowser()]);
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

test('the first pull shows rows and its progress before it is complete, and never moves a row', async () => {
  await stack.sandbox.fault({ pathPattern: '/query/01g', times: 50, latencyMs: HELD_UP_MS });
  const workspace = await Workspace.open(page, stack.preview);
  await workspace.signIn();
  const progress = workspace.text(/Loading your customers from Salesforce: [\d,]+ of [\d,]+, biggest first/);
  await progress.first().waitFor();
  const early = await workspace.names();
  expect(early.length).toBeGreaterThan(10);
  await stack.sandbox.takeFaultsBack();
  await progress.first().waitFor({ state: 'detached' });
  const late = await workspace.names();
  expect(late.slice(0, early.length)).toEqual(early);
  expect(await workspace.text(/Read from Salesforce/).count()).toBe(1);
});

test('a sort asked for during the pull waits, says why, and then happens', async () => {
  await stack.sandbox.fault({ pathPattern: '/query/01g', times: 50, latencyMs: HELD_UP_MS });
  const workspace = await Workspace.open(page, stack.preview);
  await workspace.signIn();
  await workspace.sortBy('Account');
  await workspace
    .text(/Sorting waits until all your customers are here/)
    .first()
    .waitFor();
  await stack.sandbox.takeFaultsBack();
  await workspace
    .text(/Sorting waits/)
    .first()
    .waitFor({ state: 'detached' });
  const names = await workspace.untilNames((seen) => /^[^\p{L}]*a/iu.test(seen[0] ?? '') || (seen[0] ?? '') < 'B');
  expect(names.length).toBeGreaterThan(10);
});

test('Salesforce away in the middle of a pull: said in words, and Try again goes on once it is back', async () => {
  await stack.sandbox.fault({ pathPattern: '/query/01g', times: 12, status: 503, body: '<html>away</html>' });
  await page.clock.install();
  const workspace = await Workspace.open(page, stack.preview);
  await workspace.through(() => workspace.showMyCustomers.click());
  const words = workspace.text('Salesforce did not answer properly. Nothing is lost; try again in a moment.').first();
  const pulledBefore = stack.log.filter((line) => line.includes('"accountsPulled"')).length;
  const isPulled = (): boolean => stack.log.filter((line) => line.includes('"accountsPulled"')).length > pulledBefore;
  // Backend and component repeat a read a few times before they say so; each round uses up some of the faults. The page's
  // clock is moved only between two reads: a machine that is slow must not seem slower to it than it is.
  let reading = 0;
  const count =
    (more: number) =>
    (request: { url(): string }): number =>
      (reading += request.url().includes('/v1/accounts') ? more : 0);
  page.on('request', count(1)).on('requestfinished', count(-1)).on('requestfailed', count(-1));
  let said = 0;
  for (const end = Date.now() + 150_000; Date.now() < end && !isPulled();) {
    if (reading === 0) await page.clock.fastForward('00:06');
    await page.waitForTimeout(300);
    if (!(await words.isVisible())) continue;
    said += 1;
    await workspace.button('Try again').click();
    await words.waitFor({ state: 'hidden' });
  }
  expect(said).toBeGreaterThan(0);
  await workspace.firstRow.waitFor();
  await workspace
    .text(/Loading your customers/)
    .first()
    .waitFor({ state: 'detached' });
});

test('Salesforce away after the list is there: its rows and the rep stay, and Refresh says why it has no newer ones', async () => {
  const workspace = await Workspace.open(page, stack.preview);
  await workspace.signIn();
  await workspace
    .text(/Read from Salesforce/)
    .first()
    .waitFor();
  const before = await workspace.names();
  await stack.sandbox.fault({ pathPattern: '/services/data/', times: 1000, status: 503, body: '<html>away</html>' });
  await workspace.button('Refresh').click();
  await workspace.text('Salesforce did not answer properly. Nothing is lost; try again in a moment.').first().waitFor();
  expect(await workspace.names()).toEqual(before);
  expect(await workspace.text(/finished setup/).count()).toBe(0);
});

test('a paying field that the rep may not see is named, and who can change that', async () => {
  // Before settings are saved nobody can tell a hidden field from a missing one: then setup is not finished.
  const admin = await ApiSession.signIn(stack, 'admin@demo.example');
  await admin.changeSettings({});
  await stack.sandbox.access(REP, 'Account', 'ActiveARR__c', false);
  const workspace = await Workspace.open(page, stack.preview);
  await workspace.through(() => workspace.showMyCustomers.click());
  const words = 'You cannot see the field ActiveARR__c in Salesforce. Ask your Salesforce admin for read access to it.';
  await workspace.text(words).first().waitFor();
});

test('an org with no paying customer says so, which is not the same as no match', async () => {
  await stack.sandbox.deleteAll('Account');
  const workspace = await Workspace.open(page, stack.preview);
  await workspace.through(() => workspace.showMyCustomers.click());
  await workspace
    .text(/Salesforce shows you no accounts|None of the accounts you can see/)
    .first()
    .waitFor();
});

test('with the cache off the list is live, says so, and search runs on Enter', async () => {
  const admin = await ApiSession.signIn(stack, 'admin@demo.example');
  await admin.changeSettings({ cache: { enabled: false, minutes: 60 } });
  try {
    const workspace = await Workspace.open(page, stack.preview);
    await workspace.signIn();
    await workspace.text('Always live: your company keeps no copy in memory.').first().waitFor();
    const before = await workspace.names();
    await workspace.searchBox.fill(before[1] ?? '');
    await page.waitForTimeout(600);
    expect(await workspace.names()).toEqual(before);
    await workspace.searchBox.press('Enter');
    await workspace.untilNames((names) => names.length > 0 && names.length < before.length);
  } finally {
    await admin.changeSettings({ cache: { enabled: true, minutes: 60 } });
  }
});
