import { BSONRegExp, Decimal128, Int32, MaxKey, MinKey } from 'bson';
import { compare, rankOf } from '../bson/compare.ts';
import { exact, plain } from '../bson/decimal.ts';
import { isDoc, isNumeric, isTruthy, MISSING, typeOf, type Found, type Value } from '../bson/values.ts';
import { badValue, failedToParse, MongoError, unsupported } from '../errors.ts';
import { compileRegex } from './regex.ts';

/** One condition on one path. */
export type Leaf = {
  /** Whether a single value (or MISSING) satisfies it. */
  test: (value: Found) => boolean;
  /** True for the ones that ask that no value on the path satisfies `test`. */
  negated: boolean;
  /** True for the ones that look at an array as such and not at its elements. */
  wholeArray: boolean;
};

const leaf = (test: Leaf['test'], more: Partial<Leaf> = {}): Leaf => ({
  test,
  negated: false,
  wholeArray: false,
  ...more,
});

/** `{ field: value }`: equality, or a regular expression. */
export function matchesValue(value: Value): Leaf {
  if (!(value instanceof BSONRegExp)) return leaf(equals(value));
  const matches = compileRegex(value);
  return leaf((found) =>
    typeof found === 'string' ? matches(found) : found instanceof BSONRegExp && compare(found, value) === 0,
  );
}

function equals(value: Value): Leaf['test'] {
  if (value === null) return (found) => found === null || found === MISSING;
  if (typeof value === 'string' || typeof value === 'boolean') return (found) => found === value;
  const rank = rankOf(value);
  return (found) => found !== MISSING && rankOf(found) === rank && compare(found, value) === 0;
}

/** @throws MongoError 2 for an operator that MongoDB or this server does not know */
export function leafOperator(name: string, argument: Value): Leaf {
  switch (name) {
    case '$eq':
      return leaf(equals(argument));
    case '$ne':
      if (argument instanceof BSONRegExp) throw badValue("Can't have regex as arg to $ne.");
      return leaf(equals(argument), { negated: true });
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      return leaf(range(name, argument));
    case '$in':
      return leaf(oneOf(name, argument));
    case '$nin':
      return leaf(oneOf(name, argument), { negated: true });
    case '$exists':
      return leaf((found) => found !== MISSING, { negated: !isTruthy(argument) });
    case '$type':
      return leaf(hasType(argument));
    case '$size': {
      const size = wholeNumber(argument);
      if (size === undefined) throw badValue('Failed to parse $size. Expected an integer in: $size');
      if (size < 0) throw badValue('Failed to parse $size. Expected a non-negative number in: $size');
      return leaf((found) => Array.isArray(found) && found.length === size, { wholeArray: true });
    }
    case '$mod':
      return leaf(modulo(argument));
    default:
      if (
        [
          '$bitsAllSet',
          '$bitsAllClear',
          '$bitsAnySet',
          '$bitsAnyClear',
          '$near',
          '$nearSphere',
          '$geoWithin',
          '$geoIntersects',
          '$expr',
        ].includes(name)
      )
        throw unsupported(name);
      throw badValue(`unknown operator: ${name}`);
  }
}

/** Ranges compare within the type of the argument only; with null, equality is all there is. */
function range(name: '$gt' | '$gte' | '$lt' | '$lte', limit: Value): Leaf['test'] {
  if (limit instanceof BSONRegExp) throw badValue(`Can't have RegEx as arg to predicate over field '${name}'.`);
  if (limit instanceof MinKey || limit instanceof MaxKey) throw unsupported(`${name} with MinKey or MaxKey`);
  const inclusive = name.endsWith('e');
  if (limit === null) return inclusive ? equals(null) : () => false;
  if (isNaNValue(limit)) return inclusive ? equals(limit) : () => false;
  const rank = rankOf(limit);
  const sign = name.startsWith('$g') ? 1 : -1;
  return (found) => {
    if (found === MISSING || rankOf(found) !== rank || isNaNValue(found)) return false;
    const order = compare(found, limit) * sign;
    return order > 0 || (inclusive && order === 0);
  };
}

