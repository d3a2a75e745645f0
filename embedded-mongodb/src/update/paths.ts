import { isArrayIndex } from '../bson/paths.ts';
import { isDoc, typeOf, type Doc, type Value } from '../bson/values.ts';
import { badValue, MongoError } from '../errors.ts';
import { present } from '../present.ts';

/** A place in a document where a value can be read and written. */
export type Place = {
  get(): Value | undefined;
  set(value: Value): void;
  unset(): void;
};

/** Arrays are not filled up with nulls beyond this many. Source: MongoDB, "too many array elements to pad" */
const MAX_PADDING = 1_500_000;

/**
 * Finds the place of a path, making the documents on the way.
 * @param create false: a place that is not there gives undefined
 * @throws MongoError 28 where a scalar is in the way
 */
export function placeOf(document: Doc, path: readonly string[], create: boolean): Place | undefined {
  let container: Doc | Value[] = document;
  const missing: string[] = [];
  for (const [at, part] of path.entries()) {
    const last = at === path.length - 1;
    if (Array.isArray(container) && !isArrayIndex(part)) {
      if (!create) return undefined;
      throw notViable(part, path[at - 1] ?? '', container);
    }
    if (last) return place(container, part);
    const next: Value | undefined = child(container, part);
    if (next === undefined) {
      if (!create) return undefined;
      missing.push(...path.slice(at));
      return deferred(container, missing);
    }
    if (!isDoc(next) && !Array.isArray(next)) {
      if (!create) return undefined;
      throw notViable(path[at + 1] ?? '', part, next);
    }
    container = next;
  }
  return undefined;
}

const child = (container: Doc | Value[], part: string): Value | undefined =>
  Array.isArray(container) ? container[Number(part)] : container.get(part);

const notViable = (field: string, parent: string, value: Value): MongoError =>
  new MongoError(28, `Cannot create field '${field}' in element {${parent}: <${typeOf(value).name}>}`);

function place(container: Doc | Value[], part: string): Place {
  if (!Array.isArray(container))
    return {
      get: () => container.get(part),
      set: (value) => void container.set(part, value),
      unset: () => void container.delete(part),
    };
  const index = Number(part);
  return {
    get: () => container[index],
    set: (value) => {
      if (index - container.length > MAX_PADDING) throw badValue("can't backfill more than 1500000 elements");
      while (container.length < index) container.push(null);
      container[index] = value;
    },
    unset: () => {
      // MongoDB leaves null where an element was, so that the others keep their positions.
      if (index < container.length) container[index] = null;
    },
  };
}

/** A place whose parents are made only when something is written. */
function deferred(container: Doc | Value[], rest: readonly string[]): Place {
  return {
    get: () => undefined,
    set: (value) => {
      let inner = value;
      for (const part of rest.slice(1).reverse()) inner = new Map([[part, inner]]);
      place(container, present(rest[0])).set(inner);
    },
    unset: () => undefined,
  };
}

/** Puts names in the order in which MongoDB applies updates: by path, positions by number. */
export function comparePaths(left: readonly string[], right: readonly string[]): number {
  for (const [at, part] of left.entries()) {
    const other = right[at];
    if (other === undefined) return 1;
    if (part === other) continue;
    if (isArrayIndex(part) && isArrayIndex(other)) return Number(part) - Number(other);
    return Buffer.compare(Buffer.from(part), Buffer.from(other));
  }
  return left.length - right.length;
}
