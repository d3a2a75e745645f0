/** A live token out of the vault against one indexed findOne, on the embedded database: `node measure-vault.js`. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { authModels } from '@oneshot/backend/dist/auth/model.js';
import type { Rep } from '@oneshot/backend/dist/auth/rep.js';
import { RepKeys } from '@oneshot/backend/dist/auth/rep-keys.js';
import type { OpenSession, Sessions } from '@oneshot/backend/dist/auth/sessions.js';
import { Connections, type ConnectionsParts } from '@oneshot/backend/dist/connections/connections.js';
import { Halves } from '@oneshot/backend/dist/connections/halves.js';
import { keyNames } from '@oneshot/backend/dist/connections/key-record.js';
import { connectionModel } from '@oneshot/backend/dist/connections/model.js';
import { Opener } from '@oneshot/backend/dist/connections/opener.js';
import { Refresher, type RefresherParts } from '@oneshot/backend/dist/connections/refresher.js';
import { ConnectionStore } from '@oneshot/backend/dist/connections/store.js';
import { sealTokens } from '@oneshot/backend/dist/connections/token-set.js';
import { TokenUses } from '@oneshot/backend/dist/connections/token-uses.js';
import { newId } from '@oneshot/backend/dist/database/new-id.js';
import { orgModel } from '@oneshot/backend/dist/database/org-model.js';
import { DataKeys } from '@oneshot/backend/dist/vault/data-keys.js';
import { openKeyFile } from '@oneshot/backend/dist/vault/key-file.js';
import { Secret } from '@oneshot/backend/dist/vault/secret.js';
import { halfName } from '@oneshot/backend/dist/vault/split-key.js';
import mongoose, { type Connection } from 'mongoose';
import { median } from './statistics.ts';

export interface VaultFigures {
  /** Medians, milliseconds. */
  readonly findMs: number;
  readonly tokenMs: number;
  /** Median of each round's own. */
  readonly ratio: number;
}

const ROUNDS = 15;
const PER_ROUND = 500;
const REPS = 500;
const PROVIDER = 'gmail';
/** Of the lengths that the providers' tokens have. */
const ACCESS_TOKEN = 'a'.repeat(1_800);
const REFRESH_TOKEN = 'r'.repeat(600);

