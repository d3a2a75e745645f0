import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/**
 * Where a sealed value lives. All of it is additional authenticated data: a ciphertext that is copied to another
 * record, field, rep, org or region, or put back after its key moved on, does not open. What does not apply is ''.
 */
export interface Place {
  readonly region: string;
  readonly org: string;
  readonly user: string;
  readonly provider: string;
  readonly collection: string;
  readonly field: string;
  readonly record: string;
}

/** A key and the version that envelopes name it by, e.g. `d1` for an org's first data key. */
export interface EnvelopeKey {
  readonly version: string;
  /** 32 bytes or more of full entropy. */
  readonly bytes: Uint8Array;
}

/** The value was sealed with another key, for another place, or was changed. It says no more on purpose. */
export class EnvelopeUnreadable extends Error {
  constructor() {
    super('A sealed value cannot be opened with this key at this place');
    this.name = 'EnvelopeUnreadable';
  }
}

const FORMAT = 'e1';
const SALT_BYTES = 32;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_VERSION = /^[a-z][a-z0-9]{0,31}$/;

/**
 * Seals a value: AES-256-GCM under a key and nonce that HKDF-SHA-256 makes of `key` and a fresh random salt, so that no
 * nonce is ever used twice however many values one key seals.
 * @returns `e1.<key version>.<base64url of salt, ciphertext, tag>`
 * @throws TypeError when the key is shorter than 32 bytes or its version is no word
 */
export function seal(key: EnvelopeKey, place: Place, plaintext: string | Uint8Array): string {
  if (!KEY_VERSION.test(key.version)) throw new TypeError('A key version is a short word in lower case');
  return `${FORMAT}.${key.version}.${sealBytes(key.bytes, additionalData(key.version, place), plaintext)}`;
}

/**
 * Opens what `seal` made.
 * @throws EnvelopeUnreadable another key, another key version, another place, or changed bytes
 */
export function open(key: EnvelopeKey, place: Place, sealed: string): Buffer {
  const [format, version, body, rest] = sealed.split('.');
  if (format !== FORMAT || version !== key.version || body === undefined || rest !== undefined)
    throw new EnvelopeUnreadable();
  return openBytes(key.bytes, additionalData(version, place), body);
}

/** The key version that a sealed value names, so that its reader can fetch that key. @throws EnvelopeUnreadable */
export function keyVersionOf(sealed: string): string {
  const [format, version] = sealed.split('.');
  if (format !== FORMAT || version === undefined || !KEY_VERSION.test(version)) throw new EnvelopeUnreadable();
  return version;
}

/** The cipher beneath `seal`, for what has no place in a collection (wrapped keys). */
export function sealBytes(key: Uint8Array, additional: string, plaintext: string | Uint8Array): string {
  const salt = randomBytes(SALT_BYTES);
  const { messageKey, nonce } = derive(key, salt);
  const cipher = createCipheriv('aes-256-gcm', messageKey, nonce).setAAD(Buffer.from(additional, 'utf8'));
  const sealed = Buffer.concat([salt, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  messageKey.fill(0);
  return sealed.toString('base64url');
}

/** @throws EnvelopeUnreadable */
export function openBytes(key: Uint8Array, additional: string, sealed: string): Buffer {
  const bytes = Buffer.from(sealed, 'base64url');
  if (bytes.length < SALT_BYTES + TAG_BYTES) throw new EnvelopeUnreadable();
  const { messageKey, nonce } = derive(key, bytes.subarray(0, SALT_BYTES));
  const decipher = createDecipheriv('aes-256-gcm', messageKey, nonce, { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(additional, 'utf8'))
    .setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(SALT_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch {
    throw new EnvelopeUnreadable();
  } finally {
    messageKey.fill(0);
  }
}

function derive(key: Uint8Array, salt: Uint8Array): { readonly messageKey: Buffer; readonly nonce: Buffer } {
  if (key.length < KEY_BYTES) throw new TypeError('A sealing key has at least 32 bytes');
  const bytes = Buffer.from(hkdfSync('sha256', key, salt, 'oneshot envelope 1', KEY_BYTES + NONCE_BYTES));
  return { messageKey: bytes.subarray(0, KEY_BYTES), nonce: bytes.subarray(KEY_BYTES) };
}

/** A list with a fixed order, as JSON: no two different places give the same text. */
function additionalData(keyVersion: string, place: Place): string {
  const { region, org, user, provider, collection, field, record } = place;
  return JSON.stringify([FORMAT, keyVersion, region, org, user, provider, collection, field, record]);
}
