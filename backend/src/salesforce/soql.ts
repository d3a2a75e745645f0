/**
 * SOQL from parts that are each escaped by kind. jsforce escapes an apostrophe but not a backslash, so `\'` in a value
 * would close the literal (FACTS B): here no string becomes a part without going through one of these functions.
 */

/** A finished SOQL statement. Only `soql` makes one, so no string from outside can become a query. */
export type Soql = string & { readonly __brand: 'Soql' };

/** API name of a field or a path to a parent's field, checked against Salesforce's grammar of names. */
export type FieldName = string & { readonly __brand: 'FieldName' };

/** Salesforce's limit for one statement, characters (FACTS B). */
const MAX_SOQL_LENGTH = 100_000;

/** Ids that fit one statement whose URL stays below Salesforce's 16,384 bytes (27 bytes for an id, encoded). */
export const IDS_PER_QUERY = 400;

const SIMPLE_NAME = /^(?:[A-Za-z][A-Za-z0-9]{0,14}__)?[A-Za-z](?:_?[A-Za-z0-9])*(?:__c|__r|__pc|__pr)?$/;

/** One piece of a statement, already escaped. */
export class SoqlPart {
  readonly #text: string;

  private constructor(text: string) {
    this.#text = text;
  }

  /** For this file's functions only: they are what makes a text safe. */
  static unchecked(text: string): SoqlPart {
    return new SoqlPart(text);
  }

  get text(): string {
    return this.#text;
  }
}

/** Whether this is a field's API name (`ActiveARR__c`, `acme__Score__c`) without a path. */
export function isFieldName(name: string): name is FieldName {
  return name.length <= 80 && SIMPLE_NAME.test(name);
}

/**
 * A field, or a path through parents of at most five levels (`Owner.Name`).
 * @throws TypeError when the name does not follow Salesforce's grammar
 */
export function field(path: string): SoqlPart {
  const steps = path.split('.');
  if (steps.length > 6 || !steps.every(isFieldName)) throw new TypeError('Not a Salesforce field name');
  return SoqlPart.unchecked(path);
}

/** A list of fields, for SELECT. @throws TypeError on a name outside the grammar, or an empty list */
export function fields(paths: readonly string[]): SoqlPart {
  if (paths.length === 0) throw new TypeError('A query selects at least one field');
  return SoqlPart.unchecked(paths.map((path) => field(path).text).join(', '));
}

/** `convertCurrency(Field) alias`: the value in the rep's own currency; multi-currency orgs only. */
export function convertedCurrency(path: string, alias: string): SoqlPart {
  return SoqlPart.unchecked(`convertCurrency(${field(path).text}) ${field(alias).text}`);
}

/** A quoted string literal. Source of the escapes: Salesforce, "Quoted String Escape Sequences". */
export function text(value: string): SoqlPart {
  return SoqlPart.unchecked(`'${escapeText(value)}'`);
}

/** A quoted string literal, or the word that stands for no value. */
export function textOrNull(value: string | undefined): SoqlPart {
  return value === undefined ? SoqlPart.unchecked('NULL') : text(value);
}

/** `('a', 'b')` for IN. @throws TypeError on an empty list */
export function texts(values: readonly string[]): SoqlPart {
  if (values.length === 0) throw new TypeError('IN takes at least one value');
  return SoqlPart.unchecked(`(${values.map((value) => text(value).text).join(',')})`);
}

/** A LIKE pattern that finds `value` as it is, anywhere: its `%` and `_` are no wildcards. */
export function contains(value: string): SoqlPart {
  return SoqlPart.unchecked(`'%${escapeText(value).replace(/[%_]/g, '\\$&')}%'`);
}

/** @throws TypeError when not finite */
export function number(value: number): SoqlPart {
  if (!Number.isFinite(value)) throw new TypeError('Not a number');
  return SoqlPart.unchecked(String(value));
}

/**
 * `('001...', '001...')` for IN.
 * @throws TypeError when empty, longer than IDS_PER_QUERY, or one is not a CRM id
 */
export function ids(values: readonly string[]): SoqlPart {
  if (values.length === 0 || values.length > IDS_PER_QUERY) throw new TypeError(`IN takes 1 to ${IDS_PER_QUERY} ids`);
  if (!values.every((id) => /^[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?$/.test(id))) throw new TypeError('Not a CRM id');
  return SoqlPart.unchecked(`(${values.map((id) => `'${id}'`).join(',')})`);
}

/**
 * soql`SELECT ${fields(['Id', 'Name'])} FROM Account WHERE ${field(paying)} > ${number(0)}`
 * @throws TypeError when the statement is longer than Salesforce takes
 */
export function soql(strings: TemplateStringsArray, ...parts: readonly SoqlPart[]): Soql {
  const statement = strings
    .map((piece, index) => piece + (parts[index]?.text ?? ''))
    .join('')
    .trim();
  if (statement.length > MAX_SOQL_LENGTH) throw new TypeError('This query is longer than Salesforce takes');
  return statement as Soql;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '"': '\\"',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\f': '\\f',
  '\b': '\\b',
};

function escapeText(value: string): string {
  return value.replace(
    /[\\'"\u0000-\u001f\u007f\u2028\u2029]/g,
    (character) => ESCAPES[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
