// @ts-check
/**
 * Everything that `npm test` runs: set-up, checks, Jest (fast first), journeys in a real browser. The last line is
 * `N passed, N failed`, summed over all of them.
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

/** A run that hangs must end before the fifteen minutes of `npm test` are over, and say so. */
const JEST_TIMEOUT_MS = (deep ? 120 : 12) * 60_000;

/**
 * Runs Jest and counts from its own report. A file that does not load counts as one failed test.
 * @param {string} name of the report
 * @param {string[]} args
 * @returns {Promise<Count>}
 */
async function jest(name, args) {
  const folder = path.join(root, 'test-results');
  const report = path.join(folder, `${name}.json`);
  mkdirSync(folder, { recursive: true });
  rmSync(report, { force: true });
  // Most tests wait for servers half of the time: two workers keep two cores busy.
  const options = ['--json', '--outputFile', report, '--silent=false', '--forceExit=false', '--maxWorkers=2', ...args];
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
    process.stderr.write(`Jest (${name}) ended without a report\n`);
    return { passed: 0, failed: 1 };
  }
}

/** A step that cannot run counts as one failure, with its reason. @param {() => Promise<Count | void>} step */
async function counted(step) {
  try {
    return (await step()) ?? { passed: 0, failed: 0 };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return { passed: 0, failed: 1 };
  }
}

/** @type {Count[]} */
const counts = [];
const setUp = await counted(async () => {
  await install();
  await build();
});
counts.push(setUp);
if (setUp.failed === 0) {
  const tests = (/** @type {string} */ project) => counted(() => jest(project, ['--selectProjects', project]));
  // What reads the code takes one core, and what is small or waits for a registry leaves one.
  const small = async () => {
    const results = [await counted(testInfra)];
    for (const project of ['scripts', 'preview', 'embedded-mongodb', 'sandbox']) results.push(await tests(project));
    return results;
  };
  const [read, others] = await Promise.all([counted(lint), small()]);
  counts.push(read, ...others, await tests('force-app'), await tests('backend'));
  counts.push(
    await counted(async () => {
      process.env['CHROMIUM_PATH'] = await ensureChromium();
      return jest('e2e', ['--selectProjects', 'e2e']);
    }),
    await counted(cluster),
  );
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
