import type { ErasableMemory } from './memory.ts';

/**
 * Values that many rows share (industries, countries, owners, products), each kept once and counted. A value that no
 * row uses any more is overwritten. Codes begin at 1; 0 means: no value.
 */
export class Dictionary {
  readonly #memory: ErasableMemory;
  readonly #values: (Buffer | undefined)[] = [undefined];
  readonly #references: number[] = [0];
  readonly #byHash = new Map<number, number[]>();
  readonly #free: number[] = [];

  constructor(memory: ErasableMemory) {
    this.#memory = memory;
  }

  /** All codes are below this number. */
  get end(): number {
    return this.#values.length;
  }

  /** The code of a value, with one more reference to it. */
  intern(value: string): number {
    const bytes = Buffer.from(value, 'utf8');
    const hash = hashOf(bytes);
    const known = this.#lookUp(bytes, hash);
    if (known !== 0) {
      this.retain(known);
      return known;
    }
    const code = this.#free.pop() ?? this.#values.length;
    const own = this.#memory.allocate(bytes.length);
    own.set(bytes);
    bytes.fill(0);
    this.#values[code] = own;
    this.#references[code] = 1;
    const same = this.#byHash.get(hash);
    if (same === undefined) this.#byHash.set(hash, [code]);
    else same.push(code);
    return code;
  }

  /** The code of a value that some row has; 0 when none has it. */
  find(value: string): number {
    const bytes = Buffer.from(value, 'utf8');
    return this.#lookUp(bytes, hashOf(bytes));
  }

  retain(code: number): void {
    if (code !== 0) this.#references[code] = (this.#references[code] ?? 0) + 1;
  }

  /** @returns whether this was the last reference and the value is gone */
  release(code: number): boolean {
    if (code === 0) return false;
    const left = (this.#references[code] ?? 0) - 1;
    this.#references[code] = left;
    const value = this.#values[code];
    if (left > 0 || value === undefined) return false;
    const hash = hashOf(value);
    const same = (this.#byHash.get(hash) ?? []).filter((other) => other !== code);
    if (same.length === 0) this.#byHash.delete(hash);
    else this.#byHash.set(hash, same);
    this.#memory.release(value);
    this.#values[code] = undefined;
    this.#free.push(code);
    return true;
  }

  /** The bytes of a value, to be read at once and not kept. */
  bytes(code: number): Buffer | undefined {
    return this.#values[code];
  }

  #lookUp(bytes: Buffer, hash: number): number {
    return this.#byHash.get(hash)?.find((code) => this.#values[code]?.equals(bytes) === true) ?? 0;
  }
}

/** FNV-1a, 32 bits. */
export function hashOf(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let hash = 0x811c9dc5;
  for (let index = start; index < end; index += 1) hash = Math.imul(hash ^ (bytes[index] ?? 0), 0x01000193);
  return hash >>> 0;
}
