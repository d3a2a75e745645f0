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

type Theme = 'light' | 'dark';
const BOTH: readonly Theme[] = ['light', 'dark'];

/** At the narrower widths the steps that have the most on them. One sign-in a width: a theme changes in the open page. */
const VIEWS: readonly (readonly [
  name: string,
  width: number,
  steps: readonly (readonly [Step, readonly Theme[]])[],
])[] = [
  [
    'desktop',
    1280,
    [
      ['app', ['light']],
      ['permissions', BOTH],
      ['paying', ['light']],
      ['products', ['light']],
      ['policies', BOTH],
      ['components', ['light']],
    ],
  ],
  [
    'tablet',
    820,
    [
      ['permissions', ['light']],
      ['paying', ['dark']],
      ['policies', ['light']],
    ],
  ],
  [
    'phone',
    390,
    [
      ['permissions', ['light']],
      ['paying', ['dark']],
      ['policies', ['light']],
    ],
  ],
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

/** Pictures in these themes, each without a violation. @param nameIn the picture's name */
async function look(page: Page, nameIn: (theme: Theme) => string, themes: readonly Theme[] = BOTH): Promise<void> {
  await page.mouse.move(0, 0);
  const { width } = page.viewportSize() ?? { width: 1280 };
  for (const theme of themes) {
    const name = nameIn(theme);
    await page.emulateMedia({ colorScheme: theme });
    await page.waitForTimeout(250);
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.setViewportSize({ width, height: Math.max(900, height) });
    await page.screenshot({ path: `${folder}${name}.png` });
    expect({ name, violations: await violations(page) }).toEqual({ name, violations: [] });
    await page.setViewportSize({ width, height: 900 });
  }
}

test.each(VIEWS)('%s, %d pixels, light and dark', async (name, width, steps) => {
  const context = await browser.newContext({ viewport: { width, height: 900 } });
  const page = await context.newPage();
  const setup = await AdminPage.openTab(page, stack.preview, 'OneShot_Setup');
  await setup.start.waitFor();
  await look(page, (theme) => `setup-${name}-${theme}-start`);
  await setup.signInAs();
  await setup.check('app_installed').waitFor();
  for (const [step, themes] of steps) {
    await setup.goTo(step);
    if (step === 'permissions') {
      await setup.root.getByRole('combobox', { name: 'Check as this rep' }).click();
      await setup.root.getByRole('option', { name: 'Tomke Zweifeld' }).click();
      await setup.root.locator('li[data-check=rep_consent_fields][data-state=todo]').waitFor();
    }
    if (step === 'paying') await setup.text(/accounts would match$/).waitFor();
    await look(page, (theme) => `setup-${name}-${theme}-${step}`, themes);
  }
  await setup.page.getByRole('link', { name: 'People' }).click();
  await setup.root.locator('table.people tbody tr').first().waitFor();
  await look(page, (theme) => `people-${name}-${theme}`);
  await context.close();
});
