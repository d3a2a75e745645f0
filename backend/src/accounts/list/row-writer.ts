import type { AccountRow } from '../account.ts';
import type { Dictionary } from './dictionary.ts';
import { fold } from './fold.ts';
import type { RowStore } from './row-store.ts';
import { ownerText, productsText, quoted, VALUE, valueRange, valuesOf } from './row-text.ts';
import { SEGMENT_ROWS } from './segment.ts';

/** UTF-8 bytes that one UTF-16 unit can become. */
const MAX_BYTES = 3;
const FIRST_BYTES = 4_096;
const CLOSED_BY = '\0';

/**
 * Puts the rows of one pull into the store. Repeated texts (owners, cities, countries) are looked up once a pull; the
 * strings for that, and the references to their codes, live until `close`.
 */
export class RowWriter {
  readonly #store: RowStore;
  readonly #codes = new Map<Dictionary, Map<string, number>>();
  readonly #productCodes = new Map<string, number>();
  readonly #folds = new Map<string, string>();
  #bytes: Buffer;
  #folded: Buffer;

  constructor(store: RowStore) {
    this.#store = store;
    this.#bytes = store.memory.allocate(FIRST_BYTES);
    this.#folded = store.memory.allocate(FIRST_BYTES);
  }

  /** Adds a reference to the row with these values. @returns its slot */
  add(row: AccountRow): number {
    const { industries, countries, owners } = this.#store;
    const owner = ownerText(row.owner);
    const values = valuesOf(row, owner, productsText(row.products));
    const folded = `${fold(row.name ?? '')}\n${this.#foldCached(row.city)}\n${fold(row.website ?? '')}\n${this.#foldCached(row.owner.name)}${CLOSED_BY}`;
    this.#bytes = this.#withRoom(this.#bytes, values.length * MAX_BYTES);
    this.#folded = this.#withRoom(this.#folded, folded.length * MAX_BYTES);
    return this.#store.intern({
      bytes: this.#bytes,
      length: this.#bytes.write(values, 'utf8'),
      folded: this.#folded,
      foldedLength: this.#folded.write(folded, 'utf8'),
      arr: row.arrConverted ?? row.arr ?? Number.NaN,
      industry: row.industry === null ? 0 : this.#code(industries, quoted(row.industry)),
      country: row.country === null ? 0 : this.#code(countries, quoted(row.country)),
      owner: row.owner.id === null ? 0 : this.#code(owners, owner),
      products: this.#productCode(row.products),
    });
  }

  /** Adds a reference to the row that is like another but for its products. @returns its slot */
  addWithProducts(slot: number, products: readonly string[]): number {
    const segment = this.#store.segmentOf(slot);
    const place = slot & (SEGMENT_ROWS - 1);
    const start = segment.start(place);
    const end = segment.ends[place]!;
    const [from, to] = valueRange(segment.bytes, start, end, VALUE.products);
    const text = productsText(products);
    this.#bytes = this.#withRoom(this.#bytes, end - start + text.length * MAX_BYTES);
    const head = segment.bytes.copy(this.#bytes, 0, start, from);
    const middle = head + this.#bytes.write(text, head, 'utf8');
    const length = middle + segment.bytes.copy(this.#bytes, middle, to, end);
    const foldedStart = segment.foldedStart(place);
    const foldedEnd = segment.foldedEnds[place]!;
    this.#folded = this.#withRoom(this.#folded, foldedEnd - foldedStart);
    return this.#store.intern({
      bytes: this.#bytes,
      length,
      folded: this.#folded,
      foldedLength: segment.folded.copy(this.#folded, 0, foldedStart, foldedEnd),
      arr: segment.arr[place]!,
      industry: segment.industry[place]!,
      country: segment.country[place]!,
      owner: segment.owner[place]!,
      products: this.#productCode(products),
    });
  }

  /** Overwrites what the writer held and gives its references back. */
  close(): void {
    this.#store.memory.release(this.#bytes);
    this.#store.memory.release(this.#folded);
    for (const [dictionary, codes] of this.#codes) for (const code of codes.values()) dictionary.release(code);
    for (const code of this.#productCodes.values()) this.#store.products.release(code);
    this.#codes.clear();
    this.#productCodes.clear();
    this.#folds.clear();
  }

  #code(dictionary: Dictionary, value: string): number {
    let codes = this.#codes.get(dictionary);
    if (codes === undefined) this.#codes.set(dictionary, (codes = new Map<string, number>()));
    let code = codes.get(value);
    if (code === undefined) codes.set(value, (code = dictionary.intern(value)));
    return code;
  }

  #productCode(products: readonly string[]): number {
    if (products.length === 0) return 0;
    const key = productsText(products);
    let code = this.#productCodes.get(key);
    if (code === undefined) this.#productCodes.set(key, (code = this.#store.products.intern(products)));
    return code;
  }

  #foldCached(text: string | null): string {
    if (text === null) return '';
    let folded = this.#folds.get(text);
    if (folded === undefined) this.#folds.set(text, (folded = fold(text)));
    return folded;
  }

  #withRoom(buffer: Buffer, bytes: number): Buffer {
    return bytes <= buffer.length ? buffer : this.#store.memory.grow(buffer, bytes * 2);
  }
}
