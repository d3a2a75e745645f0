import { hashOf } from './hash.ts';
import type { ErasableMemory } from './memory.ts';

/**
 * Values that many rows share (industries, countries, owners, products), each kept once and counted. A value that no
 * row uses any more is overwritten. Codes begin at 1; 0 means: no value.
 */
export class Dictionary {
  readonly #memory: ErasableMemory;
  readonly #values: (Buffer | undefined)[] = [undefined];
  readonly #references: number[] = [0];
  /** The latest code of each hash; `#next` leads from a code to an earlier one of the same hash, 0 at the end. */
  readonly #byHash = new Map<number, number>();
  readonly #next: number[] = [0];
  readonly #free: number[] = [];

  constructor(memory: ErasableMemory) {
    this.#memory = memory;
  }

  /** All codes are below this number. */
  get end(): number {
    return this.#values.length;
  }

  /** The code of the value `bytes[start, end)`; 0 when no row has it. */
  find(bytes: Buffer, start = 0, end = bytes.length): number {
    return this.#lookUp(hashOf(bytes, start, end), bytes, start, end);
  }

  /** The code of a value, with one more reference to it. */
  intern(bytes: Buffer, start = 0, end = bytes.length): number {
    const hash = hashOf(bytes, start, end);
    const known = this.#lookUp(hash, bytes, start, end);
    if (known !== 0) {
      this.retain(known);
      return known;
    }
    const code = this.#free.pop() ?? this.#values.length;
    const own = this.#memory.allocate(end - start);
    bytes.copy(own, 0, start, end);
    this.#values[code] = own;
    this.#references[code] = 1;
    this.#next[code] = this.#byHash.get(hash) ?? 0;
    this.#byHash.set(hash, code);
    return code;
  }

  retain(code: number): void {
    if (code !== 0) this.#references[code] = this.#references[code]! + 1;
  }

  /** @returns whether this was the last reference and the value is gone */
  release(code: number): boolean {
    if (code === 0) return false;
    const left = this.#references[code]! - 1;
    this.#references[code] = left;
    if (left > 0) return false;
    this.#forget(code);
    return true;
  }

  /** The bytes of a value, to be read at once and not kept. */
  bytes(code: number): Buffer | undefined {
    return this.#values[code];
  }

  /** Forgets all values, whoever holds them. */
  clear(): void {
    for (const value of this.#values) if (value !== undefined) this.#memory.release(value);
    this.#values.length = 1;
    this.#references.length = 1;
    this.#next.length = 1;
    this.#free.length = 0;
    this.#byHash.clear();
  }

  #lookUp(hash: number, bytes: Buffer, start: number, end: number): number {
    let code = this.#byHash.get(hash) ?? 0;
    while (code !== 0 && !equals(this.#values[code]!, bytes, start, end)) code = this.#next[code]!;
    return code;
  }

  #forget(code: number): void {
    const value = this.#values[code]!;
    const hash = hashOf(value, 0, value.length);
    const after = this.#next[code]!;
    let before = this.#byHash.get(hash)!;
    if (before !== code) {
      while (this.#next[before] !== code) before = this.#next[before]!;
      this.#next[before] = after;
    } else if (after !== 0) this.#byHash.set(hash, after);
    else this.#byHash.delete(hash);
    this.#memory.release(value);
    this.#values[code] = undefined;
    this.#free.push(code);
  }
}

function equals(value: Buffer, bytes: Buffer, start: number, end: number): boolean {
  if (value.length !== end - start) return false;
  for (let index = 0; index < value.length; index += 1) if (value[index] !== bytes[start + index]) return false;
  return true;
}
