import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { loadConfig, type Config } from '../src/config.ts';
import { createLog } from '../src/http/log.ts';
import { startService, type Service, type ServiceOptions } from '../src/service.ts';
import { startChild, startSandbox, type Child } from './child.ts';
import { QueryRules } from './query-rules.ts';
import { SandboxControl } from './sandbox-control.ts';
import { signIn, type RepClient, type SignInOptions } from './sign-in.ts';

export { DatabaseLine } from './database-line.ts';

/** The page that signs in; nothing listens there. */
export const ORIGIN = 'http://127.0.0.1:44200';

export type Settings = Readonly<Record<string, string>>;

/** A backend in this process, over real HTTP, with the lines it logged. */
export class Backend {
  readonly config: Config;
  /** The page that may sign in. */
  readonly origin = ORIGIN;
  /** Every log line so far, parsed. */
  readonly lines: Readonly<Record<string, unknown>>[] = [];
  /** The same, as they were written. */
  readonly raw: string[] = [];
  #service: Service | undefined;

  private constructor(config: Config) {
    this.config = config;
  }

  /** Listens; the database need not be there. */
  static async listen(settings: Settings, onCommand?: ServiceOptions['onCommand']): Promise<Backend> {
    const backend = new Backend(loadConfig({ NODE_ENV: 'test', ...settings }));
    const log = createLog('info', backend.#sink());
    const { config } = backend;
    backend.#service = await startService({ config, log, ...(onCommand === undefined ? {} : { onCommand }) });
    return backend;
  }

  get service(): Service {
    if (this.#service === undefined) throw new Error('This backend was closed');
    return this.#service;
  }

  get url(): string {
    return this.service.url;
  }

  /** Signs a person of the demo org in, the whole way through the popup. */
  signIn(username: string, options: SignInOptions = {}): Promise<RepClient> {
    return signIn(this, username, options);
  }

  async close(): Promise<void> {
    const service = this.#service;
    this.#service = undefined;
    await service?.close();
  }

  #sink(): Writable {
    return new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        for (const line of chunk.toString('utf8').split('\n').filter(Boolean)) {
          this.raw.push(line);
          this.lines.push(JSON.parse(line) as Record<string, unknown>);
        }
        done();
      },
    });
  }
}

/** One database, one sandbox, one backend: what a test file needs. */
export class Stack {
  readonly sandbox: SandboxControl;
  readonly dataDir: string;
  /** What every backend of this stack is started with. */
  readonly settings: Settings;
  readonly #children: readonly Pick<Child, 'stop'>[];
  readonly #backends: Backend[] = [];
  /** What this stack's backends ask their database must hold to docs/architecture.md, whatever the test is about. */
  readonly #queries = new QueryRules();

  private constructor(
    sandbox: SandboxControl,
    dataDir: string,
    settings: Settings,
    children: readonly Pick<Child, 'stop'>[],
  ) {
    this.sandbox = sandbox;
    this.dataDir = dataDir;
    this.settings = settings;
    this.#children = children;
  }

  /** @param settings on top of the stack's own; `SANDBOX_...` go to the sandbox */
  static async start(settings: Settings = {}, onCommand?: ServiceOptions['onCommand']): Promise<Stack> {
    const dataDir = await mkdtemp(join(tmpdir(), 'oneshot-backend-'));
    const port = await freePort();
    const [database, sandbox] = await Promise.all([
      process.env.MONGODB_URI === undefined || process.env.MONGODB_URI === ''
        ? startChild('embedded-mongodb/dist/main.js', { EMBEDDED_MONGODB_PORT: '0', DATA_DIR: dataDir })
        : undefined,
      startSandbox({
        SANDBOX_REDIRECT_URIS: `http://127.0.0.1:${port}/v1/auth/salesforce/callback`,
        ...Object.fromEntries(Object.entries(settings).filter(([name]) => name.startsWith('SANDBOX_'))),
      }),
    ]);
    const server = database?.url ?? process.env.MONGODB_URI ?? '';
    const name = `oneshot_test_${randomBytes(6).toString('hex')}`;
    const stack = new Stack(
      new SandboxControl(sandbox.url),
      dataDir,
      {
        PORT: String(port),
        OPS_PORT: '0',
        DATA_DIR: dataDir,
        MONGODB_URI: withDatabase(server, name),
        SESSIONS_MONGODB_URI: withDatabase(server, `${name}_sessions`),
        SALESFORCE_LOGIN_URL: `${sandbox.url}/salesforce`,
        GOOGLE_LOGIN_URL: `${sandbox.url}/google`,
        MICROSOFT_LOGIN_URL: `${sandbox.url}/microsoft`,
        OUTREACH_LOGIN_URL: `${sandbox.url}/outreach`,
        PREVIEW_ORIGIN: ORIGIN,
        ...settings,
      },
      [...(database === undefined ? [] : [database]), sandbox],
    );
    try {
      await stack.addBackend({}, onCommand);
    } catch (error) {
      await stack.close();
      throw error;
    }
    return stack;
  }

