import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedMongo, type EmbeddedMongo } from '../../embedded-mongodb/src/index.ts';
import { startSandbox, type RunningSandbox } from '../../sandbox/src/index.ts';
import { loadConfig } from '../src/config.ts';
import { createLog } from '../src/http/log.ts';
import { startService, type Service } from '../src/service.ts';
import { call, type Json, type SignInTarget } from './sign-in.ts';

/** The one page that may sign in. Nothing listens there: tests play it. */
export const ORIGIN = 'http://127.0.0.1:45001';

/** A backend of a stack: sign in at it with `signIn(backend, username)`. */
export interface Backend extends SignInTarget {
  readonly service: Service;
  /** Log lines so far, as written. */
  readonly lines: readonly string[];
  stop(): Promise<void>;
}

/** A fault for calls whose path matches (DESIGN 9). */
export interface Fault {
  readonly pathPattern: string;
  readonly times: number;
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly latencyMs?: number;
  readonly drop?: 'before' | 'middle' | 'after';
}

export interface StackOptions {
  /** Accounts of the demo org; few make a start fast. Default 20. */
  readonly accounts?: number;
}

/**
 * The real parts on free ports of loopback: sandbox, embedded database in a folder of its own, and as many backends as
 * a test starts. Real MongoDB instead where `MONGODB_URI` is set.
 */
export class Stack {
  readonly dataDir: string;
  readonly sandbox: RunningSandbox;
  readonly #backends: Backend[] = [];
  #database: EmbeddedMongo | undefined;
  #databasePort = 0;

  private constructor(dataDir: string, sandbox: RunningSandbox) {
    this.dataDir = dataDir;
    this.sandbox = sandbox;
  }

  static async start({ accounts = 20 }: StackOptions = {}): Promise<Stack> {
    const dataDir = await mkdtemp(join(tmpdir(), 'oneshot-stack-'));
    const stack = new Stack(dataDir, await startSandbox({ accounts }));
    await stack.startDatabase();
    return stack;
  }

  /** What names the database in a backend's environment. */
  get databaseEnvironment(): Readonly<Record<string, string>> {
    return { MONGODB_URI: `mongodb://127.0.0.1:${this.#databasePort}/oneshot` };
  }

  async startDatabase(): Promise<void> {
    this.#database = await startEmbeddedMongo({ dataDir: this.dataDir, port: this.#databasePort });
    this.#databasePort = this.#database.port;
  }

  async stopDatabase(): Promise<void> {
    await this.#database?.close();
    this.#database = undefined;
  }

  /**
   * Starts a backend that shares this stack's database and data folder, and makes it known to the sandbox.
   * @param env settings that go over the usual ones
   */
  async startBackend(env: Readonly<Record<string, string>> = {}): Promise<Backend> {
    const clientId = `client-${this.#backends.length + 1}`;
    const clientSecret = `${clientId}-secret`;
    const lines: string[] = [];
    const config = loadConfig({
      PORT: '0',
      OPS_PORT: '0',
      DATA_DIR: this.dataDir,
      SALESFORCE_LOGIN_URL: `${this.sandbox.url}/salesforce`,
      SALESFORCE_CLIENT_ID: clientId,
      SALESFORCE_CLIENT_SECRET: clientSecret,
      PREVIEW_ORIGIN: ORIGIN,
      ...this.databaseEnvironment,
      ...env,
    });
    const log = createLog('info', { write: (line: string) => void lines.push(line) });
    const service = await startService({ config, log });
    let stopped: Promise<void> | undefined;
    const stop = (): Promise<void> => (stopped ??= service.close());
    try {
      await service.ready;
    } catch (error) {
      await stop();
      throw error;
    }
    const redirectUris = [`${service.url}/v1/auth/salesforce/callback`];
    await this.control('POST', '/clients', { provider: 'salesforce', clientId, clientSecret, redirectUris });
    const backend = { url: service.url, origin: ORIGIN, service, lines, stop };
    this.#backends.push(backend);
    return backend;
  }

  /** A control call of the sandbox that must succeed. */
  async control(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<Json> {
    const answer = await call(`${this.sandbox.url}/__control`, method, path, body, {});
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** The next calls of Salesforce fail so. */
  async fault(fault: Fault): Promise<void> {
    await this.control('POST', '/faults', { provider: 'salesforce', ...fault });
  }

  /** What was called at Salesforce since the log was emptied: `GET /services/...`. */
  async calls(): Promise<string[]> {
    const { rows } = await this.control('GET', '/requests?provider=salesforce');
    return (rows as unknown as readonly { method: string; path: string }[]).map(
      ({ method, path }) => `${method} ${path}`,
    );
  }

  async forgetCalls(): Promise<void> {
    await this.control('DELETE', '/requests');
  }

  async close(): Promise<void> {
    await Promise.all(this.#backends.map((backend) => backend.stop()));
    await this.stopDatabase();
    await this.sandbox.close();
    await rm(this.dataDir, { recursive: true });
  }
}
