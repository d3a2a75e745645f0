import { Decimal128, Int32 } from 'bson';
import { isDoc, isTruthy, type Doc, type Value } from '../bson/values.ts';
import { MongoError, unsupported } from '../errors.ts';

/** A tree of the named paths; `true` ends a path. */
type Tree = Map<string, Tree | true>;

/** Takes the asked fields out of a document. */
export type Projection = (document: Doc) => Doc;

/**
 * Compiles an inclusion or exclusion. Computed fields, `$slice`, `$elemMatch`, `$meta` and the positional `$` are
 * refused.
 * @returns undefined when the whole document is asked for
 */
export function compileProjection(specification: Doc): Projection | undefined {
  if (specification.size === 0) return undefined;
  const paths = [...flatten(specification, '')];
  const id = paths.find(([path]) => path === '_id');
  const others = paths.filter(([path]) => path !== '_id');
  const including = others[0]?.[1] ?? id?.[1] ?? false;
  const odd = others.find(([, included]) => included !== including);
  if (odd)
    throw including
      ? new MongoError(31254, `Cannot do exclusion on field ${odd[0]} in inclusion projection`)
      : new MongoError(31253, `Cannot do inclusion on field ${odd[0]} in exclusion projection`);
  const tree: Tree = new Map();
  for (const [path] of others) plant(tree, path);
  if (including) {
    if (id?.[1] !== false && !tree.has('_id')) tree.set('_id', true);
    return (document) => include(document, tree);
  }
  if (id?.[1] === false) tree.set('_id', true);
  return (document) => exclude(document, tree);
}

function* flatten(specification: Doc, prefix: string): Generator<[string, boolean]> {
  for (const [name, value] of specification) {
    if (name.startsWith('$') || name.endsWith('.$')) throw unsupported(`The projection of '${prefix}${name}'`);
    const path = prefix + name;
    if (path.split('.').includes('')) throw new MongoError(40352, 'FieldPath field names may not be empty strings');
    if (isDoc(value)) {
      if (value.size === 0)
        throw new MongoError(51270, `An empty sub-projection is not a valid value. Found empty object at path ${path}`);
      yield* flatten(value, `${path}.`);
    } else if (
      typeof value === 'boolean' ||
      typeof value === 'number' ||
      typeof value === 'bigint' ||
      value instanceof Int32 ||
      value instanceof Decimal128
    )
      yield [path, isTruthy(value)];
    else throw unsupported(`The computed projection of '${path}'`);
  }
}

function plant(tree: Tree, path: string): void {
  const parts = path.split('.');
  let at = tree;
  for (const [index, part] of parts.entries()) {
    const existing = at.get(part);
    if (existing === true || (existing && index === parts.length - 1))
      throw new MongoError(existing === true ? 31249 : 31250, `Path collision at ${path}`);
    if (index === parts.length - 1) at.set(part, true);
    else {
      const next: Tree = existing ?? new Map<string, Tree | true>();
      at.set(part, next);
      at = next;
    }
  }
}

function include(document: Doc, tree: Tree): Doc {
  const result: Doc = new Map();
  for (const [name, value] of document) {
    const wanted = tree.get(name);
    if (wanted === true) result.set(name, value);
    else if (wanted) {
      const inner = includeValue(value, wanted);
      if (inner !== undefined) result.set(name, inner);
    }
  }
  return result;
}

/** A scalar where a sub-field is asked for is left out, also inside arrays. */
function includeValue(value: Value, tree: Tree): Value | undefined {
  if (isDoc(value)) return include(value, tree);
  if (!Array.isArray(value)) return undefined;
  return value.map((element) => includeValue(element, tree)).filter((element) => element !== undefined);
}

function exclude(document: Doc, tree: Tree): Doc {
  const result: Doc = new Map();
  for (const [name, value] of document) {
    const unwanted = tree.get(name);
    if (unwanted === true) continue;
    result.set(name, unwanted ? excludeValue(value, unwanted) : value);
  }
  return result;
}

function excludeValue(value: Value, tree: Tree): Value {
  if (isDoc(value)) return exclude(value, tree);
  return Array.isArray(value) ? value.map((element) => excludeValue(element, tree)) : value;
}
