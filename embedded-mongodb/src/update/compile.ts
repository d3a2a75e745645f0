import { Int32, Timestamp } from 'bson';
import type { Numeric } from '../bson/decimal.ts';
import { compare } from '../bson/compare.ts';
import { isDoc, isNumeric, typeOf, type Doc, type Value } from '../bson/values.ts';
import { calculate } from './arithmetic.ts';
import { addToSet, pop, pull, pullAll, push, type ArrayChange } from './arrays.ts';
import { isArrayIndex } from '../bson/paths.ts';
import { comparePaths, placeOf, type Place } from './paths.ts';
import { resolvePositions, type ArrayFilters } from './array-filters.ts';
import { badValue, failedToParse, MongoError, unsupported } from '../errors.ts';

/** Changes a document in place; `inserting` while an upsert makes it. */
export type Update = (document: Doc, inserting: boolean) => void;

type Change = (place: Place, inserting: boolean) => void;
type Step = { path: readonly string[]; create: boolean; change: Change; rename?: { from: readonly string[] } };

/**
 * Compiles an update with operators.
 * @throws MongoError 9 for an unknown operator, 40 for two operators on one path, 14 and 2 for wrong arguments
 */
export function compileUpdate(update: Doc, arrayFilters: ArrayFilters): Update {
  const steps: Step[] = [];
  for (const [operator, fields] of update) {
    if (!isOperator(operator))
      throw failedToParse(
        `Unknown modifier: ${operator}. Expected a valid update modifier or pipeline-style update specified as an array`,
      );
    if (!isDoc(fields))
      throw failedToParse(
        `Modifiers operate on fields but we found type ${typeOf(fields).name} instead. For example: {$mod: {<field>: ...}}`,
      );
    for (const [name, argument] of fields) {
      if (operator === '$rename') steps.push(...renaming(name, argument));
      else steps.push({ path: pathOf(name), ...changeOf(operator, name, argument) });
    }
  }
  refuseConflicts(steps);
  arrayFilters.requireUse(steps.map((step) => step.path));
  steps.sort((left, right) => comparePaths(left.path, right.path));
  return (document, inserting) => {
    for (const step of steps) apply(step, document, inserting, arrayFilters);
  };
}

function apply(step: Step, document: Doc, inserting: boolean, arrayFilters: ArrayFilters): void {
  if (step.rename) {
    rename(document, step.rename.from, step.path);
    return;
  }
  for (const path of resolvePositions(document, step.path, arrayFilters)) {
    const place = placeOf(document, path, step.create);
    if (place) step.change(place, inserting);
  }
}

const OPERATORS = [
  '$set',
  '$unset',
  '$inc',
  '$mul',
  '$min',
  '$max',
  '$push',
  '$pop',
  '$pull',
  '$pullAll',
  '$addToSet',
  '$setOnInsert',
  '$rename',
  '$currentDate',
] as const;
type Operator = (typeof OPERATORS)[number];

function isOperator(name: string): name is Operator {
  if (name === '$bit') throw unsupported(name);
  return (OPERATORS as readonly string[]).includes(name);
}

function pathOf(name: string): string[] {
  const path = name.split('.');
  if (name === '') throw new MongoError(56, 'An empty update path is not valid.');
  if (path.includes(''))
    throw new MongoError(56, `The update path '${name}' contains an empty field name, which is not allowed.`);
  for (const [at, part] of path.entries()) {
    if (part === '$') throw unsupported('The positional operator $');
    if (part.startsWith('$') && !/^\$\[[^\]]*\]$/.test(part))
      throw new MongoError(
        52,
        `The dollar ($) prefixed field '${part}' in '${name}' is not allowed in the context of an update.`,
      );
    if (at === 0 && part.startsWith('$['))
      throw badValue(
        `Cannot have array filter identifier (i.e. '$[<id>]') element in the first position in path '${name}'`,
      );
  }
  return path;
}

function changeOf(
  operator: Exclude<Operator, '$rename'>,
  name: string,
  argument: Value,
): { create: boolean; change: Change } {
  switch (operator) {
    case '$set':
      return { create: true, change: (place) => place.set(argument) };
    case '$setOnInsert':
      return { create: true, change: (place, inserting) => inserting && place.set(argument) };
    case '$unset':
      return { create: false, change: (place) => place.unset() };
    case '$inc':
    case '$mul':
      return { create: true, change: arithmetic(operator, name, argument) };
    case '$min':
    case '$max':
      return { create: true, change: extreme(argument, operator === '$min' ? -1 : 1) };
    case '$currentDate':
      return { create: true, change: currentDate(argument) };
    case '$push':
      return array(push(argument), true);
    case '$addToSet':
      return array(addToSet(argument), true);
    case '$pop':
      return array(pop(argument), false);
    case '$pull':
      return array(pull(argument), false);
    case '$pullAll':
      return array(pullAll(argument), false);
  }
}

