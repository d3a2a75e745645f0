import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const require = createRequire(import.meta.url);
const source = await readFile(require.resolve('axe-core/axe.min.js'), 'utf8');

/** WCAG 2.2 AA and good practice; the page around the components is checked as well. */
const OPTIONS = JSON.stringify({
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  resultTypes: ['violations'],
});

/** Looks again at what it found so often: a note that fades out while it is looked at has too little contrast, and is gone then. */
const LOOKS = 4;

/** What axe finds wrong on a page that has come to rest, a line for each element. */
export async function violations(page: Page): Promise<string[]> {
  for (let look = 1; ; look += 1) {
    const found = await violationsNow(page);
    if (found.length === 0 || look === LOOKS) return found;
    await page.waitForTimeout(1_000);
  }
}

/**
 * What it finds at this moment. It runs in a world of its own, because the page's world is
 * patched by the synthetic shadow: what a screen reader gets is the flat tree, and that is what axe must see.
 */
async function violationsNow(page: Page): Promise<string[]> {
  const cdp = await page.context().newCDPSession(page);
  const { frameTree } = await cdp.send('Page.getFrameTree');
  const { executionContextId: contextId } = await cdp.send('Page.createIsolatedWorld', {
    frameId: frameTree.frame.id,
    worldName: 'axe',
  });
  await cdp.send('Runtime.evaluate', { expression: source, contextId });
  const { result, exceptionDetails } = await cdp.send('Runtime.evaluate', {
    expression: `axe.run(document, ${OPTIONS}).then(({ violations }) => violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary, html }) => [id, target.join(' '), failureSummary, html.slice(0, 200)].join(' | '))))`,
    contextId,
    awaitPromise: true,
    returnByValue: true,
  });
  await cdp.detach();
  if (exceptionDetails) throw new Error(`axe: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`);
  return result.value as string[];
}
