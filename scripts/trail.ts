import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { Broken, canonical, verifyEntry } from './verify.mjs';

/** A trail of a made-up org as `npm run ops -- export-audit` writes it; that the two agree is in operators.test.ts. */
export interface Trail {
  readonly lines: readonly string[];
  /** What each line follows. */
  readonly before: readonly { readonly seq: number; readonly hash: string }[];
  readonly head: string;
}

export const ORG = `org_${'A'.repeat(22)}`;

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const x = String(publicKey.export({ format: 'jwk' }).x);
export const kid = createHash('sha256').update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).digest('base64url');
export const jwks = { keys: [{ kty: 'OKP', crv: 'Ed25519', kid, x }] };
const signed = (value: unknown): string =>
  `${kid}.${sign(null, Buffer.from(JSON.stringify(value)), privateKey).toString('base64url')}`;

export function made(count: number): Trail {
  const lines: string[] = [];
  const before = [{ seq: 0, hash: '0'.repeat(64) }];
  for (let seq = 1; seq <= count; seq += 1) {
    const at = new Date(1_700_000_000_000 + seq).toISOString();
    const [actor, action, target] = [`usr_${'B'.repeat(22)}`, 'signed_in', `ses_${String(seq).padStart(22, 'C')}`];
    const previous = before[seq - 1]?.hash;
    const hash = createHash('sha256')
      .update(JSON.stringify([previous, ORG, seq, at, actor, action, target]))
      .digest('hex');
    const signature = signed(['oneshot audit entry 1', ORG, seq, hash]);
    lines.push(canonical({ orgId: ORG, seq, at, actor, action, target, hash, signature }));
    before.push({ seq, hash });
  }
  return { lines, before, head: headOf(before, count) };
}

export function headOf(before: Trail['before'], seq: number): string {
  const at = new Date(1_700_000_001_000).toISOString();
  const hash = before[seq]?.hash;
  return canonical({ org: ORG, seq, hash, at, signature: signed(['oneshot audit head 1', ORG, seq, hash, at]) });
}

/** The file: a line for each entry and one for the head. */
export const text = (lines: readonly string[], head: string): string => `${[...lines, head].join('\n')}\n`;

/** Whether the verifier says that this does not hold; without `expect`, which is too slow for so many. */
export function isFound(work: () => unknown): boolean {
  try {
    work();
    return false;
  } catch (error) {
    if (error instanceof Broken) return true;
    throw error;
  }
}

/**
 * Changes each byte of an entry, the end of its line too, and gives what came of it to the verifier as it reads a file: as
 * UTF-8, a line at a time. What reads as the same text is verified once: from 128 on no byte is UTF-8 by itself.
 * @param values which bits of the byte in this place are turned over, 1 to 255, one change for each
 * @returns how many changes were tried, and those that were missed, as place and value
 */
export function changeEach(
  { lines, before, head }: Trail,
  index: number,
  values: (at: number) => readonly number[],
): { readonly tried: number; readonly missed: readonly (readonly [number, number])[] } {
  const [line = '', next = head] = lines.slice(index, index + 2);
  const previous = before[index] ?? { seq: 0, hash: '' };
  const bytes = Buffer.from(`${line}\n${next}`);
  const missed: [number, number][] = [];
  let tried = 0;
  for (let at = 0; at <= line.length; at += 1) {
    const verdicts = new Map<string, boolean>();
    const byte = bytes[at] ?? 0;
    for (const value of values(at)) {
      bytes[at] = byte ^ value;
      const [read = ''] = bytes.toString().split('\n');
      const verdict = verdicts.get(read) ?? isFound(() => verifyEntry(read, previous, ORG, jwks));
      verdicts.set(read, verdict);
      if (!verdict) missed.push([at, value]);
      tried += 1;
    }
    bytes[at] = byte;
  }
  return { tried, missed };
}
