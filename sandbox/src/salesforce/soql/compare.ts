import type { Literal } from './literal.ts';
import { localDay } from './date-literal.ts';
import { ANY_CHARACTER, ANY_TEXT } from './literal.ts';
import type { Value } from '../org/schema.ts';
import { normaliseId } from '../org/ids.ts';

/** Whether a field's value fits. */
export type ValueTest = (value: Value) => boolean;

export type Ordering = '=' | '!=' | '<' | '<=' | '>' | '>=';

/** The order of texts in Salesforce: letters by language, letter case last. Also what ORDER BY uses. */
export const collator = new Intl.Collator('en', { numeric: false, ignorePunctuation: false });

/** Compares by an operator; null equals null only and is neither less nor more than anything. */
export function ordered<T>(
  operator: Ordering,
  read: (value: Value) => T | null,
  compare: (value: T) => number,
): ValueTest {
  switch (operator) {
    case '=':
      return (value) => holds(read(value), (known) => compare(known) === 0);
    case '!=':
      return (value) => !holds(read(value), (known) => compare(known) === 0);
    case '<':
      return (value) => holds(read(value), (known) => compare(known) < 0);
    case '<=':
      return (value) => holds(read(value), (known) => compare(known) <= 0);
    case '>':
      return (value) => holds(read(value), (known) => compare(known) > 0);
    case '>=':
      return (value) => holds(read(value), (known) => compare(known) >= 0);
  }
}

function holds<T>(value: T | null, test: (value: T) => boolean): boolean {
  return value !== null && test(value);
}

/** Texts without letter case, as SOQL compares them. */
export const fold = (text: string): string => text.toLowerCase();

export const asFolded = (value: Value): string | null => (typeof value === 'string' ? fold(value) : null);
export const asNumber = (value: Value): number | null => (typeof value === 'number' ? value : null);
export const asText = (value: Value): string | null => (typeof value === 'string' ? value : null);

/** Text against a literal: equality without letter case, order as `collator`. */
export function textTest(operator: Ordering, literal: string): ValueTest {
  const wanted = fold(literal);
  if (operator === '=' || operator === '!=') return ordered(operator, asFolded, (value) => (value === wanted ? 0 : 1));
  return ordered(operator, asFolded, (value) => collator.compare(value, wanted));
}

/** A date field, or a datetime field, against the days of a date literal. */
export function rangeTest(
  operator: Ordering,
  range: Extract<Literal, { kind: 'range' }>['value'],
  isDate: boolean,
): ValueTest {
  const [start, end] = isDate ? [range.start, range.end] : [range.startAt, range.endAt];
  const read = isDate ? asDay : asMoment;
  switch (operator) {
    case '=':
    case '!=':
      return ordered(operator, read, (at) => (at >= start && at < end ? 0 : 1));
    case '<':
    case '>=':
      return ordered(operator, read, (at) => at - start);
    case '<=':
    case '>':
      // `> X` is "not before the end of X", `<= X` the opposite.
      return ordered(operator === '>' ? '>=' : '<', read, (at) => at - end);
  }
}

/** Days since 1970 of a stored date. */
export const asDay = (value: Value): number | null =>
  typeof value === 'string' ? localDay(Date.parse(`${value}T00:00:00Z`), 'UTC') : null;

/** Epoch milliseconds of a stored datetime. */
export const asMoment = (value: Value): number | null =>
  typeof value === 'string' ? Date.parse(value.replace('+0000', 'Z')) : null;

/** Ids: 15 or 18 characters mean the same record. @returns undefined for a text that is no id */
export const idLiteral = normaliseId;

/**
 * LIKE: wildcards as marks, the rest without letter case. Linear walk with one step back, so that no pattern can make
 * it slow.
 */
export function likeTest(pattern: string): ValueTest {
  const wanted = Array.from(fold(pattern));
  return (value) => typeof value === 'string' && matches(Array.from(fold(value)), wanted);
}

function matches(text: readonly string[], pattern: readonly string[]): boolean {
  let t = 0;
  let p = 0;
  let star = -1;
  let retry = 0;
  while (t < text.length) {
    if (p < pattern.length && pattern[p] === ANY_TEXT) {
      star = p++;
      retry = t;
    } else if (p < pattern.length && (pattern[p] === ANY_CHARACTER || pattern[p] === text[t])) {
      p++;
      t++;
    } else if (star !== -1) {
      p = star + 1;
      t = ++retry;
    } else return false;
  }
  while (pattern[p] === ANY_TEXT) p++;
  return p === pattern.length;
}
