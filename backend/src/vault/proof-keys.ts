import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  hkdfSync,
  randomBytes,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto';
import type { Model } from 'mongoose';
import { isDuplicateKey } from '../database/duplicate-key.ts';
import { canonicalJson } from './canonical-json.ts';
import type { MasterKey, WrapContext } from './master-key.ts';
import { signingKeyContext, type SigningKeyDocument } from './signing-key-model.ts';

/** A public key as the world may have it (RFC 8037). */
export interface ProofJwk {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly alg: 'EdDSA';
  readonly use: 'sig';
  readonly kid: string;
  readonly x: string;
}

interface ProofKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly macKey: Buffer;
}

export interface ProofKeysOptions {
  readonly keys: Model<SigningKeyDocument>;
  readonly masterKey: MasterKey;
  readonly region: string;
}

/** PKCS #8 of an Ed25519 key is this and its 32 bytes of seed (RFC 8410, 7). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/** A `kid` that nobody here knows makes this process look into the database, but not more often than this. */
const LOOK_AGAIN_MS = 1_000;

/**
 * The Ed25519 keys that sign what others must be able to check without us: receipts, heads of audit trails, canary runs,
 * evidence. Who writes to the database alone cannot forge one: the private half lies there wrapped. They share the
 * collection of the keys that sign JWTs and count downwards there, so that the two never mix. None is ever deleted:
 * what it signed can be checked for good.
 */
export class ProofKeys {
  readonly #options: ProofKeysOptions;
  /** The newest first: it signs. */
  #keys: readonly ProofKey[] = [];
  #lookedAtMs = 0;

  private constructor(options: ProofKeysOptions) {
    this.#options = options;
  }

  /** Loads the keys and makes the first one where there is none. @throws MasterKeyMismatch */
  static async open(options: ProofKeysOptions): Promise<ProofKeys> {
    const opened = new ProofKeys(options);
    await opened.refresh();
    if (opened.#keys.length === 0) await opened.#add(-1);
    return opened;
  }

  /** @returns `<kid>.<base64url of 64 bytes>` over the text in UTF-8 */
  sign(text: string): string {
    const { kid, privateKey } = this.#current();
    return `${kid}.${sign(null, Buffer.from(text, 'utf8'), privateKey).toString('base64url')}`;
  }

  /** Whether one of our keys signed this text. @throws what the database throws when the key has to be looked up */
  async verify(text: string, signature: string): Promise<boolean> {
    const [kid = '', body = '', rest] = signature.split('.');
    const bytes = Buffer.from(body, 'base64url');
    if (rest !== undefined || bytes.length !== 64 || bytes.toString('base64url') !== body) return false;
    const key = await this.#find(kid);
    return key !== undefined && verify(null, Buffer.from(text, 'utf8'), key.publicKey, bytes);
  }

  /** Signs a document as it reads in canonical JSON; `signature` itself is no part of what is signed. */
  signDocument(document: object): string {
    return this.sign(canonicalJson({ ...document, signature: undefined }));
  }

  async verifyDocument(document: { readonly signature: string | null }): Promise<boolean> {
    if (document.signature === null) return false;
    return this.verify(canonicalJson({ ...document, signature: undefined }), document.signature);
  }

  /**
   * HMACs of a value that must be found again but not known, one under each key, the newest first.
   * @param purpose keeps values of different kinds apart
   */
  macs(purpose: string, value: string): readonly string[] {
    return this.#keys.map(({ macKey }) =>
      createHmac('sha256', macKey)
        .update(JSON.stringify([purpose, value]))
        .digest('base64url'),
    );
  }

  /** The public keys, the newest first. */
  get jwks(): { readonly keys: readonly ProofJwk[] } {
    return {
      keys: this.#keys.map(({ kid, publicKey }) => ({
        kty: 'OKP',
        crv: 'Ed25519',
        alg: 'EdDSA',
        use: 'sig',
        kid,
        x: xOf(publicKey),
      })),
    };
  }

  /** Adds a key, which signs from now on. Returns its `kid`. */
  async rotate(): Promise<string> {
    for (;;) {
      await this.refresh();
      const before = this.#keys.length;
      await this.#add(-(before + 1));
      if (this.#keys.length > before) return this.#current().kid;
    }
  }

  async refresh(): Promise<void> {
    const { keys, masterKey } = this.#options;
    this.#lookedAtMs = Date.now();
    const stored = await keys
      .find({ sequence: { $lt: 0 } })
      .sort({ sequence: 1 })
      .lean();
    this.#keys = await Promise.all(
      stored.map(
        async ({ _id: kid, wrapped }) =>
          this.#keys.find((known) => known.kid === kid) ??
          keyOf(kid, await masterKey.unwrap(wrapped, this.#context(kid))),
      ),
    );
  }

  close(): void {
    for (const { macKey } of this.#keys) macKey.fill(0);
    this.#keys = [];
  }

  #current(): ProofKey {
    const [newest] = this.#keys;
    if (newest === undefined) throw new Error('The proof keys are closed');
    return newest;
  }

  async #find(kid: string): Promise<ProofKey | undefined> {
    const known = (): ProofKey | undefined => this.#keys.find((key) => key.kid === kid);
    if (known() === undefined && Date.now() - this.#lookedAtMs > LOOK_AGAIN_MS) await this.refresh();
    return known();
  }

  /** Of two processes that add a key at once one takes the place; the other reads what that one added. */
  async #add(sequence: number): Promise<void> {
    const { keys, masterKey } = this.#options;
    const seed = randomBytes(32);
    const { kid, macKey } = keyOf('', seed);
    macKey.fill(0);
    const wrapped = await masterKey.wrap(seed, this.#context(kid));
    seed.fill(0);
    try {
      await keys.create({ _id: kid, sequence, masterKey: masterKey.id, wrapped, signsFrom: new Date() });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
    await this.refresh();
  }

  /** The same as of the keys that sign JWTs: whatever wraps those anew does so with these. */
  #context(kid: string): WrapContext {
    return signingKeyContext(this.#options.region, kid);
  }
}

/** @param kid '' to name it by its public key @param seed overwritten */
function keyOf(kid: string, seed: Buffer): ProofKey {
  const der = Buffer.concat([PKCS8_PREFIX, seed]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(privateKey);
  const macKey = Buffer.from(hkdfSync('sha256', seed, '', 'oneshot proof mac 1', 32));
  der.fill(0);
  if (kid !== '') seed.fill(0);
  return { kid: kid === '' ? nameOf(xOf(publicKey)) : kid, privateKey, publicKey, macKey };
}

const xOf = (publicKey: KeyObject): string => String(publicKey.export({ format: 'jwk' }).x);

/** JWK thumbprint (RFC 7638): whoever has the public key can tell its `kid`. */
const nameOf = (x: string): string =>
  createHash('sha256').update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).digest('base64url');
