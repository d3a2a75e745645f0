import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser } from 'playwright-core';

const finder = fileURLToPath(new URL('../../scripts/chromium.mjs', import.meta.url));

/** Starts Chromium with a fresh profile; it talks to nobody but the pages it opens. */
export async function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: execFileSync(process.execPath, [finder], { encoding: 'utf8' }).trim(),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
}
