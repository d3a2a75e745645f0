import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { transform } from '@swc/core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { account, ACCOUNT_FIELDS, sendJson } from './account-source.ts';
import { canary, findCanaries } from './canary.ts';
import { startChild, type Child } from './child.ts';
import type { ErasureReport } from './erasure-child.ts';

/**
 * DESIGN 4, "erased": a heap snapshot of a process of the same build finds no reachable object that holds it, and every
 * row buffer ever allocated reads zero. The process is a child, because this one knows the canaries.
 */
const ACCOUNTS = 2_500;
/** Each value of every account begins with it. */
const word = canary();

let salesforce: Server;
let folder: string;
/** For the erasure, which is a job in a database; its files are not searched here (nothing-kept.test.ts does). */
let database: Child | undefined;
let databaseFolder: string;
let script: string;

beforeAll(async () => {
  salesforce = await listenAsSalesforce();
  script = await builtChild();
  databaseFolder = await mkdtemp(join(tmpdir(), 'oneshot-erasure-db-'));
  if (!process.env.MONGODB_URI)
    database = await startChild('embedded-mongodb/dist/main.js', {
      EMBEDDED_MONGODB_PORT: '0',
      DATA_DIR: databaseFolder,
    });
});

afterAll(async () => {
  salesforce.closeAllConnections();
  await new Promise((resolve) => salesforce.close(resolve));
  await rm(script, { force: true });
  await database?.stop();
  await rm(databaseFolder, { recursive: true, force: true });
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oneshot-erasure-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

describe('nothing of a list is left in memory after its time, a sign-out or an erasure', () => {
  test.each(['expiry', 'sign-out', 'erasure', 'cache-off'])(
    'after %s no reachable object holds anything of it, and every buffer reads zero',
    async (ending) => {
      const report = await run(ending);
      // The list was there and was used, or the test would prove nothing.
      expect(report).toMatchObject({ total: ACCOUNTS, matched: 1, facets: 10 });
      expect(report.filledBefore).toBeGreaterThan(0);
      expect(report.buffers).toBeGreaterThanOrEqual(report.filledBefore);

      expect(await findCanaries(folder, [word])).toEqual([]);
      expect([report.filledAfter, report.bytesHeld]).toEqual([0, 0]);
    },
    240_000,
  );
});

test.each(['sign-out', 'erasure'])(
  'a name that something kept is found in the snapshot after %s',
  async (ending) => {
    const report = await run(ending, 'value');
    expect(report).toMatchObject({ total: ACCOUNTS, filledAfter: 0 });
    expect((await findCanaries(folder, [word])).map(({ spelling }) => spelling)).toContain('plain');
  },
  240_000,
);

test('a row buffer that nobody gave back is found', async () => {
  const { filledAfter, bytesHeld } = await run('sign-out', 'buffer');
  expect([filledAfter, bytesHeld]).toEqual([1, 16]);
}, 240_000);

/** Runs the child to its end. Its heap snapshot lies in `folder` then. */
async function run(ending: string, plant = ''): Promise<ErasureReport> {
  const snapshot = join(folder, 'heap.heapsnapshot');
  // Without the limit V8 leaves out what stands behind the first 1,024 characters of a text.
  const flags = ['--expose-gc', '--heap-snapshot-string-limit=100000000'];
  const { port } = salesforce.address() as AddressInfo;
  const child = spawn(process.execPath, [...flags, script], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      CRM_URL: `http://127.0.0.1:${port}`,
      SNAPSHOT: snapshot,
      ENDING: ending,
      PLANT: plant,
      TMPDIR: databaseFolder,
      MONGODB_URI: new URL('/erasure', database?.url ?? process.env.MONGODB_URI).href,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const complaints: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => complaints.push(line));
  let report: ErasureReport | undefined;
  createInterface({ input: child.stdout }).on('line', (line) => {
    report = JSON.parse(line) as ErasureReport;
    child.stdin.end();
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), 220_000);
  await ended;
  clearTimeout(timer);
  if (report === undefined) throw new Error(`The child ended without a report\n${complaints.join('\n')}`);
  expect((await stat(snapshot)).size).toBeGreaterThan(1_000_000);
  return report;
}

/** Describe, and two pages of accounts each value of which holds the word: what a pull of this org reads. */
async function listenAsSalesforce(): Promise<Server> {
  const records = Array.from({ length: ACCOUNTS }, (_, number) =>
    account(number, {
      Name: `Name ${word}n${number}`,
      Industry: `Industry ${word}i${number % 10}`,
      BillingCountry: `Country ${word}c${number % 20}`,
      BillingCity: `City ${word}t${number}`,
      Website: `https://${word}w${number}.example`,
      Owner: { Name: `Owner ${word}o${number % 7}` },
      Products__c: `Product ${word}p${number % 5};Product ${word}q${number % 3}`,
    }),
  );
  const fields = [...ACCOUNT_FIELDS, 'Products__c'].map((name) => ({ name, type: 'string' }));
  const nextRecordsUrl = '/services/data/v66.0/query/01gAAAAAAAAAAAAAAA-2000';
  const totalSize = records.length;
  const server = createServer(({ url = '' }, response) => {
    if (url.endsWith('/describe')) sendJson(response, { name: 'Account', fields });
    else if (url === nextRecordsUrl) sendJson(response, { totalSize, done: true, records: records.slice(2_000) });
    else sendJson(response, { totalSize, done: false, nextRecordsUrl, records: records.slice(0, 2_000) });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

/** The child beside the build that it imports: only its types are taken off, and `../src` is where tsc puts it. */
async function builtChild(): Promise<string> {
  const here = fileURLToPath(new URL('.', import.meta.url));
  const dist = join(here, '..', 'dist');
  if (!existsSync(join(dist, 'main.js'))) throw new Error('The backend is not built: run npx tsc -b');
  const typed = await readFile(join(here, 'erasure-child.ts'), 'utf8');
  const { code } = await transform(typed, {
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
    module: { type: 'es6' },
  });
  const path = join(dist, `.erasure-child-${process.pid}.mjs`);
  await writeFile(path, code.replace(/from (["'])\.\.\/src\/([\w/-]+)\.ts\1/g, "from './$2.js'"));
  return path;
}
