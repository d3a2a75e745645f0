import type { FieldSchema, ObjectSchema, Value } from '../org/schema.ts';
import {
  asDay, asFolded, asMoment, asNumber, asText, fold, idLiteral, likeTest, ordered, rangeTest, textTest,
  type Ordering, type ValueTest,
} from './compare.ts'; // prettier-ignore
import { localDay } from './date-literal.ts';
import { literalOf, unescapeText, type Literal } from './literal.ts';
import { malformed } from './refusal.ts';
import type { Path, Scope } from './scope.ts';

/** A comparison with literals, as the parser read it. */
export interface LiteralComparison {
  readonly operator: string;
  readonly value: string | readonly string[];
  readonly literalType?: string | readonly string[];
}

const ORDERINGS: readonly string[] = ['=', '!=', '<', '<=', '>', '>='];
const isOrdering = (operator: string): operator is Ordering => ORDERINGS.includes(operator);

type Family = 'text' | 'list' | 'id' | 'boolean' | 'number' | 'date' | 'datetime';

function familyOf(field: FieldSchema): Family {
  switch (field.type) {
    case 'id':
    case 'reference':
      return 'id';
    case 'boolean':
    case 'date':
    case 'datetime':
      return field.type;
    case 'int':
    case 'double':
    case 'currency':
    case 'percent':
      return 'number';
    case 'multipicklist':
      return 'list';
    case 'string':
    case 'email':
    case 'phone':
    case 'url':
    case 'picklist':
    case 'textarea':
    case 'encryptedstring':
      return 'text';
  }
}

/**
 * Refuses what cannot be filtered by: long text, encrypted text.
 * @throws SalesforceError INVALID_FIELD
 */
export function requireFilterable(scope: Scope, path: Path): void {
  if (path.field.filterable) return;
  throw scope.refuse(
    path.written,
    'INVALID_FIELD',
    `field '${path.field.name}' can not be filtered in a query call`,
    'WHERE',
  );
}

/**
 * The test that a value of the path must pass.
 * @throws SalesforceError INVALID_FIELD for a literal of another type, INVALID_QUERY_FILTER_OPERATOR for an operator
 *   that the type does not have, MALFORMED_QUERY for what is not evaluated
 */
export function comparisonTest(scope: Scope, path: Path, comparison: LiteralComparison): ValueTest {
  const operator = normalOperator(comparison.operator);
  const { value, literalType } = comparison;
  if (operator === 'LIKE') return likeOf(scope, path, value, literalType);
  const isList = Array.isArray(value);
  const raws: readonly string[] = typeof value === 'string' ? [value] : value;
  const literals = raws.map((raw, index) =>
    literalOf(raw, typeof literalType === 'string' ? literalType : literalType?.[index], scope.today),
  );
  if (isOrdering(operator)) {
    const [literal] = literals;
    if (literal === undefined || isList) throw malformed(`unexpected token: '('`);
    return one(scope, path, operator, literal);
  }
  if (!isList) throw malformed(`unexpected token: '${raws[0] ?? ''}'`);
  if (operator === 'INCLUDES' || operator === 'EXCLUDES') return listTest(scope, path, operator, literals);
  if (operator !== 'IN' && operator !== 'NOT IN') throw malformed(`unexpected token: '${comparison.operator}'`);
  if (familyOf(path.field) === 'list') throw invalidOperator(scope, path);
  const fits = oneOf(scope, path, literals);
  return operator === 'IN' ? fits : (given) => !fits(given);
}

function normalOperator(operator: string): string {
  const upper = operator.toUpperCase().replace(/\s+/g, ' ');
  return upper === '<>' ? '!=' : upper;
}

/** IN: a set where literals are alike, so that thousands of ids cost one look-up a row. */
function oneOf(scope: Scope, path: Path, literals: readonly Literal[]): ValueTest {
  const family = familyOf(path.field);
  if (literals.some(({ kind }) => kind === 'range')) throw malformed('Date literals are not evaluated in a list');
  if (family !== 'id' && family !== 'text') {
    const tests = literals.map((literal) => one(scope, path, '=', literal));
    return (value) => tests.some((test) => test(value));
  }
  const set = new Set<string | null>();
  for (const literal of literals) {
    if (literal.kind === 'null') set.add(null);
    else if (literal.kind !== 'string') throw wrongKind(scope, path);
    else if (family === 'id') set.add(requireId(scope, path, literal.value));
    else set.add(literal.value === '' ? null : fold(literal.value));
  }
  const read: (value: Value) => string | null = family === 'id' ? asText : asFolded;
  return (value) => set.has(read(value));
}

