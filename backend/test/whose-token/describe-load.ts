import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { moveMasterKey } from '../../src/vault/move-master-key.ts';
import { masterKeysInUse } from '../../src/vault/wrapped-keys.ts';
import { STAND_INS, type ProviderName } from '../connect.ts';
import { openDatabases, type TestDatabases } from '../databases.ts';
import { ORIGIN, startStack, until, type Settings, type Stack } from '../harness.ts';
import { withMasterKeys } from '../master-keys.ts';
import { ProviderLine } from '../provider-line.ts';
import { Correspondence } from '../sending-stack.ts';
import { signIn, textOf } from '../sign-in.ts';
import { Fleet } from './fleet.ts';
import { Tab, type Person, type World } from './tab.ts';
import { TokenLedger } from './token-ledger.ts';
import { Truth } from './truth.ts';

const PROVIDERS = ['gmail', 'outlook', 'outreach'] as const;
const ADMIN = 'admin@demo.example';
const OBJECT = 'OneShotKey__c';
const FIRST_KEY = '11111111-1111-4111-8111-111111111111';
const NEXT_KEY = '22222222-2222-4222-8222-222222222222';

/** In a long run: how often the halves are rotated before processes are replaced, and the data key is rotated again. */
const REPLACED_EACH = 40;

/** A refresh gives up after eight seconds; less on this side of the line may be as much on the other. */
const SLOW_MS = 1_500;

export interface LoadOptions {
  readonly reps: number;
  /** Browser tabs of each, all at work. */
  readonly tabs: number;
  readonly workMs: number;
  /** Between two key records that are deleted, and two tokens that expire. */
  readonly everyMs: number;
  readonly timeoutMs: number;
}

/**
 * Reps use their tokens, several tabs each, while their key records are deleted and made again, the org's data key, our
 * halves and the master key are rotated, processes are replaced, and providers give new tokens for old ones.
 */
export function describeLoad(promise: string, options: LoadOptions): void {
  const at = new Rotations(options);
  beforeAll(() => at.begin(), options.timeoutMs);
  afterAll(() => at.end());

  describe(`${promise} (${options.reps} reps with ${options.tabs} tabs each)`, () => {
    test(
      'no wrong token is ever used, and every failure has its true reason',
      async () => {
        await at.work();
        const { ledger, truth } = at;
        expect(ledger.wrong).toEqual([]);
        expect(truth.untrue).toEqual([]);
        // All of it did happen.
        expect(ledger.marked).toBeGreaterThan(10 * options.reps);
        expect(ledger.refreshes).toEqual({ gmail: expect.any(Number), outlook: expect.any(Number), outreach: expect.any(Number) }); // prettier-ignore
        expect(Math.min(...Object.values(ledger.refreshes))).toBeGreaterThan(0);
        expect(truth.deletions).toBeGreaterThan(1);
        expect(truth.said['reconnect_required key_removed'] ?? 0).toBeGreaterThan(0);
      },
      options.timeoutMs,
    );

    test('the providers say so, too', async () => {
      const mails = await at.stack.sandbox.mail();
      const wrong = mails.filter(({ provider, username, raw }) => {
        const channel = raw.includes('by outlook') ? 'outlook' : 'gmail';
        return STAND_INS[channel] !== provider || at.whoseMark(raw) !== username;
      });
      expect(wrong).toEqual([]);
      const asked = (await at.stack.sandbox.requests('outreach')).filter(({ query, username }) => {
        const mark: unknown = (query as Readonly<Record<string, unknown>>)['filter[emails]'];
        return typeof mark === 'string' && username !== null && at.whoseMark(mark) !== username;
      });
      expect(asked).toEqual([]);
      expect(mails.length).toBeGreaterThan(2 * options.reps);
    });

    test(
      'nothing is unreadable afterwards, and old keys are gone when nothing needs them',
      async () => {
        expect(await at.states()).toEqual([]);
        await at.retire();
        expect(await at.states()).toEqual([]);
        expect(at.truth.untrue).toEqual([]);
        expect(at.ledger.wrong).toEqual([]);
      },
      options.timeoutMs,
    );
  });
}

