import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Agent, setGlobalDispatcher } from 'undici';
import { FaultProxy } from './fault-proxy.ts';

/** From `bench/dist/reliability/`. */
const root = fileURLToPath(new URL('../../../', import.meta.url));
/** Also where two clusters start at once on two busy cores. */
const START_MS = 300_000;

/** A backend of the cluster as it runs now. */
export interface Slot {
  readonly pid: number;
  readonly url: string;
  readonly metrics: string;
}

/** `npm run start:cluster` on free ports, with a line to its database that can be cut, and a KMS that can go away. */
export class Cluster {
  /** HAProxy. */
  url = '';
  sandbox = '';
  origin = '';
  readonly slots = new Map<number, Slot>();
  readonly database: FaultProxy;
  readonly #children: ChildProcess[];
  readonly #folder: string;
  #restarts = 0;

  private constructor(database: FaultProxy, children: ChildProcess[], folder: string) {
    this.database = database;
    this.#children = children;
    this.#folder = folder;
  }

  static async start(backends: number, settings: Readonly<Record<string, string>> = {}): Promise<Cluster> {
    const folder = mkdtempSync(join(tmpdir(), 'oneshot-cluster-'));
    const env = { PATH: process.env.PATH, NODE_ENV: 'development', DATA_DIR: folder, EMBEDDED_MONGODB_PORT: '0' };
    const database = run(['embedded-mongodb/dist/main.js'], env);
    const address = new URL((await event(database, 'listening')).url ?? '');
    const line = await FaultProxy.to(Number(address.port));
    const uri = `mongodb://127.0.0.1:${line.port}`;
    const ports = {
      PORT: '0',
      SANDBOX_PORT: '0',
      PREVIEW_PORT: '0',
      LOG_LEVEL: 'warn',
      OPEN_RATE_LIMIT_PER_MINUTE: '1000000',
    };
    const databases = {
      MONGODB_URI: `${uri}/oneshot?directConnection=true`,
      SESSIONS_MONGODB_URI: `${uri}/oneshot_sessions?directConnection=true`,
    };
    const main = run(['scripts/cluster.mjs', '--built', '--backends', String(backends)], {
      ...env,
      ...ports,
      ...databases,
      ...settings,
    });
    const cluster = new Cluster(line, [main, database], folder);
    try {
      await cluster.#listen(main);
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    setGlobalDispatcher(
      new Agent({ connect: { ca: readFileSync(join(folder, 'cluster-tls', 'cert.pem'), 'utf8') }, connections: 256 }),
    );
    return cluster;
  }

  /** Restarts all backends, one after the other. */
  async rollingRestart(): Promise<void> {
    const before = this.#restarts;
    this.#children[0]?.kill('SIGHUP');
    while (this.#restarts === before) await new Promise((resolve) => setTimeout(resolve, 100));
  }

  async control(method: string, path: string, body?: object): Promise<unknown> {
    const init =
      body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const answer = await fetch(`${this.sandbox}/__control/${path}`, { method, ...init });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  async stop(): Promise<void> {
    for (const child of this.#children) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGTERM');
      await ended;
    }
    await this.database.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #listen(main: ChildProcess): Promise<void> {
    const printed: string[] = [];
    return new Promise((resolve, reject) => {
      const fail = (): void => reject(new Error(`The cluster did not start\n${printed.slice(-10).join('\n')}`));
      const timer = setTimeout(fail, START_MS);
      main.once('exit', fail);
      createInterface({ input: main.stdout ?? process.stdin }).on('line', (line) => {
        if (printed.length < 200) printed.push(line);
        this.#read(line);
        if (!line.includes('Stop         Ctrl-C')) return;
        clearTimeout(timer);
        main.removeListener('exit', fail);
        resolve();
      });
    });
  }

  #read(line: string): void {
    this.url ||= /its backend {2}(https:\S+),/.exec(line)?.[1] ?? '';
    this.sandbox ||= /sandbox {6}(http:\S+)/.exec(line)?.[1] ?? '';
    this.origin ||= /OneShot {6}(http:\S+)/.exec(line)?.[1] ?? '';
    if (line.includes('"event":"restarted"')) this.#restarts += 1;
    if (!line.includes('"part":"backend"')) return;
    const { slot, pid, port, opsPort } = JSON.parse(line) as Record<string, number>;
    this.slots.set(slot!, {
      pid: pid!,
      url: `https://127.0.0.1:${port!}`,
      metrics: `http://127.0.0.1:${opsPort!}/metrics`,
    });
  }
}

function run(args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
  return spawn(process.execPath, args, {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', process.env.CHAOS_VERBOSE === undefined ? 'ignore' : 'inherit'],
  });
}

async function event(child: ChildProcess, name: string): Promise<{ readonly url?: string }> {
  const lines = createInterface({ input: child.stdout ?? process.stdin });
  for await (const line of lines) if (line.includes(`"event":"${name}"`)) return JSON.parse(line) as { url?: string };
  throw new Error('A part of the cluster ended at its start');
}
