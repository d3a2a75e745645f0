import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { canary, findCanaries } from './canary.ts';
import { freePort, ORIGIN, until } from './harness.ts';
import { Processes } from './processes.ts';
import { SandboxControl } from './sandbox-control.ts';
import { call, passPopup, redeem, signIn, textOf, type RepClient, type SignInTarget } from './sign-in.ts';

/**
 * Promise 1, for the list: canary accounts travel the whole way through real processes, faults included, and then
 * every byte that these wrote (data folder, logs, temporary folder) is searched.
 */
const names = {
  account: `Ärzte ${canary()}`,
  second: canary(),
  city: canary(),
  website: canary(),
  product: canary(),
  industry: canary(),
  searched: canary(),
  errorText: canary(),
  junk: canary(),
};
const people = ['rep.one@demo.example', 'admin@demo.example', 'Robin Onesmith', 'Ada Minister'];
const ARR = 48_151_623.42;

let processes: Processes;
let sandbox: SandboxControl;
let target: SignInTarget;
const secrets: string[] = [];

beforeAll(async () => {
  processes = await Processes.in('oneshot-kept-');
  const port = await freePort();
  const origin = { PREVIEW_ORIGIN: ORIGIN, DATA_DIR: processes.dataDir };
  const database = process.env.MONGODB_URI
    ? undefined
    : await processes.run('embedded-mongodb/dist/main.js', { EMBEDDED_MONGODB_PORT: '0', ...origin });
  const salesforce = await processes.run('sandbox/dist/main.js', {
    SANDBOX_PORT: '0',
    SANDBOX_ACCOUNTS: '50',
    SANDBOX_REDIRECT_URIS: `http://127.0.0.1:${port}/v1/auth/salesforce/callback`,
  });
  sandbox = new SandboxControl(salesforce);
  const url = await processes.run('backend/dist/main.js', {
    ...origin,
    PORT: String(port),
    OPS_PORT: '0',
    MONGODB_URI: process.env.MONGODB_URI ?? `${database ?? ''}/kept`,
    SALESFORCE_LOGIN_URL: `${salesforce}/salesforce`,
  });
  target = { url, origin: ORIGIN };
}, 240_000);

afterAll(() => processes.close());

test('nothing that came from the CRM, no token and no name is in any file, whatever went wrong on the way', async () => {
  await plant();
  const rep = await everydayWork();
  await badInput(rep);
  await faults(rep);
  const admin = await signIn(target, 'admin@demo.example');
  secrets.push(admin.token);
  await admin.get('/v1/settings/fields?count=ActiveARR__c');
  await admin.put('/v1/settings', { version: 0, settings: { payingField: names.junk } });
  await admin.get('/v1/audit');
  expect((await rep.post('/v1/auth/sign-out')).status).toBe(204);
  await processes.stop();

  // Owner, e-mail address and username of the people count too: kept only sealed. The amount in its JSON spelling.
  const values = [...Object.values(names), ...people, String(ARR), ...secrets];
  expect(await findCanaries(processes.folder, values)).toEqual([]);
}, 240_000);

test('the search itself finds what is there, in every spelling', async () => {
  const planted = await mkdtemp(join(processes.folder, 'planted-'));
  const value = canary();
  const inside = `x${value}y`;
  await writeFile(join(planted, 'plain'), inside);
  await writeFile(join(planted, 'hex'), Buffer.from(inside).toString('hex'));
  await writeFile(join(planted, 'utf16'), Buffer.from(inside, 'utf16le'));
  for (const before of ['', 'a', 'ab'])
    await writeFile(join(planted, `base64${before}`), Buffer.from(`${before}${value}tail`).toString('base64'));
  const files = new Set((await findCanaries(planted, [value])).map(({ file }) => file));
  expect(files.size).toBe(6);
});

async function plant(): Promise<void> {
  await sandbox.schema('Account', { fields: [{ name: 'Markets__c', type: 'string', label: 'Markets' }] });
  await sandbox.upsert('Account', [
    {
      Name: names.account,
      ActiveARR__c: ARR,
      BillingCity: names.city,
      Website: `https://${names.website}.example`,
      Industry: names.industry,
      Products__c: names.product,
      $visibleTo: ['rep.one@demo.example'],
    },
    { Name: names.second, ActiveARR__c: 1, $visibleTo: ['rep.one@demo.example'] },
  ]);
}

