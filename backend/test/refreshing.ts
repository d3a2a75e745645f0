import { setTimeout as delay } from 'node:timers/promises';
import { startChild, type Child } from './child.ts';
import { connect } from './connect.ts';
import { openDatabases, type TestDatabases } from './databases.ts';
import { startStack, until, type Settings, type Stack } from './harness.ts';
import type { Fault } from './sandbox-control.ts';
import { textOf, type Answer, type RepClient } from './sign-in.ts';

export const REP = 'rep.one@demo.example';
export const TOKEN_PATH = '/oauth/token';

/** A rep whose Outreach tokens are refreshed: the provider that rotates them. */
export class Refreshing {
  readonly stack: Stack;
  readonly databases: TestDatabases;
  #rep: RepClient | undefined;

  private constructor(stack: Stack, databases: TestDatabases) {
    this.stack = stack;
    this.databases = databases;
  }

  static async start(settings: Settings = {}): Promise<Refreshing> {
    const stack = await startStack({ SANDBOX_ACCOUNTS: '5', RATE_LIMIT_PER_MINUTE: '100000', ...settings });
    return new Refreshing(stack, await openDatabases(stack.settings));
  }

  async close(): Promise<void> {
    await this.databases.close();
    await this.stack.close();
  }

  get rep(): RepClient {
    if (this.#rep === undefined) throw new Error('Nobody signed in');
    return this.#rep;
  }

  /** Everything back to the start, and the rep newly connected. */
  async begin(): Promise<void> {
    await this.stack.sandbox.reset();
    await this.databases.main.collection('connections').deleteMany({});
    this.#rep = await this.stack.signIn(REP);
    await connect(this.rep, 'outreach');
    await this.stack.sandbox.forgetRequests();
  }

  /** Something that needs a live token. */
  use(one: RepClient = this.rep): Promise<Answer> {
    return one.get('/v1/outreach/sequences');
  }

  /** The same by somebody who tries again while the database is too slow: what counts is what the provider sees. */
  async usePatiently(one: RepClient): Promise<Answer> {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.use(one);
      if (answer.status !== 503 || textOf(answer.body.error?.code) !== 'database_unavailable' || attempt === 5)
        return answer;
      await delay(500 * attempt);
    }
  }

  /** The moment of expiry, as both sides see it. */
  async expire(): Promise<void> {
    await this.stack.sandbox.tokens(REP, 'expire', 'outreach');
    await this.change({ expiresAt: new Date(Date.now() - 1_000) });
  }

  /** Changes the connection behind the backend's back. */
  async change(fields: Readonly<Record<string, unknown>>): Promise<void> {
    await this.databases.main.collection('connections').updateOne({ provider: 'outreach' }, { $set: fields });
  }

  fault(more: Partial<Fault>): Promise<unknown> {
    return this.stack.sandbox.fault({ pathPattern: TOKEN_PATH, times: 1, ...more }, 'outreach');
  }

  /** Lets the next such call wait until it is let go. A refresh is given up after eight seconds (refresher.ts). */
  holdUp(pathPattern = TOKEN_PATH): Promise<unknown> {
    return this.fault({ pathPattern, latencyMs: 60_000 });
  }

  async isHeldUp(): Promise<void> {
    await until('the call is held up', async () => (await this.stack.sandbox.waitingFaults()).length === 0);
  }

  letGo(): Promise<unknown> {
    return this.stack.sandbox.takeFaultsBack();
  }

  /** From when on it may be refreshed again, in epoch milliseconds. */
  async retryAt(): Promise<number> {
    const stored = await this.databases.main.collection('connections').findOne({ provider: 'outreach' });
    return (stored?.retryAt as Date).getTime();
  }

  /** What the provider answered to refreshes. */
  async refreshes(): Promise<readonly number[]> {
    const seen = await this.stack.sandbox.requests('outreach');
    return seen.filter(({ path }) => path.endsWith(TOKEN_PATH)).map(({ status }) => status);
  }

  /** The connection as the rep sees it. */
  async state(): Promise<Answer['body']> {
    const { body } = await this.rep.get('/v1/connections');
    const row = (body.rows as unknown as Answer['body'][]).find((one) => textOf(one.provider) === 'outreach');
    if (row === undefined) throw new Error('There is no such row');
    return row;
  }

  async version(): Promise<unknown> {
    return (await this.databases.main.collection('connections').findOne({ provider: 'outreach' }))?.version;
  }

  /** One more backend, in a process of its own. */
  process(settings: Settings = {}): Promise<Child> {
    return startChild('backend/dist/main.js', {
      ...this.stack.settings,
      NODE_ENV: 'test',
      LOG_LEVEL: 'info',
      PORT: '0',
      PUBLIC_URL: this.stack.backend.url,
      ...settings,
    });
  }
}
