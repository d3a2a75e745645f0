import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { checksumOf } from '../src/http/crm-id.ts';
import { canary, findCanaries } from './canary.ts';
import { serving } from './child.ts';
import { connect } from './connect.ts';
import { openDatabases } from './databases.ts';
import { freePort, ORIGIN, until, type Settings } from './harness.ts';
import { SandboxControl, type Fault } from './sandbox-control.ts';
import { freshKey } from './sending-stack.ts';
import { signIn, type RepClient } from './sign-in.ts';

/**
 * Promises 5 and 10: every route of the OpenAPI document is called with personal data in every place where a client can
 * put any, with every fault of the stand-ins in between; then logs, databases, files, metrics and what others were answered are
 * searched.
 */
const root = fileURLToPath(new URL('../..', import.meta.url));
/** As people write names, addresses and numbers, each unguessable. */
const personal = { word: canary(), mail: `${canary()}@example.com`, text: `Ana O'Neil ${canary()} <b>&"` };
const VALUES = Object.values(personal);

const [accountId = '', contactId = ''] = ['0019Z0000000001', '0039Z0000000001'].map((id) => id + checksumOf(id));

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
}
interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: 'query' | 'path' | 'header' }[];
  readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema?: Schema }>> };
}

/** What the calls were answered. */
const statuses: number[] = [];
let folder: string;
let processes: ChildProcess[] = [];
let settings: Settings;
let sandbox: SandboxControl;
let url: string;
let opsPort: number;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oneshot-fuzz-'));
  await Promise.all(['data', 'logs', 'tmp'].map((name) => mkdir(join(folder, name))));
  const port = await freePort();
  opsPort = await freePort();
  const database =
    process.env.MONGODB_URI ??
    (await run('embedded-mongodb/dist/main.js', { EMBEDDED_MONGODB_PORT: '0', DATA_DIR: join(folder, 'data') }));
  // The sandbox is Salesforce: what it logs is not ours.
  const salesforce = await run('sandbox/dist/main.js', {
    SANDBOX_PORT: '0',
    SANDBOX_ACCOUNTS: '20',
    SANDBOX_REDIRECT_URIS: ['auth/salesforce', 'connections/gmail', 'connections/outlook', 'connections/outreach']
      .map((path) => `http://127.0.0.1:${port}/v1/${path}/callback`)
      .join(','),
  });
  sandbox = new SandboxControl(salesforce);
  const uriOf = (name: string): string => Object.assign(new URL(database), { pathname: `/${name}` }).href;
  settings = {
    PORT: String(port),
    OPS_PORT: String(opsPort),
    DATA_DIR: join(folder, 'data'),
    MONGODB_URI: uriOf(`fuzz_${port}`),
    SESSIONS_MONGODB_URI: uriOf(`fuzz_${port}_sessions`),
    SALESFORCE_LOGIN_URL: `${salesforce}/salesforce`,
    GOOGLE_LOGIN_URL: `${salesforce}/google`,
    MICROSOFT_LOGIN_URL: `${salesforce}/microsoft`,
    OUTREACH_LOGIN_URL: `${salesforce}/outreach`,
    PREVIEW_ORIGIN: ORIGIN,
    RATE_LIMIT_PER_MINUTE: '100000',
    OPEN_RATE_LIMIT_PER_MINUTE: '100000',
  };
  url = await run('backend/dist/main.js', settings);
  await serving(url);
  // It listens before it serves.
  await until('it serves', async () => (await fetch(`${url}/readyz`)).status === 200, 120_000);
}, 180_000);

afterAll(async () => {
  await stopAll();
  await rm(folder, { recursive: true, force: true });
});