const isNaNValue = (value: Value): boolean => isNumeric(value) && Number.isNaN(plain(value));

function oneOf(name: string, argument: Value): Leaf['test'] {
  if (!Array.isArray(argument)) throw badValue(`${name} needs an array`);
  const strings = new Set<string>();
  const tests: Leaf['test'][] = [];
  for (const value of argument) {
    if (typeof value === 'string') strings.add(value);
    else if (isDoc(value) && value.keys().next().value?.startsWith('$')) throw badValue(`cannot nest $ under ${name}`);
    else tests.push(matchesValue(value).test);
  }
  return (found) => (typeof found === 'string' && strings.has(found)) || tests.some((test) => test(found));
}

const TYPE_NAMES: Readonly<Record<string, number>> = {
  double: 1,
  string: 2,
  object: 3,
  array: 4,
  binData: 5,
  undefined: 6,
  objectId: 7,
  bool: 8,
  date: 9,
  null: 10,
  regex: 11,
  dbPointer: 12,
  javascript: 13,
  symbol: 14,
  javascriptWithScope: 15,
  int: 16,
  timestamp: 17,
  long: 18,
  decimal: 19,
  minKey: -1,
  maxKey: 127,
};
const NUMBERS = [1, 16, 18, 19];

function hasType(argument: Value): Leaf['test'] {
  const wanted = new Set((Array.isArray(argument) ? argument : [argument]).flatMap(typeNumbers));
  if (wanted.size === 0) throw failedToParse('$type must match at least one type');
  return (found) => found !== MISSING && wanted.has(typeOf(found).number);
}

function typeNumbers(argument: Value): number[] {
  if (typeof argument === 'string') {
    if (argument === 'number') return NUMBERS;
    const number = TYPE_NAMES[argument];
    if (number === undefined || !Object.hasOwn(TYPE_NAMES, argument))
      throw badValue(`Unknown type name alias: ${argument}`);
    return [number];
  }
  const number = wholeNumber(argument);
  if (number === undefined) throw new MongoError(14, 'type must be represented as a number or a string');
  if (!Object.values(TYPE_NAMES).includes(number)) throw badValue(`Invalid numerical type code: ${number}`);
  return [number];
}

function modulo(argument: Value): Leaf['test'] {
  if (!Array.isArray(argument)) throw badValue('malformed mod, needs to be an array');
  if (argument.length < 2) throw badValue('malformed mod, not enough elements');
  if (argument.length > 2) throw badValue('malformed mod, too many elements');
  const [divisor, remainder] = argument.map((value) => truncated(value));
  if (divisor === undefined) throw badValue('malformed mod, divisor not a number');
  if (remainder === undefined) throw badValue('malformed mod, remainder not a number');
  if (divisor === 0n) throw badValue('divisor cannot be 0');
  return (found) => {
    const number = found === MISSING ? undefined : truncated(found);
    return number !== undefined && number % divisor === remainder;
  };
}

const INT64 = 1n << 63n;

/** The integer part of a number within int64, else undefined. */
function truncated(value: Value): bigint | undefined {
  if (!isNumeric(value)) return undefined;
  const number = plain(value);
  if (typeof number === 'number' && !Number.isFinite(number)) return undefined;
  const { coefficient, exponent } = exact(number);
  if (exponent > 40) return undefined;
  const whole = exponent >= 0 ? coefficient * 10n ** BigInt(exponent) : coefficient / 10n ** BigInt(-exponent);
  return whole >= -INT64 && whole < INT64 ? whole : undefined;
}

/** A number without fraction as a JavaScript number, else undefined. */
export function wholeNumber(value: Value): number | undefined {
  if (!isNumeric(value)) return undefined;
  const number =
    value instanceof Int32 ? value.value : value instanceof Decimal128 ? Number(value.toString()) : Number(value);
  return Number.isSafeInteger(number) ? number : undefined;
}
