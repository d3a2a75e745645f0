// @ts-check
/** Finds a program of the operating system, or installs it through the package manager that is there. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { run } from './setup.mjs';

/**
 * @typedef {{ title: string, names: string[], places?: string[], setting: string }} Program
 * `names`: of the program, which is also the package; `setting`: of the environment, which wins.
 */

const PLACES = ['/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'];

/** Package managers and how each installs without asking; the first that is there is taken. */
const MANAGERS = [
  { name: 'apt-get', steps: [['update'], ['install', '-y', '--no-install-recommends']], root: true },
  { name: 'dnf', steps: [['install', '-y']], root: true },
  { name: 'apk', steps: [['add', '--no-cache']], root: true },
  { name: 'pacman', steps: [['-Sy', '--noconfirm']], root: true },
  { name: 'brew', steps: [['install']], root: false },
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

/** @param {string} name @param {string[]} [places] */
function which(name, places = []) {
  const folders = [...(process.env['PATH'] ?? '').split(path.delimiter), ...PLACES, ...places].filter(Boolean);
  return folders.map((folder) => path.join(folder, name)).find(isExecutable);
}

/** @param {Program} program @returns {string | undefined} absolute path @throws {Error} the setting names none */
export function findProgram({ names, places, setting }) {
  const set = process.env[setting];
  if (set && !isExecutable(set)) throw new Error(`${setting} is "${set}", where no program is`);
  return set || names.map((name) => which(name, places)).find(Boolean);
}

/** @param {Program} program @returns {Promise<string>} absolute path @throws {Error} with what the person can do */
export async function ensureProgram(program) {
  const present = findProgram(program);
  if (present) return present;
  const { title, names, setting } = program;
  const advice = `Install ${title} yourself, or set ${setting} to it.`;
  const manager = MANAGERS.find(({ name }) => which(name));
  if (!manager) throw new Error(`${title} is needed, and no known package manager is here. ${advice}`);
  const isRoot = !manager.root || process.getuid?.() === 0;
  if (!isRoot && spawnSync('sudo', ['-n', 'true']).status !== 0)
    throw new Error(`${manager.name} needs root, and sudo would ask for a password. ${advice}`);
  process.stderr.write(`Installing ${title} (${manager.name})...\n`);
  try {
    for (const [index, step] of manager.steps.entries()) {
      const args = index === manager.steps.length - 1 ? [...step, names[0] ?? ''] : step;
      await (isRoot ? run(manager.name, args) : run('sudo', ['-n', manager.name, ...args]));
    }
  } catch (error) {
    throw new Error(
      `${title} could not be installed: ${error instanceof Error ? error.message : String(error)}. ${advice}`,
    );
  }
  const installed = findProgram(program);
  if (!installed)
    throw new Error(`${manager.name} installed ${title}, but it is in none of the usual places. ${advice}`);
  return installed;
}
