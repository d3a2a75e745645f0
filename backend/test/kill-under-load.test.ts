import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import mongoose, { type Connection } from 'mongoose';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startChild, type Child } from './child.ts';
import { freePort, ORIGIN, until, type Settings } from './harness.ts';
import { Load } from './load.ts';
import { SandboxControl } from './sandbox-control.ts';
import { call, type SignInTarget } from './sign-in.ts';
import { WholeRecords } from './whole-records.ts';

/**
 * A SIGKILL of the backend while reps write mail, connect, sign in and out and an admin saves settings: what was
 * acknowledged is there after the restart, no record is half written, and it is ready within five seconds.
 */
const KILLS = process.env.ONESHOT_DEEP ? Number(process.env.ONESHOT_KILLS ?? '50') : 1;
/** Without the time that it waited for a core. Beside other tests, without ONESHOT_DEEP, database and sandbox wait, too. */
const READY_MS = process.env.ONESHOT_DEEP ? 5_000 : 30_000;
const [DATABASE, SANDBOX, BACKEND] = ['embedded-mongodb', 'sandbox', 'backend'].map((part) => `${part}/dist/main.js`);

let folder: string;
let database: Child | undefined;
let sandbox: Child;
let backend: Child;
let settings: Settings;
let target: SignInTarget;
let connections: readonly Connection[] = [];
let records: WholeRecords;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oneshot-load-'));
  const port = await freePort();
  const callbacks = ['auth/salesforce', 'connections/gmail', 'connections/outlook'];
  [database, sandbox] = await Promise.all([
    process.env.MONGODB_URI ? undefined : startChild(DATABASE ?? '', { EMBEDDED_MONGODB_PORT: '0', DATA_DIR: folder }),
    startChild(SANDBOX ?? '', {
      SANDBOX_PORT: '0',
      SANDBOX_ACCOUNTS: '5',
      SANDBOX_REDIRECT_URIS: callbacks.map((path) => `http://127.0.0.1:${port}/v1/${path}/callback`).join(','),
    }),
  ]);
  const server = new URL(database?.url ?? process.env.MONGODB_URI ?? '');
  const uris = ['load', 'load_sessions'].map(
    (name) => Object.assign(new URL(server), { pathname: `/${name}_${port}` }).href,
  );
  settings = {
    PORT: String(port),
    OPS_PORT: '0',
    DATA_DIR: folder,
    MONGODB_URI: uris[0] ?? '',
    SESSIONS_MONGODB_URI: uris[1] ?? '',
    SALESFORCE_LOGIN_URL: `${sandbox.url}/salesforce`,
    GOOGLE_LOGIN_URL: `${sandbox.url}/google`,
    MICROSOFT_LOGIN_URL: `${sandbox.url}/microsoft`,
    PREVIEW_ORIGIN: ORIGIN,
    RATE_LIMIT_PER_MINUTE: '1000000',
    OPEN_RATE_LIMIT_PER_MINUTE: '1000000',
  };
  const [main, sessions] = await Promise.all(uris.map((uri) => mongoose.createConnection(uri).asPromise()));
  if (main === undefined || sessions === undefined) throw new Error('These databases cannot be reached');
  connections = [main, sessions];
  records = new WholeRecords(main, sessions);
  backend = await startChild(BACKEND ?? '', settings);
  target = { url: backend.url, origin: ORIGIN };
  await untilReady();
}, 240_000);
afterAll(async () => {
  for (const connection of connections) await connection.close();
  for (const child of [backend, sandbox, database]) await child?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** How long a process stood in the queue for a core, milliseconds: on a machine with other work, not the process' own doing. */
async function waitedForCpuMs(pid: number): Promise<number> {
  const [, waitedNs] = (await readFile(`/proc/${pid}/schedstat`, 'utf8').catch(() => '0 0 0')).split(' ');
  return Math.round(Number(waitedNs) / 1e6);
}

const untilReady = (): Promise<void> =>
  until(
    'it is ready',
    // A connection that is kept alive may be one to the process that was killed.
    () =>
      call(target.url, 'GET', '/readyz', undefined, {}).then(
        ({ status }) => status === 200,
        () => false,
      ),
    180_000,
  );

test(
  `no acknowledged write is lost, and no record half written, when the backend is killed under load ${KILLS} times`,
  async () => {
    const control = new SandboxControl(sandbox.url);
    const load = await Load.prepare(target, control);
    const readyMs: number[] = [];
    for (let kill = 0; kill < KILLS; kill += 1) {
      const work = load.begin();
      const before = load.least;
      await until('everybody works', () => load.least > before, 120_000);
      // Then anywhere in what is on its way.
      await delay(Math.random() * 500);
      await backend.kill();
      await work.end();
      const startedAt = performance.now();
      backend = await startChild(BACKEND ?? '', settings);
      await untilReady();
      const wallMs = Math.round(performance.now() - startedAt);
      readyMs.push(wallMs - (await waitedForCpuMs(backend.pid)));
      const { acknowledged, cutOff } = load;
      if (process.env.ONESHOT_DEEP)
        process.stderr.write(
          `${JSON.stringify({ kill: kill + 1, acknowledged, cutOff, wallMs, readyMs: readyMs.at(-1) })}\n`,
        );
      expect(await load.lost()).toEqual([]);
      expect(await records.broken()).toEqual([]);
    }
    expect(await load.contradictions()).toEqual([]);
    // There was something to lose, and requests were cut: else nothing was proved.
    expect(load.least).toBeGreaterThan(0);
    expect(load.cutOff).toBeGreaterThan(0);
    expect(Math.max(...readyMs)).toBeLessThan(READY_MS);
  },
  120_000 + KILLS * 240_000,
);
