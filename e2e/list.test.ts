import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { startBrowser } from './harness/browser.ts';
import { startStack, type Stack } from './harness/stack.ts';
import { Workspace } from './harness/workspace.ts';

let stack: Stack;
let browser: Browser;
let page: Page;
let workspace: Workspace;

/** One rep who works through a list: signed in once, and each journey leaves the list as it found it. */
beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), startBrowser()]);
  page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  workspace = await Workspace.open(page, stack.preview);
  await workspace.signIn();
});
afterAll(async () => {
  await browser.close();
  await stack.stop();
});

async function clear(): Promise<void> {
  await workspace.button('Clear').last().click();
  await workspace.untilNames((names) => names.length > 10);
}

const fold = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

test('search finds a name with accents by its plain letters', async () => {
  const accounts = (await stack.sandbox.records('Account')) as { Name: string; ActiveARR__c: number | null }[];
  const accented = accounts.find(
    ({ Name, ActiveARR__c }) => (ActiveARR__c ?? 0) > 0 && /\p{L}*[äöüéèáàñçøå]\p{L}*/u.test(Name),
  );
  expect(accented).toBeDefined();
  const word = /\p{L}*[äöüéèáàñçøå]\p{L}*/u.exec(accented?.Name ?? '')?.[0] ?? '';
  await workspace.searchBox.fill(fold(word));
  const names = await workspace.untilNames(
    (seen) => seen.length > 0 && seen.every((name) => fold(name).includes(fold(word))),
  );
  expect(names.some((name) => name.includes(word))).toBe(true);
  await clear();
});

test('a search without a match says so, and Clear brings everything back', async () => {
  await workspace.searchBox.fill('no such customer at all');
  await workspace.button('Clear').first().waitFor();
  await workspace.untilNames((names) => names.length === 0);
  await clear();
});

test('a filter narrows the list, shows as a pill, and goes away with it', async () => {
  const before = await workspace.count();
  await workspace.button(/^Country/).click();
  const option = workspace.root.locator('c-oneshot-facet-filter label').first();
  const words = (await option.innerText()).trim();
  await option.click();
  await page.keyboard.press('Escape');
  const pill = workspace.root.locator('lightning-pill');
  await pill.waitFor();
  expect(words).toContain((await pill.innerText()).split(':').pop()?.trim() ?? '-');
  const expected = Number(/\d[\d,.]*/.exec(words)?.[0].replace(/\D/g, ''));
  expect(expected).toBeLessThan(before);
  await pill.getByRole('button').or(pill.locator('lightning-primitive-icon')).first().click();
  await pill.waitFor({ state: 'detached' });
});

test('sorting by name orders the whole list, not only what is on screen', async () => {
  const first = await workspace.names();
  await workspace.sortBy('Account');
  const names = await workspace.untilNames((seen) => seen.join() !== first.join() || isSorted(seen));
  expect(isSorted(names.slice(0, 20)) || isSorted(names.slice(0, 20).reverse())).toBe(true);
});

test('scrolling to the end loads more, without a gap and without a name twice', async () => {
  const scroller = workspace.root.locator('.slds-scrollable_y').first();
  const links = workspace.rows.getByRole('link');
  const first = await links.count();
  for (let turn = 0; turn < 300 && (await links.count()) < first + 50; turn += 1) {
    await scroller.evaluate((element) => element.scrollTo(0, element.scrollHeight));
    await page.waitForTimeout(200);
  }
  const addresses = await links.evaluateAll((all) => all.map((link) => (link as HTMLAnchorElement).href));
  expect(addresses.length).toBeGreaterThanOrEqual(first + 50);
  expect(new Set(addresses).size).toBe(addresses.length);
});

test('a customer is a real link to its record, and the list is still there on the way back', async () => {
  const link = workspace.rows.getByRole('link').first();
  expect(await link.getAttribute('href')).toMatch(/\/lightning\/r\/Account\/001\w{15}\/view/);
  await link.click();
  await page.waitForURL(/\/lightning\/r\/Account\//);
  await page.goBack();
  await workspace.rows.first().waitFor();
});

test('sign out empties the screen and ends the session at the backend', async () => {
  const signedOut = page.waitForResponse((response) => response.url().endsWith('/v1/auth/sign-out'));
  await workspace.choose('Sign out');
  expect((await signedOut).status()).toBe(204);
  await workspace.showMyCustomers.waitFor();
  expect(await workspace.rows.count()).toBe(0);
});

test('what an admin set in App Builder: rows, columns, sections; and what is wrong is said', async () => {
  const set = 'set.pageSize=10&set.columns=owner,arr,turnover&set.hideFilters=true&set.hideWriting=true';
  workspace = await Workspace.open(page, stack.preview, `${set}&set.hideReferences=true`);
  await workspace.text(/^This page asks for columns that are not there: turnover\./).waitFor();
  const asked = page.waitForRequest((request) => request.url().includes('/v1/accounts?'));
  await workspace.through(() => workspace.showMyCustomers.click(), { decision: 'none' });
  await workspace.firstRow.waitFor();
  expect(new URL((await asked).url()).searchParams.get('limit')).toBe('10');
  const heads = (await workspace.root.locator('thead th').allInnerTexts()).join(' ');
  for (const head of ['Account', 'ARR', 'Owner']) expect(heads).toContain(head);
  for (const head of ['Industry', 'Country', 'Products', 'Changed', 'City']) expect(heads).not.toContain(head);
  expect(await workspace.button(/^Country/).count()).toBe(0);
  expect(await workspace.root.getByRole('checkbox').count()).toBe(0);
  expect(await workspace.searchBox.isVisible()).toBe(true);
  await workspace.rows.first().getByRole('button').first().click();
  expect(await workspace.root.getByRole('menuitem').allInnerTexts()).not.toContain('Write');
});

function isSorted(names: string[]): boolean {
  return names.every((name, index) => index === 0 || fold(names[index - 1] ?? '') <= fold(name));
}
