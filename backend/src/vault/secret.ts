import { inspect } from 'node:util';

/**
 * A string that cannot be printed, compared or serialised by accident: a token, a client secret, a one-time code.
 * `String(secret)`, template literals, `JSON.stringify`, `util.inspect` and pino all give `[secret]`.
 * The value comes out through `reveal()` alone, which is easy to search for.
 */
export class Secret {
  readonly #value: string;

  private constructor(value: string) {
    this.#value = value;
  }

  /** @throws TypeError on an empty string: an absent secret must be `undefined`, never an empty one. */
  static of(value: string): Secret {
    if (value.length === 0) throw new TypeError('A secret cannot be empty');
    return new Secret(value);
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}
