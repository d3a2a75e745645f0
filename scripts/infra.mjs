// @ts-check
/**
 * Tests infra/, whose packages (190 MB) are installed by nothing else.
 *   node scripts/infra.mjs          tests
 *   node scripts/infra.mjs synth    writes the templates to infra/cdk.out
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { build, install, isMain, output, root, run } from './setup.mjs';

const folder = path.join(root, 'infra');

/** Installs exactly what infra/package-lock.json says, where that is not there yet. */
async function installInfra() {
  const present = path.join(folder, 'node_modules/.package-lock.json');
  if (existsSync(present)) {
    const wanted = JSON.parse(readFileSync(path.join(folder, 'package-lock.json'), 'utf8')).packages;
    const have = JSON.parse(readFileSync(present, 'utf8')).packages;
    if (Object.keys(wanted).every((place) => place === '' || have[place]?.version === wanted[place].version)) return;
  }
  process.stderr.write('Installing the packages of infra/ (npm ci)...\n');
  const npm = process.env['npm_execpath'];
  const args = ['ci', '--prefix', folder, '--no-workspaces', '--no-audit', '--no-fund'];
  await (npm?.endsWith('.js') ? run(process.execPath, [npm, ...args]) : run('npm', args));
}

/**
 * Runs the tests of infra/.
 * @returns {Promise<{ passed: number, failed: number }>}
 */
export async function testInfra() {
  await installInfra();
  await run(process.execPath, [path.join(root, 'node_modules/typescript/bin/tsc'), '-p', folder]);
  // By name: Node 20 takes a folder, from 21 on a glob, and both take files.
  const files = readdirSync(path.join(folder, 'dist')).filter((file) => file.endsWith('.test.js'));
  const { stdout, stderr } = await output(process.execPath, [
    '--test',
    '--test-reporter=tap',
    ...files.map((file) => path.join(folder, 'dist', file)),
  ]);
  const count = (/** @type {string} */ name) => Number(new RegExp(`^# ${name} (\\d+)$`, 'm').exec(stdout)?.[1] ?? NaN);
  const [passed, failed] = [count('pass'), count('fail')];
  if (failed !== 0) process.stderr.write(`${stdout}${stderr}\n`);
  return Number.isNaN(passed) || Number.isNaN(failed) ? { passed: 0, failed: 1 } : { passed, failed };
}

if (isMain(import.meta.url)) {
  try {
    await install();
    if (process.argv[2] === 'synth') {
      await installInfra();
      await run(process.execPath, [path.join(root, 'node_modules/typescript/bin/tsc'), '-p', folder]);
      await run(process.execPath, [path.join(folder, 'dist/app.js')], {
        env: { ...process.env, CDK_OUTDIR: path.join(folder, 'cdk.out') },
      });
      process.stdout.write(`The templates are in ${path.join('infra', 'cdk.out')}\n`);
    } else {
      await build('backend'); // its settings are compared with what a container is given
      const { passed, failed } = await testInfra();
      process.stdout.write(`${passed} passed, ${failed} failed\n`);
      if (failed > 0) process.exitCode = 1;
    }
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
