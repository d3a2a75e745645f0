import { SalesforceError } from '../error.ts';

/** A query that Salesforce could not parse, or that the sandbox does not evaluate: never a guessed answer. */
export function malformed(message: string): SalesforceError {
  return new SalesforceError(400, 'MALFORMED_QUERY', message);
}

/** Longest line that a message quotes whole; of longer ones it quotes the surroundings. */
const EXCERPT = 120;

/**
 * A refusal that shows where: the line, a caret below it, row and column, then the sentence (FACTS B).
 * @param at index in `soql` of what is wrong
 */
export function refusalAt(soql: string, at: number, errorCode: string, sentence: string): SalesforceError {
  const before = soql.slice(0, at);
  const row = before.split('\n').length;
  const lineStart = before.lastIndexOf('\n') + 1;
  const lineEnd = soql.indexOf('\n', at);
  const line = soql.slice(lineStart, lineEnd === -1 ? undefined : lineEnd);
  const column = at - lineStart;
  const cut = line.length > EXCERPT ? Math.max(0, column - EXCERPT / 2) : 0;
  const message =
    `\n${line.slice(cut, cut + EXCERPT)}\n${' '.repeat(column - cut)}^\n` +
    `ERROR at Row:${row}:Column:${column + 1}\n${sentence}`;
  return new SalesforceError(400, errorCode, message);
}

/**
 * Where a name stands in a query, outside string literals and not as part of a longer name.
 * The parser tells no positions; the first place is the one that Salesforce would complain about.
 * @returns an index, 0 when the name is not found
 */
export function placeOf(soql: string, name: string, from = 0): number {
  const wanted = name.toLowerCase();
  const tokens = /'(?:\\.|[^'\\])*'|[A-Za-z][A-Za-z0-9_.]*/g;
  tokens.lastIndex = from;
  for (let match = tokens.exec(soql); match !== null; match = tokens.exec(soql)) {
    if (match[0].toLowerCase() === wanted) return match.index;
  }
  return 0;
}

/** Where the object's name stands: behind the FROM of the outer query, or of the given one. */
export function placeOfObject(soql: string, name: string): number {
  const found = new RegExp(`\\bFROM\\s+(?=${name.replace(/[^A-Za-z0-9_]/g, '\\$&')}\\b)`, 'i').exec(soql);
  return found === null ? placeOf(soql, name) : found.index + found[0].length;
}
