import { hashOf } from './hash.ts';
import type { ErasableMemory } from './memory.ts';
import { plainText, SLACK, type Frame, type Text } from './row-text.ts';

interface SharedText extends Text {
  /** The value and what stands around it. */
  readonly bytes: Buffer;
}

const NO_FRAME: Frame = { before: '', none: '', after: '' };

/**
 * Values that many rows share (currencies, industries, countries, owners, products), each kept once, as it stands in a
 * page, and counted. A value that no row uses any more is overwritten. Codes begin at 1; 0 means: no value.
 */
export class Dictionary {
  readonly #memory: ErasableMemory;
  readonly #frame: Frame;
  readonly #none: Text;
  readonly #texts: (SharedText | undefined)[] = [undefined];
  readonly #references: number[] = [0];
  /** The latest code of each hash; `#next` leads from a code to an earlier one of the same hash, 0 at the end. */
  readonly #byHash = new Map<number, number>();
  readonly #next: number[] = [0];
  readonly #free: number[] = [];

  /** @param frame what stands around each value in a page; plain ASCII */
  constructor(memory: ErasableMemory, frame = NO_FRAME) {
    this.#memory = memory;
    this.#frame = frame;
    this.#none = plainText(frame.before + frame.none + frame.after);
  }

  /** All codes are below this number. */
  get end(): number {
    return this.#texts.length;
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
    const code = this.#free.pop() ?? this.#texts.length;
    this.#texts[code] = this.#framed(bytes, start, end);
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

  /** What stands in a page for a code. */
  text(code: number): Text {
    return this.#texts[code] ?? this.#none;
  }

  /** The bytes of a value, to be read at once and not kept. */
  bytes(code: number): Buffer | undefined {
    const text = this.#texts[code];
    return text?.bytes.subarray(this.#frame.before.length, this.#valueEnd(text));
  }

  /** Forgets all values, whoever holds them. */
  clear(): void {
    for (const text of this.#texts) if (text !== undefined) this.#memory.release(text.bytes);
    this.#texts.length = 1;
    this.#references.length = 1;
    this.#next.length = 1;
    this.#free.length = 0;
    this.#byHash.clear();
  }

  #framed(value: Buffer, start: number, end: number): SharedText {
    const { before, after } = this.#frame;
    const length = before.length + end - start + after.length;
    const bytes = this.#memory.allocate(length + SLACK);
    bytes.write(before, 'latin1');
    value.copy(bytes, before.length, start, end);
    bytes.write(after, length - after.length, 'latin1');
    return { bytes, view: new DataView(bytes.buffer), length };
  }

  #valueEnd({ length }: Text): number {
    return length - this.#frame.after.length;
  }

  #lookUp(hash: number, bytes: Buffer, start: number, end: number): number {
    let code = this.#byHash.get(hash) ?? 0;
    while (code !== 0 && !this.#holds(this.#texts[code]!, bytes, start, end)) code = this.#next[code]!;
    return code;
  }

  #forget(code: number): void {
    const text = this.#texts[code]!;
    const hash = hashOf(text.bytes, this.#frame.before.length, this.#valueEnd(text));
    const after = this.#next[code]!;
    let before = this.#byHash.get(hash)!;
    if (before !== code) {
      while (this.#next[before] !== code) before = this.#next[before]!;
      this.#next[before] = after;
    } else if (after !== 0) this.#byHash.set(hash, after);
    else this.#byHash.delete(hash);
    this.#memory.release(text.bytes);
    this.#texts[code] = undefined;
    this.#free.push(code);
  }

  #holds(text: SharedText, value: Buffer, start: number, end: number): boolean {
    const from = this.#frame.before.length;
    if (this.#valueEnd(text) - from !== end - start) return false;
    for (let at = start; at < end; at += 1) if (text.bytes[from + at - start] !== value[at]) return false;
    return true;
  }
}
