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
import { bundle, compile, install, root, run } from './setup.mjs';

/** @typedef {{ passed: number, failed: number }} Count */

const deep = process.argv.includes('--deep');

/** A run that hangs must end, and say so. `npm test` as a whole takes less than fifteen minutes on two cores. */
const JEST_TIMEOUT_MS = (deep ? 180 : 20) * 60_000;

/**
 * Runs Jest and counts from its own report. A file that does not load counts as one failed test.
 * @param {string} project
 * @param {number} workers
 * @returns {Promise<Count>}
 */
async function jest(project, workers) {
  const folder = path.join(root, 'test-results');
  const report = path.join(folder, `${project}.json`);
  mkdirSync(folder, { recursive: true });
  rmSync(report, { force: true });
  const options = [
    '--json',
    '--outputFile',
    report,
    '--silent=false',
    '--forceExit=false',
    `--maxWorkers=${workers}`,
    '--selectProjects',
    project,
  ];
  await new Promise((resolve) => {
    const command = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js', ...options];
    const child = spawn(process.execPath, command, {
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
    const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(readFileSync(report, 'utf8'));
    return { passed: numPassedTests, failed: numFailedTests + numRuntimeErrorTestSuites };
  } catch {
    process.stderr.write(`Jest (${project}) ended without a report\n`);
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

/** One of Jest's projects. @param {string} project @param {number} workers */
const tests = (project, workers) => counted(project, () => jest(project, workers));

/** @type {Count[]} */
const counts = [];
const setUp = await counted('set-up', async () => {
  await install();
  await compile();
});
counts.push(setUp);
if (setUp.failed === 0) {
  // Tests wait for servers half of their time: a lane of one worker and one of two keep two cores busy, and no busier.
  const bundled = counted('preview bundle', bundle);
  await Promise.all([
    (async () => {
      counts.push(await counted('checks', lint), await counted('infra', testInfra), await bundled);
      counts.push(await tests('scripts', 1), await tests('preview', 1), await counted('e2e', journeys));
    })(),
    (async () => {
      for (const project of ['force-app', 'embedded-mongodb', 'sandbox', 'backend'])
        counts.push(await tests(project, 2));
    })(),
  ]);
  counts.push(await counted('cluster', cluster));
}

async function journeys() {
  process.env['CHROMIUM_PATH'] = await ensureChromium();
  return jest('e2e', 1);
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
