import { randomBytes } from 'node:crypto';
import type { Model } from 'mongoose';
import { isDuplicateKey } from '../database/duplicate-key.ts';
import type { MasterKey, WrapContext } from './master-key.ts';
import { signingKeyContext, type SigningKeyDocument } from './signing-key-model.ts';

export interface SigningKey {
  readonly kid: string;
  /** 256 bits, for HS256. */
  readonly bytes: Buffer;
}

interface LoadedKey extends SigningKey {
  readonly sequence: number;
  readonly signsFromMs: number;
}

export interface SigningKeysOptions {
  readonly keys: Model<SigningKeyDocument>;
  readonly masterKey: MasterKey;
  readonly region: string;
  /** The longest that a JWT can live, in milliseconds: a key is retired only when none that it signed can. */
  readonly longestTokenMs: number;
  /** How often other processes' keys are looked for. Default 10 s. */
  readonly pollMs?: number;
  /** From a key's creation until it signs; longer than two polls, so that every process can verify it by then. Default 30 s. */
  readonly signDelayMs?: number;
}

/** Added to a retired key's time, for clocks that differ. */
const RETIRE_MARGIN_MS = 5 * 60_000;

/** An unknown `kid` makes this process look at the database, but not more often than this, in milliseconds. */
const LOOK_AGAIN_MS = 1_000;

/**
 * The keys that sign JWTs. One signs, older ones still verify until no JWT of theirs can live, the next one is known to
 * every process before it signs: so rotation signs nobody out. Keys lie wrapped in the database and in RAM here.
 */
export class SigningKeys {
  readonly #options: Required<SigningKeysOptions>;
  #keys: readonly LoadedKey[] = [];
  #timer: NodeJS.Timeout | undefined;
  #refreshing: Promise<void> | undefined;
  #lastLookMs = 0;

  private constructor(options: SigningKeysOptions) {
    this.#options = { pollMs: 10_000, signDelayMs: 30_000, ...options };
  }

  /** Loads the keys, makes the first one where there is none, and looks for new ones from then on until `close`. */
  static async open(options: SigningKeysOptions): Promise<SigningKeys> {
    const opened = new SigningKeys(options);
    await opened.refresh();
    if (opened.#keys.length === 0) await opened.#add(1, new Date());
    opened.#timer = setInterval(() => void opened.refresh().catch(() => undefined), opened.#options.pollMs).unref();
    return opened;
  }

  /** The key that signs now. */
  current(): SigningKey {
    const now = Date.now();
    const signing = this.#keys.findLast((key) => key.signsFromMs <= now) ?? this.#keys[0];
    if (signing === undefined) throw new Error('The signing keys are closed');
    return signing;
  }

  /** The key of a JWT. One that nobody here knows yet is looked for at once. */
  async find(kid: string): Promise<SigningKey | undefined> {
    if (this.#byKid(kid) === undefined && Date.now() - this.#lastLookMs > LOOK_AGAIN_MS) await this.refresh();
    return this.#byKid(kid);
  }

  /** Adds a key that signs `signDelayMs` from now. Returns its `kid`. Two callers at once add one key each. */
  async rotate(): Promise<string> {
    for (;;) {
      await this.refresh();
      const sequence = (this.#keys.at(-1)?.sequence ?? 0) + 1;
      const kid = await this.#add(sequence, new Date(Date.now() + this.#options.signDelayMs));
      if (kid !== undefined) return kid;
    }
  }

  /** Reads the keys again and deletes those that nothing needs any more. */
  async refresh(): Promise<void> {
    this.#refreshing ??= this.#refresh().finally(() => (this.#refreshing = undefined));
    await this.#refreshing;
  }

  close(): void {
    clearInterval(this.#timer);
    for (const key of this.#keys) key.bytes.fill(0);
    this.#keys = [];
  }

  async #refresh(): Promise<void> {
    const { keys, masterKey, longestTokenMs } = this.#options;
    this.#lastLookMs = Date.now();
    const stored = await keys
      .find({ sequence: { $gt: 0 } }) // below are the keys that sign proofs
      .sort({ sequence: 1 })
      .lean();
    const loaded = await Promise.all(
      stored.map(async (key): Promise<LoadedKey> => {
        const known = this.#byKid(key._id);
        const bytes = known?.bytes ?? (await masterKey.unwrap(key.wrapped, this.#context(key._id)));
        return { kid: key._id, bytes, sequence: key.sequence, signsFromMs: key.signsFrom.getTime() };
      }),
    );
    const retired = loaded.filter((_, index) => {
      const next = loaded[index + 1];
      return next !== undefined && next.signsFromMs + longestTokenMs + RETIRE_MARGIN_MS < Date.now();
    });
    this.#keys = loaded.filter((key) => !retired.includes(key));
    if (retired.length > 0) await keys.deleteMany({ _id: { $in: retired.map((key) => key.kid) } });
  }

  /** @returns the `kid`, or undefined when another process took this place in the sequence */
  async #add(sequence: number, signsFrom: Date): Promise<string | undefined> {
    const { keys, masterKey } = this.#options;
    const kid = `k${sequence}-${randomBytes(8).toString('base64url')}`;
    const bytes = randomBytes(32);
    const wrapped = await masterKey.wrap(bytes, this.#context(kid));
    bytes.fill(0);
    let added: string | undefined = kid;
    try {
      await keys.create({ _id: kid, sequence, masterKey: masterKey.id, wrapped, signsFrom });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      added = undefined;
    }
    await this.refresh();
    return added;
  }

  #byKid(kid: string): LoadedKey | undefined {
    return this.#keys.find((key) => key.kid === kid);
  }

  #context(kid: string): WrapContext {
    return signingKeyContext(this.#options.region, kid);
  }
}
