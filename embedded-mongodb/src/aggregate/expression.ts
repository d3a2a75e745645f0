import { compare } from '../bson/compare.ts';
import { isNumeric, isDoc, isTruthy, MISSING, typeOf, type Doc, type Found, type Value } from '../bson/values.ts';
import { MongoError, unsupported } from '../errors.ts';
import { calculate } from '../update/arithmetic.ts';
import type { Numeric } from '../bson/decimal.ts';
import { present } from '../present.ts';

/** Computes a value from a document; MISSING where MongoDB would leave the field out. */
export type Expression = (document: Doc) => Found;

const COMPARISONS: Readonly<Record<string, (order: number) => boolean>> = {
  $eq: (order) => order === 0,
  $ne: (order) => order !== 0,
  $gt: (order) => order > 0,
  $gte: (order) => order >= 0,
  $lt: (order) => order < 0,
  $lte: (order) => order <= 0,
};

/**
 * Compiles an aggregation expression: field paths, $$ROOT, literals, documents, arrays, comparisons, $and, $or, $not,
 * $cond, $ifNull, $size, $concat, $add, $multiply, $literal.
 * @throws MongoError 2 for any other operator
 */
export function compileExpression(value: Value): Expression {
  if (typeof value === 'string' && value.startsWith('$')) return fieldPath(value);
  if (Array.isArray(value)) {
    const elements = value.map(compileExpression);
    return (document) => elements.map((element) => orNull(element(document)));
  }
  if (!isDoc(value)) return () => value;
  const [first] = value.keys();
  if (first?.startsWith('$')) {
    if (value.size !== 1)
      throw new MongoError(15983, 'An object representing an expression must have exactly one field');
    return operator(first, value.get(first) as Value);
  }
  const fields = [...value].map(([name, inner]): [string, Expression] => {
    if (name === '' || name.includes('.'))
      throw new MongoError(16405, `FieldPath field names may not contain '.' or be empty: '${name}'`);
    return [name, compileExpression(inner)];
  });
  return (document) => {
    const result: Doc = new Map();
    for (const [name, compute] of fields) {
      const computed = compute(document);
      if (computed !== MISSING) result.set(name, computed);
    }
    return result;
  };
}

const orNull = (value: Found): Value => (value === MISSING ? null : value);

function fieldPath(text: string): Expression {
  if (text === '$$ROOT' || text === '$$CURRENT') return (document) => document;
  if (text.startsWith('$$')) {
    if (text.startsWith('$$ROOT.') || text.startsWith('$$CURRENT.'))
      return fieldPath(`$${text.slice(text.indexOf('.') + 1)}`);
    throw unsupported(`The variable ${text}`);
  }
  const path = text.slice(1).split('.');
  if (path.includes('')) throw new MongoError(40352, 'FieldPath field names may not be empty strings');
  if (path.some((part) => part.startsWith('$')))
    throw new MongoError(16410, `FieldPath field names may not start with '$'. Given '${text}'.`);
  return (document) => follow(document, path, 0);
}

/** Through arrays a path collects what is there; positions are no part of a path in an expression. */
function follow(value: Value, path: readonly string[], at: number): Found {
  if (at === path.length) return value;
  if (isDoc(value)) {
    const next = value.get(present(path[at]));
    return next === undefined ? MISSING : follow(next, path, at + 1);
  }
  if (!Array.isArray(value)) return MISSING;
  // Only documents directly in the array count: an array in an array is not entered.
  return value
    .map((element) => (isDoc(element) ? follow(element, path, at) : MISSING))
    .filter((found) => found !== MISSING);
}

function operator(name: string, argument: Value): Expression {
  if (name === '$literal') return () => argument;
  const test = Object.hasOwn(COMPARISONS, name) ? COMPARISONS[name] : undefined;
  if (test) {
    const [left, right] = arity(name, argument, 2) as [Expression, Expression];
    return (document) => test(compareFound(left(document), right(document)));
  }
  switch (name) {
    case '$and': {
      const parts = list(argument);
      return (document) => parts.every((part) => truth(part(document)));
    }
    case '$or': {
      const parts = list(argument);
      return (document) => parts.some((part) => truth(part(document)));
    }
    case '$not': {
      const [part] = arity(name, argument, 1) as [Expression];
      return (document) => !truth(part(document));
    }
    case '$cond':
      return condition(argument);
    case '$ifNull': {
      const parts = list(argument);
      if (parts.length < 2) throw new MongoError(1257300, `$ifNull needs at least two arguments, had: ${parts.length}`);
      return (document) => {
        let found: Found = MISSING;
        for (const part of parts) {
          found = part(document);
          if (found !== MISSING && found !== null) return found;
        }
        return found;
      };
    }
    case '$add':
    case '$multiply':
      return arithmetic(name, list(argument));
    default:
      throw unsupported(`The expression ${name}`);
  }
}

const truth = (value: Found): boolean => value !== MISSING && isTruthy(value);

/** In expressions a missing value is below null. */
function compareFound(left: Found, right: Found): number {
  if (left === MISSING || right === MISSING) {
    if (left === right) return 0;
    const other = left === MISSING ? right : left;
    // Only MinKey is below a missing value.
    const order = other !== MISSING && typeOf(other).number === -1 ? 1 : -1;
    return left === MISSING ? order : -order;
  }
  return compare(left, right);
}

const list = (argument: Value): Expression[] =>
  (Array.isArray(argument) ? argument : [argument]).map(compileExpression);

function arity(name: string, argument: Value, count: number): Expression[] {
  const parts = list(argument);
  if (parts.length !== count)
    throw new MongoError(16020, `Expression ${name} takes exactly ${count} arguments. ${parts.length} were passed in.`);
  return parts;
}

function condition(argument: Value): Expression {
  let parts = argument;
  if (isDoc(argument)) {
    if (argument.size !== 3 || !['if', 'then', 'else'].every((name) => argument.has(name)))
      throw new MongoError(17080, "$cond needs 'if', 'then' and 'else'");
    parts = ['if', 'then', 'else'].map((name) => argument.get(name) as Value);
  }
  const [test, yes, no] = arity('$cond', parts, 3) as [Expression, Expression, Expression];
  return (document) => (truth(test(document)) ? yes(document) : no(document));
}

function arithmetic(name: '$add' | '$multiply', parts: Expression[]): Expression {
  return (document) => {
    const values = parts.map((part) => part(document));
    if (values.some((value) => value === MISSING || value === null)) return null;
    const numbers = values.map((value): Numeric => {
      if (!isNumeric(value))
        throw new MongoError(14, `${name} only supports numeric types here, not ${typeOf(value as Value).name}`);
      return value;
    });
    const [first, second] = numbers;
    // More operands would need MongoDB's rules for the order of rounding.
    if (numbers.length !== 2 || first === undefined || second === undefined)
      throw unsupported(`${name} with other than two operands`);
    return calculate(name === '$add' ? '+' : '*', first, second);
  };
}