const array = (change: ArrayChange, create: boolean): { create: boolean; change: Change } => ({
  create,
  change: (place) => {
    const result = change(place.get());
    if (result) place.set(result);
  },
});

function arithmetic(operator: '$inc' | '$mul', name: string, argument: Value): Change {
  const verb = operator === '$inc' ? 'increment' : 'multiply';
  if (!isNumeric(argument))
    throw new MongoError(14, `Cannot ${verb} with non-numeric argument: {${name}: <${typeOf(argument).name}>}`);
  return (place) => {
    const current = place.get();
    if (current === undefined) {
      place.set(operator === '$inc' ? argument : calculate('*', argument, zeroLike(argument)));
      return;
    }
    if (!isNumeric(current))
      throw new MongoError(
        14,
        `Cannot apply ${operator} to a value of non-numeric type: the field '${name}' is of type ${typeOf(current).name}`,
      );
    place.set(calculate(operator === '$inc' ? '+' : '*', current, argument));
  };
}

const extreme =
  (argument: Value, direction: 1 | -1): Change =>
  (place) => {
    const current = place.get();
    if (current === undefined || compare(argument, current) * direction > 0) place.set(argument);
  };

function currentDate(argument: Value): Change {
  const type = isDoc(argument) && argument.size === 1 ? argument.get('$type') : undefined;
  if (typeof argument !== 'boolean' && type !== 'date' && type !== 'timestamp')
    throw badValue(
      "The '$type' string field is required to be 'date' or 'timestamp': {$currentDate: {field : {$type: 'date'}}}",
    );
  if (type !== 'timestamp') return (place) => place.set(new Date());
  return (place) => place.set(new Timestamp({ t: Math.floor(Date.now() / 1000), i: 1 }));
}

function renaming(from: string, to: Value): Step[] {
  if (typeof to !== 'string') throw badValue(`The 'to' field for $rename must be a string: ${from}`);
  const [source, target] = [pathOf(from), pathOf(to)];
  if ([...source, ...target].some((part) => part.startsWith('$[')))
    throw badValue(`The source field for $rename may not be dynamic: ${from}`);
  if (source.join('.') === target.join('.'))
    throw badValue(`The source and target field for $rename must differ: ${from}`);
  const nothing: Change = () => undefined;
  return [
    // Named only so that another operator on the source is a conflict; the target's step does the work.
    { path: source, create: false, change: nothing },
    { path: target, create: true, change: nothing, rename: { from: source } },
  ];
}

function rename(document: Doc, from: readonly string[], to: readonly string[]): void {
  refuseArrays(document, from, 'source');
  refuseArrays(document, to, 'destination');
  const source = placeOf(document, from, false);
  const value = source?.get();
  if (!source || value === undefined) return;
  const target = placeOf(document, to, true);
  source.unset();
  target?.set(value);
}

function refuseArrays(document: Doc, path: readonly string[], what: string): void {
  let current: Value | undefined = document;
  for (const part of path) {
    if (Array.isArray(current)) throw badValue(`The ${what} field cannot be an array element, '${path.join('.')}'`);
    current = isDoc(current) ? current.get(part) : undefined;
  }
}

/** Two operators on one path, or on a path and one below it. */
function refuseConflicts(steps: readonly Step[]): void {
  const sorted = steps.map((step) => step.path).sort(comparePaths);
  for (const [index, path] of sorted.entries()) {
    const next = sorted[index + 1];
    if (next && path.every((part, at) => part === next[at]))
      throw new MongoError(40, `Updating the path '${next.join('.')}' would create a conflict at '${path.join('.')}'`);
  }
  const wild = sorted.filter((path) => path.some((part) => part.startsWith('$[')));
  for (const path of wild)
    for (const other of sorted)
      if (other !== path && overlaps(path, other))
        throw unsupported(`Updating both '${path.join('.')}' and '${other.join('.')}'`);
}

const overlaps = (left: readonly string[], right: readonly string[]): boolean =>
  left.every((part, at) => {
    const other = right[at];
    if (other === undefined || part === other) return true;
    const positional = (name: string): boolean => name.startsWith('$[') || isArrayIndex(name);
    return positional(part) && positional(other) && (part.startsWith('$[') || other.startsWith('$['));
  });

/** The zero of the same type: what `$mul` makes of a field that is not there. */
function zeroLike(value: Numeric): Numeric {
  if (typeof value === 'bigint') return 0n;
  return value instanceof Int32 ? new Int32(0) : 0;
}
