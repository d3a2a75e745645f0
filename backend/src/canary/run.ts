import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import mongoose from 'mongoose';
import type { CanaryFindings } from '../privacy/canary-runs.ts';
import { newPlants } from './plants.ts';
import { CanarySalesforce } from './salesforce.ts';
import { searchFolder } from './search.ts';
import { ORIGIN, workTwoDays } from './work.ts';

export interface CanaryOptions {
  /** Everything is written below it, by the service too; searched, not removed. */
  readonly folder: string;
  /** Of a server that may be written to: two databases of their own are made there, read whole, and dropped. */
  readonly mongodbUri: string;
  readonly region: string;
  readonly accounts?: number;
}

/** For a start, or for a heap snapshot, on a machine that may be busy. */
const STEP_MS = 5 * 60_000;

/**
 * Sends made-up accounts, contacts, templates, mails and tokens down the real path in a process of this build that serves nobody, then searches
 * the files and logs that it wrote, its databases and its heap for them (DESIGN 2, issue of every promise at once).
 * @throws Error a step was answered otherwise than it must be: then nothing was proved
 */
export async function runCanary({
  folder,
  mongodbUri,
  region,
  accounts = 500,
}: CanaryOptions): Promise<CanaryFindings> {
  const plants = newPlants();
  const values = Object.values(plants);
  for (const name of ['data', 'logs', 'tmp', 'heap', 'dump']) await mkdir(join(folder, name), { recursive: true });
  const salesforce = await CanarySalesforce.listen(plants, accounts);
  const databases = ['canary', 'canary_sessions'].map((name) => withDatabase(mongodbUri, `${name}_${Date.now()}`));
  const ranAt = new Date().toISOString();
  let child: ChildProcess | undefined;
  try {
    child = start(folder, salesforce.url, databases);
    const { url } = (await message(child)) as { url: string };
    await workTwoDays(url, plants, salesforce);
    const snapshot = join(folder, 'heap', 'after.heapsnapshot');
    child.send(snapshot);
    await message(child);
    child.send('stop');
    await once(child, 'exit');
    const databaseDocuments = await dump(databases, join(folder, 'dump', 'documents'));
    const { files, bytes, found } = await searchFolder(folder, values);
    const planted = join(folder, 'tmp', 'planted');
    await writeFile(planted, `for the search to find: ${plants.accountName}`);
    const searchWorks = (await searchFolder(join(folder, 'tmp'), values)).found === 1;
    await rm(planted);
    return {
      ranAt,
      region,
      node: process.version,
      accounts,
      contacts: 1,
      templates: 1,
      mails: salesforce.google.mails.length,
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
      GOOGLE_LOGIN_URL: `${salesforceUrl}/google`,
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
  const waiting = AbortSignal.timeout(STEP_MS);
  const [said] = (await Promise.race([
    once(child, 'message', { signal: waiting }),
    once(child, 'exit', { signal: waiting }).then(() => {
      throw new Error('The canary process ended by itself');
    }),
  ])) as [unknown];
  return said;
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
