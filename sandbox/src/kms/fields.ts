import { KmsError } from './error.ts';
import type { EncryptionContext } from './keys.ts';

/** Members of a request, each read once and checked; what no operation reads is refused, where KMS would pass it over. */
export class Fields {
  readonly #members: Readonly<Record<string, unknown>>;
  readonly #read = new Set<string>();

  constructor(members: Readonly<Record<string, unknown>>) {
    this.#members = members;
  }

  text(name: string): string {
    const value = this.optionalText(name);
    if (value === undefined) throw missing(name);
    return value;
  }

  optionalText(name: string): string | undefined {
    const value = this.#take(name);
    if (value === undefined) return undefined;
    if (typeof value !== 'string') throw new KmsError('SerializationException', `${name} is not a string`);
    if (value.length === 0 || value.length > 2_048) throw invalid(name);
    return value;
  }

  /** Base64 of 1 to `most` bytes. */
  blob(name: string, most: number): Buffer {
    const text = this.#take(name);
    if (text === undefined) throw missing(name);
    if (typeof text !== 'string' || !/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0)
      throw new KmsError('SerializationException', `${name} is not base64`);
    const bytes = Buffer.from(text, 'base64');
    if (bytes.length === 0 || bytes.length > most) throw invalid(name);
    return bytes;
  }

  /** The encryption context, names and values text; absent is empty. */
  context(): EncryptionContext {
    const value = this.#take('EncryptionContext') ?? {};
    if (typeof value !== 'object' || Array.isArray(value))
      throw new KmsError('SerializationException', 'EncryptionContext is not a map');
    if (!Object.values(value).every((one) => typeof one === 'string'))
      throw new KmsError('SerializationException', 'EncryptionContext holds a value that is not a string');
    return value as EncryptionContext;
  }

  noOthers(): void {
    const other = Object.keys(this.#members).find((name) => !this.#read.has(name));
    if (other !== undefined)
      throw new KmsError('ValidationException', `This stand-in does not know the parameter ${other}`);
  }

  #take(name: string): unknown {
    this.#read.add(name);
    return this.#members[name] ?? undefined;
  }
}

/** @throws KmsError SerializationException the body is not a JSON object */
export function fieldsOf(body: string): Fields {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed))
      return new Fields(parsed as Record<string, unknown>);
  } catch {
    // Told below.
  }
  throw new KmsError('SerializationException', 'The body is not a JSON object');
}

const missing = (name: string): KmsError =>
  new KmsError(
    'ValidationException',
    `1 validation error detected: Value at '${name}' failed to satisfy constraint: Member must not be null`,
  );

const invalid = (name: string): KmsError =>
  new KmsError(
    'ValidationException',
    `1 validation error detected: Value at '${name}' failed to satisfy constraint: length`,
  );
