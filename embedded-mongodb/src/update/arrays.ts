import { BSONRegExp } from 'bson';
import { compare } from '../bson/compare.ts';
import { isDoc, typeOf, type Doc, type Value } from '../bson/values.ts';
import { badValue, MongoError } from '../errors.ts';
import { wholeNumber } from '../query/leaf.ts';
import { compileFilter, elementOperators, holdsOperators } from '../query/match.ts';
import { matchesValue } from '../query/leaf.ts';
import { parseSort, sortBy } from '../query/sort.ts';

/** New value of an array field; `undefined` in: the field is not there; `undefined` out: leave it so. */
export type ArrayChange = (current: Value | undefined) => Value[] | undefined;

function arrayOf(operator: string, current: Value | undefined): Value[] {
  if (current === undefined) return [];
  if (Array.isArray(current)) return current;
  throw badValue(`The field must be an array but is of type ${typeOf(current).name} (${operator})`);
}

/** $push with $each, $position, $slice, $sort. */
export function push(argument: Value): ArrayChange {
  if (!isDoc(argument) || !argument.has('$each')) {
    if (holdsOperators(argument)) throw badValue(`Unrecognized clause in $push: ${[...argument.keys()].join()}`);
    return (current) => [...arrayOf('$push', current), argument];
  }
  for (const name of argument.keys())
    if (!['$each', '$position', '$slice', '$sort'].includes(name))
      throw badValue(`Unrecognized clause in $push: ${name}`);
  const values = argument.get('$each') as Value;
  if (!Array.isArray(values))
    throw badValue(`The argument to $each in $push must be an array but it was of type: ${typeOf(values).name}`);
  const position = clause(argument, '$position');
  const slice = clause(argument, '$slice');
  const sort = sorter(argument.get('$sort'));
  return (current) => {
    let result = [...arrayOf('$push', current)];
    result.splice(position ?? result.length, 0, ...values);
    if (sort) result = sort(result);
    if (slice === undefined) return result;
    return slice >= 0 ? result.slice(0, slice) : result.slice(slice);
  };
}

function clause(argument: Doc, name: string): number | undefined {
  const value = argument.get(name);
  if (value === undefined) return undefined;
  const number = wholeNumber(value);
  if (number === undefined)
    throw badValue(`The value for ${name} must be an integer value but was given type: ${typeOf(value).name}`);
  return number;
}

function sorter(specification: Value | undefined): ((values: Value[]) => Value[]) | undefined {
  if (specification === undefined) return undefined;
  if (isDoc(specification)) {
    if (specification.size === 0) throw badValue('The $sort pattern is empty when it should be a set of fields.');
    const pattern = parseSort(specification);
    // MongoDB sorts elements that are no documents as if they had none of the fields.
    return (values) => sortBy(values, (value) => (isDoc(value) ? value : new Map<string, Value>()), pattern);
  }
  const direction = wholeNumber(specification);
  if (direction !== 1 && direction !== -1) throw badValue('The $sort element value must be either 1 or -1');
  return (values) => [...values].sort((left, right) => compare(left, right) * direction);
}

/** $addToSet with $each: equal means equal by value and field order, whatever the number's type. */
export function addToSet(argument: Value): ArrayChange {
  let values = [argument];
  if (isDoc(argument) && argument.keys().next().value === '$each') {
    const each = argument.get('$each') as Value;
    if (!Array.isArray(each))
      throw new MongoError(
        14,
        `The argument to $each in $addToSet must be an array but it was of type ${typeOf(each).name}`,
      );
    if (argument.size > 1) throw badValue('Found unexpected fields after $each in $addToSet');
    values = each;
  }
  return (current) => {
    const result = [...arrayOf('$addToSet', current)];
    for (const value of values) if (!result.some((other) => compare(other, value) === 0)) result.push(value);
    return result;
  };
}

/** $pop: -1 the first, 1 the last. */
export function pop(argument: Value): ArrayChange {
  const end = wholeNumber(argument);
  if (end !== 1 && end !== -1) throw new MongoError(9, '$pop expects 1 or -1');
  return (current) => {
    if (current === undefined) return undefined;
    if (!Array.isArray(current))
      throw new MongoError(14, `Path contains element of non-array type '${typeOf(current).name}'`);
    return end === 1 ? current.slice(0, -1) : current.slice(1);
  };
}

/** $pull: by value, by condition on the element, or by the fields of elements that are documents. */
export function pull(argument: Value): ArrayChange {
  return without('$pull', pullTest(argument));
}

function pullTest(argument: Value): (element: Value) => boolean {
  if (holdsOperators(argument)) return elementOperators(argument);
  if (isDoc(argument)) {
    const predicate = compileFilter(argument);
    return (element) => isDoc(element) && predicate(element);
  }
  if (argument instanceof BSONRegExp) return matchesValue(argument).test;
  return (element) => compare(element, argument) === 0;
}

/** $pullAll: by value. */
export function pullAll(argument: Value): ArrayChange {
  if (!Array.isArray(argument))
    throw badValue(`$pullAll requires an array argument but was given a ${typeOf(argument).name}`);
  return without('$pullAll', (element) => argument.some((value) => compare(element, value) === 0));
}

function without(operator: string, unwanted: (element: Value) => boolean): ArrayChange {
  return (current) => {
    if (current === undefined) return undefined;
    if (!Array.isArray(current)) throw badValue(`Cannot apply ${operator} to a non-array value`);
    return current.filter((element) => !unwanted(element));
  };
}
