import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { violations } from './harness/axe.ts';
import { startBrowser } from './harness/browser.ts';
import { startStack, type Stack } from './harness/stack.ts';
import { Workspace, type Place } from './harness/workspace.ts';

/** Screenshots of every state, for people to look at; each state is also checked by axe. */
const folder = fileURLToPath(new URL('../test-results/screens/', import.meta.url));

const WIDTHS: { name: string; width: number; height: number; place: Place }[] = [
  { name: 'desktop', width: 1440, height: 900, place: 'app page' },
  { name: 'column', width: 1440, height: 900, place: 'record page' },
  { name: 'phone', width: 390, height: 844, place: 'app page' },
];
const THEMES = ['light', 'dark'] as const;

let stack: Stack;
let browser: Browser;

beforeAll(async () => {
  await mkdir(folder, { recursive: true });
  [stack, browser] = await Promise.all([startStack(), startBrowser()]);
});
afterAll(async () => {
  await browser.close();
  await stack.stop();
});

async function check(page: Page, name: string): Promise<void> {
  await page.waitForTimeout(300);
  await page.screenshot({ path: `${folder}${name}.png` });
  expect({ name, violations: await violations(page) }).toEqual({ name, violations: [] });
}

for (const { name, width, height, place } of WIDTHS) {
  for (const theme of THEMES) {
    test(`${name}, ${theme}: signed out, list, filter, no match, German`, async () => {
      const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme });
      const page = await context.newPage();
      const workspace = await Workspace.open(page, stack.preview, '', place);
      await workspace.showMyCustomers.waitFor();
      await check(page, `${name}-${theme}-signed-out`);

      await workspace.signIn();
      await page.mouse.move(0, 0);
      await check(page, `${name}-${theme}-list`);

      await workspace.button(name === 'desktop' ? /^Country/ : /^Filters/).click();
      await check(page, `${name}-${theme}-filter`);
      await (name === 'desktop' ? page.keyboard.press('Escape') : page.getByRole('button', { name: 'Done' }).click());

      await workspace.searchBox.fill('no such customer');
      await workspace.text('No customer matches your search and filters.').first().waitFor();
      await check(page, `${name}-${theme}-no-match`);

      await page.goto(`${page.url()}?lang=de`);
      const german = new Workspace(page);
      await german.through(() => german.button('Meine Kunden zeigen').click(), { decision: 'none' });
      await german.firstRow.waitFor();
      await check(page, `${name}-${theme}-german`);
      await context.close();
    });
  }
}

for (const theme of THEMES) {
  test(`utility bar, ${theme}`, async () => {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: theme });
    const page = await context.newPage();
    const workspace = await Workspace.open(page, stack.preview, '', 'utility bar');
    await workspace.signIn();
    await check(page, `utility-${theme}-list`);
    await context.close();
  });

  test(`problems, ${theme}: popup blocked, not permitted`, async () => {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: theme });
    const page = await context.newPage();
    await page.addInitScript(() => {
      window.open = () => null;
    });
    const blocked = await Workspace.open(page, stack.preview);
    await blocked.showMyCustomers.click();
    await blocked
      .text(/Your browser blocked/)
      .first()
      .waitFor();
    await check(page, `problem-${theme}-popup-blocked`);
    const other = await context.newPage();
    const refused = await Workspace.open(other, stack.preview);
    await refused.through(() => refused.showMyCustomers.click(), { username: 'outsider@demo.example' });
    await refused
      .text(/You don't have OneShot yet/)
      .first()
      .waitFor();
    await check(other, `problem-${theme}-not-permitted`);
    await context.close();
  });
}
