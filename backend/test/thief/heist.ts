import { cp, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { canary, findCanaries } from '../canary.ts';
import { connect } from '../connect.ts';
import { freePort, ORIGIN, until } from '../harness.ts';
import { Processes } from '../processes.ts';
import { SandboxControl } from '../sandbox-control.ts';
import { signIn, type Json, type RepClient, type SignInTarget } from '../sign-in.ts';
import { rob, type Haul, type Stolen } from './thief.ts';

const PROVIDERS = ['gmail', 'outlook', 'outreach'] as const;
const ADMIN = 'admin@demo.example';
/** Reps who do something at once. */
const AT_ONCE = 5;
/** What we wrote: a key that lay in there would be tried. */
const SOURCES = ['backend/src', 'config', 'force-app', 'sandbox/src'].map((name) =>
  fileURLToPath(new URL(`../../../${name}`, import.meta.url)),
);
/** Of a token that much is looked for: a page of the database file may end inside of it. */
const PIECE = 24;

/**
 * Reps connect all providers, tokens and keys are rotated, backups are taken, all but one sign out; then everything of
 * ours is stolen. @param promise what holds then; @param reps how many; @param timeoutMs of the whole
 */
export function describeHeist(promise: string, reps: number, timeoutMs: number): void {
  const count = reps * PROVIDERS.length;
  const everyday = new Everyday(reps);
  beforeAll(() => everyday.live(), timeoutMs);
  afterAll(() => everyday.end());

  describe(`${promise} (${reps} reps, three providers each)`, () => {
    test(
      'opens no token at all, with the JWTs of all ended sessions too',
      async () => {
        const haul = await rob(everyday.stolen());
        expect(haul.tokens).toEqual([]);
        // It went as far as the master key leads.
        expect(haul).toMatchObject({ connections: count, sessions: 0 });
        expect(haul.contacts).toEqual(expect.arrayContaining([...everyday.people]));
        expect(haul.ourHalves).toBeGreaterThanOrEqual(2 * reps); // halves were rotated
        expect(haul.tried).toBeGreaterThan(count * reps);
      },
      timeoutMs,
    );

    test(
      "with one live JWT opens that rep's three and no other",
      async () => {
        const { last } = everyday;
        expect(opened(await rob(everyday.stolen([last.token])))).toEqual(connectionsOf(last));
      },
      timeoutMs,
    );

    test(
      'who copied the sessions while one lived, and has its JWT, opens the same and no more',
      async () => {
        const { first, folders, processes } = everyday;
        const { texts } = everyday.stolen();
        const stolen = { folders: [...folders, everyday.copyOfAll], keyFolder: processes.dataDir, texts, jwts: [first.token] }; // prettier-ignore
        expect(opened(await rob(stolen))).toEqual(connectionsOf(first));
      },
      timeoutMs,
    );

    test(
      "would open all with the customer's halves, and finds no token, address or name in any file or log",
      async () => {
        const { processes, halves, people, jwts } = everyday;
        const all = await rob({ ...everyday.stolen(), customersHalves: halves });
        expect(new Set(all.tokens.map(({ connectionId }) => connectionId)).size).toBe(count);
        expect(all.tokens.length).toBeGreaterThan(count); // those before the refresh lie in backups
        const tokens = all.tokens.flatMap(({ accessToken, refreshToken }) => [accessToken, refreshToken]);
        const pieces = [...new Set([...tokens, ...jwts].map((token) => token.slice(-PIECE)))];
        const forms = halves.flatMap((half) => [
          half.toString('hex'),
          half.toString('base64').slice(0, -2),
          half.toString('base64url').slice(0, -1),
        ]);
        const values = [...pieces, ...forms, ...people.map((person) => person.split('@')[0] ?? '')];
        expect(await findCanaries(processes.folder, values)).toEqual([]);

        // The search can find: one token, put where a careless line would put it.
        const planted = join(processes.folder, 'logs', 'planted.log');
        await writeFile(planted, Buffer.from(`xy${tokens[0] ?? ''}z`).toString('base64'));
        const found = await findCanaries(processes.folder, [(tokens[0] ?? '').slice(-PIECE)]);
        expect(found.map(({ file }) => file)).toContain(planted);
      },
      timeoutMs,
    );
  });
}

/** Ids of the connections that a thief opened, each once. */
const opened = ({ tokens }: Haul): readonly string[] => [...new Set(tokens.map((one) => one.connectionId))].sort();

const connectionsOf = ({ user }: RepClient): readonly string[] => PROVIDERS.map((provider) => `${user.id}:${provider}`);

/** What happens before the theft, in real processes. */
class Everyday {
  readonly people: readonly string[];
  readonly jwts: string[] = [];
  halves: readonly Buffer[] = [];
  #processes: Processes | undefined;
  #sandbox: SandboxControl | undefined;
  #target: SignInTarget | undefined;
  #reps: readonly RepClient[] = [];

  constructor(reps: number) {
    this.people = Array.from({ length: reps }, () => `${canary()}@demo.example`);
  }

  get processes(): Processes {
    return present(this.#processes);
  }

  get first(): RepClient {
    return present(this.#reps[0]);
  }

  /** The one who did not sign out. */
  get last(): RepClient {
    return present(this.#reps.at(-1));
  }

  get folders(): readonly string[] {
    return [this.processes.dataDir, this.#backup(1), this.#backup(2)];
  }

  /** With the sessions in it, while all of them lived: no backup of ours. */
  get copyOfAll(): string {
    return join(this.processes.folder, 'copy-of-all');
  }

  stolen(more: readonly string[] = []): Stolen {
    const ended = this.jwts.filter((jwt) => jwt !== this.last.token);
    const { dataDir, folder } = this.processes;
    const texts = [join(folder, 'logs'), join(folder, 'tmp'), ...SOURCES];
    return { folders: this.folders, keyFolder: dataDir, texts, jwts: [...ended, ...more] };
  }

  async live(): Promise<void> {
    await this.#start();
    const sandbox = present(this.#sandbox);
    for (const username of this.people) await sandbox.user(username, { permissions: ['OneShot_User'] });
    this.#reps = await this.#each(this.people, async (username) => {
      const rep = await this.#signIn(username);
      expect((await rep.get('/v1/accounts')).status).toBe(200);
      for (const provider of PROVIDERS) expect((await connect(rep, provider)).status).toBe(200);
      return rep;
    });
    await this.#copy(this.copyOfAll, () => true);
    await this.#takeBackup(1);
    await this.#each(this.#reps, async (rep) => {
      await sandbox.tokens(rep.user.email, 'expire', 'outreach');
      expect((await rep.get('/v1/outreach/sequences')).status).toBe(200);
    });
    await this.#rotate();
    await this.#takeBackup(2);
    await this.#each(this.#reps.slice(0, -1), async (rep) => {
      expect((await rep.post('/v1/auth/sign-out')).status).toBe(204);
    });
    const records = await sandbox.records('OneShotKey__c');
    this.halves = records.map(({ Half__c }) => Buffer.from(String(Half__c), 'base64'));
    await this.processes.stop();
  }

  async end(): Promise<void> {
    await this.#processes?.close();
  }

  async #start(): Promise<void> {
    const processes = await Processes.in('oneshot-heist-');
    this.#processes = processes;
    const port = await freePort();
    const common = { DATA_DIR: processes.dataDir, PREVIEW_ORIGIN: ORIGIN };
    const database = await processes.run('embedded-mongodb/dist/main.js', { EMBEDDED_MONGODB_PORT: '0', ...common });
    const providers = await processes.run('sandbox/dist/main.js', {
      SANDBOX_PORT: '0',
      SANDBOX_ACCOUNTS: '5',
      SANDBOX_REDIRECT_URIS: `http://127.0.0.1:${port}/v1/auth/salesforce/callback`,
    });
    const url = await processes.run('backend/dist/main.js', {
      ...common,
      PORT: String(port),
      OPS_PORT: '0',
      MONGODB_URI: `${database}/heist`,
      SESSIONS_MONGODB_URI: `${database}/heist_sessions`,
      SALESFORCE_LOGIN_URL: `${providers}/salesforce`,
      GOOGLE_LOGIN_URL: `${providers}/google`,
      MICROSOFT_LOGIN_URL: `${providers}/microsoft`,
      OUTREACH_LOGIN_URL: `${providers}/outreach`,
    });
    this.#sandbox = new SandboxControl(providers);
    this.#target = { url, origin: ORIGIN };
    await until('the backend serves', async () => (await fetch(`${url}/readyz`)).status === 200);
  }

  async #signIn(username: string, reauth = false): Promise<RepClient> {
    const rep = await signIn(present(this.#target), username, { reauth });
    this.jwts.push(rep.token);
    return rep;
  }

  /** The data key, and our halves with it: each rep's tokens move to the new half at their next sign-in. */
  async #rotate(): Promise<void> {
    const admin = await this.#signIn(ADMIN, true);
    expect((await admin.post('/v1/admin/keys/rotate')).status).toBe(202);
    await until('all lies under the new key', async () => {
      const [old] = (await admin.get('/v1/admin/keys')).body.rows as unknown as readonly Json[];
      return Number(old?.envelopes) === 0;
    });
    expect((await admin.post('/v1/auth/sign-out')).status).toBe(204);
  }

  /** As production takes them: the sessions' database is never in one. */
  async #takeBackup(number: number): Promise<void> {
    await this.#copy(this.#backup(number), (path) => !path.includes('_sessions.'));
    expect((await readdir(join(this.#backup(number), 'mongodb'))).join()).toContain('heist');
  }

  /** Between two commits: none of what is copied is written meanwhile. */
  async #copy(to: string, filter: (path: string) => boolean): Promise<void> {
    await cp(this.processes.dataDir, to, { recursive: true, filter });
  }

  #backup(number: number): string {
    return join(this.processes.folder, `backup-${number}`);
  }

  async #each<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
    const results: R[] = [];
    for (let from = 0; from < items.length; from += AT_ONCE)
      results.push(...(await Promise.all(items.slice(from, from + AT_ONCE).map(work))));
    return results;
  }
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('It has not begun');
  return value;
}