class Rotations {
  readonly #options: LoadOptions;
  readonly #marks = new Map<string, string>();
  readonly ledger = new TokenLedger(this.#marks);
  readonly truth = new Truth();
  #stack: Stack | undefined;
  #databases: TestDatabases | undefined;
  #line: ProviderLine | undefined;
  #world: World | undefined;
  #people: Person[] = [];
  #tabs: readonly Tab[] = [];
  #orgId = '';
  #watch: NodeJS.Timeout | undefined;

  constructor(options: LoadOptions) {
    this.#options = options;
  }

  get stack(): Stack {
    return present(this.#stack);
  }

  whoseMark(text: string): string | undefined {
    return [...this.#marks].find(([address]) => text.includes(address))?.[1];
  }

  async begin(): Promise<void> {
    const { reps, tabs } = this.#options;
    this.#stack = await startStack({ SANDBOX_ACCOUNTS: '5', RATE_LIMIT_PER_MINUTE: '100000' });
    this.#databases = await openDatabases(this.stack.settings);
    await this.#write(reps);
    await this.stack.backend.close(); // its keys lie in the key file alone
    this.#line = await ProviderLine.open(this.stack.sandbox.url);
    this.#line.seen = (exchange) => {
      if (exchange.ms > SLOW_MS) this.truth.slow();
      this.ledger.see(exchange);
    };
    this.#watch = watchForStandstill(() => this.truth.slow());
    const fleet = await Fleet.start(this.#settings(), 2, this.#keys(FIRST_KEY, 'key-file'));
    const { ledger, truth } = this;
    const world = { fleet, ledger, truth, origin: ORIGIN, isOver: false };
    this.#world = world;
    this.#tabs = this.#people.flatMap((person) => Array.from({ length: tabs }, () => new Tab(world, person)));
    await Promise.all(this.#tabs.map((tab) => tab.signIn()));
    const first = this.#tabs.filter((_, index) => index % tabs === 0);
    await Promise.all(first.map(async (tab) => {
      for (const provider of PROVIDERS) await tab.connect(provider);
    })); // prettier-ignore
  }

  async end(): Promise<void> {
    clearInterval(this.#watch);
    await this.#world?.fleet.stop();
    await this.#line?.close();
    await this.#databases?.close();
    await this.#stack?.close();
  }

  async work(): Promise<void> {
    const world = present(this.#world);
    const until = performance.now() + this.#options.workMs;
    const disturbing = this.#disturb(() => world.isOver);
    const working = Promise.all(this.#tabs.map((tab) => tab.work()));
    const failing = Promise.race([working, disturbing.then(() => new Promise(() => undefined))]);
    const steps = async (): Promise<void> => {
      await this.#rotateDataKey(world.fleet.url);
      await this.#move(FIRST_KEY, 'key-file');
      await world.fleet.roll(this.#keys(NEXT_KEY, FIRST_KEY));
      await this.#move(NEXT_KEY, FIRST_KEY);
      for (let turn = 0; turn === 0 || performance.now() < until; turn += 1) {
        await this.#rotateHalves();
        if (turn % REPLACED_EACH === REPLACED_EACH - 1) {
          await this.#rotateDataKey(world.fleet.url); // the next one, once the one before has ended
          await world.fleet.roll(this.#keys(NEXT_KEY));
        }
        await delay(this.#options.everyMs);
      }
    };
    try {
      await Promise.race([steps(), failing]);
    } finally {
      world.isOver = true;
    }
    await Promise.all([working, disturbing]);
  }

  /** Connections that are not whole, as each rep finds them at a new sign-in, when they have mended what was removed. */
  async states(): Promise<readonly unknown[]> {
    const world = present(this.#world);
    const wrong: unknown[] = [];
    for (const person of this.#people) {
      const tab = new Tab(world, person);
      await tab.signIn();
      for (const row of await tab.connections())
        if (textOf(row.status) === 'reconnect') await tab.connect(textOf(row.provider) as ProviderName);
      const later = new Tab(world, person);
      await later.signIn();
      for (const row of await later.connections())
        if (textOf(row.status) !== 'connected' || textOf(row.label) !== person.username) wrong.push(row);
      for (const provider of PROVIDERS) if (!(await later.use(provider))) wrong.push([person.username, provider]);
    }
    return wrong;
  }

  /** When no process holds an old key in memory any more, the rotation ends. */
  async retire(): Promise<void> {
    const world = present(this.#world);
    await world.fleet.stop();
    const keys = this.#keys(NEXT_KEY);
    await withMasterKeys({ ...this.#settings(), ...keys }, async ({ rotation, orgs, places, masterKey }) => {
      await rotation.work();
      const [org] = await orgs.find().lean();
      expect(org?.dataKeys).toHaveLength(1);
      expect(org?.dataKeys).not.toMatchObject([{ version: 'd1' }]);
      expect(await masterKeysInUse(places)).toEqual(new Set([masterKey.id]));
    });
    const fleet = await Fleet.start(this.#settings(), 1, keys);
    this.#world = { ...world, fleet };
  }

  async #write(reps: number): Promise<void> {
    const write = new Correspondence(this.stack);
    const accountId = await write.account({ Name: 'Quokka & Co' });
    const demo = ['rep.one@demo.example', 'rep.two@demo.example'];
    for (let number = 1; number <= reps; number += 1) {
      const username = demo[number - 1] ?? `load.${number}@demo.example`;
      if (number > demo.length) await this.stack.sandbox.user(username, { permissions: ['OneShot_User'] });
      const mark = `only-of-${number}@c.example`;
      this.#marks.set(mark, username);
      const contactId = await write.contact(accountId, { Email: mark });
      this.#people.push({ username, contactId, mailboxId: String(Math.min(number, 2)), connecting: Promise.resolve() });
    }
    const admin = await this.stack.signIn(ADMIN);
    await write.save(admin, { sendsPerRepAndDay: 2_000 });
    this.#orgId = admin.org.id;
  }

  /** Deletes key records, and ends access tokens, until it is over. */
  async #disturb(isOver: () => boolean): Promise<void> {
    const { sandbox } = this.stack;
    for (let turn = 0; !isOver(); turn += 1) {
      const provider = present(PROVIDERS[turn % PROVIDERS.length]);
      const { username } = present(this.#people[(turn + Math.floor(turn / PROVIDERS.length)) % this.#people.length]);
      // It happens in between: a call may begin after the one, or end before the other.
      this.truth.expired(username, provider);
      await sandbox.tokens(username, 'expire', STAND_INS[provider]);
      this.truth.expired(username, provider);
      if (turn % 2 === 1) await this.#expireHere(provider);
      if (turn % 4 === 3) await this.#deleteRecord(username);
      await delay(this.#options.everyMs);
    }
  }

  async #deleteRecord(username: string): Promise<void> {
    const { sandbox } = this.stack;
    const user = (await sandbox.records('User')).find(({ Username }) => Username === username);
    const records = (await sandbox.records(OBJECT)).filter(({ OwnerId }) => OwnerId === user?.Id);
    await sandbox.delete(OBJECT, records.map(({ Id }) => String(Id))); // prettier-ignore
    if (records.length > 0) this.truth.deleted(username);
  }

  /** As our clock sees it: of everybody at once. */
  async #expireHere(provider: ProviderName): Promise<void> {
    const connections = present(this.#databases).main.collection('connections');
    await connections.updateMany({ provider, status: 'connected' }, { $set: { expiresAt: new Date(0) } });
  }

  async #rotateDataKey(url: string): Promise<void> {
    const admin = await signIn({ url, origin: ORIGIN }, ADMIN, { reauth: true });
    expect((await admin.post('/v1/admin/keys/rotate')).status).toBe(202);
    await until('all lies under the new key', async () => {
      const rows = (await admin.get('/v1/admin/keys')).body.rows as unknown as readonly { envelopes: number }[];
      return rows[0]?.envelopes === 0;
    }, this.#options.timeoutMs); // prettier-ignore
  }

  async #rotateHalves(): Promise<void> {
    await withMasterKeys({ ...this.#settings(), ...this.#keys(NEXT_KEY) }, async ({ repKeys }) => {
      await repKeys.rotateHalves(this.#orgId, new Date());
    });
  }

  /** Moves what is wrapped from one master key to the next, until a run finds nothing. */
  async #move(to: string, from: string): Promise<void> {
    await withMasterKeys({ ...this.#settings(), ...this.#keys(to, from) }, async (holder) => {
      const { places, previous, masterKey } = holder;
      while (!(await moveMasterKey({ places, from: present(previous), to: masterKey })).isComplete);
    });
  }

  #settings(): Settings {
    const { settings, backend } = this.stack;
    const providers = present(this.#line).url;
    return {
      ...settings,
      NODE_ENV: 'test',
      LOG_LEVEL: 'info',
      PORT: '0',
      PUBLIC_URL: `http://127.0.0.1:${backend.config.port}`,
      GOOGLE_LOGIN_URL: `${providers}/google`,
      MICROSOFT_LOGIN_URL: `${providers}/microsoft`,
      OUTREACH_LOGIN_URL: `${providers}/outreach`,
    };
  }

  #keys(current: string, previous?: string): Settings {
    return {
      KMS_ENDPOINT: `${this.stack.sandbox.url}/kms`,
      KMS_KEY_ID: current,
      ...(previous === undefined ? {} : { KMS_PREVIOUS_KEY_ID: previous }),
    };
  }
}

/** A timer that comes late says that this process did not run meanwhile. */
function watchForStandstill(tell: () => void): NodeJS.Timeout {
  let last = performance.now();
  return setInterval(() => {
    const now = performance.now();
    if (now - last > SLOW_MS) tell();
    last = now;
  }, 100).unref();
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('It has not begun');
  return value;
}
