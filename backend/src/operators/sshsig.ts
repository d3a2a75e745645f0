import { createHash, createPublicKey, verify } from 'node:crypto';

/**
 * Signatures of `ssh-keygen -Y sign` by Ed25519 keys, also such in a hardware token (OpenSSH, PROTOCOL.sshsig and
 * PROTOCOL.u2f).
 */
export interface SshSignature {
  /** The signer's public key as it stands in an operators file: `ssh-ed25519 AAAA...`, no comment. */
  readonly key: string;
  readonly namespace: string;
  /** Whether this key signed exactly these bytes. */
  isOf(message: Uint8Array): boolean;
}

const ARMOR = /^-----BEGIN SSH SIGNATURE-----\n([A-Za-z0-9+/=\n]+)\n-----END SSH SIGNATURE-----\n?$/;
const MAGIC = 'SSHSIG';
const PLAIN = 'ssh-ed25519';
const HARDWARE = 'sk-ssh-ed25519@openssh.com';
/** SubjectPublicKeyInfo of an Ed25519 key is this and its 32 bytes (RFC 8410). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
/** The token was touched. */
const USER_PRESENT = 0x01;

/** @returns undefined for what is no such signature */
export function readSshSignature(armored: string): SshSignature | undefined {
  const body = ARMOR.exec(armored.replaceAll('\r\n', '\n'))?.[1];
  if (body === undefined) return undefined;
  try {
    const reader = new Reader(Buffer.from(body.replaceAll('\n', ''), 'base64'));
    if (reader.bytes(6).toString('latin1') !== MAGIC || reader.uint32() !== 1) return undefined;
    const publicKey = reader.string();
    const namespace = reader.string();
    const reserved = reader.string();
    const hashName = reader.string();
    const signature = reader.string();
    if (!reader.isAtEnd || reserved.length > 0 || !['sha256', 'sha512'].includes(hashName.toString('latin1')))
      return undefined;
    const type = new Reader(publicKey).string().toString('latin1');
    return {
      key: `${type} ${publicKey.toString('base64')}`,
      namespace: namespace.toString('utf8'),
      isOf: (message) => {
        const digest = createHash(hashName.toString('latin1')).update(message).digest();
        const signed = Buffer.concat([Buffer.from(MAGIC), ...[namespace, reserved, hashName, digest].map(framed)]);
        try {
          return isSignedBy(publicKey, signature, signed);
        } catch {
          return false;
        }
      },
    };
  } catch {
    return undefined;
  }
}

function isSignedBy(publicKey: Buffer, signature: Buffer, signed: Buffer): boolean {
  const key = new Reader(publicKey);
  const type = key.string().toString('latin1');
  const raw = key.string();
  const given = new Reader(signature);
  if (raw.length !== 32 || given.string().toString('latin1') !== type) return false;
  const bytes = given.string();
  let message = signed;
  if (type === HARDWARE) {
    const application = key.string();
    const flags = given.bytes(1);
    const counter = given.bytes(4);
    if (((flags[0] ?? 0) & USER_PRESENT) === 0) return false;
    message = Buffer.concat([sha256(application), flags, counter, sha256(signed)]);
  } else if (type !== PLAIN) return false;
  if (!key.isAtEnd || !given.isAtEnd || bytes.length !== 64) return false;
  const spki = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: 'der', type: 'spki' });
  return verify(null, message, spki, bytes);
}

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

function framed(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** SSH's wire format (RFC 4251, 5). @throws RangeError where bytes are missing */
class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  bytes(count: number): Buffer {
    if (this.#at + count > this.#bytes.length) throw new RangeError('Cut off');
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  uint32(): number {
    return this.bytes(4).readUInt32BE();
  }

  string(): Buffer {
    return this.bytes(this.uint32());
  }
}
