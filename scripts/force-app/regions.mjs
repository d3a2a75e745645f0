// @ts-check
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** @typedef {{ name: string, label: string, backendUrl: string }} Region */

const MODULE = 'force-app/main/default/lwc/oneshotRegions/oneshotRegions.ts';
const TRUSTED = 'force-app/main/default/cspTrustedSites';

/** @param {string} root @returns {Region[]} */
export function readRegions(root) {
  /** @type {Region[]} */
  const regions = JSON.parse(readFileSync(path.join(root, 'config', 'regions.json'), 'utf8'));
  for (const { name, label, backendUrl } of regions) {
    if (!/^[a-z]{2,10}$/.test(name)) throw new Error(`config/regions.json: name "${name}" must be 2-10 small letters`);
    if (label === '') throw new Error(`config/regions.json: ${name} has no label`);
    if (new URL(backendUrl).origin !== backendUrl || !backendUrl.startsWith('https://')) {
      throw new Error(`config/regions.json: backendUrl of ${name} must be an https origin without a path`);
    }
  }
  if (regions[0]?.name !== 'us') throw new Error('config/regions.json: us comes first, it is the default (DESIGN 3)');
  return regions;
}

/** @param {Region[]} regions */
const moduleText = (regions) => `// Made from config/regions.json by scripts/force-app.mjs: change it there.

/** Where an org's data may live, and the backend that serves it. */
export interface Region {
  readonly name: string;
  readonly label: string;
  readonly backendUrl: string;
}

export const regions: readonly Region[] = [
${regions.map((region) => `  { name: '${region.name}', label: '${region.label}', backendUrl: '${region.backendUrl}' },`).join('\n')}
];

/** Taken where the org's own region cannot be read. */
export const defaultRegion = '${regions[0]?.name ?? ''}';

export function backendUrlOf(name: string): string | undefined {
  return regions.find((region) => region.name === name)?.backendUrl;
}

/** The region whose backend has exactly this origin: an address that is not in the list is never followed. */
export function regionAt(url: string): Region | undefined {
  return regions.find((region) => url === region.backendUrl || url.startsWith(\`\${region.backendUrl}/\`));
}
`;

/** @param {Region} region */
const trustedSite = (region) => `<?xml version="1.0" encoding="UTF-8"?>
<CspTrustedSite xmlns="http://soap.sforce.com/2006/04/metadata">
  <context>LEX</context>
  <description>OneShot backend, ${region.label}</description>
  <endpointUrl>${region.backendUrl}</endpointUrl>
  <isActive>true</isActive>
  <isApplicableToConnectSrc>true</isApplicableToConnectSrc>
</CspTrustedSite>
`;

/** @param {string} root @returns {Map<string, string>} file, from the root -> content */
function regionFiles(root) {
  const regions = readRegions(root);
  const files = new Map([[MODULE, moduleText(regions)]]);
  for (const region of regions) {
    files.set(`${TRUSTED}/OneShot_${region.name}.cspTrustedSite-meta.xml`, trustedSite(region));
  }
  return files;
}

/** @param {string} root @param {Map<string, string>} files */
function leftOver(root, files) {
  const folder = path.join(root, TRUSTED);
  const present = existsSync(folder) ? readdirSync(folder).map((name) => `${TRUSTED}/${name}`) : [];
  return present.filter((file) => !files.has(file));
}

/** @param {string} root @returns {string[]} the files written */
export function writeRegionFiles(root) {
  const files = regionFiles(root);
  for (const file of leftOver(root, files)) rmSync(path.join(root, file));
  for (const [file, text] of files) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  }
  return [...files.keys()];
}

/** @param {string} root @returns {string[]} files that are not what the list of regions says */
export function staleRegionFiles(root) {
  const files = regionFiles(root);
  /** @param {string} file */
  const isStale = (file) => {
    const target = path.join(root, file);
    return !existsSync(target) || readFileSync(target, 'utf8') !== files.get(file);
  };
  return [...[...files.keys()].filter(isStale), ...leftOver(root, files)];
}
