import { Dictionary } from './dictionary.ts';
import type { ErasableMemory } from './memory.ts';
import { FRAMES, quoted, type Text } from './row-text.ts';

/** Of `[]`. */
const EMPTY_BYTES = 2;

/** The product lists of accounts, each list kept once, and the products that they name. */
export class ProductSets {
  /** JSON strings. */
  readonly products: Dictionary;
  /** JSON arrays. */
  readonly #sets: Dictionary;
  /** By the code of a list: the codes of its products. */
  readonly #members: (readonly number[] | undefined)[] = [];

  constructor(memory: ErasableMemory) {
    this.products = new Dictionary(memory);
    this.#sets = new Dictionary(memory, FRAMES.products);
  }

  /** All codes of lists are below this number. */
  get end(): number {
    return this.#sets.end;
  }

  /** The code of the JSON array `bytes[start, end)`; 0 when no row has it, and for an empty one. */
  find(bytes: Buffer, start: number, end: number): number {
    return end - start === EMPTY_BYTES ? 0 : this.#sets.find(bytes, start, end);
  }

  /** The same, with one more reference to it. */
  intern(bytes: Buffer, start: number, end: number): number {
    if (end - start === EMPTY_BYTES) return 0;
    const code = this.#sets.intern(bytes, start, end);
    this.#members[code] ??= this.#productsOf(bytes.toString('utf8', start, end));
    return code;
  }

  retain(code: number): void {
    this.#sets.retain(code);
  }

  release(code: number): void {
    if (!this.#sets.release(code)) return;
    for (const product of this.#members[code] ?? []) this.products.release(product);
    this.#members[code] = undefined;
  }

  /** What stands in a page for a code. */
  text(code: number): Text {
    return this.#sets.text(code);
  }

  /** The codes of a list's products. */
  members(code: number): readonly number[] {
    return this.#members[code] ?? [];
  }

  #productsOf(json: string): readonly number[] {
    return (JSON.parse(json) as string[]).map((product) => this.products.intern(Buffer.from(quoted(product), 'utf8')));
  }
}
