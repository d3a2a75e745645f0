import { MongoError } from '../errors.ts';
import type { KeyPart } from './key.ts';
import { EMPTY_ARRAY, isDoc, type Doc, type Value } from './values.ts';
import { present } from '../present.ts';

/** One key; `isAbsent` when the document has none of its fields, which a sparse index leaves out. */
export type IndexKey = { parts: KeyPart[]; isAbsent: boolean };
export type IndexKeys = { keys: IndexKey[]; multikey: boolean };

type Cursor = { path: readonly string[]; at: number; fixed?: KeyPart; isAbsent?: boolean };
type Step = { kind: 'value'; value: Value } | { kind: 'missing' } | { kind: 'array'; array: Value[]; at: number };

/**
 * The keys of a document under a (compound) pattern, as MongoDB's btree key generator makes them: arrays give one key
 * per element, together for all paths that run through the same array; an absent field is null; an empty array is a
 * value of its own below null.
 * @throws MongoError 171 when two different arrays would have to be combined
 */
export function keysOf(document: Doc, paths: readonly (readonly string[])[]): IndexKeys {
  const result: IndexKeys = { keys: [], multikey: false };
  expand(
    document,
    paths.map((path) => ({ path, at: 0 })),
    result,
  );
  return result;
}

function expand(document: Doc, cursors: Cursor[], result: IndexKeys): void {
  let array: Value[] | undefined;
  const steps = cursors.map((cursor): Step | undefined => {
    if (cursor.fixed !== undefined) return undefined;
    const step = walk(document, cursor.path, cursor.at);
    if (step.kind === 'array') {
      if (array && array !== step.array) throw new MongoError(171, 'cannot index parallel arrays');
      array = step.array;
    }
    return step;
  });
  const settled = cursors.map((cursor, index): Cursor => {
    const step = steps[index];
    if (!step || step.kind === 'array') return cursor;
    return step.kind === 'value' ? { ...cursor, fixed: step.value } : { ...cursor, fixed: null, isAbsent: true };
  });
  if (!array) {
    result.keys.push(keyOf(settled));
    return;
  }
  result.multikey = true;
  const elements: (Value | typeof EMPTY_ARRAY)[] = array.length === 0 ? [EMPTY_ARRAY] : array;
  for (const element of elements) {
    const inner = settled.map((cursor, index): Cursor => {
      const step = steps[index];
      if (step?.kind !== 'array') return cursor;
      if (step.at === cursor.path.length) return { ...cursor, fixed: element };
      return isDoc(element) ? { ...cursor, at: step.at } : { ...cursor, fixed: null, isAbsent: true };
    });
    if (isDoc(element)) expand(element, inner, result);
    else result.keys.push(keyOf(inner));
  }
}

const keyOf = (cursors: Cursor[]): IndexKey => ({
  parts: cursors.map((cursor) => cursor.fixed ?? null),
  isAbsent: cursors.every((cursor) => cursor.isAbsent),
});

function walk(document: Doc, path: readonly string[], from: number): Step {
  let current: Value = document;
  for (let at = from; at < path.length; at++) {
    if (!isDoc(current)) return { kind: 'missing' };
    const next: Value | undefined = current.get(present(path[at]));
    if (next === undefined) return { kind: 'missing' };
    if (Array.isArray(next)) return { kind: 'array', array: next, at: at + 1 };
    current = next;
  }
  return { kind: 'value', value: current };
}
