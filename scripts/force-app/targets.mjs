// @ts-check
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { XMLParser } from 'fast-xml-parser';

/**
 * @typedef {Record<'@name' | '@type' | '@label' | '@default' | '@min' | '@max' | '@datasource', string | undefined>} Property
 * @typedef {{ '@targets'?: string, property?: Property[] }} TargetConfig
 */

/** Kinds that a property on a page may have. Source: LWC Developer Guide, XML configuration file, `property`. */
const TYPES = ['Boolean', 'Color', 'ContentReference', 'Integer', 'String'];
/** What a drawing may be made of: an icon is shown in App Builder, where nothing of it may run or be fetched. */
const DRAWN = ['svg', 'rect', 'path', 'circle', 'g'];

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  isArray: (name) => ['target', 'targetConfig', 'property'].includes(name),
});

/**
 * What App Builder offers of a component: each configuration is for targets that the component has, each property is one
 * that its class takes, of a kind and with a default that make sense, and whatever is offered has words and an icon.
 * Salesforce's own schema says of this part only that it is text.
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
    return [
      ...(bundle.isExposed === 'true' ? wrongToShow(bundle, lwc, name) : []),
      ...configs.flatMap((config) =>
        wrongIn(config, name, targets, readFileSync(path.join(lwc, name, `${name}.ts`), 'utf8')),
      ),
    ];
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
    ...(config.property ?? []).flatMap((property) => wrongProperty(property).map((wrong) => `${place}: ${wrong}`)),
  ];
}

/** @param {Property} property @returns {string[]} */
function wrongProperty(property) {
  const { '@name': name = '', '@type': type = '', '@label': label = '', '@default': otherwise } = property;
  const wrong = [];
  if (!/^[a-z][A-Za-z0-9]*$/.test(name)) wrong.push(`"${name}" is no name of a property`);
  if (label.trim() === '') wrong.push(`"${name}" has no label`);
  if (!TYPES.includes(type)) wrong.push(`"${name}" is of no kind that App Builder knows: "${type}"`);
  // A Boolean of a component is false where it is not set: a page that was made before would change its mind.
  if (type === 'Boolean' && otherwise !== undefined && otherwise !== 'false')
    wrong.push(`"${name}" must be off at first`);
  if (type === 'Integer') {
    const [least, most, first] = [property['@min'], property['@max'], otherwise].map(Number);
    if (![least, most, first].every(Number.isInteger) || least > first || first > most)
      wrong.push(`"${name}" needs whole numbers with min <= default <= max`);
  }
  return wrong;
}

/** @param {Record<string, unknown>} bundle @param {string} lwc @param {string} name @returns {string[]} */
function wrongToShow(bundle, lwc, name) {
  const missing = ['masterLabel', 'description'].filter((part) => String(bundle[part] ?? '').trim() === '');
  const icon = path.join(lwc, name, `${name}.svg`);
  if (!existsSync(icon)) missing.push(`${name}.svg`);
  const drawing = existsSync(icon) ? readFileSync(icon, 'utf8') : '';
  const tags = [...drawing.matchAll(/<\/?([A-Za-z!?][\w:-]*)/g)].map(([, tag = '']) => tag);
  const foreign = tags.filter((tag) => !DRAWN.includes(tag));
  if (/\s(?:on\w+|href|xlink:href|style|class)\s*=/.test(drawing)) foreign.push('an attribute');
  return [
    ...missing.map((part) => `lwc/${name}: App Builder offers it, and it has no ${part}`),
    ...[...new Set(foreign)].map((part) => `lwc/${name}/${name}.svg: ${part} is no part of an icon`),
    ...(drawing !== '' && !/^<svg [^>]*viewBox="0 0 100 100"/.test(drawing)
      ? [`lwc/${name}/${name}.svg: an icon is drawn on 100 by 100`]
      : []),
  ];
}
