// @ts-check
/**
 * A self-signed certificate for development, written by hand in DER (RFC 5280): Node makes keys but no certificates, and
 * not every machine has OpenSSL's command.
 */
import { createPublicKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** @param {number} tag @param {...(Buffer | number[])} parts */
function der(tag, ...parts) {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const length =
    body.length < 128
      ? [body.length]
      : body.length < 256
        ? [0x81, body.length]
        : [0x82, body.length >> 8, body.length & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

const sequence = (/** @type {Buffer[]} */ ...parts) => der(0x30, ...parts);
const oid = (/** @type {number[]} */ ...bytes) => der(0x06, bytes);
/** @param {Date} date as GeneralizedTime */
const time = (date) => der(0x18, Buffer.from(`${date.toISOString().replace(/[-:T]|\.\d+/g, '')}`));
/** @param {string} text a commonName */
const name = (text) => sequence(der(0x31, sequence(oid(0x55, 0x04, 0x03), der(0x0c, Buffer.from(text)))));
/** @param {number[]} id @param {boolean} isCritical @param {Buffer} value */
const extension = (id, isCritical, value) =>
  sequence(oid(...id), ...(isCritical ? [der(0x01, [0xff])] : []), der(0x04, value));

/** @param {string} label @param {Buffer} bytes */
const pem = (label, bytes) =>
  `-----BEGIN ${label}-----\n${bytes.toString('base64').replace(/.{1,64}/g, '$&\n')}-----END ${label}-----\n`;

/**
 * Makes a key and a certificate that vouches for itself.
 * @param {{ names: string[], addresses?: string[], from?: Date, until: Date }} options DNS names and IPv4 addresses
 * @returns {{ cert: string, key: string }} PEM
 */
export function selfSigned({ names, addresses = [], from = new Date(Date.now() - 60_000), until }) {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02)); // ecdsa-with-SHA256
  const alternatives = sequence(
    ...names.map((text) => der(0x82, Buffer.from(text))),
    ...addresses.map((address) => der(0x87, address.split('.').map(Number))),
  );
  const extensions = sequence(
    extension([0x55, 0x1d, 0x13], true, sequence(der(0x01, [0xff]))), // basicConstraints: CA
    extension([0x55, 0x1d, 0x11], false, alternatives), // subjectAltName
  );
  const subject = name(names[0] ?? 'localhost');
  const toSign = sequence(
    der(0xa0, der(0x02, [2])),
    der(0x02, [1, ...randomBytes(15)]),
    algorithm,
    subject,
    sequence(time(from), time(until)),
    subject,
    createPublicKey(privateKey).export({ type: 'spki', format: 'der' }),
    der(0xa3, extensions),
  );
  const signature = der(0x03, [0], sign('sha256', toSign, privateKey));
  return {
    cert: pem('CERTIFICATE', sequence(toSign, algorithm, signature)),
    key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
  };
}
