import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { AdminPage, type Step } from './harness/admin.ts';
import { ApiSession } from './harness/api.ts';
import { violations } from './harness/axe.ts';
import { startBrowser } from './harness/browser.ts';
import { startStack, type Stack } from './harness/stack.ts';

/** Pictures of the admin's pages; docs/images/ has some of them. */
const folder = fileURLToPath(new URL('../test-results/screens/', import.meta.url));
const REP_TWO = 'rep.two@demo.example';

/** At the narrower widths the steps that have the most on them. */
const VIEWS: readonly (readonly [name: string, width: number, theme: 'light' | 'dark', steps: readonly Step[]])[] = [
  ['desktop', 1280, 'light', ['app', 'permissions', 'paying', 'products', 'policies', 'components']],
  ['desktop', 1280, 'dark', ['permissions', 'policies']],
  ['tablet', 820, 'light', ['permissions', 'policies']],
  ['tablet', 820, 'dark', ['paying']],
  ['phone', 390, 'light', ['permissions', 'policies']],
  ['phone', 390, 'dark', ['paying']],
];

let stack: Stack;
let browser: Browser;

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  [stack, browser] = await Promise.all([startStack({ SANDBOX_ACCOUNTS: '2400' }), startBrowser()]);
  await ApiSession.signIn(stack, 'rep.one@demo.example');
  await ApiSession.signIn(stack, REP_TWO);
  // Something to do on each page.
  await stack.sandbox.access(REP_TWO, 'Contact', 'HasOptedOutOfEmail', false);
});
afterAll(async () => {
  await browser.close();
  await stack.stop();
});

async function look(page: Page, name: string): Promise<void> {
  await page.mouse.move(0, 0);
  await page.waitForTimeout(250);
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  const { width } = page.viewportSize() ?? { width: 1280 };
  await page.setViewportSize({ width, height: Math.max(900, height) });
  await page.screenshot({ path: `${folder}${name}.png` });
  expect({ name, violations: await violations(page) }).toEqual({ name, violations: [] });
  await page.setViewportSize({ width, height: 900 });
}

test.each(VIEWS)('%s, %d pixels, %s', async (name, width, theme, steps) => {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: theme });
  const page = await context.newPage();
  const setup = await AdminPage.openTab(page, stack.preview, 'OneShot_Setup');
  await setup.start.waitFor();
  if (name === 'desktop') await look(page, `setup-${name}-${theme}-start`);
  await setup.signInAs();
  await setup.check('app_installed').waitFor();
  for (const step of steps) {
    await setup.goTo(step);
    if (step === 'permissions') {
      await setup.root.getByRole('combobox', { name: 'Check as this rep' }).click();
      await setup.root.getByRole('option', { name: 'Tomke Zweifeld' }).click();
      await setup.root.locator('li[data-check=rep_consent_fields][data-state=todo]').waitFor();
    }
    if (step === 'paying') await setup.text(/accounts would match$/).waitFor();
    await look(page, `setup-${name}-${theme}-${step}`);
  }
  await setup.page.getByRole('link', { name: 'People' }).click();
  await setup.root.locator('table.people tbody tr').first().waitFor();
  await look(page, `people-${name}-${theme}`);
  await context.close();
});
