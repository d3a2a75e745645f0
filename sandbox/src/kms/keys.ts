import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { KmsError } from './error.ts';

export const keyStates = ['Enabled', 'Disabled', 'PendingDeletion'] as const;
export type KeyState = (typeof keyStates)[number];

/** What a key policy may allow a caller apart. */
export const keyActions = ['Encrypt', 'Decrypt'] as const;
export type KeyAction = (typeof keyActions)[number];

/** A symmetric key that encrypts, as `DescribeKey` shows it. */
export interface KmsKey {
  readonly id: string;
  readonly region: string;
  readonly arn: string;
  state: KeyState;
  /** Whether the key policy lets the caller use it. */
  allowed: boolean;
  /** For what it does. */
  actions: readonly KeyAction[];
}

export type EncryptionContext = Readonly<Record<string, string>>;

const ACCOUNT = '111122223333';

/** The keys that are there at the start: one for each region of the product, and one more to move to. */
const FIRST: readonly (readonly [id: string, region: string])[] = [
  ['11111111-1111-4111-8111-111111111111', 'us-east-1'],
  ['22222222-2222-4222-8222-222222222222', 'us-east-1'],
  ['33333333-3333-4333-8333-333333333333', 'eu-central-1'],
  ['44444444-4444-4444-8444-444444444444', 'ap-southeast-1'],
];

const FORMAT = 1;
const HEAD_BYTES = 1 + 36;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * The keys of the KMS stand-in. Ciphertexts name their key and carry the encryption context as additional data. Key
 * bytes follow from the id, so that what was wrapped opens after a restart: they protect made-up data only.
 */
export class KmsKeys {
  #keys = new Map<string, KmsKey>();

  constructor() {
    this.reset();
  }

  reset(): void {
    this.#keys = new Map();
    for (const [id, region] of FIRST) this.add(id, region);
  }

  add(id: string, region: string): KmsKey {
    const key: KmsKey = {
      id,
      region,
      arn: `arn:aws:kms:${region}:${ACCOUNT}:key/${id}`,
      state: 'Enabled',
      allowed: true,
      actions: keyActions,
    };
    this.#keys.set(id, key);
    return key;
  }

  list(): readonly KmsKey[] {
    return [...this.#keys.values()];
  }

  /** By key id, whatever region it is of. */
  byId(id: string): KmsKey | undefined {
    return this.#keys.get(id);
  }

  /** @param name key id or ARN, as a caller in `region` gives it @throws KmsError NotFoundException */
  find(name: string, region: string): KmsKey {
    if (name.startsWith('arn:') && name.split(':')[3] !== region)
      throw new KmsError('NotFoundException', `Invalid arn ${name.split(':')[3] ?? ''}`);
    const key = [...this.#keys.values()].find((one) => one.region === region && (one.id === name || one.arn === name));
    if (key === undefined) throw new KmsError('NotFoundException', `Key '${name}' does not exist`);
    return key;
  }

  /** @throws KmsError DisabledException, KMSInvalidStateException, AccessDeniedException */
  checkUsable(key: KmsKey, action: KeyAction | 'DescribeKey'): void {
    const isAllowed = key.allowed && (action === 'DescribeKey' || key.actions.includes(action));
    if (!isAllowed)
      throw new KmsError(
        'AccessDeniedException',
        `User: arn:aws:iam::${ACCOUNT}:user/sandbox is not authorized to perform: kms:${action} on resource: ${key.arn}`,
      );
    if (key.state === 'Disabled') throw new KmsError('DisabledException', `${key.arn} is disabled.`);
    if (key.state === 'PendingDeletion')
      throw new KmsError('KMSInvalidStateException', `${key.arn} is pending deletion.`);
  }

  encrypt(key: KmsKey, plaintext: Uint8Array, context: EncryptionContext): Buffer {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', bytesOf(key), iv).setAAD(contextBytes(context));
    const body = Buffer.concat([cipher.update(plaintext), cipher.final()]);
    return Buffer.concat([Buffer.from([FORMAT]), Buffer.from(key.id), iv, cipher.getAuthTag(), body]);
  }

  /** The key that made a ciphertext. @throws KmsError InvalidCiphertextException */
  madeBy(ciphertext: Uint8Array, region: string): KmsKey {
    const id = Buffer.from(ciphertext.subarray(1, HEAD_BYTES)).toString('latin1');
    const key = this.#keys.get(id);
    if (ciphertext[0] !== FORMAT || key?.region !== region) throw invalidCiphertext();
    return key;
  }

  /** @throws KmsError InvalidCiphertextException another context, or changed bytes */
  decrypt(key: KmsKey, ciphertext: Uint8Array, context: EncryptionContext): Buffer {
    const bytes = Buffer.from(ciphertext);
    if (bytes.length < HEAD_BYTES + IV_BYTES + TAG_BYTES) throw invalidCiphertext();
    const iv = bytes.subarray(HEAD_BYTES, HEAD_BYTES + IV_BYTES);
    const tagEnd = HEAD_BYTES + IV_BYTES + TAG_BYTES;
    const decipher = createDecipheriv('aes-256-gcm', bytesOf(key), iv, { authTagLength: TAG_BYTES })
      .setAAD(contextBytes(context))
      .setAuthTag(bytes.subarray(HEAD_BYTES + IV_BYTES, tagEnd));
    try {
      return Buffer.concat([decipher.update(bytes.subarray(tagEnd)), decipher.final()]);
    } catch {
      throw invalidCiphertext();
    }
  }
}

/** KMS says no more than that, and with an empty message. */
const invalidCiphertext = (): KmsError => new KmsError('InvalidCiphertextException', '');

const bytesOf = (key: KmsKey): Buffer =>
  Buffer.from(hkdfSync('sha256', 'oneshot sandbox kms', Buffer.alloc(0), key.arn, 32));

/** Order does not matter, letter case does (AWS KMS Developer Guide, "Encryption context"). */
function contextBytes(context: EncryptionContext): Buffer {
  const pairs = Object.entries(context).sort(([one], [other]) => (one < other ? -1 : 1));
  return Buffer.from(JSON.stringify(pairs));
}
