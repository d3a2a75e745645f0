import { encodeKey, type KeyPart } from '../bson/key.ts';
import { keysOf } from '../bson/index-keys.ts';
import { doc, int, isDoc, isTruthy, type Doc, type Value } from '../bson/values.ts';
import { compileFilter, type Predicate } from '../query/match.ts';
import { parseSort, type Pattern } from '../query/sort.ts';

export type Entry = { key: Buffer; parts: KeyPart[] };

/** An index as its creator described it, with what follows from that. */
export class IndexSpec {
  /** As `listIndexes` shows it. */
  readonly document: Doc;
  readonly name: string;
  readonly keyPattern: Doc;
  readonly pattern: Pattern;
  readonly isUnique: boolean;
  readonly isSparse: boolean;
  readonly partialFilter: Doc | undefined;
  /** Seconds after the date in the only field, else undefined. */
  readonly expireAfterSeconds: number | undefined;
  readonly #partial: Predicate | undefined;
  readonly #paths: readonly (readonly string[])[];
  readonly #descending: readonly boolean[];

  constructor(document: Doc) {
    this.document = document;
    this.name = document.get('name') as string;
    this.keyPattern = document.get('key') as Doc;
    this.pattern = parseSort(this.keyPattern);
    this.#paths = this.pattern.map((part) => part.path);
    this.#descending = this.pattern.map((part) => part.descending);
    this.isUnique = this.name === '_id_' || flag(document, 'unique');
    this.isSparse = flag(document, 'sparse');
    const partial = document.get('partialFilterExpression');
    this.partialFilter = isDoc(partial) ? partial : undefined;
    this.#partial = this.partialFilter && compileFilter(this.partialFilter);
    const expire = document.get('expireAfterSeconds');
    this.expireAfterSeconds = expire === undefined || expire === null ? undefined : Number(expire.valueOf());
  }

  /** The index entries of a document; none where a sparse or partial index leaves it out. */
  entriesOf(document: Doc): { entries: Entry[]; multikey: boolean } {
    if (this.#partial && !this.#partial(document)) return { entries: [], multikey: false };
    const { keys, multikey } = keysOf(document, this.#paths);
    const entries = new Map<string, Entry>();
    for (const { parts, isAbsent } of keys) {
      if (this.isSparse && isAbsent) continue;
      const key = encodeKey(parts, this.#descending);
      entries.set(key.toString('latin1'), { key, parts });
    }
    return { entries: [...entries.values()], multikey };
  }
}

const flag = (document: Doc, name: string): boolean => {
  const value: Value | undefined = document.get(name);
  return value !== undefined && isTruthy(value);
};

export const ID_INDEX: Doc = doc({ v: int(2), key: doc({ _id: int(1) }), name: '_id_' });
