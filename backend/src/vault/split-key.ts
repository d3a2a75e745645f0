import { createHmac, hkdfSync } from 'node:crypto';
import type { EnvelopeKey } from './envelope.ts';

/** Both halves of a rep's key, 32 random bytes each (DESIGN 6, "Two halves"). */
export interface KeyHalves {
  readonly ours: { readonly version: string; readonly bytes: Uint8Array };
  readonly customers: Uint8Array;
}

export const HALF_BYTES = 32;

/**
 * Names a customer's half without telling it: two envelopes under the same half name the same word.
 * @returns 17 characters, `c` and 64 bits of an HMAC as hex
 */
export function halfName(half: Uint8Array): string {
  return `c${createHmac('sha256', half).update('oneshot half name').digest('hex').slice(0, 16)}`;
}

/** The version by which an envelope names the two halves that seal it: `c0123456789abcdefh1`. */
export const splitVersion = (customersName: string, ourVersion: string): string => `${customersName}${ourVersion}`;

/**
 * The key that seals a rep's provider tokens: HKDF-SHA-256 (RFC 5869) of both halves, so that neither alone tells
 * anything of it. It lives for one sealing or opening; the caller overwrites it.
 * @throws TypeError a half that is not 32 bytes long
 */
export function splitKey({ ours, customers }: KeyHalves): EnvelopeKey {
  if (ours.bytes.length !== HALF_BYTES || customers.length !== HALF_BYTES)
    throw new TypeError('A half of a key has 32 bytes');
  const both = Buffer.concat([ours.bytes, customers]);
  const bytes = Buffer.from(hkdfSync('sha256', both, '', 'oneshot provider tokens 1', HALF_BYTES));
  both.fill(0);
  return { version: splitVersion(halfName(customers), ours.version), bytes };
}
