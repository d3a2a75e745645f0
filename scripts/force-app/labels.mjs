// @ts-check
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { XMLParser } from 'fast-xml-parser';

const parser = new XMLParser({
  parseTagValue: false,
  isArray: (name) => name === 'labels' || name === 'customLabels',
});

/**
 * The package's custom labels in a language.
 * @param {string} root
 * @param {string} language `en_US` for the labels themselves, else the name of a translation
 * @returns {Map<string, string>}
 */
export function readLabels(root, language) {
  const folder = path.join(root, 'force-app', 'main', 'default');
  const isOwn = language === 'en_US';
  const file = isOwn ? 'labels/CustomLabels.labels-meta.xml' : `translations/${language}.translation-meta.xml`;
  const xml = parser.parse(readFileSync(path.join(folder, file), 'utf8'));
  /** @type {{ fullName?: string, name?: string, value?: string, label?: string }[]} */
  const list = isOwn ? xml.CustomLabels.labels : xml.Translations.customLabels;
  return new Map(list.map(({ fullName, name, value, label }) => [fullName ?? name ?? '', value ?? label ?? '']));
}

/** @param {string} root @returns {Map<string, string>} label -> a file that imports it */
function usedLabels(root) {
  const lwc = path.join(root, 'force-app', 'main', 'default', 'lwc');
  const files = readdirSync(lwc, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.includes('__tests__'),
  );
  return new Map(
    files.flatMap((file) =>
      [...readFileSync(path.join(lwc, file), 'utf8').matchAll(/from '@salesforce\/label\/c\.(\w+)'/g)].map(
        ([, name = '']) => /** @type {[string, string]} */ ([name, file]),
      ),
    ),
  );
}

/** @param {string} text */
const places = (text) => [...new Set(text.match(/\{\d\}/g) ?? [])].sort().join();

/**
 * Every label that is used exists in both languages with the same places to fill, and none is left over.
 * @param {string} root
 * @returns {string[]}
 */
export function checkLabels(root) {
  const english = readLabels(root, 'en_US');
  const german = readLabels(root, 'de');
  const used = usedLabels(root);
  const wrong = [];
  for (const [name, file] of used) {
    if (!english.has(name)) wrong.push(`${file}: no label ${name}`);
  }
  for (const [name, text] of english) {
    const other = german.get(name);
    if (!used.has(name)) wrong.push(`Label ${name} is used nowhere`);
    if (text === '' || text.length > 1000) wrong.push(`Label ${name} must have 1 to 1000 characters`);
    if (other === undefined || other === '') wrong.push(`Label ${name} has no German text`);
    else if (places(other) !== places(text)) wrong.push(`Label ${name} has other places to fill in German`);
  }
  for (const name of german.keys()) {
    if (!english.has(name)) wrong.push(`German label ${name} translates nothing`);
  }
  return wrong;
}
