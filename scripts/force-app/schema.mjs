// @ts-check
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/** @typedef {{ type: string, isList: boolean, isRequired: boolean }} Field */

const require = createRequire(import.meta.url);

/**
 * Salesforce's own description of every metadata type (@salesforce/types), read as text: types with their fields, and
 * the closed lists of values.
 */
export class MetadataSchema {
  /** @type {Map<string, Map<string, Field>>} */
  #objects = new Map();
  /** @type {Map<string, string[]>} */
  #parents = new Map();
  /** @type {Map<string, string[]>} */
  #values = new Map();

  constructor() {
    const file = path.join(path.dirname(require.resolve('@salesforce/types/metadata')), 'metadata.d.ts');
    const text = readFileSync(file, 'utf8');
    for (const [, name = '', list = ''] of text.matchAll(/^export type (\w+) = ((?:'[^']*'(?: \| )?)+);$/gm)) {
      this.#values.set(
        name,
        [...list.matchAll(/'([^']*)'/g)].map(([, value = '']) => value),
      );
    }
    for (const [, name = '', parents = '', body = ''] of text.matchAll(
      /^export type (\w+) = ((?:\w+ & )*)\{\n([\s\S]*?)^\};$/gm,
    )) {
      const fields = [...body.matchAll(/^ {4}(\w+)(\??): ([\w.]+)(\[\])?;$/gm)].map(
        ([, field = '', optional, type = '', list]) =>
          /** @type {[string, Field]} */ ([
            field,
            { type, isList: list !== undefined, isRequired: optional === '' && list === undefined },
          ]),
      );
      this.#objects.set(name, new Map(fields));
      this.#parents.set(name, parents.split(' & ').filter(Boolean));
    }
  }

  /** @param {string} type @returns {Map<string, Field> | undefined} its own fields and the inherited ones */
  #fieldsOf(type) {
    const own = this.#objects.get(type);
    if (!own) return undefined;
    const inherited = (this.#parents.get(type) ?? []).flatMap((parent) => [...(this.#fieldsOf(parent) ?? [])]);
    return new Map([...inherited, ...own]);
  }

  /**
   * @param {string} type name of a metadata type
   * @param {unknown} value its XML, parsed: text as strings, repeated elements as arrays
   * @param {string} place where it stands, for the messages
   * @returns {string[]} what is wrong with it
   */
  check(type, value, place = type) {
    const allowed = this.#values.get(type);
    if (allowed)
      return allowed.includes(String(value)) ? [] : [`${place}: "${String(value)}" is none of ${allowed.join(', ')}`];
    if (type === 'boolean') return /^(true|false)$/.test(String(value)) ? [] : [`${place}: must be true or false`];
    if (type === 'number') return /^-?\d+(\.\d+)?$/.test(String(value)) ? [] : [`${place}: must be a number`];
    const fields = this.#fieldsOf(type);
    if (!fields) return typeof value === 'object' && type === 'string' ? [`${place}: must be text`] : [];
    if (typeof value !== 'object' || value === null) return [`${place}: must have elements`];
    return this.#checkFields(fields, /** @type {Record<string, unknown>} */ (value), place);
  }

  /** @param {Map<string, Field>} fields @param {Record<string, unknown>} value @param {string} place */
  #checkFields(fields, value, place) {
    const wrong = [];
    for (const [name, content] of Object.entries(value)) {
      const field = fields.get(name);
      const items = Array.isArray(content) ? content : [content];
      if (!field) wrong.push(`${place}: no element "${name}" exists`);
      else if (items.length > 1 && !field.isList) wrong.push(`${place}: "${name}" may stand once only`);
      else wrong.push(...items.flatMap((item) => this.check(field.type, item, `${place} > ${name}`)));
    }
    for (const [name, field] of fields) {
      if (field.isRequired && !(name in value)) wrong.push(`${place}: "${name}" is missing`);
    }
    return wrong;
  }
}
