import { BSONRegExp } from 'bson';
import { visitPath } from '../bson/paths.ts';
import { isDoc, type Doc, type Found, type Value } from '../bson/values.ts';
import { badValue, unsupported } from '../errors.ts';
import { leafOperator, matchesValue, type Leaf } from './leaf.ts';

/** Says whether a document matches. */
export type Predicate = (document: Doc) => boolean;

/**
 * Compiles a filter of MongoDB's query language.
 * @throws MongoError 2 for operators that are unknown or not implemented, as MongoDB words it
 */
export function compileFilter(filter: Doc): Predicate {
  const predicates: Predicate[] = [];
  for (const [name, value] of filter) {
    if (name.startsWith('$')) {
      const logical = compileLogical(name, value);
      if (logical) predicates.push(logical);
    } else predicates.push(compileField(name, value));
  }
  return allOf(predicates);
}

function compileLogical(name: string, value: Value): Predicate | undefined {
  if (name === '$comment') return undefined;
  if (name === '$and' || name === '$or' || name === '$nor') {
    const parts = clauses(name, value).map(compileFilter);
    if (name === '$and') return allOf(parts);
    return name === '$or'
      ? (document) => parts.some((part) => part(document))
      : (document) => !parts.some((part) => part(document));
  }
  if (['$expr', '$where', '$text', '$jsonSchema', '$alwaysTrue', '$alwaysFalse', '$sampleRate'].includes(name))
    throw unsupported(name);
  throw badValue(
    `unknown top level operator: ${name}. If you have a field name that starts with a '$' symbol, consider using $getField or $setField.`,
  );
}

/** The documents under $and, $or, $nor. */
export function clauses(name: string, value: Value): Doc[] {
  if (!Array.isArray(value)) throw badValue(`${name} must be an array`);
  if (value.length === 0) throw badValue('$and/$or/$nor must be a nonempty array');
  return value.map((clause) => {
    if (!isDoc(clause)) throw badValue('$or/$and/$nor entries need to be full objects');
    return clause;
  });
}

const allOf = (parts: Predicate[]): Predicate => {
  const [only] = parts;
  if (only && parts.length === 1) return only;
  return (document) => parts.every((part) => part(document));
};

/** Whether a value under a field name holds operators ({ $gt: 1 }) and is not to be compared as it is. */
export function holdsOperators(value: Value): value is Doc {
  if (!isDoc(value)) return false;
  const first = value.keys().next();
  return !first.done && first.value.startsWith('$') && !['$ref', '$id', '$db'].includes(first.value);
}

function compileField(name: string, value: Value): Predicate {
  const path = name.split('.');
  if (holdsOperators(value)) return allOf(operatorsOf(value).map((leaf) => onPath(path, leaf)));
  return onPath(path, matchesValue(value));
}

/** A leaf matches when some value on the path does; a negated one when none does. */
function onPath(path: readonly string[], leaf: Leaf): Predicate {
  const { test, negated, wholeArray } = leaf;
  return (document) => visitPath(document, path, !wholeArray, test) !== negated;
}

/** The operators of one field, `$regex` and `$options` together. */
function operatorsOf(operators: Doc): Leaf[] {
  const leaves: Leaf[] = [];
  for (const [name, argument] of operators) {
    if (!name.startsWith('$')) throw badValue(`unknown operator: ${name}`);
    if (name === '$options') {
      if (!operators.has('$regex')) throw badValue('$options needs a $regex');
      continue;
    }
    if (name === '$regex') leaves.push(matchesValue(regexOf(argument, operators.get('$options'))));
    else if (name === '$not') leaves.push(negation(argument));
    else if (name === '$elemMatch') leaves.push(elementMatch(argument));
    else if (name === '$all') leaves.push(...allValues(argument));
    else leaves.push(leafOperator(name, argument));
  }
  return leaves;
}

function regexOf(pattern: Value, options: Value | undefined): BSONRegExp {
  if (options !== undefined && typeof options !== 'string') throw badValue('$options has to be a string');
  if (pattern instanceof BSONRegExp) {
    if (options !== undefined && pattern.options !== '') throw badValue('options set in both $regex and $options');
    return new BSONRegExp(pattern.pattern, options ?? pattern.options);
  }
  if (typeof pattern !== 'string') throw badValue('$regex has to be a string');
  return new BSONRegExp(pattern, options ?? '');
}

function negation(argument: Value): Leaf {
  if (argument instanceof BSONRegExp) return { ...matchesValue(argument), negated: true };
  if (!isDoc(argument)) throw badValue('$not needs a regex or a document');
  if (argument.size === 0) throw badValue('$not cannot be an empty document');
  const leaves = operatorsOf(argument);
  const [only] = leaves;
  if (only && leaves.length === 1) return { ...only, negated: !only.negated };
  throw unsupported('$not with several operators');
}

/** $elemMatch: conditions on one element, either its fields or the element itself. */
function elementMatch(argument: Value): Leaf {
  if (!isDoc(argument)) throw badValue('$elemMatch needs an Object');
  const first = argument.keys().next().value;
  const onElement =
    first !== undefined && first.startsWith('$') && !['$and', '$or', '$nor', '$where', '$expr'].includes(first);
  const test = onElement && holdsOperators(argument) ? elementOperators(argument) : elementFields(argument);
  return { wholeArray: true, negated: false, test: (value) => Array.isArray(value) && value.some(test) };
}

/** Operators on an element itself: an element that is an array is not entered. */
export function elementOperators(operators: Doc): (element: Value) => boolean {
  const leaves = operatorsOf(operators);
  return (element) => leaves.every((leaf) => leaf.test(element) !== leaf.negated);
}

function elementFields(filter: Doc): (element: Value) => boolean {
  const predicate = compileFilter(filter);
  return (element) => {
    if (isDoc(element)) return predicate(element);
    if (!Array.isArray(element)) return false;
    return predicate(new Map(element.map((value, index) => [String(index), value])));
  };
}

/** $all: one condition per value; none at all matches nothing. */
function allValues(argument: Value): Leaf[] {
  if (!Array.isArray(argument)) throw badValue('$all needs an array');
  if (argument.length === 0) return [{ wholeArray: false, negated: false, test: () => false }];
  const matches = argument.map((value) => isDoc(value) && value.keys().next().value === '$elemMatch');
  if (matches.includes(true) && matches.includes(false)) throw badValue('no $ expressions in $all');
  return argument.map((value) => {
    if (holdsOperators(value)) {
      if (value.size === 1 && value.has('$elemMatch')) return elementMatch(value.get('$elemMatch') as Value);
      throw badValue('no $ expressions in $all');
    }
    return matchesValue(value);
  });
}

/** What `test` of a leaf gets: a value, or MISSING. */
export type { Found };