const folder = mkdtempSync(join(tmpdir(), 'oneshot-bench-vault-'));
const database = spawn(
  process.execPath,
  [fileURLToPath(new URL('../../embedded-mongodb/dist/main.js', import.meta.url))],
  {
    env: { PATH: process.env.PATH, EMBEDDED_MONGODB_PORT: '0', DATA_DIR: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  },
);
try {
  const main = await mongoose.createConnection(`${await listening()}/bench`).asPromise();
  const sessions = main.useDb('bench_sessions');
  const { connections, reps, model } = await filled(main, sessions);
  const { signal } = new AbortController();
  let next = 0;
  const someone = (): Rep => reps[(next += 1) % reps.length]!;
  const find = async (): Promise<void> => {
    const { orgId, userId } = someone();
    if ((await model.findOne({ orgId, userId, provider: PROVIDER }).lean()) === null) throw new Error('Not found');
  };
  const take = (): Promise<void> =>
    connections.withToken(someone(), PROVIDER, 'send_mail', signal, (token) => {
      if (token.reveal() !== ACCESS_TOKEN) throw new Error('Another token');
      return Promise.resolve();
    });
  const rounds: { readonly findMs: number; readonly tokenMs: number }[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const figures = { findMs: await timed(find), tokenMs: await timed(take) };
    if (round > 0) rounds.push(figures); // code is compiled and our halves are read in the first
  }
  const figures: VaultFigures = {
    findMs: median(rounds.map(({ findMs }) => findMs)),
    tokenMs: median(rounds.map(({ tokenMs }) => tokenMs)),
    ratio: median(rounds.map(({ findMs, tokenMs }) => tokenMs / findMs)),
  };
  await main.close();
  process.stdout.write(`${JSON.stringify(figures)}\n`);
  process.exitCode = 0;
} finally {
  database.kill('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
}

/** The product's own vault, and reps whose sessions are open and whose tokens are good for an hour. */
async function filled(main: Connection, sessionsDatabase: Connection) {
  const orgs = orgModel(main);
  const { users } = authModels(main, sessionsDatabase);
  const model = connectionModel(main);
  await Promise.all([model.createIndexes(), users.createIndexes()]);
  const orgId = newId('org');
  const dataKeys = new DataKeys({
    masterKey: await openKeyFile(folder, true),
    region: 'us',
    read: async (org) => (await orgs.findOne({ _id: org }).lean())?.dataKeys ?? [],
  });
  const at = new Date();
  await orgs.create({
    _id: orgId,
    salesforceOrgId: '00D',
    dataKeys: [await dataKeys.createWrapped(orgId)],
    createdAt: at,
  });
  const repKeys = new RepKeys(users, dataKeys);
  const open = new Map<string, OpenSession>();
  const sessions = { ofRep: ({ sessionId }: Rep) => open.get(sessionId)! } as unknown as Sessions;
  const store = new ConnectionStore(model);
  const halves = new Halves({ sessions, repKeys, names: keyNames('') });
  const opener = new Opener(store, halves, 'us');
  const refresher = new Refresher({ store, opener, halves } as unknown as RefresherParts);
  const channels = Promise.resolve({ gmail: true, outlook: true, outreach: true });
  const connections = new Connections({
    store,
    halves,
    opener,
    refresher,
    uses: new TokenUses({ write: () => Promise.resolve() }),
    repKeys,
    channelsOf: () => channels,
  } as unknown as ConnectionsParts);
  const reps: Rep[] = [];
  for (let number = 0; number < REPS; number += 1) {
    const userId = newId('usr');
    const rep = { orgId, userId, sessionId: newId('ses') } as Rep;
    const half = randomBytes(32);
    open.set(rep.sessionId, { rep, half } as OpenSession);
    const person = {
      salesforceUserId: String(number),
      email: 'e1.d1.x',
      username: 'e1.d1.x',
      status: 'active',
    } as const;
    await users.create({ _id: userId, orgId, ...person, isAdmin: false, createdAt: at, lastSignInAt: at });
    const [ours] = await repKeys.halves(orgId, userId);
    const place = {
      region: 'us',
      orgId,
      userId,
      provider: PROVIDER,
      connectionId: `${userId}:${PROVIDER}`,
      version: 1,
    };
    const tokens = { accessToken: Secret.of(ACCESS_TOKEN), refreshToken: Secret.of(REFRESH_TOKEN) };
    const { tokens: sealed, label } = sealTokens({ ours, customers: half }, place, tokens, 'rep@c.example');
    await model.create({
      _id: place.connectionId,
      orgId,
      userId,
      provider: PROVIDER,
      status: 'connected',
      sealed,
      label,
      halves: { customers: halfName(half), ours: ours.version },
      account: 'x'.repeat(43),
      mark: `${userId}${'x'.repeat(20)}`,
      clientId: 'client',
      scopes: ['openid', 'email', 'https://www.googleapis.com/auth/gmail.send'],
      since: at,
      refreshedAt: at,
      expiresAt: new Date(at.getTime() + 3_600_000),
      version: 1,
      fence: 0,
    });
    reps.push(rep);
  }
  return { connections, reps, model };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  for (let count = 0; count < PER_ROUND; count += 1) await work();
  return (performance.now() - startedAt) / PER_ROUND;
}

async function listening(): Promise<string> {
  for await (const line of createInterface({ input: database.stdout }))
    if (line.includes('"event":"listening"')) return (JSON.parse(line) as { url: string }).url;
  throw new Error('The database did not start');
}
