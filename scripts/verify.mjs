// @ts-check
/**
 * Checks what OneShot signed, without OneShot: no package, no network, nothing but Node.
 *   node scripts/verify.mjs document FILE KEYS           a receipt, an evidence document, a canary run
 *   node scripts/verify.mjs trail FILE KEYS [HEAD ...]   an audit trail as `npm run ops -- export-audit` writes it, also
 *                                                        against heads that were kept elsewhere (GET /v1/audit/head)
 * KEYS is what GET /v1/privacy/keys answers; keep a copy from the day when you began to trust it. Ends with 0 where all of
 * it holds, else with 1 and one line that says where it is broken.
 */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** @typedef {{ keys: { kid: string, kty: string, crv: string, x: string }[] }} Jwks */
/** @typedef {{ org: string, seq: number, hash: string, at: string, signature: string }} Head */

/** What was read does not hold; the message says where. */
export class Broken extends Error {}

/**
 * Canonical JSON: names sorted, no spaces (RFC 8785 for texts, whole numbers, booleans and nulls).
 * @param {unknown} value
 * @returns {string}
 */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  members.sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(',')}}`;
}

/**
 * Whether one of the keys made this signature, `<kid>.<base64url>`. A key counts by its thumbprint (RFC 7638), not by the
 * name that somebody wrote beside it.
 * @param {string} text
 * @param {unknown} signature
 * @param {Jwks} jwks
 */
export function isSigned(text, signature, jwks) {
  if (typeof signature !== 'string') return false;
  const [kid = '', body = '', rest] = signature.split('.');
  const bytes = Buffer.from(body, 'base64url');
  if (rest !== undefined || bytes.length !== 64 || bytes.toString('base64url') !== body) return false;
  const key = jwks.keys.find(({ x }) => kid === thumbprint(x));
  if (key === undefined) return false;
  return verify(null, Buffer.from(text, 'utf8'), createPublicKey({ key: { ...key }, format: 'jwk' }), bytes);
}

/** @param {string} x */
const thumbprint = (x) => createHash('sha256').update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).digest('base64url');

/**
 * @param {string} text of a document that carries its own signature
 * @param {Jwks} jwks
 * @throws {Broken}
 */
export function verifyDocument(text, jwks) {
  const document = parsed(text, 'the document');
  const { signature, ...rest } = document;
  if (!isSigned(canonical(rest), signature, jwks)) throw new Broken('The signature does not hold');
}

/**
 * @param {string} text a line for each entry, the oldest first, then one for the head
 * @param {Jwks} jwks
 * @param {Head[]} [kept] heads that were kept elsewhere
 * @returns {{ org: string, entries: number }}
 * @throws {Broken}
 */
export function verifyTrail(text, jwks, kept = []) {
  if (!text.endsWith('\n')) throw new Broken('The last line is cut off');
  const lines = text.slice(0, -1).split('\n');
  const head = /** @type {Head} */ (parsed(lines.pop() ?? '', 'the head'));
  assertHead(head, jwks, 'The head');
  const known = new Map([[head.seq, head.hash]]);
  for (const one of kept) {
    assertHead(one, jwks, 'A head that was kept');
    if (one.org !== head.org) throw new Broken('A head that was kept is of another trail');
    if ((known.get(one.seq) ?? one.hash) !== one.hash)
      throw new Broken(`Two heads contradict each other at ${one.seq}`);
    known.set(one.seq, one.hash);
  }
  let previous = { seq: 0, hash: '0'.repeat(64) };
  for (const line of lines) {
    previous = verifyEntry(line, previous, head.org, jwks);
    if ((known.get(previous.seq) ?? previous.hash) !== previous.hash)
      throw new Broken(`Entry ${previous.seq} is another one than its head says`);
  }
  const furthest = Math.max(...known.keys());
  if (previous.seq < furthest) throw new Broken(`Entry ${previous.seq + 1} is missing`);
  if (previous.seq > head.seq) throw new Broken(`Entry ${head.seq + 1} is not covered by the head`);
  return { org: head.org, entries: previous.seq };
}

/**
 * @param {string} line
 * @param {{ seq: number, hash: string }} previous
 * @param {string} org
 * @param {Jwks} jwks
 */
export function verifyEntry(line, previous, org, jwks) {
  const place = `Entry ${previous.seq + 1}`;
  const entry = parsed(line, place);
  const { orgId, seq, at, actor, action, target, hash, signature } = entry;
  if (canonical({ orgId, seq, at, actor, action, target, hash, signature }) !== line)
    throw new Broken(`${place} is written in another way than it was`);
  if (seq !== previous.seq + 1) throw new Broken(`${place} is missing`);
  if (orgId !== org) throw new Broken(`${place} is of another trail`);
  const made = createHash('sha256')
    .update(JSON.stringify([previous.hash, orgId, seq, at, actor, action, target]))
    .digest('hex');
  if (made !== hash) throw new Broken(`${place} was changed`);
  if (!isSigned(JSON.stringify(['oneshot audit entry 1', orgId, seq, hash]), signature, jwks))
    throw new Broken(`${place} is not signed by OneShot`);
  return { seq, hash };
}

/**
 * @param {Head} head
 * @param {Jwks} jwks
 * @param {string} name
 */
function assertHead({ org, seq, hash, at, signature }, jwks, name) {
  const text = JSON.stringify(['oneshot audit head 1', org, seq, hash, at]);
  if (!isSigned(text, signature, jwks)) throw new Broken(`${name} is not signed by OneShot`);
}

/**
 * @param {string} text
 * @param {string} name
 * @returns {Record<string, any>}
 */
function parsed(text, name) {
  try {
    const value = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // said below
  }
  throw new Broken(`${name} cannot be read`);
}

/** @param {string[]} args */
function main([kind, file, keys, ...heads]) {
  if (file === undefined || keys === undefined || (kind !== 'document' && kind !== 'trail')) {
    process.stderr.write('node scripts/verify.mjs document|trail FILE KEYS [HEAD ...]\n');
    return 2;
  }
  /** @param {string} name */
  const json = (name) => JSON.parse(readFileSync(name, 'utf8'));
  try {
    const text = readFileSync(file, 'utf8');
    if (kind === 'document') {
      verifyDocument(text, json(keys));
      process.stdout.write('The signature holds\n');
    } else {
      const { org, entries } = verifyTrail(text, json(keys), heads.map(json));
      process.stdout.write(`${entries} entries of ${org} hold\n`);
    }
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

if (process.argv[1] !== undefined && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url))
  process.exitCode = main(process.argv.slice(2));
