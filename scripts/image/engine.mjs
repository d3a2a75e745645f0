// @ts-check
/** The engine that builds images, Docker or buildah, and the commands around it. */
import { spawnSync } from 'node:child_process';
import { cpSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findProgram } from '../program.mjs';
import { root } from '../setup.mjs';

/**
 * @param {string} command @param {string[]} args @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {string} what it printed
 */
export function read(command, args, { cwd = root, env = process.env } = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    env,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0)
    throw new Error(`${command} ${args[0] ?? ''} failed: ${error?.message ?? stderr.trim().split('\n').at(-1)}`);
  return stdout;
}

/** npm, as npm itself names it where it started us. @param {string[]} args @param {string} [cwd] */
export function npm(args, cwd) {
  const script = process.env['npm_execpath'];
  return script?.endsWith('.js') ? read(process.execPath, [script, ...args], { cwd }) : read('npm', args, { cwd });
}

/** The engine that builds: Docker where its daemon answers, else buildah, which needs none. */
function engine() {
  const docker = findProgram({ title: 'Docker', names: ['docker'], setting: 'DOCKER_PATH' });
  if (docker && spawnSync(docker, ['info'], { timeout: 10_000 }).status === 0)
    return { name: 'docker', program: docker };
  const buildah = findProgram({ title: 'buildah', names: ['buildah'], setting: 'BUILDAH_PATH' });
  if (buildah) return { name: 'buildah', program: buildah };
  throw new Error(
    'npm run image needs Docker (with a daemon that answers) or buildah: install one of them, e.g. apt-get install buildah',
  );
}

/**
 * Builds an image of a folder that is filled.
 * @param {string} context the folder @param {string} containerfile below deploy/ @param {string} tag
 * @param {string[]} ignored what of the folder the engine need not see
 * @returns {{ engine: string, id: string }}
 */
export function buildFolder(context, containerfile, tag, ignored) {
  const { name, program } = engine();
  const own = path.join(context, 'Containerfile');
  cpSync(path.join(root, 'deploy', containerfile), own);
  writeFileSync(path.join(context, '.dockerignore'), `${ignored.join('\n')}\n`);
  const file = ['--file', own, '--tag', tag];
  if (name === 'docker') {
    read(program, ['build', '--no-cache', ...file, context], { env: { ...process.env, SOURCE_DATE_EPOCH: '0' } });
    return { engine: name, id: read(program, ['image', 'inspect', '--format', '{{.Id}}', tag]).trim() };
  }
  const storage = ['--storage-driver', 'vfs'];
  read(program, [...storage, 'bud', '--isolation', 'chroot', '--timestamp', '0', '--no-cache', ...file, context]);
  return {
    engine: name,
    id: read(program, [...storage, 'inspect', '--type', 'image', '--format', '{{.FromImageID}}', tag]).trim(),
  };
}
