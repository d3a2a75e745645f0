import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { account, accountId, AccountSource } from '../../test/account-source.ts';
import { canary } from '../../test/canary.ts';

/** Values that nobody can guess, in every field that a row shows. */
const canaries = Array.from({ length: 7 }, canary);
const [name, industry, country, city, website, owner, product] = canaries as [
  string,
  string,
  string,
  string,
  string,
  string,
  string,
];

let source: AccountSource;

beforeAll(async () => {
  source = await AccountSource.listen();
  source.pageSize = 500;
  source.accounts = Array.from({ length: 1_500 }, (_, number) =>
    account(number, {
      Name: `${name} ${number}`,
      Industry: industry,
      BillingCountry: country,
      BillingCity: `${city} ü`,
      Website: `https://${website}.example`,
      Owner: { Name: `"${owner}"` },
    }),
  );
  source.others.Asset = [{ AccountId: accountId(0), Name: product, Product2: null }];
});

afterAll(() => source.close());

interface Remains {
  readonly rows: number;
  readonly buffers: number;
  /** Buffers that do not read zero. */
  readonly left: number;
  /** Canaries that some reachable object holds. */
  readonly found: readonly string[];
}

/** What a process of this build holds after it had a list. */
async function remainsAfter(way: string, plant = ''): Promise<Remains> {
  const script = fileURLToPath(new URL('../../test/erasure-child.mjs', import.meta.url));
  const flags = ['--expose-gc', '--heap-snapshot-string-limit=100000000'];
  const child = spawn(process.execPath, [...flags, script, source.url, way, plant], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 60_000,
  });
  const chunks: Buffer[] = [];
  for await (const chunk of child.stdout) chunks.push(chunk as Buffer);
  const output = Buffer.concat(chunks);
  const end = output.indexOf('\n');
  const figures = JSON.parse(output.toString('utf8', 0, end)) as Omit<Remains, 'found'>;
  const snapshot = output.subarray(end);
  // Proves that the snapshot is one, and that texts can be found in it.
  expect(snapshot.includes('"snapshot"')).toBe(true);
  expect(snapshot.includes('ses_1')).toBe(true);
  return { ...figures, found: canaries.filter((value) => snapshot.includes(value)) };
}

test.each(['sign-out', 'expiry', 'refresh', 'off'])(
  'after %s no buffer holds a value of the CRM, and no object that can be reached',
  async (way) => {
    expect(await remainsAfter(way)).toEqual({ rows: 50, buffers: expect.any(Number), left: 0, found: [] });
  },
  60_000,
);

test('a row that somebody keeps is found', async () => {
  const { found } = await remainsAfter('sign-out', 'plant');
  expect(found).toEqual(canaries);
}, 60_000);
