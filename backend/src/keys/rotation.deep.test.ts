import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startChild, type Child } from '../../test/child.ts';
import { openDatabases, type TestDatabases } from '../../test/databases.ts';
import { startStack, until, type Stack } from '../../test/harness.ts';
import { withKeys, type Rotating } from '../../test/rotating.ts';
import type { RepClient } from '../../test/sign-in.ts';
import { openTokens, sealTokens, type TokenPlace } from '../connections/token-set.ts';
import { newId } from '../database/new-id.ts';
import { Secret } from '../vault/secret.ts';
import { halfName } from '../vault/split-key.ts';

/** Rotating an org's data key under many connections, with a process that is killed twice on the way. */
const CONNECTIONS = Number(process.env.ONESHOT_CONNECTIONS ?? '10000');
const PROVIDERS = ['gmail', 'outlook', 'outreach'] as const;
const REPS = Math.ceil(CONNECTIONS / PROVIDERS.length);
const BATCH = 100;
const TIMEOUT_MS = 60 * 60_000;

let stack: Stack;
let databases: TestDatabases;
beforeAll(async () => {
  stack = await startStack({ SANDBOX_ACCOUNTS: '5' });
  databases = await openDatabases(stack.settings);
}, 60_000);
afterAll(async () => {
  await databases.close();
  await stack.close();
});

interface Known {
  readonly userId: string;
  /** The customer's half, which no rotation of ours touches. */
  readonly half: Buffer;
  readonly places: readonly TokenPlace[];
}

const tokenOf = ({ connectionId }: TokenPlace): string => `token of ${connectionId}`;

test(
  `of an org with ${CONNECTIONS} connections ends complete after two kills, and nothing is unreadable`,
  async () => {
    const admin = await stack.signIn('admin@demo.example', { reauth: true });
    const known = await withKeys(stack, (keys) => fill(keys, admin.org.id));
    expect(await databases.main.collection('connections').countDocuments()).toBe(CONNECTIONS);

    await stack.backend.close(); // nobody but the process that is killed works on it
    let backend = await start();
    expect((await admin.at(backend.url).post('/v1/admin/keys/rotate')).status).toBe(202);
    for (const part of [0.3, 0.7]) {
      await until('some of it is done', async () => (await moved()) >= part * REPS, TIMEOUT_MS);
      await backend.kill();
      const done = await moved();
      expect(done).toBeLessThan(REPS);
      expect(await versionsOf(admin.org.id)).toEqual(['d1', 'd2']); // the old key opens the rest
      backend = await start();
    }
    await until('all lies under the new key', async () => (await under('d1')) === 0, TIMEOUT_MS);
    expect(await moved()).toBe(REPS);
    expect(await versionsOf(admin.org.id)).toEqual(['d1', 'd2']);
    await backend.stop();

    await withKeys(stack, ({ rotation }) => rotation.work());
    expect(await versionsOf(admin.org.id)).toEqual(['d2']);
    expect(await withKeys(stack, (keys) => unreadable(keys, admin.org.id, known))).toEqual([]);
    const jobs = await databases.main.collection('jobs').find({ kind: 'rotate_data_key' }).toArray();
    expect(jobs).toMatchObject([{ state: 'done', version: 'd2' }]);
  },
  TIMEOUT_MS,
);

const start = (): Promise<Child> =>
  startChild('backend/dist/main.js', { ...stack.settings, NODE_ENV: 'test', LOG_LEVEL: 'info' });

/** Reps whose half lies under the new key. */
const moved = (): Promise<number> =>
  databases.main.collection('users').countDocuments({ 'halves.0.sealed': /^e1\.d2\./, isAdmin: false });

/** Users anything of whom lies under this version of the data key. */
function under(version: string): Promise<number> {
  const sealed = new RegExp(`^e1\\.${version}\\.`);
  const fields = ['email', 'username', 'accountKey', 'halves.sealed'].map((field) => ({ [field]: sealed }));
  return databases.main.collection('users').countDocuments({ $or: fields });
}

async function versionsOf(orgId: RepClient['org']['id']): Promise<readonly string[]> {
  const org = await databases.main.collection('orgs').findOne({ _id: orgId as never });
  return (org?.dataKeys as readonly { readonly version: string }[]).map(({ version }) => version);
}

/** Reps with three connections each, sealed as the product seals them. */
async function fill({ users, connections, dataKeys }: Rotating, orgId: string): Promise<readonly Known[]> {
  const all: Known[] = [];
  let left = CONNECTIONS;
  for (let from = 0; from < REPS; from += BATCH) {
    const people: object[] = [];
    const grants: object[] = [];
    for (let number = from; number < Math.min(from + BATCH, REPS); number += 1) {
      const userId = newId('usr');
      const at = new Date();
      const [ours, half] = [randomBytes(32), randomBytes(32)];
      const sealed = (field: string, value: string | Buffer): Promise<string> =>
        dataKeys.seal(orgId, { user: userId, provider: '', collection: 'users', field, record: userId }, value);
      people.push({
        _id: userId,
        orgId,
        salesforceUserId: `user ${number}`,
        email: await sealed('email', `rep.${number}@c.example`),
        username: await sealed('username', `rep.${number}`),
        accountKey: await sealed('accountKey', randomBytes(32)),
        halves: [{ version: 'h1', sealed: await sealed('half:h1', ours), addedAt: at }],
        status: 'active',
        isAdmin: false,
        createdAt: at,
        lastSignInAt: at,
      });
      const places = PROVIDERS.slice(0, left).map((provider) => ({
        region: 'us',
        orgId,
        userId,
        provider,
        connectionId: `${userId}:${provider}`,
        version: 1,
      }));
      left -= places.length;
      const halves = { ours: { version: 'h1', bytes: ours }, customers: half };
      for (const place of places) {
        const tokens = { accessToken: Secret.of(tokenOf(place)), refreshToken: Secret.of('refresh') };
        const { tokens: inside, label } = sealTokens(halves, place, tokens, 'label');
        grants.push({
          _id: place.connectionId,
          orgId,
          userId,
          provider: place.provider,
          status: 'connected',
          sealed: inside,
          label,
          halves: { customers: halfName(half), ours: 'h1' },
          scopes: [],
          version: 1,
          fence: 0,
        });
      }
      all.push({ userId, half, places });
    }
    await users.insertMany(people);
    await connections.insertMany(grants);
  }
  return all;
}

/** Connections whose tokens do not open any more, or are others. */
async function unreadable(
  { connections, repKeys }: Rotating,
  orgId: string,
  known: readonly Known[],
): Promise<readonly string[]> {
  const lost: string[] = [];
  for (const { userId, half, places } of known) {
    const ours = await repKeys.halves(orgId, userId);
    const stored = await connections.find({ orgId, userId }).lean();
    for (const place of places) {
      const connection = stored.find(({ _id }) => _id === place.connectionId);
      const key = ours.find(({ version }) => version === connection?.halves?.ours);
      if (connection?.sealed === undefined || key === undefined) lost.push(place.connectionId);
      else {
        const { accessToken } = openTokens({ ours: key, customers: half }, place, connection.sealed);
        if (accessToken.reveal() !== tokenOf(place)) lost.push(place.connectionId);
      }
    }
  }
  return lost;
}
