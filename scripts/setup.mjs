// @ts-check
/**
 * Installs and builds what is missing or out of date. Safe to run again and again; plain JavaScript, because it runs
 * before anything is installed.
 *   node scripts/setup.mjs            install, then build
 *   node scripts/setup.mjs --install  install only
 *   node scripts/setup.mjs --build    the same as without
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** What a part needs before it runs; `npm start` needs all. */
const NEEDS = {
  backend: ['backend'],
  database: ['embedded-mongodb'],
  sandbox: ['sandbox'],
  preview: ['preview'],
};

/**
 * Runs a program; what it prints goes to stderr, so that stdout stays for results.
 * @param {string} command
 * @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<void>} rejects with one line that says which program failed and how
 */
export function run(command, args, { env = process.env } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 2, 2] });
    child.once('error', (error) => reject(new Error(`${command} cannot be started: ${error.message}`)));
    child.once('exit', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`${[command, ...args].join(' ')} failed (${signal ?? `exit code ${code}`})`));
    });
  });
}

/**
 * Runs a program and gives what it printed, whatever its exit code is. It does not hold up what else runs.
 * @param {string} command
 * @param {string[]} args
 * @returns {Promise<{ code: number | null, stdout: string, stderr: string }>}
 */
export function output(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    const printed = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text) => (printed.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (printed.stderr += text));
    child.once('error', (error) => reject(new Error(`${command} cannot be started: ${error.message}`)));
    child.once('close', (code) => resolve({ code, ...printed }));
  });
}

/** @param {string[]} args */
const node = (...args) => run(process.execPath, args);

/** @param {string} file */
const readJson = (file) => JSON.parse(readFileSync(path.join(root, file), 'utf8'));

/**
 * True where each package of package-lock.json that this machine needs is installed in that version. Contents are
 * compared, not times: a checkout changes times.
 */
export function isInstalled() {
  if (!existsSync(path.join(root, 'node_modules/.package-lock.json'))) return false;
  const wanted = readJson('package-lock.json').packages;
  const present = readJson('node_modules/.package-lock.json').packages;
  return Object.entries(wanted).every(([place, { version, link, optional, peer }]) => {
    if (!place.includes('node_modules/') || optional || peer) return true;
    return link ? place in present : present[place]?.version === version;
  });
}

/** Installs exactly what package-lock.json says, where that is not there yet. */
export async function install() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new Error(`Node.js 20.19 or later is needed; this is ${process.versions.node}`);
  }
  if (isInstalled()) return;
  process.stderr.write('Installing packages (npm ci)...\n');
  const npm = process.env['npm_execpath'];
  const args = ['ci', '--no-audit', '--no-fund'];
  await (npm?.endsWith('.js') ? node(npm, ...args) : run('npm', args));
}

const tsc = path.join(root, 'node_modules/typescript/bin/tsc');

/**
 * Compiles everything that Node runs; the compiler skips what is up to date.
 * @param {keyof typeof NEEDS} [part] only this part
 */
export const compile = (part) => node(tsc, '-b', ...(part ? NEEDS[part] : []));

/** Bundles the preview: our components, compiled before, and the base components. Skips what is up to date. */
export async function bundle() {
  await node(tsc, '-p', 'force-app', '--incremental', '--tsBuildInfoFile', 'build/force-app/.tsbuildinfo');
  await node('preview/dist/bundle/main.js');
}

/**
 * Builds what a part needs, or everything. The bundler is compiled first, so that it works beside the compiler.
 * @param {keyof typeof NEEDS} [part]
 */
export async function build(part) {
  if (part && part !== 'preview') return compile(part);
  await compile('preview');
  await Promise.all([part ? undefined : compile(), bundle()]);
}

/** True where this file is what Node was started with. @param {string} url */
export const isMain = (url) => process.argv[1] !== undefined && path.resolve(process.argv[1]) === fileURLToPath(url);

if (isMain(import.meta.url)) {
  try {
    await install();
    if (!process.argv.includes('--install')) await build();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