function one(scope: Scope, path: Path, operator: Ordering, literal: Literal): ValueTest {
  const family = familyOf(path.field);
  if (literal.kind === 'null' || (literal.kind === 'string' && literal.value === '' && family === 'text')) {
    if (operator !== '=' && operator !== '!=') throw invalidOperator(scope, path);
    return operator === '=' ? (value) => value === null : (value) => value !== null;
  }
  switch (family) {
    case 'text':
      if (literal.kind !== 'string') throw wrongKind(scope, path);
      return textTest(operator, literal.value);
    case 'list':
      if (literal.kind !== 'string') throw wrongKind(scope, path);
      if (operator !== '=' && operator !== '!=') throw invalidOperator(scope, path);
      return textTest(operator, literal.value);
    case 'id': {
      if (literal.kind !== 'string') throw wrongKind(scope, path);
      const id = requireId(scope, path, literal.value);
      if (id === null) return operator === '=' ? (value) => value === null : (value) => value !== null;
      return ordered(operator, asText, (value) => (value === id ? 0 : value < id ? -1 : 1));
    }
    case 'boolean':
      if (literal.kind !== 'boolean') throw wrongKind(scope, path);
      if (operator !== '=' && operator !== '!=') throw invalidOperator(scope, path);
      return (value) => (value === literal.value) === (operator === '=');
    case 'number':
      if (literal.kind !== 'number') throw wrongKind(scope, path);
      return ordered(operator, asNumber, (value) => value - literal.value);
    case 'date': {
      if (literal.kind === 'range') return rangeOf(operator, literal, true);
      if (literal.kind !== 'date') throw wrongKind(scope, path);
      const day = localDay(Date.parse(`${literal.value}T00:00:00Z`), 'UTC');
      return ordered(operator, asDay, (value) => value - day);
    }
    case 'datetime':
      if (literal.kind === 'range') return rangeOf(operator, literal, false);
      if (literal.kind !== 'datetime') throw wrongKind(scope, path);
      return ordered(operator, asMoment, (value) => value - literal.value);
  }
}

function rangeOf(operator: Ordering, literal: Extract<Literal, { kind: 'range' }>, isDate: boolean): ValueTest {
  if (literal.value.endsNow && (operator === '>' || operator === '<=')) {
    throw malformed(`The operator ${operator} is not evaluated with a date literal that ends now`);
  }
  return rangeTest(operator, literal.value, isDate);
}

function requireId(scope: Scope, path: Path, text: string): string | null {
  if (text === '') return null;
  const id = idLiteral(text);
  if (id !== undefined) return id;
  throw scope.refuse(path.written, 'INVALID_QUERY_FILTER_OPERATOR', `invalid ID field: ${text}`, 'WHERE');
}

function likeOf(
  scope: Scope,
  path: Path,
  value: LiteralComparison['value'],
  literalType: LiteralComparison['literalType'],
): ValueTest {
  if (familyOf(path.field) !== 'text') throw invalidOperator(scope, path);
  if (literalType !== 'STRING' || typeof value !== 'string') throw wrongKind(scope, path);
  return likeTest(unescapeText(value, true));
}

/** INCLUDES: one of the literals, all of whose values (split at `;`) the field holds. EXCLUDES: none. */
function listTest(scope: Scope, path: Path, operator: string, literals: readonly Literal[]): ValueTest {
  if (familyOf(path.field) !== 'list') throw invalidOperator(scope, path);
  const wanted = literals.map((literal) => {
    if (literal.kind !== 'string') throw wrongKind(scope, path);
    return literal.value.split(';').map((part) => fold(part.trim()));
  });
  const includes: ValueTest = (value) => {
    if (typeof value !== 'string') return false;
    const held = new Set(fold(value).split(';'));
    return wanted.some((all) => all.every((part) => held.has(part)));
  };
  return operator === 'INCLUDES' ? includes : (value) => !includes(value);
}

/** Money with a code, `Amount > USD5000`: the amounts of all currencies are converted before they are compared. */
export function moneyTest(
  scope: Scope,
  path: Path,
  comparison: LiteralComparison,
): ((converted: number) => boolean) | undefined {
  const { literalType, value, operator } = comparison;
  if (typeof literalType !== 'string' || !literalType.endsWith('_CURRENCY_PREFIX')) return undefined;
  const literal = typeof value === 'string' ? literalOf(value, literalType, scope.today) : undefined;
  const normal = normalOperator(operator);
  if (literal?.kind !== 'money' || !isOrdering(normal)) throw malformed(`unexpected token: '${String(value)}'`);
  if (path.field.type !== 'currency' || !scope.org.flags.multiCurrency) throw wrongKind(scope, path);
  const rate = scope.org.money.rates().get(literal.currency);
  if (rate === undefined) throw malformed(`Invalid currency: ${literal.currency}`);
  const wanted = literal.value / rate;
  return ordered(normal, asNumber, (amount) => amount - wanted);
}

const TYPE_NAMES: Readonly<Record<Family, string>> = {
  text: 'string',
  list: 'string',
  id: 'ID',
  boolean: 'boolean',
  number: 'double',
  date: 'date',
  datetime: 'dateTime',
};

function wrongKind(scope: Scope, path: Path): Error {
  const family = familyOf(path.field);
  const quoted = family === 'text' || family === 'list' || family === 'id';
  const sentence =
    `value of filter criterion for field '${path.field.name}' must be of type ${TYPE_NAMES[family]} ` +
    `and should ${quoted ? '' : 'not '}be enclosed in quotes`;
  return scope.refuse(path.written, 'INVALID_FIELD', sentence, 'WHERE');
}

function invalidOperator(scope: Scope, path: Path): Error {
  const name = TYPE_NAMES[familyOf(path.field)].toLowerCase();
  return scope.refuse(path.written, 'INVALID_QUERY_FILTER_OPERATOR', `invalid operator on ${name} field`, 'WHERE');
}

/** Whether a field of this object can stand on the left of IN (SELECT ...), or be what that selects. */
export function requireIdField(path: Path, object: ObjectSchema): void {
  if (familyOf(path.field) === 'id') return;
  throw malformed(`The field ${path.field.name} of ${object.name} is no id: semi-joins compare ids only`);
}
