import { randomBytes } from 'node:crypto';
import { RawDoc, doc, type Doc, type Value } from '../bson/values.ts';
import { MongoError } from '../errors.ts';

/** Cursors that nobody asks for are closed after this time, as in MongoDB. */
const IDLE_MS = 600_000;
const MAX_CURSORS = 10_000;
/** First batch and size of a reply, as in MongoDB. */
const FIRST_BATCH = 101;
const MAX_BATCH_BYTES = 16_777_216;

type Open = { namespace: string; rows: Iterator<Uint8Array>; held: Uint8Array | undefined; usedAt: number };

/** Results that did not fit in one reply. */
export class Cursors {
  readonly #open = new Map<bigint, Open>();
  readonly #sweep: NodeJS.Timeout;

  constructor() {
    this.#sweep = setInterval(() => this.#closeIdle(), 60_000);
    this.#sweep.unref();
  }

  /** The `cursor` part of a first reply. `single`: no cursor is kept. @param batchSize undefined: MongoDB's default */
  first(namespace: string, rows: Iterator<Uint8Array>, batchSize: number | undefined, single: boolean): Doc {
    const cursor: Open = { namespace, rows, held: undefined, usedAt: Date.now() };
    const batch = take(cursor, batchSize ?? FIRST_BATCH);
    let id = 0n;
    if (!batch.done && !single) {
      if (this.#open.size >= MAX_CURSORS) throw new MongoError(2, `Too many open cursors (${MAX_CURSORS})`);
      id = randomBytes(8).readBigInt64LE() & 0x7fffffffffffffffn;
      this.#open.set(id, cursor);
    }
    return doc({ firstBatch: batch.documents, id, ns: namespace });
  }

  /** @throws MongoError 43 */
  next(id: bigint, namespace: string, batchSize: number | undefined): Doc {
    const cursor = this.#open.get(id);
    if (!cursor) throw new MongoError(43, `cursor id ${id} not found`);
    if (cursor.namespace !== namespace)
      throw new MongoError(
        13,
        `Requested getMore on namespace '${namespace}', but cursor belongs to a different namespace ${cursor.namespace}`,
      );
    cursor.usedAt = Date.now();
    let batch;
    try {
      batch = take(cursor, batchSize ?? Infinity);
    } catch (error) {
      this.#open.delete(id);
      throw error;
    }
    if (batch.done) this.#open.delete(id);
    return doc({ nextBatch: batch.documents, id: batch.done ? 0n : id, ns: namespace });
  }

  kill(ids: bigint[], namespace: string): { killed: bigint[]; notFound: bigint[] } {
    const killed = ids.filter((id) => this.#open.get(id)?.namespace === namespace);
    for (const id of killed) this.#open.delete(id);
    return { killed, notFound: ids.filter((id) => !killed.includes(id)) };
  }

  get count(): number {
    return this.#open.size;
  }

  #closeIdle(): void {
    const oldest = Date.now() - IDLE_MS;
    for (const [id, cursor] of this.#open) if (cursor.usedAt < oldest) this.#open.delete(id);
  }

  close(): void {
    clearInterval(this.#sweep);
    this.#open.clear();
  }
}

function take(cursor: Open, count: number): { documents: Value[]; done: boolean } {
  const documents: Value[] = [];
  let bytes = 0;
  // One more than asked for is looked at, so that a cursor without anything left is not kept.
  for (;;) {
    const next = cursor.held ?? (cursor.rows.next().value as Uint8Array | undefined);
    cursor.held = undefined;
    if (next === undefined) return { documents, done: true };
    bytes += next.length;
    if (documents.length >= count || (bytes > MAX_BATCH_BYTES && documents.length > 0)) {
      cursor.held = next;
      return { documents, done: false };
    }
    documents.push(new RawDoc(next));
  }
}
