import type { ErasableMemory } from './memory.ts';

/** Fits a page of 50 rows with the facets of most lists, bytes. A larger page gets a buffer of its own. */
const SIZE = 48 * 1024;
/** Spare buffers: pages that are sent at the same moment, most of the time. */
const MAX_SPARE = 8;

/**
 * Buffers that pages are written into and sent from. They are used again, since a fresh one for each page costs more than
 * writing the page; each is overwritten when its page is out.
 */
export class PageBuffers {
  readonly #memory: ErasableMemory;
  readonly #spare: Buffer[] = [];
  readonly #taken = new Map<ArrayBufferLike, Buffer>();
  #isClosed = false;

  constructor(memory: ErasableMemory) {
    this.#memory = memory;
  }

  /** A buffer of at least so many bytes; the caller gives it back, whatever happens. */
  readonly take = (bytes: number): Buffer => {
    const buffer = (bytes <= SIZE ? this.#spare.pop() : undefined) ?? this.#memory.allocate(Math.max(bytes, SIZE));
    this.#taken.set(buffer.buffer, buffer);
    return buffer;
  };

  /** Overwrites a page that is out. @param page any part of the buffer that was taken */
  giveBack(page: Buffer): void {
    const buffer = this.#taken.get(page.buffer);
    if (buffer === undefined) return;
    this.#taken.delete(page.buffer);
    if (buffer.length > SIZE || this.#spare.length >= MAX_SPARE || this.#isClosed) {
      this.#memory.release(buffer);
      return;
    }
    page.fill(0);
    this.#spare.push(buffer);
  }

  close(): void {
    this.#isClosed = true;
    for (const buffer of this.#spare.splice(0)) this.#memory.release(buffer);
  }
}
