import { fork, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import mongoose from 'mongoose';
import { request } from 'undici';
import type { CanaryFindings } from '../privacy/canary-runs.ts';
import { CanarySalesforce, type Plants } from './salesforce.ts';
import { searchFolder } from './search.ts';

export interface CanaryOptions {
  /** Everything is written below it, by the service too; searched, not removed. */
  readonly folder: string;
  /** Of a server that may be written to: two databases of their own are made there, read whole, and dropped. */
  readonly mongodbUri: string;
  readonly region: string;
  readonly accounts?: number;
}

const ORIGIN = 'http://127.0.0.1:46001';
const START_MS = 60_000;

/**
 * Sends made-up accounts and contacts down the real path in a process of this build that serves nobody, then searches
 * the files and logs that it wrote, its databases and its heap for them (DESIGN 2, issue of every promise at once).
 * @throws Error a step was answered otherwise than it must be: then nothing was proved
 */
export async function runCanary({
  folder,
  mongodbUri,
  region,
  accounts = 500,
}: CanaryOptions): Promise<CanaryFindings> {
  const plants: Plants = {
    name: word(),
    city: word(),
    website: word(),
    industry: word(),
    owner: word(),
    contact: word(),
    mail: `${word()}@example.com`,
  };
  const typed = word();
  const values = [...Object.values<string>({ ...plants }), typed].map(
    (value) => /canary[0-9a-f]+/.exec(value)?.[0] ?? value,
  );
  for (const name of ['data', 'logs', 'tmp', 'heap', 'dump']) await mkdir(join(folder, name), { recursive: true });
  const salesforce = await CanarySalesforce.listen(plants, accounts);
  const databases = ['canary', 'canary_sessions'].map((name) => withDatabase(mongodbUri, `${name}_${Date.now()}`));
  const ranAt = new Date().toISOString();
  let child: ChildProcess | undefined;
  try {
    child = start(folder, salesforce.url, databases);
    const { url } = (await message(child)) as { url: string };
    await work(url, plants, typed, accounts);
    const snapshot = join(folder, 'heap', 'after.heapsnapshot');
    child.send(snapshot);
    await message(child);
    child.send('stop');
    await once(child, 'exit');
    const databaseDocuments = await dump(databases, join(folder, 'dump', 'documents'));
    const { files, bytes, found } = await searchFolder(folder, values);
    const planted = join(folder, 'tmp', 'planted');
    await writeFile(planted, `for the search to find: ${plants.name}`);
    const searchWorks = (await searchFolder(join(folder, 'tmp'), values)).found === 1;
    await rm(planted);
    return {
      ranAt,
      region,
      node: process.version,
      accounts,
      planted: values.length,
      found,
      files,
      fileBytes: bytes,
      logBytes: (await stat(join(folder, 'logs', 'service.log'))).size,
      heapBytes: (await stat(snapshot)).size,
      databaseDocuments,
      searchWorks,
      holds: found === 0 && searchWorks,
    };
  } finally {
    child?.kill('SIGKILL');
    await salesforce.close();
    for (const uri of databases) await dropped(uri);
  }
}

const word = (): string => `canary${randomBytes(12).toString('hex')}`;

function withDatabase(uri: string, name: string): string {
  const url = new URL(uri);
  url.pathname = `/${name}`;
  return url.href;
}

function start(folder: string, salesforceUrl: string, [main = '', sessions = '']: readonly string[]): ChildProcess {
  const child = fork(fileURLToPath(new URL('process.js', import.meta.url)), [], {
    cwd: join(folder, 'tmp'),
    // Without the limit V8 leaves out of a snapshot what stands behind the first 1,024 characters of a text.
    execArgv: ['--expose-gc', '--heap-snapshot-string-limit=100000000'],
    env: {
      PATH: process.env.PATH,
      TMPDIR: join(folder, 'tmp'),
      NODE_ENV: 'development',
      PORT: '0',
      OPS_PORT: '0',
      DATA_DIR: join(folder, 'data'),
      MONGODB_URI: main,
      SESSIONS_MONGODB_URI: sessions,
      SALESFORCE_LOGIN_URL: salesforceUrl,
      PREVIEW_ORIGIN: ORIGIN,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const log = createWriteStream(join(folder, 'logs', 'service.log'));
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  return child;
}

async function message(child: ChildProcess): Promise<unknown> {
  const waiting = AbortSignal.timeout(START_MS);
  const [said] = (await Promise.race([
    once(child, 'message', { signal: waiting }),
    once(child, 'exit', { signal: waiting }).then(() => {
      throw new Error('The canary process ended by itself');
    }),
  ])) as [unknown];
  return said;
}

/** What a rep does: sign in, look, search, open, type something wrong, sign out. */
async function work(url: string, plants: Plants, typed: string, accounts: number): Promise<void> {
  const verifier = randomBytes(32).toString('base64url');
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const query = new URLSearchParams({ challenge, origin: ORIGIN });
  const started = await send(`${url}/v1/auth/salesforce/start?${query.toString()}`, 302);
  const state = new URL(started.location).searchParams.get('state') ?? '';
  const page = await send(`${url}/v1/auth/salesforce/callback?code=c&state=${state}`, 200, { cookie: started.cookie });
  const code = /"code":"([A-Za-z0-9_-]+)"/.exec(page.body)?.[1];
  const signedIn = await send(`${url}/v1/auth/token`, 200, { origin: ORIGIN }, 'POST', { code, verifier });
  const { token } = JSON.parse(signedIn.body) as { readonly token: string };
  const rep = { authorization: `Bearer ${token}`, origin: ORIGIN };
  const list = await send(`${url}/v1/accounts?limit=200`, 200, rep);
  const { total } = JSON.parse(list.body) as { readonly total: number };
  if (total !== accounts || !list.body.includes(plants.name))
    throw new Error('The canary accounts did not come through');
  for (const search of [`search=${plants.city}`, `search=${plants.owner}`, `industry=${plants.industry}&sort=name`])
    await send(`${url}/v1/accounts?${search}`, 200, rep);
  await send(`${url}/v1/accounts?search=${typed}`, 200, rep);
  await send(`${url}/v1/accounts?${typed}=${typed}`, 400, rep);
  await send(`${url}/v1/accounts/${typed}`, 400, rep);
  await send(`${url}/v1/accounts/refresh`, 202, rep, 'POST');
  await send(`${url}/v1/me`, 200, rep);
  await send(`${url}/v1/auth/sign-out`, 204, rep, 'POST');
  // What a parser and a socket hold of their last request is overwritten by the next ones.
  for (let count = 0; count < 20; count += 1) await send(`${url}/healthz`, 200);
}

interface Sent {
  readonly body: string;
  readonly location: string;
  readonly cookie: string;
}

async function send(
  url: string,
  expected: number,
  headers: Readonly<Record<string, string>> = {},
  method: 'GET' | 'POST' = 'GET',
  body?: object,
): Promise<Sent> {
  const answer = await request(url, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.body.text();
  if (answer.statusCode !== expected)
    throw new Error(`${method} ${new URL(url).pathname} answered ${answer.statusCode}`);
  const { location, 'set-cookie': cookie } = answer.headers;
  return { body: text, location: String(location ?? ''), cookie: String(cookie ?? '').split(';')[0] ?? '' };
}

/** Every document, as the driver reads it, whatever the server's files look like. */
async function dump(uris: readonly string[], file: string): Promise<number> {
  const documents: unknown[] = [];
  for (const uri of uris) {
    const connection = await mongoose.createConnection(uri).asPromise();
    const collections = await connection.listCollections();
    for (const { name } of collections) documents.push(...(await connection.collection(name).find().toArray()));
    await connection.close();
  }
  await writeFile(file, JSON.stringify(documents));
  return documents.length;
}

async function dropped(uri: string): Promise<void> {
  try {
    const connection = await mongoose.createConnection(uri, { serverSelectionTimeoutMS: 2_000 }).asPromise();
    await connection.dropDatabase();
    await connection.close();
  } catch {
    // A server that is gone keeps nothing that could be reached.
  }
}
