// @ts-check
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ComponentSet, MetadataConverter } from '@salesforce/source-deploy-retrieve';
import { XMLParser } from 'fast-xml-parser';
import { MetadataSchema } from './schema.mjs';
import { apiVersion } from './versions.mjs';

const parser = new XMLParser({ ignoreAttributes: true, ignoreDeclaration: true, parseTagValue: false });

/** @param {string} folder @param {RegExp} pattern @returns {string[]} */
function filesBelow(folder, pattern) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => pattern.test(file))
    .sort();
}

/** Elements, values and required parts of each description. @param {string} root @returns {string[]} */
export function checkXml(root) {
  const schema = new MetadataSchema();
  const folder = path.join(root, 'force-app');
  return filesBelow(folder, /\.xml$/).flatMap((file) => {
    /** @type {Record<string, unknown>} */
    const parsed = parser.parse(readFileSync(path.join(folder, file), 'utf8'));
    const [type = '', ...others] = Object.keys(parsed);
    if (others.length > 0) return [`${file}: more than one root element`];
    const place = `${file}: ${type}`;
    // Elements of its own, of which the schema says nothing: see targets.mjs.
    if (type === 'LightningComponentBundle')
      delete (/** @type {Record<string, unknown>} */ (parsed[type]).targetConfigs);
    return schema.check(type, parsed[type], place);
  });
}

/**
 * What a second-generation package cannot hold, or must not: the app's key and secret, the subscriber's own policies,
 * and what belongs to an org alone.
 */
const NEVER_PACKAGED = /\.(?:ecaGlblOauth|ecaOauthPlcy|profile|settings|user|site|connectedApp)-meta\.xml$/;

/** @param {string} root @returns {string[]} */
export function checkPackageable(root) {
  const folder = path.join(root, 'force-app', 'main');
  const never = filesBelow(folder, NEVER_PACKAGED).map((file) => `${file}: cannot be in a package`);
  const apps = filesBelow(folder, /\.eca-meta\.xml$/).filter(
    (file) =>
      !readFileSync(path.join(folder, file), 'utf8').includes('<distributionState>Packaged</distributionState>'),
  );
  return [...never, ...apps.map((file) => `${file}: distributionState must be Packaged`)];
}

/** A component must be deployed whole: its class, module or shared CSS beside its description. @param {string} built */
export function checkBundles(built) {
  const lwc = path.join(built, 'main', 'default', 'lwc');
  return readdirSync(lwc).flatMap((name) => {
    const files = readdirSync(path.join(lwc, name));
    const isStyle = files.includes(`${name}.css`) && !files.some((file) => /\.(js|html)$/.test(file));
    const needed = [`${name}.${isStyle ? 'css' : 'js'}`, `${name}.js-meta.xml`];
    const missing = needed.filter((file) => !files.includes(file));
    const foreign = files.filter((file) => !/\.(js|html|css|svg|js-meta\.xml)$/.test(file));
    return [
      ...missing.map((file) => `lwc/${name}: ${file} is missing`),
      ...foreign.map((file) => `lwc/${name}/${file}: an org does not take this file`),
    ];
  });
}

/**
 * Converts the emitted package as a deployment would, offline.
 * @param {string} built the emitted package
 * @param {string} root of the repository
 * @returns {Promise<string[]>}
 */
export async function checkPackage(built, root) {
  return [...(await convert(built, root)), ...checkBundles(built)];
}

/** @param {string} built @param {string} root @returns {Promise<string[]>} */
async function convert(built, root) {
  const version = apiVersion(root);
  const outputDirectory = mkdtempSync(path.join(tmpdir(), 'force-app-'));
  try {
    const components = ComponentSet.fromSource(built);
    // Without both versions the library asks the network for the newest.
    components.sourceApiVersion = version;
    components.apiVersion = version;
    await new MetadataConverter().convert(components, 'metadata', { type: 'directory', outputDirectory });
    const source = filesBelow(path.join(root, 'force-app', 'main'), /-meta\.xml$/).length;
    const known = components.getSourceComponents().toArray();
    const described = known.reduce(
      (sum, component) => sum + (component.xml ? 1 : 0) + component.getChildren().filter((child) => child.xml).length,
      0,
    );
    // Custom labels are children of one file.
    const inOneFile = known
      .filter((component) => component.type.name === 'CustomLabels')
      .reduce((sum, component) => sum + component.getChildren().length, 0);
    const lost =
      described - inOneFile === source
        ? []
        : [`${String(source)} descriptions in force-app, ${String(described - inOneFile)} of them would be deployed`];
    return lost;
  } catch (error) {
    return [`The package cannot be converted: ${error instanceof Error ? error.message : String(error)}`];
  } finally {
    rmSync(outputDirectory, { recursive: true, force: true });
  }
}
