/**
 * Memory for values of a CRM. JavaScript strings cannot be overwritten, so what the list keeps lies in buffers that
 * only this class hands out: each is its own allocation (never a slice of Node's shared pool), is known until it is
 * given back, and reads zero from then on (DESIGN 4, "erased").
 */
export class ErasableMemory {
  readonly #inUse = new Set<Buffer>();
  #bytes = 0;
  #listener: ((buffer: Buffer) => void) | undefined;

  /** Bytes that are held now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Buffers that are held now. */
  get buffers(): number {
    return this.#inUse.size;
  }

  /** A buffer of zeros. */
  allocate(bytes: number): Buffer {
    const buffer = Buffer.from(new ArrayBuffer(bytes));
    this.#inUse.add(buffer);
    this.#bytes += bytes;
    this.#listener?.(buffer);
    return buffer;
  }

  /** Overwrites a buffer and forgets it. Giving one back twice does no harm. */
  release(buffer: Buffer): void {
    buffer.fill(0);
    if (this.#inUse.delete(buffer)) this.#bytes -= buffer.length;
  }

  /** A larger copy of a buffer, which is given back. */
  grow(buffer: Buffer, bytes: number): Buffer {
    const larger = this.allocate(bytes);
    larger.set(buffer);
    this.release(buffer);
    return larger;
  }

  /** A copy of the first bytes of a buffer. */
  copy(buffer: Buffer, bytes: number): Buffer {
    const exact = this.allocate(bytes);
    buffer.copy(exact, 0, 0, bytes);
    return exact;
  }

  /** For tests: told of each buffer from now on, so that it can be read after it was given back. */
  watch(listener: (buffer: Buffer) => void): void {
    this.#listener = listener;
  }
}