test('what clients put anywhere is in no log, no database, no metric and no answer to others', async () => {
  const target = { url, origin: ORIGIN };
  let caller = await signIn(target, 'admin@demo.example');
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  };
  const routes = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  expect(routes.length).toBeGreaterThan(15);
  let calls = 0;
  for (const route of routes) {
    if (calls % 7 === 0) await fault();
    // Some calls end the session that makes them, or the person: an erasure with a strange header is an erasure.
    if ((await caller.get('/v1/me')).status === 401) caller = await signIn(target, 'admin@demo.example');
    for (const value of VALUES) calls += await attack(caller, route.method, route.path, route.operation, value);
  }
  expect(calls).toBeGreaterThan(300);
  await sandbox.reset();
  await writeUnderFaults(await signIn(target, 'rep.one@demo.example'));

  await sandbox.reset();
  if ((await caller.get('/v1/me')).status !== 200) caller = await signIn(target, 'admin@demo.example');
  expect([...new Set(statuses)].sort()).toEqual(expect.arrayContaining([200, 202, 400, 401, 403, 404, 415]));
  const other = await signIn(target, 'rep.two@demo.example');
  const told: string[] = [];
  for (const { path, method } of routes)
    if (method === 'GET' && !path.includes('{')) told.push(JSON.stringify((await other.get(path)).body));
  told.push(JSON.stringify((await caller.get('/v1/audit')).body));
  told.push(JSON.stringify((await caller.get('/v1/privacy/evidence')).body));
  told.push(await (await fetch(`http://127.0.0.1:${opsPort}/metrics`)).text());
  await writeFile(join(folder, 'tmp', 'answers'), told.join('\n'));

  const databases = await openDatabases(settings);
  const documents: unknown[] = [];
  for (const database of [databases.main, databases.sessions])
    for (const { name } of await database.listCollections({}, { nameOnly: true }).toArray())
      documents.push(...(await database.collection(name).find().toArray()));
  await databases.close();
  await writeFile(join(folder, 'tmp', 'documents'), JSON.stringify(documents));
  await stopAll();

  // With the list of hosts enforced none of this went elsewhere, nor was anything refused that the product needs.
  expect(await readFile(join(folder, 'logs', 'backend.log'), 'utf8')).not.toContain('egressRefused');
  const words = VALUES.map((value) => /canary[0-9a-f]{24}/.exec(value)?.[0] ?? '');
  expect(await findCanaries(folder, words)).toEqual([]);
}, 300_000);

const PROVIDERS = ['gmail', 'outlook', 'outreach'] as const;

/** Every kind of fault that the sandbox has, each with something personal in its own words. */
function faults(): readonly Omit<Fault, 'pathPattern' | 'times'>[] {
  const salesforce = (errorCode: string): object => [{ errorCode, message: personal.text }];
  const provider = { error: { message: personal.text, errors: [{ reason: personal.word }] }, detail: personal.mail };
  return [
    { status: 503, body: `<h1>${personal.text}</h1>` },
    { status: 401, body: salesforce('INVALID_SESSION_ID') },
    { status: 403, body: salesforce('REQUEST_LIMIT_EXCEEDED') },
    { status: 400, body: salesforce('MALFORMED_QUERY') },
    { status: 429, body: provider, headers: { 'retry-after': '1' } },
    { status: 500, body: provider },
    { status: 200, body: provider },
    { status: 302, headers: { location: `https://${personal.word}.example/` } },
    { drop: 'before' },
    { drop: 'middle' },
    { drop: 'after' },
    { latencyMs: 50 },
  ];
}

let next = 0;

/** The next kind of fault for the next call of CRM data, and for the next call at each provider. */
async function fault(): Promise<void> {
  const all = faults();
  const chosen = all[(next += 1) % all.length] ?? {};
  await sandbox.fault({ pathPattern: '/services/data', times: 1, ...chosen });
  for (const provider of ['google', 'microsoft', 'outreach'] as const)
    await sandbox.fault({ pathPattern: '/(api|gmail|v1.0)/', times: 1, ...chosen }, provider);
}

/** Mails and an enrolment as a rep writes them, to a contact with a personal name and address, under each kind of fault. */
async function writeUnderFaults(rep: RepClient): Promise<void> {
  for (const provider of PROVIDERS) await connect(rep, provider);
  await sandbox.upsert('Account', [{ Id: accountId, Name: personal.text, ActiveARR__c: 1 }]);
  await sandbox.upsert('Contact', [
    { Id: contactId, AccountId: accountId, LastName: personal.text, Email: personal.mail },
  ]);
  const answered = new Set<number>();
  for (const one of faults())
    for (const channel of ['gmail', 'outlook'] as const) {
      const [provider, pathPattern] =
        channel === 'gmail' ? (['google', '/messages/send'] as const) : (['microsoft', '/sendMail'] as const);
      await sandbox.fault({ pathPattern, times: 1, ...one }, provider);
      const mail = {
        contactId,
        channel,
        subject: personal.word,
        html: `<p>${personal.word}</p>`,
        logToSalesforce: true,
      };
      answered.add((await rep.post('/v1/emails', mail, { 'idempotency-key': freshKey() })).status);
      await sandbox.fault({ pathPattern: '/api/v2/', times: 1, ...one }, 'outreach');
      await rep.get('/v1/outreach/sequences');
      const enrolment = { contactId, sequenceId: '1', mailboxId: '1' };
      await rep.post('/v1/outreach/enrolments', enrolment, { 'idempotency-key': freshKey() });
    }
  // Some went out, some did not, some nobody knows.
  expect(answered.size).toBeGreaterThan(2);
  expect((await sandbox.mail()).some(({ raw }) => raw.includes(personal.mail))).toBe(true);
}

