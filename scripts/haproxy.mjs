// @ts-check
/**
 * Finds HAProxy, or installs it through the operating system's package manager.
 *   node scripts/haproxy.mjs   prints the path
 */
import { ensureProgram, findProgram } from './program.mjs';
import { isMain } from './setup.mjs';

const HAPROXY = {
  title: 'HAProxy',
  names: ['haproxy'],
  places: ['/usr/sbin', '/usr/local/sbin'],
  setting: 'HAPROXY_PATH',
};

export const findHaproxy = () => findProgram(HAPROXY);

/** @returns {Promise<string>} absolute path @throws {Error} with what the person can do */
export const ensureHaproxy = () => ensureProgram(HAPROXY);

if (isMain(import.meta.url)) {
  try {
    process.stdout.write(`${await ensureHaproxy()}\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
