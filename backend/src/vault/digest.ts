import { hash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A fresh secret for a URL, a cookie or a header: 256 bits, 43 base64url characters. */
export function randomToken(): string {
  return randomBytes(32).toString('base64url');
}

/** What a database keeps of a secret that has 128 bits or more: enough to find it again, not to know it. */
export function sha256(value: string | Uint8Array): Buffer {
  return hash('sha256', value, 'buffer');
}

/** SHA-256 as 43 base64url characters; of an ASCII verifier this is PKCE's S256 challenge (RFC 7636, 4.2). */
export function sha256Text(value: string): string {
  return sha256(value).toString('base64url');
}

/** Compares in a time that does not depend on where two digests differ. Different lengths are unequal. */
export function equalDigests(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