/** What a rep does on a good day: the canaries must come through, or the test would prove nothing. */
async function everydayWork(): Promise<RepClient> {
  const rep = await signIn(target, 'rep.one@demo.example');
  secrets.push(rep.token, keyOf(rep.token));
  const list = await rep.get('/v1/accounts');
  expect(JSON.stringify(list.body)).toContain(names.account);
  for (const query of [
    `search=${names.city}`,
    `search=${names.searched}`,
    `industry=${names.industry}`,
    'sort=name&order=asc&limit=200',
    'sort=industry',
    'sort=country',
    'sort=modified',
    'partial=true',
  ])
    expect([200, query]).toEqual([(await rep.get(`/v1/accounts?${query}`)).status, query]);
  const found = await rep.get(`/v1/accounts?search=${names.second}`);
  const [row] = found.body.rows as unknown as { id: string }[];
  expect((await rep.get(`/v1/accounts/${row?.id ?? ''}`)).status).toBe(200);
  expect((await rep.post('/v1/accounts/refresh')).status).toBe(202);
  expect((await rep.get('/v1/me')).status).toBe(200);
  return rep;
}

/** The secret that opens the session, out of the JWT. */
function keyOf(token: string): string {
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { key: string };
  return claims.key;
}

/** A canary in every place where a client can put one. */
async function badInput(rep: RepClient): Promise<void> {
  const { junk } = names;
  for (const path of [
    `/v1/accounts?${junk}=1`,
    `/v1/accounts?sort=${junk}`,
    `/v1/accounts?limit=${junk}`,
    `/v1/accounts/${junk}`,
    `/${junk}`,
    `/v1/auth/salesforce/start?challenge=${junk}&origin=https://${junk}.lightning.force.com`,
    `/v1/auth/salesforce/callback?code=${junk}&state=${junk}`,
    `/v1/auth/salesforce/callback?error=${junk}&error_description=${junk}&state=${junk}`,
  ])
    expect((await rep.get(path)).status).toBeGreaterThanOrEqual(400);
  await rep.get('/v1/me', { 'x-oneshot-rep': junk, 'if-none-match': `"${junk}"`, 'user-agent': junk, referer: junk });
  await rep.get('/v1/me', { origin: `https://${junk}.lightning.force.com` });
  await rep.get('/v1/me', { authorization: `Bearer ${junk}` });
  await redeem(target, junk, junk);
  await call(target.url, 'POST', '/v1/auth/token', { [junk]: junk }, { origin: ORIGIN, 'idempotency-key': junk });
  const denied = await passPopup(target, 'rep.one@demo.example', { decision: 'deny' });
  expect(textOf(denied.message.type)).toBe('sign-in-error');
}

/** Salesforce at its worst, with a canary in its own words. */
async function faults(rep: RepClient): Promise<void> {
  const error = (errorCode: string) => [{ message: `${names.errorText} '${names.account}'`, errorCode }];
  const query = { pathPattern: '/query', times: 1 };
  for (const fault of [
    { ...query, drop: 'middle' as const },
    { ...query, status: 400, body: error('MALFORMED_QUERY') },
    { ...query, status: 400, body: error('INVALID_FIELD') },
    { ...query, status: 403, body: error('REQUEST_LIMIT_EXCEEDED') },
    { ...query, times: 3, status: 503, body: `<h1>${names.errorText}</h1>` },
    {
      ...query,
      body: {
        totalSize: 1,
        done: false,
        records: [{ Id: names.errorText }],
        nextRecordsUrl: `https://${names.errorText}.example`,
      },
    },
    { ...query, status: 401, body: error('INVALID_SESSION_ID') },
  ]) {
    await sandbox.fault(fault);
    // A refresh joins a pull that still runs: ask until one has met the fault.
    await until('a pull met the fault', async () => {
      await rep.post('/v1/accounts/refresh');
      await new Promise((resolve) => setTimeout(resolve, 100));
      return (await sandbox.waitingFaults()).length === 0;
    });
    await rep.get('/v1/accounts');
  }
  await sandbox.fault({
    pathPattern: '/services/oauth2/token',
    times: 1,
    status: 400,
    body: { error: names.errorText, error_description: names.errorText },
  });
  await expect(signIn(target, 'rep.one@demo.example')).rejects.toThrow();
  await sandbox.fault({ pathPattern: '/id/', times: 1, status: 200, body: { user_id: names.errorText } });
  await expect(signIn(target, 'rep.one@demo.example')).rejects.toThrow();
}
