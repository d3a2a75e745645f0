import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { DecryptCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { isMismatch, refusalOf } from './kms-errors.ts';
import { MasterKeyMismatch, MasterKeyUnusable, type MasterKey, type WrapContext } from './master-key.ts';
import { KeysUnavailable } from './problems.ts';
import type { WrappedKey } from './wrapped-keys.ts';

export interface KmsOptions {
  /** Key id or key ARN; no alias, which somebody could point elsewhere. */
  readonly keyId: string;
  readonly awsRegion: string;
  readonly endpoint: string | undefined;
  /** The setting that names the key, for messages. */
  readonly setting: string;
  /** The product's region, part of each context. */
  readonly region: string;
  /** Told when the key stops answering and when it answers again. */
  readonly onState?: (state: KmsState) => void;
}

/** `reason` is KMS's own name of the error in snake_case, e.g. `disabled_exception`. */
export type KmsState =
  | { readonly state: 'available'; readonly reason?: undefined }
  | { readonly state: 'unavailable'; readonly reason: string };

/** Time limits of one attempt and of a call with its retries, in milliseconds, and how often it is tried. */
const LIMITS = { connect: 1_000, attempt: 2_000, call: 5_000, attempts: 3 } as const;

/** After a call that failed nobody asks KMS again for so long, in milliseconds: a region's requests would queue up there. */
const REST_MS = 1_000;

/** Starts each wrapped key of KMS, and names the key that wrapped it. */
const FORMAT = 'k1';

/** A stand-in on loopback takes these; anything else takes what the AWS SDK finds in the environment. */
const STAND_IN_CREDENTIALS = { accessKeyId: 'oneshot-sandbox-access', secretAccessKey: 'oneshot-sandbox-secret' };

/** A key that lies wrapped in the database, to try a master key on. */
export type WrappedSample = Pick<WrappedKey, 'wrapped' | 'context'>;

/** A master key in AWS KMS, and the client that asks for it. */
export interface OpenKms {
  readonly masterKey: MasterKey;
  /** Ends what is running. */
  close(): void;
}

/**
 * Opens a key of AWS KMS, and tries it once: what is wrapped must open again.
 * @throws MasterKeyUnusable the key is disabled, of another region or not ours to use: one line that names the setting
 * @throws KeysUnavailable KMS does not answer; trying again may help
 */
export const openKms = (options: KmsOptions): Promise<OpenKms> => opened(options, (key) => key.prove());

/**
 * Opens a key that wraps nothing any more, or nothing yet. Named by its ARN it needs no right but `kms:Decrypt`: it is tried
 * on what lies under it, and where nothing does there is nothing to try. Its id alone does not tell the ARN; then it is asked
 * to wrap, too.
 * @param wrappedBy any key that the master key of this id wrapped
 * @throws as `openKms`
 */
export const openKmsToOpen = (
  options: KmsOptions,
  wrappedBy: (id: string) => Promise<WrappedSample | undefined>,
): Promise<OpenKms> =>
  opened(options, async (key) => {
    if (!isArn(options.keyId)) return key.prove();
    const sample = await wrappedBy(key.id);
    if (sample !== undefined) await key.proveOn(sample);
  });

const isArn = (keyId: string): boolean => keyId.startsWith('arn:');

async function opened(options: KmsOptions, prove: (key: Kms) => Promise<void>): Promise<OpenKms> {
  const key = new Kms(options);
  try {
    await prove(key);
    return { masterKey: key, close: () => key.close() };
  } catch (error) {
    key.close();
    throw error;
  }
}

class Kms implements MasterKey {
  readonly #options: KmsOptions;
  readonly #client: KMSClient;
  readonly #closing = new AbortController();
  #arn = '';
  #restUntil = 0;
  #isAvailable = true;

  constructor(options: KmsOptions) {
    this.#options = options;
    const { endpoint, awsRegion, keyId } = options;
    if (isArn(keyId)) this.#arn = keyId;
    this.#client = new KMSClient({
      region: awsRegion,
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(endpoint?.startsWith('http:') === true ? { credentials: STAND_IN_CREDENTIALS } : {}),
      maxAttempts: LIMITS.attempts,
      requestHandler: {
        connectionTimeout: LIMITS.connect,
        requestTimeout: LIMITS.attempt,
        throwOnRequestTimeout: true,
      },
    });
  }

  get id(): string {
    return `kms_${createHash('sha256').update(this.#arn).digest('base64url').slice(0, 22)}`;
  }

  /** Wraps and unwraps a random value, and learns the key's ARN from the answer. @throws MasterKeyUnusable */
  async prove(): Promise<void> {
    const { awsRegion, region, setting } = this.#options;
    const probe = randomBytes(32);
    const context: WrapContext = { app: 'oneshot', purpose: 'probe', region };
    await this.#tried(async () => {
      const opened = await this.unwrap(await this.wrap(probe, context), context);
      if (opened.length !== probe.length || !timingSafeEqual(opened, probe)) throw new MasterKeyMismatch();
    });
    if (this.#arn.split(':')[3] !== awsRegion)
      throw new MasterKeyUnusable(`${setting}: must be a key of ${awsRegion}, where region ${region} is`);
  }

  /** Unwraps what it wrapped earlier. @throws MasterKeyUnusable */
  async proveOn({ wrapped, context }: WrappedSample): Promise<void> {
    await this.#tried(async () => (await this.unwrap(wrapped, context)).fill(0));
  }

  /** @throws MasterKeyUnusable what no waiting mends, as one line that names the setting */
  async #tried(work: () => Promise<unknown>): Promise<void> {
    const { setting } = this.#options;
    try {
      await work();
    } catch (error) {
      if (error instanceof KeysUnavailable && error.cause !== undefined) {
        const refusal = refusalOf(error.cause);
        if (refusal !== undefined) throw new MasterKeyUnusable(`${setting}: ${refusal}`);
      }
      if (error instanceof MasterKeyMismatch)
        throw new MasterKeyUnusable(`${setting}: what this key wraps it does not open again`);
      throw error;
    }
  }

  async wrap(key: Uint8Array, context: WrapContext): Promise<string> {
    const { CiphertextBlob, KeyId } = await this.#ask((abortSignal) =>
      this.#client.send(
        new EncryptCommand({
          KeyId: this.#options.keyId,
          Plaintext: key,
          EncryptionContext: kmsContext(context),
        }),
        { abortSignal },
      ),
    );
    if (CiphertextBlob === undefined || KeyId === undefined) throw new KeysUnavailable();
    this.#arn ||= KeyId;
    return `${FORMAT}.${this.id}.${Buffer.from(CiphertextBlob).toString('base64url')}`;
  }

  async unwrap(wrapped: string, context: WrapContext): Promise<Buffer> {
    const [format, id, body, rest] = wrapped.split('.');
    if (format !== FORMAT || id !== this.id || body === undefined || rest !== undefined) throw new MasterKeyMismatch();
    const { Plaintext } = await this.#ask((abortSignal) =>
      this.#client.send(
        new DecryptCommand({
          KeyId: this.#options.keyId,
          CiphertextBlob: Buffer.from(body, 'base64url'),
          EncryptionContext: kmsContext(context),
        }),
        { abortSignal },
      ),
    );
    if (Plaintext === undefined) throw new MasterKeyMismatch();
    const key = Buffer.from(Plaintext);
    Plaintext.fill(0);
    return key;
  }

  close(): void {
    this.#closing.abort();
    this.#client.destroy();
  }

  /** @throws MasterKeyMismatch; KeysUnavailable with KMS's own error as its cause, which is never shown or logged */
  async #ask<Answer>(call: (signal: AbortSignal) => Promise<Answer>): Promise<Answer> {
    if (performance.now() < this.#restUntil) throw new KeysUnavailable();
    try {
      const answer = await call(AbortSignal.any([this.#closing.signal, AbortSignal.timeout(LIMITS.call)]));
      if (!this.#isAvailable) this.#options.onState?.({ state: 'available' });
      this.#isAvailable = true;
      return answer;
    } catch (error) {
      if (isMismatch(error)) throw new MasterKeyMismatch();
      this.#restUntil = performance.now() + REST_MS;
      if (this.#isAvailable) this.#options.onState?.({ state: 'unavailable', reason: reasonOf(error) });
      this.#isAvailable = false;
      throw Object.assign(new KeysUnavailable(), { cause: error });
    }
  }
}

/**
 * What KMS binds a wrapped key to, and writes into CloudTrail: opaque ids and words of ours. The key's policy asks for an
 * `org` in each; what belongs to no org says so.
 */
const kmsContext = (context: WrapContext): Record<string, string> => ({ org: 'none', ...context });

function reasonOf(error: unknown): string {
  const name = error instanceof Error ? error.name : 'unknown';
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .slice(0, 40);
}
