import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { startBrowser } from './harness/browser.ts';
import { startStack } from './harness/stack.ts';
import { Workspace } from './harness/workspace.ts';

/** Public data beside the checkout; no part of the product. */
const csv = fileURLToPath(new URL('../../shared/data/sp500.csv', import.meta.url));

const whenPresent = existsSync(csv) ? test : test.skip;

whenPresent(`the companies of ../shared/data/sp500.csv are found by name`, async () => {
  const header = (await readFile(csv, 'utf8')).split('\n')[0] ?? '';
  expect(header).toMatch(/name|security/i);
  const [stack, browser] = await Promise.all([startStack({ SANDBOX_ACCOUNTS_CSV: csv }), startBrowser()]);
  try {
    const workspace = await Workspace.open(await browser.newPage(), stack.preview);
    await workspace.signIn('admin@demo.example');
    for (const name of ['Microsoft', 'Coca-Cola', "McDonald's"]) {
      await workspace.searchBox.fill(name);
      await workspace.untilNames(
        (names) => names.length > 0 && names.every((seen) => plain(seen).includes(plain(name))),
      );
    }
  } finally {
    await browser.close();
    await stack.stop();
  }
});

/** Typographic and straight apostrophes are the same to a person. */
function plain(text: string): string {
  return text.replaceAll('\u2019', "'").toLowerCase();
}
