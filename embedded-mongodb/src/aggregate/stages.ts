import { Int32 } from 'bson';
import { encodePart } from '../bson/key.ts';
import { isDoc, MISSING, type Doc, type Value } from '../bson/values.ts';
import { failedToParse, MongoError, unsupported } from '../errors.ts';
import { compileFilter } from '../query/match.ts';
import { compileProjection } from '../query/project.ts';
import { wholeNumber } from '../query/leaf.ts';
import { parseSort, sortBy } from '../query/sort.ts';
import { placeOf } from '../update/paths.ts';
import { accumulator } from './accumulators.ts';
import { compileExpression, type Expression } from './expression.ts';
import { present } from '../present.ts';

/** One step of a pipeline: documents in, documents out. */
export type Stage = (documents: Iterable<Doc>) => Iterable<Doc>;

/** @throws MongoError 40324 for an unknown stage, 2 for one that is not implemented, others for wrong arguments */
export function compileStage(stage: Value): Stage {
  if (!isDoc(stage)) throw new MongoError(14, "Each element of the 'pipeline' array must be an object");
  if (stage.size !== 1)
    throw new MongoError(40323, 'A pipeline stage specification object must contain exactly one field.');
  const [[name, argument]] = [...stage] as [[string, Value]];
  switch (name) {
    case '$match': {
      if (!isDoc(argument)) throw new MongoError(15959, 'the match filter must be an expression in an object');
      const matches = compileFilter(argument);
      return (documents) => filter(documents, matches);
    }
    case '$sort': {
      if (!isDoc(argument)) throw new MongoError(15973, 'the $sort key specification must be an object');
      if (argument.size === 0) throw new MongoError(15976, '$sort stage must have at least one sort key');
      const pattern = parseSort(argument);
      return (documents) => sortBy([...documents], (document) => document, pattern);
    }
    case '$limit': {
      const limit = amount(name, argument, 15957);
      if (limit === 0) throw new MongoError(15958, 'the limit must be positive');
      return (documents) => slice(documents, 0, limit);
    }
    case '$skip': {
      const skip = amount(name, argument, 5107200);
      return (documents) => slice(documents, skip, Infinity);
    }
    case '$count':
      return count(argument);
    case '$project': {
      if (!isDoc(argument)) throw new MongoError(15969, '$project specification must be an object');
      if (argument.size === 0)
        throw new MongoError(
          51272,
          'Invalid $project :: caused by :: projection specification must have at least one field',
        );
      const project = compileProjection(argument);
      return (documents) => (project ? map(documents, project) : documents);
    }
    case '$addFields':
    case '$set':
      return addFields(name, argument);
    case '$unset': {
      const names = Array.isArray(argument) ? argument : [argument];
      if (names.length === 0 || names.some((path) => typeof path !== 'string'))
        throw new MongoError(31002, '$unset specification must be a string or an array of strings');
      const project = compileProjection(new Map(names.map((path) => [path as string, false])));
      return (documents) => (project ? map(documents, project) : documents);
    }
    case '$unwind':
      return unwind(argument);
    case '$group':
      return group(argument);
    default:
      if (KNOWN.has(name)) throw unsupported(`The stage ${name}`);
      throw new MongoError(40324, `Unrecognized pipeline stage name: '${name}'`);
  }
}

/** Stages that MongoDB has and this server refuses. */
const KNOWN = new Set(
  (
    '$bucket $bucketAuto $changeStream $changeStreamSplitLargeEvent $collStats $currentOp $densify $documents $facet ' +
    '$fill $geoNear $graphLookup $indexStats $listLocalSessions $listSampledQueries $listSearchIndexes $listSessions ' +
    '$lookup $merge $out $planCacheStats $redact $replaceRoot $replaceWith $sample $search $searchMeta ' +
    '$setWindowFields $shardedDataDistribution $sortByCount $unionWith $vectorSearch'
  ).split(' '),
);

function* filter(documents: Iterable<Doc>, matches: (document: Doc) => boolean): Generator<Doc> {
  for (const document of documents) if (matches(document)) yield document;
}

function* map(documents: Iterable<Doc>, change: (document: Doc) => Doc): Generator<Doc> {
  for (const document of documents) yield change(document);
}

function* slice(documents: Iterable<Doc>, from: number, count: number): Generator<Doc> {
  let at = 0;
  for (const document of documents) {
    if (at++ < from) continue;
    yield document;
    if (at - from >= count) return;
  }
}

function amount(name: string, argument: Value, code: number): number {
  const number = wholeNumber(argument);
  if (number === undefined || number < 0)
    throw new MongoError(code, `invalid argument to ${name} stage: Expected a non-negative whole number`);
  return number;
}

function count(argument: Value): Stage {
  if (typeof argument !== 'string' || argument === '')
    throw new MongoError(40156, 'the count field must be a non-empty string');
  if (argument.startsWith('$') || argument.includes('.'))
    throw new MongoError(40158, "the count field cannot be a $-prefixed path or contain '.'");
  return function* (documents) {
    const total = [...documents].length;
    if (total > 0) yield new Map([[argument, new Int32(total)]]);
  };
}

