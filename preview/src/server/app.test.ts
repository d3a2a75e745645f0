import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fastify, { type FastifyInstance, type LightMyRequestResponse } from 'fastify';
import { compressFolder } from '../bundle/compress.ts';
import { createPreview } from './app.ts';

const backend = 'http://127.0.0.1:4000';
let folder: string;
let app: FastifyInstance;

/** A request as a browser sends it: to the address, not to `localhost`. */
const get = (url: string, headers: Record<string, string> = {}): Promise<LightMyRequestResponse> =>
  app.inject({ url, headers: { host: '127.0.0.1:4200', ...headers } });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'site-'));
  await mkdir(join(folder, 'platform'));
  const site = { script: '/app-Abc12_-x.js', styles: ['/platform/slds2.css'], preload: ['/platform/base.js'] };
  await writeFile(join(folder, 'site.json'), JSON.stringify(site));
  await writeFile(join(folder, 'app-Abc12_-x.js'), 'export const a = 1;');
  await compressFolder(folder);
  app = await createPreview(folder, backend);
});
afterAll(async () => {
  await app.close();
  await rm(folder, { recursive: true });
});

test('the page allows no inline script, no eval, and calls to itself and the backend only', async () => {
  const { headers, body } = await get('/lightning/n/OneShot');
  const policy = String(headers['content-security-policy']);
  expect(policy).toContain("script-src 'self';");
  expect(policy).toContain(`connect-src 'self' ${backend};`);
  expect(policy).not.toContain('unsafe-eval');
  expect(body).not.toMatch(/<script(?![^>]*(src=|type="application\/json"))/);
  expect(headers['cache-control']).toBe('no-store');
});

test('a language is chosen by the address, and an unknown one is English', async () => {
  expect((await get('/?lang=de')).body).toContain('<html lang="de"');
  expect((await get('/?lang=%22%3E%3Cscript%3E')).body).toContain('<html lang="en"');
});

test('files come compressed as asked, unchanged ones as 304, hashed ones for good', async () => {
  const url = '/app-Abc12_-x.js';
  const first = await get(url, { 'accept-encoding': 'gzip, br' });
  expect(first.headers['content-encoding']).toBe('br');
  expect(brotliDecompressSync(first.rawPayload).toString()).toBe('export const a = 1;');
  expect(first.headers['cache-control']).toContain('immutable');
  const again = await get(url, { 'accept-encoding': 'gzip, br', 'if-none-match': String(first.headers.etag) });
  expect(again.statusCode).toBe(304);
  const plain = await get(url, { 'accept-encoding': 'br;q=0, gzip;q=0' });
  expect(plain.headers['content-encoding']).toBeUndefined();
  expect(plain.body).toBe('export const a = 1;');
});

test.each(['/../package.json', '/%2e%2e/package.json', '/..%2fpackage.json', '/app-Abc12_-x.js.br', '/nothing.js'])(
  '%s is not there',
  async (url) => {
    expect((await get(url)).statusCode).toBe(404);
  },
);

test('localhost is led to the address that the backend accepts', async () => {
  const { statusCode, headers } = await app.inject({ url: '/?lang=de', headers: { host: 'localhost:4200' } });
  expect([statusCode, headers.location]).toEqual([302, 'http://127.0.0.1:4200/?lang=de']);
});

test('a site that is not built is said so', async () => {
  await expect(createPreview(join(folder, 'nowhere'), backend)).rejects.toThrow(/npm run build/);
});

describe('records for the stand-in of the data service', () => {
  const account = { Id: '001000000000001AAA', Name: 'Müller & Söhne' };
  const contact = { Id: '003000000000001AAA', Name: 'Ana', AccountId: account.Id, Email: 'ana@demo.example' };
  let sandbox: FastifyInstance;
  let withRecords: FastifyInstance;
  const read = (path: string): Promise<LightMyRequestResponse> =>
    withRecords.inject({ url: `/preview/record/${path}`, headers: { host: '127.0.0.1:4200' } });

  beforeAll(async () => {
    sandbox = fastify();
    sandbox.get<{ Querystring: { object: string } }>('/__control/records', ({ query }) => ({
      rows: { Account: [account], Contact: [contact] }[query.object] ?? [],
    }));
    withRecords = await createPreview(folder, backend, await sandbox.listen({ port: 0, host: '127.0.0.1' }));
  });
  afterAll(() => Promise.all([withRecords.close(), sandbox.close()]));

  test('only the fields that were asked for, also over the account', async () => {
    const answer = await read('Contact/003000000000001AAA?fields=Name,AccountId,Account.Name');
    expect(answer.json()).toEqual({ Name: 'Ana', AccountId: account.Id, 'Account.Name': 'Müller & Söhne' });
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  test.each([
    'Contact/003000000000009AAA?fields=Name',
    'User/005000000000001AAA?fields=Name',
    'Contact/..%2F..%2Freset?fields=Name',
    'Contact/003000000000001AAA?fields=a%26object=User',
  ])('%s is not found', async (path) => {
    expect((await read(path)).statusCode).toBe(404);
  });

  test('without a sandbox there are none', async () => {
    const answer = await get('/preview/record/Contact/003000000000001AAA?fields=Name');
    expect(answer.statusCode).toBe(404);
  });
});
