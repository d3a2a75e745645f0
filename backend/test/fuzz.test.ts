import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { canary, findCanaries } from './canary.ts';
import { openDatabases } from './databases.ts';
import { freePort, ORIGIN, type Settings } from './harness.ts';
import { SandboxControl } from './sandbox-control.ts';
import { signIn, type RepClient } from './sign-in.ts';

/**
 * Promises 5 and 10: every route of the OpenAPI document is called with personal data in every place where a client can
 * put any, with faults of Salesforce in between; then logs, databases, files, metrics and what others were answered are
 * searched.
 */
const root = fileURLToPath(new URL('../..', import.meta.url));
/** As people write names, addresses and numbers, each unguessable. */
const personal = { word: canary(), mail: `${canary()}@example.com`, text: `Ana O'Neil ${canary()} <b>&"` };
const VALUES = Object.values(personal);

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
    SANDBOX_REDIRECT_URIS: `http://127.0.0.1:${port}/v1/auth/salesforce/callback`,
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
    PREVIEW_ORIGIN: ORIGIN,
    RATE_LIMIT_PER_MINUTE: '100000',
    OPEN_RATE_LIMIT_PER_MINUTE: '100000',
  };
  url = await run('backend/dist/main.js', settings);
}, 60_000);

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
}, 150_000);

/** Salesforce fails now and then, so that what goes wrong on the way is looked at, too. */
async function fault(): Promise<void> {
  const faults = [
    { status: 503, body: '<h1>away</h1>' },
    { status: 401, body: [{ errorCode: 'INVALID_SESSION_ID', message: personal.text }] },
    { status: 400, body: [{ errorCode: 'MALFORMED_QUERY', message: personal.text }] },
    { drop: 'middle' as const },
  ];
  const chosen = faults[Math.floor(Math.random() * faults.length)] ?? {};
  await sandbox.fault({ pathPattern: '/services/data', times: 1, ...chosen });
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