  /** The first backend that runs. */
  get backend(): Backend {
    const [first] = this.#backends;
    if (first === undefined) throw new Error('No backend runs');
    return first;
  }

  signIn(username: string, options: SignInOptions = {}): Promise<RepClient> {
    return this.backend.signIn(username, options);
  }

  /** One more backend on the same database and data folder; the first one has the port that Salesforce knows. */
  async addBackend(settings: Settings = {}, onCommand?: ServiceOptions['onCommand']): Promise<Backend> {
    const others = this.#backends.length === 0 ? {} : { PORT: '0', PUBLIC_URL: this.backend.url };
    const backend = await Backend.listen({ ...this.settings, ...others, ...settings }, this.#listener(onCommand));
    this.#backends.push(backend);
    await backend.service.ready;
    return backend;
  }

  /** Stops the first backend and starts it anew on the same port, with nothing in memory. */
  async restart(settings: Settings = {}): Promise<Backend> {
    await this.backend.close();
    this.#backends.shift();
    const backend = await Backend.listen({ ...this.settings, ...settings }, this.#listener());
    this.#backends.unshift(backend);
    await backend.service.ready;
    return backend;
  }

  /** Stops everything and removes what it wrote. @throws Error a search broke a rule of docs/architecture.md */
  async close(): Promise<void> {
    await Promise.all(this.#backends.map((backend) => backend.close()));
    let broken: readonly string[] = [];
    try {
      if (this.#queries.size > 0) broken = await this.#queries.broken(this.settings.MONGODB_URI ?? '');
    } finally {
      await this.#stop();
    }
    if (broken.length > 0) throw new Error(`Searches against docs/architecture.md:\n${broken.join('\n')}`);
  }

  #listener(onCommand?: ServiceOptions['onCommand']): NonNullable<ServiceOptions['onCommand']> {
    return (event) => {
      this.#queries.listener(event);
      onCommand?.(event);
    };
  }

  async #stop(): Promise<void> {
    await Promise.all(this.#children.map((child) => child.stop()));
    await rm(this.dataDir, { recursive: true, force: true });
  }
}

/** Starts a stack, for `beforeAll`. */
export const startStack = (settings?: Settings, onCommand?: ServiceOptions['onCommand']): Promise<Stack> =>
  Stack.start(settings, onCommand);

function withDatabase(uri: string, name: string): string {
  const url = new URL(uri);
  url.pathname = `/${name}`;
  return url.href;
}

/**
 * Where ports are looked for, as scripts/start.mjs does: below those that Linux and macOS give out by themselves, each
 * process in its own place. A port of theirs may be somebody else's when whoever it is for listens, seconds later.
 */
const FREE_PORTS = { first: 20_000, count: 12_000, each: 60 };
let asked = Math.floor(Math.random() * FREE_PORTS.each);

/** A port that nobody listens on, and that nobody else is told of. */
export async function freePort(): Promise<number> {
  const { first, count, each } = FREE_PORTS;
  for (;;) {
    const port = first + ((process.pid * each + (asked++ % each)) % count);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** Asks again every 20 ms until it holds. @throws Error with `what`, as it stands then, when time is over */
export async function until(
  what: string | (() => string),
  holds: () => boolean | Promise<boolean>,
  timeoutMs = 45_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    if (await holds()) return;
    if (Date.now() > deadline) throw new Error(`Not in time: ${typeof what === 'string' ? what : what()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
