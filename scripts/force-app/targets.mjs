// @ts-check
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { XMLParser } from 'fast-xml-parser';

/** @typedef {{ '@targets'?: string, property?: { '@name'?: string }[] }} TargetConfig */

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  isArray: (name) => ['target', 'targetConfig', 'property'].includes(name),
});

/**
 * What App Builder offers of a component: each configuration is for targets that the component has, and each property
 * is one that its class takes. Salesforce's own schema says of this part only that it is text.
 * @param {string} root
 * @returns {string[]}
 */
export function checkTargets(root) {
  const lwc = path.join(root, 'force-app', 'main', 'default', 'lwc');
  return readdirSync(lwc).flatMap((name) => {
    const file = path.join(lwc, name, `${name}.js-meta.xml`);
    if (!existsSync(file)) return [];
    const bundle = parser.parse(readFileSync(file, 'utf8')).LightningComponentBundle ?? {};
    /** @type {string[]} */
    const targets = bundle.targets?.target ?? [];
    /** @type {TargetConfig[]} */
    const configs = bundle.targetConfigs?.targetConfig ?? [];
    return configs.flatMap((config) =>
      wrongIn(config, name, targets, readFileSync(path.join(lwc, name, `${name}.ts`), 'utf8')),
    );
  });
}

/** @param {TargetConfig} config @param {string} name @param {string[]} targets @param {string} source */
function wrongIn(config, name, targets, source) {
  const place = `lwc/${name}: targetConfig`;
  const foreign = (config['@targets'] ?? '').split(',').filter((target) => !targets.includes(target.trim()));
  const properties = (config.property ?? []).map((property) => property['@name'] ?? '');
  const unknown = properties.filter((property) => !new RegExp(`@api\\s+(?:get\\s+)?${property}\\b`).test(source));
  return [
    ...foreign.map((target) => `${place}: "${target}" is not among its targets`),
    ...unknown.map((property) => `${place}: the component takes no "${property}"`),
  ];
}
