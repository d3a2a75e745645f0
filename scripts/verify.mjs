// @ts-check
/**
 * Checks what OneShot signed, without OneShot: no package, no network, nothing but Node.
 *   node scripts/verify.mjs document FILE KEYS           a receipt, an evidence document, a canary run
 *   node scripts/verify.mjs trail FILE KEYS [HEAD ...]   an audit trail as `npm run ops -- export-audit` writes it, also
 *                                                        against heads that were kept elsewhere: what GET /v1/audit/head
 *                                                        answered, or the OneShot Audit Heads of your own Salesforce as
 *                                                        JSON (sf data query --json) or CSV (a report, Data Loader)
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
  // An org that was erased and came back has begun another trail; what was kept of the first is of no use here.
  const own = kept.filter(({ org }) => org === head.org);
  if (kept.length > 0 && own.length === 0) throw new Broken('A head that was kept is of another trail');
  for (const one of own) {
    assertHead(one, jwks, 'A head that was kept');
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

/** Names of a head's members, and of the fields of OneShotAuditHead__c that hold them. */
const HEAD_FIELDS = {
  org: 'Trail__c',
  seq: 'Entries__c',
  hash: 'Hash__c',
  at: 'SignedAt__c',
  signature: 'Signature__c',
};

/**
 * Heads out of a file: one as the backend answers it, a list of them, records of the customer's Salesforce as JSON or CSV.
 * @param {string} text
 * @returns {Head[]}
 * @throws {Broken} it holds no head
 */
export function headsIn(text) {
  const trimmed = text.replace(/^\uFEFF/, '').trim();
  const heads = (/^[[{]/.test(trimmed) ? recordsOf(JSON.parse(trimmed)) : csvRecords(trimmed)).map(headOf);
  if (heads.length === 0) throw new Broken('There is no head in what was kept');
  return heads;
}

/**
 * @param {any} json
 * @returns {Record<string, unknown>[]}
 */
function recordsOf(json) {
  const list = json?.result?.records ?? json?.records ?? json?.rows ?? json?.head ?? json;
  return Array.isArray(list) ? list : [list];
}

/**
 * @param {string} text with a line of names first (RFC 4180); none of our values holds a line feed
 * @returns {Record<string, unknown>[]}
 */
function csvRecords(text) {
  const [names = [], ...rows] = text
    .split(/\r?\n/)
    .map((line) =>
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
        ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
      ),
    );
  return rows.map((values) => Object.fromEntries(names.map((name, index) => [name, values[index] ?? ''])));
}

/**
 * @param {Record<string, unknown>} record
 * @returns {Head}
 */
function headOf(record) {
  const entries = Object.entries(HEAD_FIELDS).map(([name, field]) => {
    // A managed package has its namespace in front of the field's name.
    const key = Object.keys(record).find((one) => one === name || one === field || one.endsWith(`__${field}`)) ?? name;
    const value = record[key];
    return [name, name === 'seq' ? Number(value) : String(value)];
  });
  return /** @type {Head} */ (Object.fromEntries(entries));
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
      const kept = heads.flatMap((name) => headsIn(readFileSync(name, 'utf8')));
      const { org, entries } = verifyTrail(text, json(keys), kept);
      const against = kept.length === 0 ? '' : `, against ${kept.length} that were kept`;
      process.stdout.write(`${entries} entries of ${org} hold${against}\n`);
    }
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

if (process.argv[1] !== undefined && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url))
  process.exitCode = main(process.argv.slice(2));
