import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openTestServer, REAL_URI, type TestServer } from '../test-server.ts';

/** After this time nothing that was deleted or replaced may be in any file. */
const WIPED_WITHIN_MS = 900;

const embeddedOnly = REAL_URI === undefined ? test : test.skip;
let server: TestServer;
let canaries = 0;
const canary = (): string => `CANARY${String(1e9 + canaries++)}END`;

beforeAll(async () => {
  server = await openTestServer('app_sessions');
});
afterAll(() => server.close());

/** Every canary in any byte of any file of the data folder. */
function onDisk(): Set<string> {
  const folder = join(server.dataDir ?? '', 'mongodb');
  const all = readdirSync(folder).flatMap(
    (file) => readFileSync(join(folder, file), 'latin1').match(/CANARY\d+END/g) ?? [],
  );
  return new Set(all);
}

/** What is there that time later. A slow machine is given more of it while something is there that should not be. */
async function onDiskLater(live: readonly string[] = []): Promise<string[]> {
  await wait(WIPED_WITHIN_MS);
  for (let turn = 0; turn < 100 && [...onDisk()].some((one) => !live.includes(one)); turn++) await wait(100);
  return [...onDisk()].sort();
}

embeddedOnly(
  'deleted and replaced documents and index keys are in no file a second later',
  async () => {
    const sessions = server.db.collection<{ _id: number; token: string; pad: string }>('sessions');
    await sessions.createIndexes([{ key: { token: 1 }, unique: true }]);
    const live = new Map<number, string>();
    const row = (n: number): { token: string; pad: string } => {
      const token = canary();
      live.set(n, token);
      return { token, pad: token.repeat((n * 7) % 60) };
    };
    await sessions.insertMany(Array.from({ length: 600 }, (_, n) => ({ _id: n, ...row(n) })));
    // In an order that moves cells between pages, which is where copies are left behind.
    for (let step = 0; step < 900; step++) {
      const n = (step * 131) % 600;
      if (step % 3 === 0) {
        await sessions.deleteOne({ _id: n });
        live.delete(n);
      } else await sessions.replaceOne({ _id: n }, row(n), { upsert: true });
    }
    expect(onDisk()).toEqual(expect.any(Set));
    const left = await onDiskLater([...live.values()]);
    expect(canaries).toBeGreaterThan(1_000);
    expect(left).toEqual([...live.values()].sort());
    await sessions.deleteMany({});
    expect(await onDiskLater()).toEqual([]);
  },
  120_000,
);

embeddedOnly(
  'expired, dropped and never committed documents leave nothing either',
  async () => {
    const expiring = server.db.collection('expiring');
    await expiring.createIndexes([{ key: { at: 1 }, expireAfterSeconds: 0 }]);
    await expiring.insertOne({ at: new Date(), secret: canary() });
    const dropped = server.db.collection('dropped');
    const secret = canary();
    await dropped.insertOne({ secret });
    // The one that expires may be gone already.
    expect(onDisk()).toContain(secret);
    await dropped.drop();
    expect(await onDiskLater()).toEqual([]);
    await server.db.collection('gone').insertOne({ secret: canary() });
    await server.db.dropDatabase();
    expect([...onDisk()]).toEqual([]);
  },
  120_000,
);

embeddedOnly('the journal of any database holds nothing after a commit', async () => {
  const ordinary = server.client.db('ordinary').collection('rows');
  await ordinary.insertOne({ secret: canary() });
  await ordinary.updateOne({}, { $set: { secret: 'other' } });
  const journal = readFileSync(join(server.dataDir ?? '', 'mongodb', 'ordinary.sqlite-journal'));
  expect(journal.length).toBeGreaterThan(0);
  expect(journal.every((byte) => byte === 0)).toBe(true);
  await server.client.db('ordinary').dropDatabase();
});
