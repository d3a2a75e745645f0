import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ConfigError } from '../config-rules.ts';

export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/**
 * Reads certificate chain and key, and says at the start what a browser would find out later.
 * @throws ConfigError unreadable, not PEM, not for each other, expired or not valid yet: one line that names the setting
 */
export function readTlsFiles({ certFile, keyFile }: TlsFiles): { readonly cert: Buffer; readonly key: Buffer } {
  const cert = bytesOf('TLS_CERT_FILE', certFile);
  const key = bytesOf('TLS_KEY_FILE', keyFile);
  const certificate = certificateIn(cert);
  if (!certificate.checkPrivateKey(privateKeyIn(key)))
    throw new ConfigError('TLS_KEY_FILE', 'is not the key of the certificate in TLS_CERT_FILE');
  if (Date.parse(certificate.validTo) <= Date.now())
    throw new ConfigError('TLS_CERT_FILE', `has expired at ${new Date(certificate.validTo).toISOString()}`);
  if (Date.parse(certificate.validFrom) > Date.now())
    throw new ConfigError('TLS_CERT_FILE', `is not valid before ${new Date(certificate.validFrom).toISOString()}`);
  return { cert, key };
}

function bytesOf(setting: 'TLS_CERT_FILE' | 'TLS_KEY_FILE', file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new ConfigError(setting, `cannot be read (${code})`);
  }
}

function certificateIn(cert: Buffer): X509Certificate {
  try {
    return new X509Certificate(cert);
  } catch {
    throw new ConfigError('TLS_CERT_FILE', 'must be a certificate in PEM');
  }
}

function privateKeyIn(key: Buffer): KeyObject {
  try {
    return createPrivateKey(key);
  } catch {
    throw new ConfigError('TLS_KEY_FILE', 'must be a private key in PEM, without a passphrase');
  }
}
