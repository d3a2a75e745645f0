const EMPTY = -1;
const FIRST_PLACES = 256;

/**
 * Finds slots by a 32-bit hash: open addressing with linear probing, a few bytes a row instead of a Map's hundred. Several
 * slots may have one hash.
 */
export class SlotIndex {
  #hashes = new Int32Array(FIRST_PLACES);
  #slots = new Int32Array(FIRST_PLACES).fill(EMPTY);
  #size = 0;

  /** A place for `next`: before the first slot of a hash. */
  first(hash: number): number {
    return this.#from(hash & (this.#slots.length - 1), hash);
  }

  /** The place of the next slot of this hash behind a place; -1 when there is none. */
  next(place: number, hash: number): number {
    return this.#from((place + 1) & (this.#slots.length - 1), hash);
  }

  slotAt(place: number): number {
    return this.#slots[place]!;
  }

  add(hash: number, slot: number): void {
    if ((this.#size + 1) * 3 > this.#slots.length * 2) this.#widen();
    this.#put(hash, slot);
    this.#size += 1;
  }

  /** Takes a slot out, if it is in it. */
  delete(hash: number, slot: number): void {
    let hole = this.first(hash);
    while (hole !== EMPTY && this.#slots[hole] !== slot) hole = this.next(hole, hash);
    if (hole === EMPTY) return;
    // Entries behind the hole move up, as far as their hash allows: no tombstones that would pile up.
    const mask = this.#slots.length - 1;
    for (let at = (hole + 1) & mask; this.#slots[at] !== EMPTY; at = (at + 1) & mask) {
      const home = this.#hashes[at]! & mask;
      if (((at - home) & mask) < ((at - hole) & mask)) continue;
      this.#slots[hole] = this.#slots[at]!;
      this.#hashes[hole] = this.#hashes[at]!;
      hole = at;
    }
    this.#slots[hole] = EMPTY;
    this.#hashes[hole] = 0;
    this.#size -= 1;
  }

  clear(): void {
    this.#hashes = new Int32Array(FIRST_PLACES);
    this.#slots = new Int32Array(FIRST_PLACES).fill(EMPTY);
    this.#size = 0;
  }

  #from(place: number, hash: number): number {
    const mask = this.#slots.length - 1;
    for (let at = place; this.#slots[at] !== EMPTY; at = (at + 1) & mask) if (this.#hashes[at] === hash) return at;
    return EMPTY;
  }

  #put(hash: number, slot: number): void {
    const mask = this.#slots.length - 1;
    let at = hash & mask;
    while (this.#slots[at] !== EMPTY) at = (at + 1) & mask;
    this.#hashes[at] = hash;
    this.#slots[at] = slot;
  }

  #widen(): void {
    const hashes = this.#hashes;
    const slots = this.#slots;
    this.#hashes = new Int32Array(hashes.length * 2);
    this.#slots = new Int32Array(slots.length * 2).fill(EMPTY);
    for (let at = 0; at < slots.length; at += 1) if (slots[at] !== EMPTY) this.#put(hashes[at]!, slots[at]!);
  }
}