function addFields(name: string, argument: Value): Stage {
  if (!isDoc(argument) || argument.size === 0)
    throw new MongoError(40272, `${name} specification stage must be a non-empty object`);
  const fields = [...argument].map(([path, value]): [string, Expression] => {
    if (path.startsWith('$'))
      throw new MongoError(16410, `FieldPath field names may not start with '$'. Given '${path}'.`);
    if (path.includes('.')) throw unsupported(`${name} of a dotted path`);
    if (isDoc(value) && ![...value.keys()][0]?.startsWith('$')) throw unsupported(`${name} of a document`);
    return [path, compileExpression(value)];
  });
  return (documents) =>
    map(documents, (document) => {
      const result: Doc = new Map(document);
      for (const [path, compute] of fields) {
        const value = compute(document);
        if (value === MISSING) result.delete(path);
        else result.set(path, value);
      }
      return result;
    });
}

function unwind(argument: Value): Stage {
  const options = isDoc(argument) ? argument : new Map<string, Value>([['path', argument]]);
  for (const option of options.keys())
    if (!['path', 'includeArrayIndex', 'preserveNullAndEmptyArrays'].includes(option))
      throw new MongoError(28811, `unrecognized option to $unwind stage: ${option}`);
  const path = options.get('path');
  if (typeof path !== 'string' || !path.startsWith('$') || path.length < 2)
    throw new MongoError(28818, "path option to $unwind stage should be prefixed with a '$'");
  if (options.has('includeArrayIndex')) throw unsupported('$unwind with includeArrayIndex');
  const preserve = options.get('preserveNullAndEmptyArrays') ?? false;
  if (typeof preserve !== 'boolean')
    throw new MongoError(28809, 'expected a boolean for the preserveNullAndEmptyArrays option to $unwind stage');
  const parts = path.slice(1).split('.');
  return function* (documents) {
    for (const document of documents) yield* unwound(document, parts, preserve);
  };
}

function* unwound(document: Doc, path: string[], preserve: boolean): Generator<Doc> {
  let parent: Value | undefined = document;
  for (const part of path.slice(0, -1)) parent = isDoc(parent) ? parent.get(part) : undefined;
  const value = isDoc(parent) ? parent.get(present(path.at(-1))) : undefined;
  if (Array.isArray(value) && value.length > 0) {
    for (const element of value) {
      const copy = copyAlong(document, path);
      placeOf(copy, path, true)?.set(element);
      yield copy;
    }
  } else if (Array.isArray(value)) {
    if (!preserve) return;
    const copy = copyAlong(document, path);
    placeOf(copy, path, false)?.unset();
    yield copy;
  } else if (value !== undefined && value !== null) yield document;
  else if (preserve) yield document;
}

/** A copy of the document in which the parents of the path are copies too. */
function copyAlong(document: Doc, path: readonly string[]): Doc {
  const copy: Doc = new Map(document);
  const [first, ...rest] = path;
  const inner = first === undefined ? undefined : copy.get(first);
  if (first !== undefined && rest.length > 0 && isDoc(inner)) copy.set(first, copyAlong(inner, rest));
  return copy;
}

function group(argument: Value): Stage {
  if (!isDoc(argument)) throw new MongoError(15947, "a group's fields must be specified in an object");
  const id = argument.get('_id');
  if (id === undefined) throw new MongoError(15955, 'a group specification must include an _id');
  const computeId = compileExpression(id);
  const fields = [...argument].filter(([name]) => name !== '_id').map(([name, value]) => groupField(name, value));
  return (documents) => {
    const groups = new Map<string, { id: Value; states: ReturnType<(typeof fields)[number]['make']>[] }>();
    for (const document of documents) {
      const found = computeId(document);
      const key = found === MISSING ? null : found;
      const text = encodePart(key).toString('latin1');
      let entry = groups.get(text);
      if (!entry) groups.set(text, (entry = { id: key, states: fields.map((field) => field.make()) }));
      for (const [at, field] of fields.entries()) entry.states[at]?.add(field.compute(document));
    }
    return [...groups.values()].map(
      (entry): Doc =>
        new Map([
          ['_id', entry.id],
          ...fields.map((field, at): [string, Value] => [field.name, entry.states[at]?.result() ?? null]),
        ]),
    );
  };
}

function groupField(
  name: string,
  value: Value,
): { name: string; compute: Expression; make: ReturnType<typeof accumulator> } {
  if (name.includes('.')) throw new MongoError(40235, `The field name '${name}' cannot contain '.'`);
  if (name.startsWith('$')) throw new MongoError(40236, `The field name '${name}' cannot be an operator name`);
  if (!isDoc(value) || value.size !== 1)
    throw new MongoError(40234, `The field '${name}' must be an accumulator object`);
  const [[operator, operand]] = [...value] as [[string, Value]];
  if (Array.isArray(operand)) throw new MongoError(40237, `The ${operator} accumulator is a unary operator`);
  return { name, compute: compileExpression(operand), make: accumulator(operator) };
}

/** @throws MongoError 9 */
export const requireCursor = (cursor: unknown, explaining: boolean): void => {
  if (cursor === undefined && !explaining)
    throw failedToParse("The 'cursor' option is required, except for aggregate with the explain argument");
};
