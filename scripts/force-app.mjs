// @ts-check
/**
 * The Salesforce package, without an org and without a network:
 *   node scripts/force-app.mjs generate   regions module and trusted URLs from config/regions.json
 *   node scripts/force-app.mjs emit       build/force-app: what an org takes (JavaScript, HTML, CSS, XML)
 *   node scripts/force-app.mjs check      everything that can be wrong before a deployment
 *   node scripts/force-app.mjs package    check, then build/package: a project to deploy or to make a package version of
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkLabels } from './force-app/labels.mjs';
import { checkPackage, checkPackageable, checkXml } from './force-app/metadata.mjs';
import { staleRegionFiles, writeRegionFiles } from './force-app/regions.mjs';
import { checkTargets } from './force-app/targets.mjs';
import { checkVersions } from './force-app/versions.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const built = path.join(root, 'build', 'force-app');

/** @param {string} source */
const isDeployed = (source) => !source.endsWith('.ts') && path.basename(source) !== '__tests__';

/**
 * Emits the package as an org takes it. Decorators and platform imports stay: the org's compiler wants them.
 * @param {string} to folder; what was in it is gone afterwards
 */
export function emit(to = built) {
  rmSync(to, { recursive: true, force: true });
  const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const project = path.join(root, 'force-app', 'tsconfig.json');
  const done = spawnSync(process.execPath, [tsc, '-p', project, '--outDir', to], { cwd: root, stdio: 'inherit' });
  if (done.status !== 0) throw new Error('The components do not compile: see the lines above.');
  cpSync(path.join(root, 'force-app', 'main'), path.join(to, 'main'), { recursive: true, filter: isDeployed });
}

/** @returns {Promise<string[]>} one line for each thing that is wrong */
export async function check() {
  const stale = staleRegionFiles(root).map(
    (file) => `${file} differs from config/regions.json: run "node scripts/force-app.mjs generate"`,
  );
  const emitted = mkdtempSync(path.join(tmpdir(), 'force-app-emitted-'));
  try {
    emit(emitted);
    return [
      ...stale,
      ...checkVersions(root),
      ...checkLabels(root),
      ...checkXml(root),
      ...checkPackageable(root),
      ...checkTargets(root),
      ...(await checkPackage(emitted, root)),
    ];
  } finally {
    rmSync(emitted, { recursive: true, force: true });
  }
}

/**
 * A Salesforce project of its own, with nothing in it that an org does not take. A managed package (2GP) has a namespace:
 * PACKAGE_NAMESPACE, the same that its backend is started with.
 * @param {string} namespace '' for none
 * @returns {string} the folder
 */
export function writePackage(namespace) {
  const to = path.join(root, 'build', 'package');
  rmSync(to, { recursive: true, force: true });
  emit(path.join(to, 'force-app'));
  const project = JSON.parse(readFileSync(path.join(root, 'sfdx-project.json'), 'utf8'));
  writeFileSync(path.join(to, 'sfdx-project.json'), `${JSON.stringify({ ...project, namespace }, null, 2)}\n`);
  return to;
}

const command = process.argv[1] === fileURLToPath(import.meta.url) ? process.argv[2] : undefined;
if (command === 'generate') {
  for (const file of writeRegionFiles(root)) console.log(file);
} else if (command === 'emit') {
  emit();
  console.log(path.relative(root, built));
} else if (command === 'check') {
  const wrong = await check();
  for (const line of wrong) console.error(line);
  console.log(wrong.length === 0 ? 'force-app: nothing wrong' : `force-app: ${String(wrong.length)} wrong`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
} else if (command === 'package') {
  const wrong = await check();
  for (const line of wrong) console.error(line);
  const namespace = process.env['PACKAGE_NAMESPACE'] ?? '';
  if (wrong.length === 0) console.log(path.relative(root, writePackage(namespace)));
  else process.exitCode = 1;
} else if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.error('Usage: node scripts/force-app.mjs generate | emit | check | package');
  process.exitCode = 2;
}
