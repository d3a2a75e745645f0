import { isDoc, MISSING, type Doc, type Found, type Value } from './values.ts';
import { present } from '../present.ts';

export const isArrayIndex = (name: string): boolean => /^(0|[1-9]\d*)$/.test(name);

/**
 * Calls `visit` with each value that a dotted path stands for, as MongoDB's ElementPath does: arrays on the way are
 * entered (their documents, and the element that a numeric part names); a field that is not there gives MISSING; an
 * array at the end gives its elements and then itself, or only itself without `enterLast`.
 * @returns true as soon as `visit` does
 */
export function visitPath(
  document: Doc,
  path: readonly string[],
  enterLast: boolean,
  visit: (value: Found) => boolean,
  at = 0,
): boolean {
  let current: Value = document;
  let index = at;
  while (index < path.length && isDoc(current)) {
    const next: Value | undefined = current.get(present(path[index]));
    if (next === undefined) return visit(MISSING);
    current = next;
    index++;
    if (Array.isArray(current)) return visitArray(current, path, enterLast, visit, index);
  }
  return index < path.length ? visit(MISSING) : visit(current);
}

function visitArray(
  array: Value[],
  path: readonly string[],
  enterLast: boolean,
  visit: (value: Found) => boolean,
  at: number,
): boolean {
  if (at === path.length) {
    if (enterLast) for (const element of array) if (visit(element)) return true;
    return visit(array);
  }
  const part = present(path[at]);
  for (const [index, element] of array.entries()) {
    if (isDoc(element) && visitPath(element, path, enterLast, visit, at)) return true;
    if (!isArrayIndex(part) || Number(part) !== index) continue;
    if (at + 1 === path.length) {
      // A positional part at the end names the element itself, which is not entered again.
      if (visit(element)) return true;
    } else if (isDoc(element) && visitPath(element, path, enterLast, visit, at + 1)) return true;
    else if (Array.isArray(element) && visitArray(element, path, enterLast, visit, at + 1)) return true;
  }
  return false;
}
