import { Refusal } from './refusal.ts';

/**
 * The parameters of a query string or of a form, read strictly: each at most once (RFC 6749, 3.1), correctly
 * percent-encoded UTF-8. An empty value counts as absent, as RFC 6749 wants it.
 */
export class Parameters {
  readonly #values: ReadonlyMap<string, readonly string[]>;

  /**
   * @param encoded `a=1&b=2`, as it came over the wire
   * @throws Refusal `body_malformed` for a broken percent sign or bytes that are not UTF-8
   */
  constructor(encoded: string) {
    try {
      decodeURIComponent(encoded.replaceAll('+', ' '));
    } catch {
      throw new Refusal('body_malformed');
    }
    const values = new Map<string, string[]>();
    for (const [name, value] of new URLSearchParams(encoded)) {
      const known = values.get(name);
      if (known) known.push(value);
      else values.set(name, [value]);
    }
    this.#values = values;
  }

  /** @throws Refusal `parameter_repeated` when any parameter is there twice */
  assertNoneRepeated(): void {
    for (const [name, values] of this.#values) {
      if (values.length > 1) throw new Refusal('parameter_repeated', name);
    }
  }

  /**
   * The value, or undefined where it is absent or empty.
   * @throws Refusal `parameter_repeated`
   */
  optional(name: string): string | undefined {
    const values = this.#values.get(name);
    if (values === undefined) return undefined;
    if (values.length > 1) throw new Refusal('parameter_repeated', name);
    return values[0] === '' ? undefined : values[0];
  }

  /** @throws Refusal `parameter_missing`, `parameter_repeated` */
  required(name: string): string {
    const value = this.optional(name);
    if (value === undefined) throw new Refusal('parameter_missing', name);
    return value;
  }

  /** All values of a parameter that may be there more than once, in their order. */
  all(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  /** Every parameter as it came, to build a link to the same request again. */
  *entries(): Generator<[string, string]> {
    for (const [name, values] of this.#values) for (const value of values) yield [name, value];
  }
}