/** One value in each place of a route, one place at a time. Answers how many calls that were. */
async function attack(
  rep: RepClient,
  method: string,
  path: string,
  operation: Operation,
  value: string,
): Promise<number> {
  if (path === '/v1/auth/sign-out') return 0;
  const encoded = encodeURIComponent(value);
  const parameters = operation.parameters ?? [];
  const bare = path.replace(/\{[^}]+\}/g, '001000000000001AAA');
  const named = path.replace(/\{[^}]+\}/g, encoded);
  const schema = operation.requestBody?.content?.['application/json']?.schema;
  const bodies = schema === undefined ? [{ [value]: value }] : bodiesOf(schema, value);
  const calls: (readonly [string, unknown, Readonly<Record<string, string>>])[] = [
    [`${bare}?${encoded}=${encoded}`, undefined, {}],
    [`${bare}/${encoded}`, undefined, {}],
    ...(named === bare ? [] : [[named, undefined, {}] as const]),
    ...parameters
      .filter((parameter) => parameter.in === 'query')
      .map(({ name }) => [`${bare}?${name}=${encoded}`, undefined, {}] as const),
    ...['if-none-match', 'idempotency-key', 'x-oneshot-rep', 'user-agent', 'referer', 'cookie', 'x-forwarded-for'].map(
      (name) => [bare, undefined, { [name]: Buffer.from(value).toString('latin1') }] as const,
    ),
    [bare, undefined, { authorization: `Bearer ${value}` }],
    [bare, undefined, { origin: `https://${value}.lightning.force.com` }],
    ...(method === 'GET' ? [] : bodies.map((body) => [bare, body, {}] as const)),
    ...(method === 'GET' ? [] : [[bare, value, { 'content-type': 'text/plain' }] as const]),
  ];
  for (const [where, body, headers] of calls) await send(rep, method, where, body, headers);
  return calls.length;
}

/** The value as the whole, as a name, and as each property, however deep. */
function bodiesOf(schema: Schema, value: string): unknown[] {
  const properties = Object.entries(schema.properties ?? {});
  return [
    value,
    [value],
    { [value]: value },
    Object.fromEntries(properties.map(([name]) => [name, value])),
    ...properties.map(([name, inner]) => ({
      [name]: inner.properties === undefined ? value : (bodiesOf(inner, value).at(-1) ?? value),
    })),
  ];
}

/** By hand, since fetch refuses some of these headers. What comes back is read to its end. */
function send(
  rep: RepClient,
  method: string,
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const payload = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const call = httpRequest(
      `${url}${path}`,
      {
        method,
        headers: {
          authorization: `Bearer ${rep.token}`,
          origin: ORIGIN,
          ...(payload === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(payload)) }),
          ...headers,
        },
      },
      (answer) => {
        answer.resume();
        answer.once('end', () => {
          statuses.push(answer.statusCode ?? 0);
          resolve();
        });
        answer.once('error', reject);
      },
    );
    call.once('error', reject);
    call.end(payload);
  });
}

/** Starts a part as production does, its temporary folder and its output inside `folder`. Answers its address. */
function run(script: string, own: Settings): Promise<string> {
  const part = script.split('/')[0] ?? '';
  const child = spawn(process.execPath, [join(root, script)], {
    cwd: join(folder, 'tmp'),
    env: { PATH: process.env.PATH, NODE_ENV: 'development', TMPDIR: join(folder, 'tmp'), ...own },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  processes.push(child);
  if (part !== 'sandbox') {
    const log = createWriteStream(join(folder, 'logs', `${part}.log`));
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
  }
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${script} ended with ${String(code)}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.includes('"event":"listening"')) resolve((JSON.parse(line) as { url: string }).url);
    });
  });
}

async function stopAll(): Promise<void> {
  for (const child of processes.reverse()) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGTERM');
    await ended;
  }
  processes = [];
}
