import type { Row } from './schema.ts';
import { recordId } from './ids.ts';

let lastNumber = 0;

/** Salesforce never gives an Id twice: neither after a reset nor in another process that stands in for the same org. */
function nextNumber(): number {
  lastNumber = Math.max(lastNumber + 1, Date.now());
  return lastNumber;
}

/**
 * The records of one object. They are made when somebody first looks, so that an org of 100,000 accounts costs no
 * contacts until a contact is asked for. Rows are changed in place: whoever holds one sees the change.
 */
export class Table {
  readonly keyPrefix: string;
  readonly #seed: () => Row[];
  #rows: Map<string, Row> | undefined;
  readonly #deleted = new Map<string, Row>();
  readonly #indexes = new Map<string, Map<string, Row[]>>();
  /** Ids that came after the start: the sharing of the demo's own rows is drawn, that of these is not. */
  readonly #added = new Set<string>();

  /** @param seed makes the rows that the org starts with; theirs are the lowest ids */
  constructor(keyPrefix: string, seed: () => Row[]) {
    this.keyPrefix = keyPrefix;
    this.#seed = seed;
  }

  get #live(): Map<string, Row> {
    if (this.#rows === undefined) {
      this.#rows = new Map();
      for (const row of this.#seed()) this.#rows.set(row.Id, row);
    }
    return this.#rows;
  }

  /** All rows that are not deleted, oldest first. */
  rows(): IterableIterator<Row> {
    return this.#live.values();
  }

  /** Makes the rows now rather than when somebody looks. */
  load(): void {
    this.#live.keys();
  }

  get(id: string): Row | undefined {
    return this.#live.get(id);
  }

  /** Rows in the recycle bin, which only `queryAll` shows. */
  deletedRows(): IterableIterator<Row> {
    return this.#deleted.values();
  }

  /** Whether the row belongs to the org's start. */
  isSeeded(id: string): boolean {
    return !this.#added.has(id);
  }

  nextId(): string {
    const live = this.#live;
    let id: string;
    do id = recordId(this.keyPrefix, nextNumber());
    while (live.has(id) || this.#deleted.has(id));
    return id;
  }

  insert(row: Row): void {
    this.#live.set(row.Id, row);
    this.#added.add(row.Id);
    this.#deleted.delete(row.Id);
    this.#indexes.clear();
  }

  /** Call after fields of a row were changed in place. */
  changed(): void {
    this.#indexes.clear();
  }

  /** Moves a row to the recycle bin. @returns whether it was there */
  remove(id: string): boolean {
    const row = this.#live.get(id);
    if (row === undefined) return false;
    this.#live.delete(id);
    row.IsDeleted = true;
    this.#deleted.set(id, row);
    this.#indexes.clear();
    return true;
  }

  /** Rows whose text field holds exactly this; kept as an index until the table changes. */
  having(field: string, value: string): readonly Row[] {
    let index = this.#indexes.get(field);
    if (index === undefined) {
      index = new Map<string, Row[]>();
      for (const row of this.#live.values()) {
        const key = row[field];
        if (typeof key !== 'string') continue;
        const rows = index.get(key);
        if (rows === undefined) index.set(key, [row]);
        else rows.push(row);
      }
      this.#indexes.set(field, index);
    }
    return index.get(value) ?? [];
  }
}
