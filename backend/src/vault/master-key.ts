/** What a key is wrapped for. Where keys of each kind lie stands in ./wrapped-keys.ts. */
export type WrapPurpose = 'data-key' | 'signing-key' | 'probe';

/** What a wrapped key is bound to; AWS KMS calls it the encryption context. Opaque ids and words of ours only. */
export interface WrapContext {
  readonly app: 'oneshot';
  readonly purpose: WrapPurpose;
  readonly region: string;
  readonly [name: string]: string;
}

/**
 * The key that wraps all others and seals nothing else: a key file on loopback development, AWS KMS in production.
 * Wrapped keys are text, with the context as additional data.
 */
export interface MasterKey {
  /** Names the key beside what it wrapped, so that a start with another key can say so. Not secret. */
  readonly id: string;
  /** @throws KeysUnavailable KMS is away */
  wrap(key: Uint8Array, context: WrapContext): Promise<string>;
  /** @throws MasterKeyMismatch wrapped by another master key or for another context; KeysUnavailable KMS is away */
  unwrap(wrapped: string, context: WrapContext): Promise<Buffer>;
}

/** Which master key a process uses, from its settings. */
export type MasterKeySettings = { readonly kind: 'keyFile' } | KmsSettings;

export interface KmsSettings {
  readonly kind: 'kms';
  /** Key id or key ARN. */
  readonly keyId: string;
  /** The key before it, while keys are moved from there: it still opens, and wraps nothing. */
  readonly previousKeyId: string | undefined;
  /** Instead of AWS's own address: a stand-in on loopback, or an interface endpoint. */
  readonly endpoint: string | undefined;
  /** e.g. `eu-central-1`; a key of another one is refused. */
  readonly awsRegion: string;
}

/** As `KMS_PREVIOUS_KEY_ID`: the key file of development was the key before. */
export const KEY_FILE_BEFORE = 'key-file';

/** This master key did not wrap that. */
export class MasterKeyMismatch extends Error {
  constructor(message = 'This master key cannot open what another one wrapped') {
    super(message);
    this.name = 'MasterKeyMismatch';
  }
}

/** The start stops here; the message is one line that says what to do. */
export class MasterKeyUnusable extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MasterKeyUnusable';
  }
}

/** The context in one spelling, whatever order its names were written in. */
export function contextText(context: WrapContext): string {
  return JSON.stringify(Object.entries(context).sort(([one], [other]) => (one < other ? -1 : 1)));
}
