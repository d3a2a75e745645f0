import { isDate, parseDatetime } from '../org/values.ts';
import { literalRange, type Range } from './date-literal.ts';
import { malformed } from './refusal.ts';

/** A value of a condition, typed by how it was written. */
export type Literal =
  | { readonly kind: 'string'; readonly raw: string; readonly value: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'money'; readonly value: number; readonly currency: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'null' }
  | { readonly kind: 'date'; readonly value: string }
  | { readonly kind: 'datetime'; readonly value: number }
  | { readonly kind: 'range'; readonly value: Range };

export interface Today {
  /** Epoch milliseconds. */
  readonly now: number;
  /** IANA name of the user's time zone. */
  readonly timezone: string;
}

/**
 * Reads one value as the parser hands it over.
 * @param raw the text of the query
 * @param type the parser's name of the kind
 */
export function literalOf(raw: string, type: string | undefined, today: Today): Literal {
  switch (type) {
    case 'STRING':
      return { kind: 'string', raw, value: unescapeText(raw, false) };
    case 'INTEGER':
    case 'DECIMAL':
      if (!/^[+-]?\d+(?:\.\d+)?$/.test(raw)) throw malformed(`unexpected token: '${raw}'`);
      return { kind: 'number', value: Number(raw) };
    case 'INTEGER_WITH_CURRENCY_PREFIX':
    case 'DECIMAL_WITH_CURRENCY_PREFIX':
      return { kind: 'money', currency: raw.slice(0, 3).toUpperCase(), value: Number(raw.slice(3)) };
    case 'BOOLEAN':
      return { kind: 'boolean', value: raw.toUpperCase() === 'TRUE' };
    case 'NULL':
      return { kind: 'null' };
    case 'DATE':
      if (!isDate(raw)) throw malformed(`line 1: Invalid date: ${raw}`);
      return { kind: 'date', value: raw };
    case 'DATETIME': {
      const at = parseDatetime(raw);
      if (at === undefined) throw malformed(`line 1: Invalid datetime: ${raw}`);
      return { kind: 'datetime', value: at };
    }
    case 'DATE_LITERAL':
    case 'DATE_N_LITERAL': {
      const range = literalRange(raw, today.now, today.timezone);
      if (range === undefined) throw malformed(`unexpected token: '${raw}'`);
      return { kind: 'range', value: range };
    }
    case undefined:
    default:
      throw malformed(`unexpected token: '${raw}'`);
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  b: '\b',
  f: '\f',
  '"': '"',
  "'": "'",
  '\\': '\\',
};

/** Marks in a LIKE pattern after escapes are read: private-use characters that no query may contain. */
export const ANY_TEXT = '\uE000';
export const ANY_CHARACTER = '\uE001';

/**
 * Reads a quoted string. Source of the escapes: Salesforce, "Quoted String Escape Sequences" (FACTS B).
 * @param like whether `%` and `_` are wildcards (they come back as marks) and `\%` `\_` are allowed
 * @throws SalesforceError MALFORMED_QUERY for a text without quotes or with another escape
 */
export function unescapeText(raw: string, like: boolean): string {
  if (raw.length < 2 || !raw.startsWith("'") || !raw.endsWith("'")) throw malformed(`unexpected token: '${raw}'`);
  const body = raw.slice(1, -1);
  if (like && /[\uE000\uE001]/.test(body))
    throw malformed('Invalid string literal: private-use character in a pattern');
  let text = '';
  for (let i = 0; i < body.length; i++) {
    const character = body.charAt(i);
    if (character !== '\\') {
      text += like && character === '%' ? ANY_TEXT : like && character === '_' ? ANY_CHARACTER : character;
      continue;
    }
    const escape = body.charAt(++i);
    const simple = ESCAPES[/[A-Z]/.test(escape) ? escape.toLowerCase() : escape];
    if (simple !== undefined) text += simple;
    else if (like && (escape === '%' || escape === '_')) text += escape;
    else if (/u/i.test(escape) && /^[0-9A-Fa-f]{4}$/.test(body.slice(i + 1, i + 5))) {
      text += String.fromCharCode(parseInt(body.slice(i + 1, i + 5), 16));
      i += 4;
    } else {
      throw malformed(`Invalid string literal ${raw}. Illegal character sequence '\\${escape}' in string literal.`);
    }
  }
  return text;
}
