import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';

/** An operator's key, which signs as `ssh-keygen -Y sign` does. */
export class SshKey {
  /** As it stands in an operators file. */
  readonly line: string;
  readonly #blob: Buffer;
  readonly #privateKey: KeyObject;
  readonly #isHardware: boolean;

  /** @param isHardware as a token signs that somebody has to touch */
  constructor(isHardware = false) {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const raw = Buffer.from(String(publicKey.export({ format: 'jwk' }).x), 'base64url');
    const type = isHardware ? 'sk-ssh-ed25519@openssh.com' : 'ssh-ed25519';
    this.#isHardware = isHardware;
    this.#privateKey = privateKey;
    this.#blob = Buffer.concat([framed(type), framed(raw), ...(isHardware ? [framed('ssh:')] : [])]);
    this.line = `${type} ${this.#blob.toString('base64')}`;
  }

  /** @param flags of a token: 1 for "somebody touched it" */
  sign(message: string | Buffer, namespace: string, flags = 1): string {
    const digest = createHash('sha512').update(message).digest();
    const signed = Buffer.concat([
      Buffer.from('SSHSIG'),
      framed(namespace),
      framed(''),
      framed('sha512'),
      framed(digest),
    ]);
    const signature = this.#isHardware ? this.#touched(signed, flags) : this.#plain(signed);
    const version = Buffer.from([0, 0, 0, 1]);
    const blob = Buffer.concat([
      Buffer.from('SSHSIG'),
      version,
      framed(this.#blob),
      framed(namespace),
      framed(''),
      framed('sha512'),
      framed(signature),
    ]);
    const body = blob.toString('base64').replace(/.{70}/g, '$&\n');
    return `-----BEGIN SSH SIGNATURE-----\n${body}\n-----END SSH SIGNATURE-----\n`;
  }

  #plain(signed: Buffer): Buffer {
    return Buffer.concat([framed('ssh-ed25519'), framed(sign(null, signed, this.#privateKey))]);
  }

  #touched(signed: Buffer, flags: number): Buffer {
    const rest = Buffer.from([flags, 0, 0, 0, 7]);
    const sha256 = (bytes: string | Buffer): Buffer => createHash('sha256').update(bytes).digest();
    const bytes = sign(null, Buffer.concat([sha256('ssh:'), rest, sha256(signed)]), this.#privateKey);
    return Buffer.concat([framed('sk-ssh-ed25519@openssh.com'), framed(bytes), rest]);
  }
}

function framed(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
