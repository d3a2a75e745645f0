/** What gives codes to the values that rows share. */
export interface Codes {
  /** 0 when no row has the value. */
  find(bytes: Buffer, start: number, end: number): number;
  /** Takes a reference. */
  intern(bytes: Buffer, start: number, end: number): number;
  release(code: number): void;
}

/** The codes that one pull met. It holds one reference to each, so that a code stays as it is between two rows. */
export class MetCodes {
  readonly #codes: Codes;
  /** By code; a Set would take twice as long to ask. */
  readonly #isMet: (true | undefined)[] = [];

  constructor(codes: Codes) {
    this.#codes = codes;
  }

  /** The code of the value `bytes[start, end)`. */
  of(bytes: Buffer, start: number, end: number): number {
    const known = this.#codes.find(bytes, start, end);
    if (known !== 0 && this.#isMet[known] === true) return known;
    const code = this.#codes.intern(bytes, start, end);
    this.#isMet[code] = true;
    return code;
  }

  /** Gives the references back. */
  release(): void {
    this.#isMet.forEach((_, code) => this.#codes.release(code));
    this.#isMet.length = 0;
  }
}
