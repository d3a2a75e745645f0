// @ts-check
/**
 * Everything that `npm test` runs: set-up, checks, Jest, journeys in a real browser, a region on loopback. The last line
 * is `N passed, N failed`, summed over all of them.
 *   node scripts/test.mjs --deep   also the long repetitions, *.deep.test.ts
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { ensureChromium } from './chromium.mjs';
import { ensureHaproxy } from './haproxy.mjs';
import { testInfra } from './infra.mjs';
import { lint } from './lint.mjs';
import { build, install, root, run } from './setup.mjs';

/** @typedef {{ passed: number, failed: number }} Count */

const deep = process.argv.includes('--deep');

/** A run that hangs must end, and say so. `npm test` as a whole takes less than fifteen minutes on two cores. */
const JEST_TIMEOUT_MS = (deep ? 180 : 30) * 60_000;

/** Where Jest writes what it counted. */
const REPORT = path.join(root, 'test-results/jest.json');

/**
 * Tests wait for servers half of their time: three workers keep two cores busy. Jest lets no worker idle while a file of any
 * project waits, and begins with the largest.
 */
const WORKERS = 3;

/**
 * Runs Jest once over all projects and counts from its own report. A file that does not load counts as one failed test.
 * @param {readonly string[]} projects
 * @returns {Promise<Count>}
 */
async function jest(projects) {
  mkdirSync(path.dirname(REPORT), { recursive: true });
  rmSync(REPORT, { force: true });
  const options = ['--json', '--outputFile', REPORT, '--silent=false', '--forceExit=false', `--maxWorkers=${WORKERS}`];
  await new Promise((resolve) => {
    const command = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js', ...options];
    const child = spawn(process.execPath, [...command, '--selectProjects', ...projects], {
      cwd: root,
      env: { ...process.env, ...(deep && { ONESHOT_DEEP: '1' }) },
      stdio: ['ignore', 'ignore', 2],
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), JEST_TIMEOUT_MS);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve(undefined);
    });
  });
  try {
    const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(readFileSync(REPORT, 'utf8'));
    return { passed: numPassedTests, failed: numFailedTests + numRuntimeErrorTestSuites };
  } catch {
    process.stderr.write('Jest ended without a report\n');
    return { passed: 0, failed: 1 };
  }
}

/**
 * A step that cannot run counts as one failure, with its reason. Says how long it took.
 * @param {string} name
 * @param {() => Promise<Count | void>} step
 */
async function counted(name, step) {
  const startedAt = performance.now();
  /** @type {Count} */
  let count;
  try {
    count = (await step()) ?? { passed: 0, failed: 0 };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    count = { passed: 0, failed: 1 };
  }
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  process.stdout.write(`${count.failed === 0 ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)\n`);
  return count;
}

/** @type {Count[]} */
const counts = [];
const setUp = await counted('set-up', async () => {
  await install();
  await build();
});
counts.push(setUp);
if (setUp.failed === 0) {
  const checks = counted('checks', lint);
  const browser = await counted('Chromium', async () => {
    process.env['CHROMIUM_PATH'] = await ensureChromium();
  });
  counts.push(browser);
  const projects = ['force-app', 'embedded-mongodb', 'sandbox', 'backend', 'preview', 'scripts'];
  if (browser.failed === 0) projects.push('e2e');
  const tests = counted('Jest', () => jest(projects));
  counts.push(await checks, await counted('infra', testInfra), await counted('cluster', cluster), await tests);
}

/**
 * A region on loopback: four backends behind HAProxy, of which one is killed under load. Forty reps, so that chance does not
 * put half of them on that one.
 */
async function cluster() {
  process.env['HAPROXY_PATH'] = await ensureHaproxy();
  await run(process.execPath, ['bench/dist/reliability/chaos.js', '--reps', '40', '--only', 'killed']);
  return { passed: 1, failed: 0 };
}

const passed = counts.reduce((sum, count) => sum + count.passed, 0);
const failed = counts.reduce((sum, count) => sum + count.failed, 0);
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
