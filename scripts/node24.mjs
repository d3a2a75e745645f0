// @ts-check
/** Runs `npm test` on npm's Node 24 LTS, which production runs, whatever Node is here. Installed into .cache/node24. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root, run } from './setup.mjs';

const folder = path.join(root, '.cache/node24');
const names = { x64: `node-${process.platform}-x64`, arm64: `node-${process.platform}-arm64` };
const name = names[/** @type {keyof typeof names} */ (process.arch)];
const program = path.join(folder, 'node_modules', name ?? '', 'bin/node');

try {
  if (name === undefined) throw new Error(`npm has no Node for ${process.platform} ${process.arch}`);
  if (!existsSync(program)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
    const args = ['install', '--prefix', folder, '--no-save', '--no-package-lock', '--ignore-scripts', `${name}@24`];
    const npm = process.env['npm_execpath'];
    await (npm?.endsWith('.js') ? run(process.execPath, [npm, ...args]) : run('npm', args));
  }
  const env = { ...process.env, PATH: `${path.dirname(program)}${path.delimiter}${process.env['PATH'] ?? ''}` };
  const child = spawn(program, [path.join(root, 'scripts/test.mjs'), ...process.argv.slice(2)], {
    cwd: root,
    env,
    stdio: 'inherit',
  });
  child.once('exit', (code, signal) => (process.exitCode = signal ? 1 : (code ?? 1)));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
