import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { Broken, canonical, headsIn, verifyEntry, verifyTrail } from './verify.mjs';

/** A trail as `npm run ops -- export-audit` writes it; that the two agree is in operators.test.ts. */
const ENTRIES = 1_000;
const ORG = `org_${'A'.repeat(22)}`;
/** Every byte of these; with ONESHOT_DEEP of all. */
const EVERY = process.env.ONESHOT_DEEP ? 1 : 100;

const LIMIT_MS = process.env.ONESHOT_DEEP ? 1_800_000 : 30_000;

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const x = String(publicKey.export({ format: 'jwk' }).x);
const kid = createHash('sha256').update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).digest('base64url');
const jwks = { keys: [{ kty: 'OKP', crv: 'Ed25519', kid, x }] };
const signed = (value: unknown): string =>
  `${kid}.${sign(null, Buffer.from(JSON.stringify(value)), privateKey).toString('base64url')}`;

interface Trail {
  readonly lines: readonly string[];
  /** What each line follows. */
  readonly before: readonly { readonly seq: number; readonly hash: string }[];
  readonly head: string;
}

const trail = made(ENTRIES);
const text = (lines: readonly string[], head = trail.head): string => `${[...lines, head].join('\n')}\n`;

function made(count: number): Trail {
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

function headOf(before: Trail['before'], seq: number): string {
  const at = new Date(1_700_000_001_000).toISOString();
  const hash = before[seq]?.hash;
  return canonical({ org: ORG, seq, hash, at, signature: signed(['oneshot audit head 1', ORG, seq, hash, at]) });
}

/** A head as OneShotAuditHead__c holds it. */
function recordOf(head: string): Record<string, string | number> {
  const { org, seq, hash, at, signature } = JSON.parse(head) as Record<string, string>;
  return {
    Trail__c: org ?? '',
    Entries__c: Number(seq),
    Hash__c: hash ?? '',
    SignedAt__c: at ?? '',
    Signature__c: signature ?? '',
  };
}

/** Whether the verifier says that this does not hold; without `expect`, which is too slow for so many. */
function isFound(work: () => unknown): boolean {
  try {
    work();
    return false;
  } catch (error) {
    if (error instanceof Broken) return true;
    throw error;
  }
}

test('a trail that is as it was written holds', () => {
  expect(verifyTrail(text(trail.lines), jwks)).toEqual({ org: ORG, entries: ENTRIES });
});

test(
  'every single changed byte of an entry is found',
  () => {
    let changes = 0;
    const missed: unknown[] = [];
    for (let index = 0; index < ENTRIES; index += EVERY) {
      const line = Buffer.from(trail.lines[index] ?? '');
      const previous = trail.before[index] ?? { seq: 0, hash: '' };
      for (let at = 0; at < line.length; at += 1) {
        const changed = Buffer.from(line);
        changed[at] = (changed[at] ?? 0) ^ (1 << (changes % 7));
        changes += 1;
        if (!isFound(() => verifyEntry(changed.toString('latin1'), previous, ORG, jwks))) missed.push([index, at]);
      }
    }
    expect(missed).toEqual([]);
    expect(changes).toBeGreaterThan(3_000);
  },
  LIMIT_MS,
);

test(
  'so is every other value that a byte can have',
  () => {
    const lines = process.env.ONESHOT_DEEP ? 10 : 1;
    const missed: unknown[] = [];
    for (let index = 0; index < ENTRIES; index += ENTRIES / lines) {
      const line = Buffer.from(trail.lines[index] ?? '');
      const previous = trail.before[index] ?? { seq: 0, hash: '' };
      for (let at = 0; at < line.length; at += 1)
        for (let by = 1; by < 256; by += process.env.ONESHOT_DEEP ? 1 : 37) {
          const changed = Buffer.from(line);
          changed[at] = (changed[at] ?? 0) ^ by;
          if (!isFound(() => verifyEntry(changed.toString(), previous, ORG, jwks))) missed.push([index, at, by]);
        }
    }
    expect(missed).toEqual([]);
  },
  LIMIT_MS,
);

test(
  'wherever the file is cut off, it is found',
  () => {
    const whole = text(trail.lines);
    const missed: number[] = [];
    for (let length = 0; length < whole.length; length += process.env.ONESHOT_DEEP ? 1 : 997)
      if (!isFound(() => verifyTrail(whole.slice(0, length), jwks))) missed.push(length);
    expect(missed).toEqual([]);
  },
  LIMIT_MS,
);

test('every changed byte of the head is found', () => {
  const head = Buffer.from(trail.head);
  const short = made(2);
  const own = Buffer.from(short.head);
  for (let at = 0; at < own.length; at += 1) {
    const changed = Buffer.from(own);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(() => verifyTrail(text(short.lines, changed.toString('latin1')), jwks)).toThrow(Broken);
  }
  expect(head.length).toBeGreaterThan(200);
});

test('every deleted entry is found, and every two that changed places', () => {
  for (let index = 0; index + 1 < ENTRIES; index += 1) {
    const next = trail.lines[index + 1] ?? '';
    // Without this line the next one follows the one before, in both cases.
    expect(() => verifyEntry(next, trail.before[index] ?? { seq: 0, hash: '' }, ORG, jwks)).toThrow('is missing');
  }
  expect(() => verifyTrail(text(trail.lines.slice(0, -1)), jwks)).toThrow('Entry 1000 is missing');
});

describe('found is', () => {
  const short = made(6);
  const other = made(6);
  const of = (lines: readonly string[], head = short.head): string => text(lines, head);
  test.each<[string, string, string]>([
    ['a trail that ends earlier', of(short.lines.slice(0, 3)), 'Entry 4 is missing'],
    ['an empty trail', of([]), 'Entry 1 is missing'],
    ['a trail without its head', `${short.lines.join('\n')}\n`, 'The head is not signed'],
    ['a trail whose last line was cut off', of(short.lines).slice(0, -1), 'cut off'],
    ['an entry behind the head', of(short.lines, headOf(short.before, 5)), 'Entry 6 is not covered'],
    ['a line twice', of([...short.lines.slice(0, 2), ...short.lines.slice(1)]), 'Entry 3 is missing'],
    ['an empty line', of([...short.lines.slice(0, 2), '', ...short.lines.slice(2)]), 'Entry 3 cannot be read'],
    ['another spelling', of([(short.lines[0] ?? '').replace(',', ', '), ...short.lines.slice(1)]), 'in another way'],
  ])('%s', (_what, changed, why) => {
    expect(() => verifyTrail(changed, jwks)).toThrow(why);
  });

  test('a trail that is shorter than a head which was kept says', () => {
    const kept = JSON.parse(short.head) as Parameters<typeof verifyTrail>[2] extends (infer H)[] | undefined
      ? H
      : never;
    expect(() => verifyTrail(text(short.lines.slice(0, 4), headOf(short.before, 4)), jwks, [kept])).toThrow(
      'Entry 5 is missing',
    );
    expect(verifyTrail(of(other.lines, other.head), jwks, [kept])).toMatchObject({ entries: 6 });
  });

  const record = { Name: 'HEAD-000001', ...recordOf(short.head) };
  const namespaced = Object.fromEntries(Object.entries(record).map(([name, value]) => [`acme__${name}`, value]));
  const names = Object.keys(record);
  test.each<[string, string]>([
    ['as the backend answers it', short.head],
    ['as a list', `{"rows":[${short.head}],"nextCursor":null}`],
    ['as sf data query --json says it', JSON.stringify({ status: 0, result: { records: [record] } })],
    ['of a managed package', JSON.stringify({ totalSize: 1, done: true, records: [namespaced] })],
    ['as CSV', `${names.join()}\r\n${Object.values(record).join()}\r\n`],
    ['as CSV in quotation marks', `"${names.join('","')}"\n"${Object.values(record).join('","')}"\n`],
  ])('a trail that was cut later, by a head out of Salesforce: %s', (_what, kept) => {
    const heads = headsIn(kept);
    expect(verifyTrail(of(short.lines), jwks, heads)).toMatchObject({ entries: 6 });
    expect(() => verifyTrail(text(short.lines.slice(0, 4), headOf(short.before, 4)), jwks, heads)).toThrow(
      'Entry 5 is missing',
    );
  });

  test('a head that somebody changed in Salesforce, one of another trail alone, and none', () => {
    const [kept] = headsIn(short.head);
    if (kept === undefined) throw new Error('There is a head');
    expect(() => verifyTrail(of(short.lines), jwks, [{ ...kept, seq: 3 }])).toThrow('not signed by OneShot');
    const elsewhere = { ...kept, org: `org_${'Z'.repeat(22)}` };
    expect(() => verifyTrail(of(short.lines), jwks, [elsewhere])).toThrow('of another trail');
    expect(verifyTrail(of(short.lines), jwks, [elsewhere, kept])).toMatchObject({ entries: 6 });
    expect(() => headsIn('{"records":[]}')).toThrow('no head');
    expect(() => headsIn('Trail__c,Entries__c\n')).toThrow('no head');
  });

  test('a signature by a key that only says that it is ours', () => {
    const forger = generateKeyPairSync('ed25519');
    const forged = String(forger.publicKey.export({ format: 'jwk' }).x);
    expect(() => verifyTrail(of(short.lines), { keys: [{ kty: 'OKP', crv: 'Ed25519', kid, x: forged }] })).toThrow(
      'not signed',
    );
  });
});
