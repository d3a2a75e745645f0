// @ts-check
/**
 * Finds Chromium for the browser tests, or installs it through the operating system's package manager.
 *   node scripts/chromium.mjs   prints the path
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { isMain, run } from './setup.mjs';

/** Debian has Chromium without windows as a program of its own: the same pages for two thirds of the CPU time. */
const NAMES = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const PLACES = [
  '/usr/bin',
  '/usr/local/bin',
  '/opt/homebrew/bin',
  '/snap/bin',
  '/usr/lib64/chromium-browser',
  '/usr/lib/chromium',
];
const APPS = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/**
 * Package managers and how each installs Chromium without asking; the first that is there is taken, and of its packages the
 * first that it has.
 */
const MANAGERS = [
  {
    name: 'apt-get',
    before: ['update'],
    install: ['install', '-y', '--no-install-recommends'],
    packages: ['chromium-headless-shell', 'chromium'],
    root: true,
  },
  { name: 'dnf', install: ['install', '-y'], packages: ['chromium'], root: true },
  { name: 'apk', install: ['add', '--no-cache'], packages: ['chromium'], root: true },
  { name: 'pacman', install: ['-Sy', '--noconfirm'], packages: ['chromium'], root: true },
  { name: 'brew', install: ['install', '--cask'], packages: ['chromium'], root: false },
];

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** @param {string} name */
function which(name) {
  const folders = [...(process.env['PATH'] ?? '').split(path.delimiter), ...PLACES].filter(Boolean);
  return folders.map((folder) => path.join(folder, name)).find(isExecutable);
}

/**
 * The browser that is there already: the setting CHROMIUM_PATH wins.
 * @returns {string | undefined} absolute path
 */
export function findChromium() {
  const setting = process.env['CHROMIUM_PATH'];
  if (setting) {
    if (!isExecutable(setting)) throw new Error(`CHROMIUM_PATH is "${setting}", where no program is`);
    return setting;
  }
  return NAMES.map(which).find(Boolean) ?? APPS.find(isExecutable);
}

/**
 * Finds Chromium or installs it.
 * @returns {Promise<string>} absolute path
 * @throws {Error} with what the person can do
 */
export async function ensureChromium() {
  const present = findChromium();
  if (present) return present;
  const manager = MANAGERS.find(({ name }) => which(name));
  const advice = 'Install Chromium or Google Chrome yourself, or set CHROMIUM_PATH to one.';
  if (!manager) throw new Error(`The browser tests need Chromium, and no known package manager is here. ${advice}`);
  process.stderr.write(`Installing Chromium (${manager.name})...\n`);
  try {
    if (manager.before) await run(...asRoot(manager, manager.before));
    await installFirst(manager);
  } catch (error) {
    throw new Error(
      `Chromium could not be installed: ${error instanceof Error ? error.message : String(error)}. ${advice}`,
    );
  }
  const installed = findChromium();
  if (!installed)
    throw new Error(`${manager.name} installed Chromium, but it is in none of the usual places. ${advice}`);
  return installed;
}

/**
 * @param {{ name: string, root: boolean, install: string[], packages: string[] }} manager
 * @throws {Error} of the last package
 */
async function installFirst(manager) {
  for (const [index, name] of manager.packages.entries()) {
    try {
      return await run(...asRoot(manager, [...manager.install, name]));
    } catch (error) {
      if (index === manager.packages.length - 1) throw error;
    }
  }
}

/**
 * @param {{ name: string, root: boolean }} manager
 * @param {string[]} step
 * @returns {[string, string[]]}
 */
function asRoot(manager, step) {
  if (!manager.root || process.getuid?.() === 0) return [manager.name, step];
  if (spawnSync('sudo', ['-n', 'true']).status !== 0) {
    throw new Error(`${manager.name} needs root, and sudo would ask for a password`);
  }
  return ['sudo', ['-n', manager.name, ...step]];
}

if (isMain(import.meta.url)) {
  try {
    process.stdout.write(`${await ensureChromium()}\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
