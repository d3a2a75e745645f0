import { isArrayIndex } from '../bson/paths.ts';
import { isDoc, type Doc, type Value } from '../bson/values.ts';
import { badValue, failedToParse, MongoError } from '../errors.ts';
import { compileFilter, type Predicate } from '../query/match.ts';
import { present } from '../present.ts';

/** The conditions behind `$[name]`. */
export class ArrayFilters {
  readonly #filters = new Map<string, Predicate>();

  /** @throws MongoError 9 when a filter names no or several identifiers, or one twice */
  constructor(filters: readonly Doc[]) {
    for (const filter of filters) {
      const names = new Set<string>();
      collectNames(filter, names);
      const [name] = names;
      if (name === undefined)
        throw failedToParse('Cannot use an expression without a top-level field name in arrayFilters');
      if (names.size > 1)
        throw failedToParse('Error parsing array filter :: caused by :: Expected a single top-level field name');
      if (!/^[a-z][a-zA-Z0-9]*$/.test(name))
        throw badValue(
          `The top-level field name must be an alphanumeric string beginning with a lowercase letter, found '${name}'`,
        );
      if (this.#filters.has(name))
        throw failedToParse(`Found multiple array filters with the same top-level field name ${name}`);
      this.#filters.set(name, compileFilter(filter));
    }
  }

  /** @throws MongoError 9 for a filter that no path uses */
  requireUse(paths: readonly (readonly string[])[]): void {
    for (const name of this.#filters.keys())
      if (!paths.some((path) => path.includes(`$[${name}]`)))
        throw failedToParse(`The array filter for identifier '${name}' was not used in the update`);
    for (const path of paths)
      for (const part of path) {
        const name = /^\$\[(.+)\]$/.exec(part)?.[1];
        if (name !== undefined && !this.#filters.has(name))
          throw badValue(`No array filter found for identifier '${name}' in path '${path.join('.')}'`);
      }
  }

  matches(name: string, element: Value): boolean {
    return name === '' || (this.#filters.get(name)?.(new Map([[name, element]])) ?? false);
  }
}

function collectNames(filter: Doc, names: Set<string>): void {
  for (const [name, value] of filter) {
    if (name === '$and' || name === '$or' || name === '$nor') {
      for (const clause of Array.isArray(value) ? value : []) if (isDoc(clause)) collectNames(clause, names);
    } else names.add(present(name.split('.')[0]));
  }
}

/**
 * Replaces `$[]` and `$[name]` by the positions that they stand for in this document.
 * @throws MongoError 2 when the value there is no array
 */
export function resolvePositions(document: Doc, path: readonly string[], filters: ArrayFilters): (readonly string[])[] {
  const at = path.findIndex((part) => part.startsWith('$['));
  if (at < 0) return [path];
  const name = present(path[at]).slice(2, -1);
  let current: Value | undefined = document;
  for (const part of path.slice(0, at)) {
    if (isDoc(current)) current = current.get(part);
    else if (Array.isArray(current) && isArrayIndex(part)) current = current[Number(part)];
    else current = undefined;
  }
  if (current === undefined)
    throw badValue(
      `The path '${path.slice(0, at).join('.')}' must exist in the document in order to apply array updates.`,
    );
  if (!Array.isArray(current))
    throw new MongoError(2, `Cannot apply array updates to non-array element ${path.slice(0, at).join('.')}`);
  return current.flatMap((element, index) =>
    filters.matches(name, element)
      ? resolvePositions(document, [...path.slice(0, at), String(index), ...path.slice(at + 1)], filters)
      : [],
  );
}
