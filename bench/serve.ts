import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Pool } from 'undici';
import { signIn } from './sign-in.ts';
import { median } from './statistics.ts';

/** CPU time of a server for one request, microseconds, medians; ratios are medians of each round's own. */
export interface ServeFigures {
  readonly bareUs: number;
  readonly oursUs: number;
  readonly ratio: number;
  readonly gzipRatio: number;
}

export const ORIGIN = 'http://127.0.0.1:46099';
/** Of these some 10,000 pay and are seen by the rep. */
const SANDBOX_ACCOUNTS = '18600';
const PAGE = 50;
/** Prime, so that pages are asked for in no order. */
const STRIDE = 7_919;
const MAX_BODY = 10_000_000;
const ROUNDS = 5;
const REQUESTS = 6_000;
const GZIP_REQUESTS = 2_000;
const CONNECTIONS = 8;
const START_MS = 120_000;
/**
 * The whole service as `npm run start:backend` runs it, against a bare Fastify route that answers the same bytes: one page
 * again and again, and pages from anywhere in the list.
 */
export async function measureServing(): Promise<{
  readonly bytes: number;
  readonly same: ServeFigures;
  readonly any: ServeFigures;
}> {
  const dataDir = mkdtempSync(join(tmpdir(), 'oneshot-bench-'));
  const children: ChildProcess[] = [];
  try {
    const { backend, token } = await startService(children, dataDir);
    const headers = { authorization: `Bearer ${token}`, origin: ORIGIN, 'x-oneshot-rep': 'usr_AAAAAAAAAAAAAAAAAAAAAA' };
    const pages = await pagesOf(backend, headers);
    const bare = await started(children, 'bench/dist/bare-server.js', {}, framed(pages.map(({ body }) => body)));
    const paths = pages.map(({ path }) => path);
    const same = [paths[0]!];
    return {
      bytes: pages[0]!.body.length,
      same: await compare(bare, '?same', backend, same, headers),
      any: await compare(bare, '', backend, paths, headers),
    };
  } finally {
    for (const child of children.reverse()) child.kill('SIGTERM');
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function startService(children: ChildProcess[], dataDir: string): Promise<{ backend: Server; token: string }> {
  const port = await freePort();
  const database = await started(children, 'embedded-mongodb/dist/main.js', {
    EMBEDDED_MONGODB_PORT: '0',
    DATA_DIR: dataDir,
  });
  const sandbox = await started(children, 'sandbox/dist/main.js', {
    SANDBOX_PORT: '0',
    SANDBOX_ACCOUNTS,
    SANDBOX_REDIRECT_URIS: `http://127.0.0.1:${port}/v1/auth/salesforce/callback`,
  });
  const backend = await started(children, 'backend/dist/main.js', {
    PORT: String(port),
    OPS_PORT: '0',
    DATA_DIR: dataDir,
    MONGODB_URI: new URL('/bench', database.url).href,
    SALESFORCE_LOGIN_URL: `${sandbox.url}/salesforce`,
    PREVIEW_ORIGIN: ORIGIN,
    RATE_LIMIT_PER_MINUTE: '1000000',
  });
  return { backend, token: await signedIn(backend.url) };
}

/** Every page of the list, and where it is. */
async function pagesOf(backend: Server, headers: Record<string, string>): Promise<{ path: string; body: Buffer }[]> {
  const pages: { path: string; body: Buffer }[] = [];
  for (let total = 1; pages.length * PAGE < total;) {
    const path = `/v1/accounts?offset=${pages.length * PAGE}&limit=${PAGE}`;
    const answer = await fetch(backend.url + path, { headers: { ...headers, 'accept-encoding': 'identity' } });
    const body = Buffer.from(await answer.arrayBuffer());
    ({ total } = JSON.parse(body.toString('utf8')) as { total: number });
    pages.push({ path, body });
  }
  return pages;
}

/** Bodies as bare-server.ts reads them. */
function framed(bodies: readonly Buffer[]): Buffer {
  return Buffer.concat(
    bodies.flatMap((body) => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(body.length);
      return [length, body];
    }),
  );
}

async function compare(
  bare: Server,
  query: string,
  backend: Server,
  paths: readonly string[],
  headers: Record<string, string>,
): Promise<ServeFigures> {
  const samples = { bare: [] as number[], ours: [] as number[], ratio: [] as number[], gzip: [] as number[] };
  for (let round = -1; round < ROUNDS; round += 1) {
    const floor = await cpu(bare, [`/plain${query}`], {}, REQUESTS);
    const ours = await cpu(backend, paths, headers, REQUESTS);
    const packedFloor = await cpu(bare, [`/gzip${query}`], {}, GZIP_REQUESTS);
    const packed = await cpu(backend, paths, { ...headers, 'accept-encoding': 'gzip' }, GZIP_REQUESTS);
    if (round < 0) continue; // code is compiled
    samples.bare.push(floor);
    samples.ours.push(ours);
    samples.ratio.push(ours / floor);
    samples.gzip.push(packed / packedFloor);
  }
  return {
    bareUs: median(samples.bare),
    oursUs: median(samples.ours),
    ratio: median(samples.ratio),
    gzipRatio: median(samples.gzip),
  };
}

export interface Server {
  readonly url: string;
  readonly pid: number;
}

/**
 * Microseconds of a server's CPU time for a request.
 * @param paths asked for in turns, not one after the other
 * @throws Error when one request was not answered with 200
 */
async function cpu(
  server: Server,
  paths: readonly string[],
  headers: Record<string, string>,
  amount: number,
): Promise<number> {
  const pool = new Pool(server.url, { connections: CONNECTIONS });
  let asked = 0;
  const work = async (): Promise<void> => {
    while (asked < amount) {
      asked += 1;
      const path = paths[(asked * STRIDE) % paths.length]!;
      const { statusCode, body } = await pool.request({ path, method: 'GET', headers });
      await body.dump({ limit: MAX_BODY });
      if (statusCode !== 200) throw new Error(`${path} answered ${statusCode}`);
    }
  };
  const before = cpuTime(server.pid);
  await Promise.all(Array.from({ length: CONNECTIONS }, work));
  const after = cpuTime(server.pid);
  await pool.close();
  return (after - before) / amount;
}

/** CPU time of all threads of a process so far, microseconds, as the kernel's scheduler counts it. */
function cpuTime(pid: number): number {
  const nanoseconds = readdirSync(`/proc/${pid}/task`).map((thread) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
  );
  return nanoseconds.reduce((sum, thread) => sum + thread, 0) / 1_000;
}

export async function signedIn(backend: string): Promise<string> {
  const deadline = Date.now() + START_MS;
  for (;;) {
    try {
      return await signIn(backend, ORIGIN, 'rep.one@demo.example');
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

/** Starts a built part and reads the address that it prints. */
export async function started(
  children: ChildProcess[],
  script: string,
  settings: Record<string, string>,
  input?: Buffer,
): Promise<Server> {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const child = spawn(process.execPath, [join(root, script)], {
    cwd: root,
    env: { PATH: process.env.PATH, NODE_ENV: 'development', ...settings },
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  child.stdin?.end(input);
  const lines = createInterface({ input: child.stdout! });
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${script} did not start`)), START_MS);
    // Whatever it prints later is read and dropped: a full pipe would stop it.
    lines.on('line', (line) => {
      const { url: address } = JSON.parse(line) as { url?: string };
      if (address === undefined) return;
      clearTimeout(timer);
      resolve(address);
    });
    child.once('exit', (code) => reject(new Error(`${script} ended with ${String(code)}`)));
  });
  return { url, pid: child.pid! };
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
