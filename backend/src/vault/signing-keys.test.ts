import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import mongoose, { type Connection } from 'mongoose';
import { startStack, until, type Stack } from '../../test/harness.ts';
import { signIn } from '../../test/sign-in.ts';
import { openKeyFile } from './key-file.ts';
import type { MasterKey } from './master-key.ts';
import { signingKeyModel, type SigningKeyDocument } from './signing-key-model.ts';
import { SigningKeys, type SigningKeysOptions } from './signing-keys.ts';

let stack: Stack;
let connection: Connection;
let keys: mongoose.Model<SigningKeyDocument>;
let masterKey: MasterKey;
const opened: SigningKeys[] = [];
const HOUR_MS = 60 * 60_000;

beforeAll(async () => {
  stack = await startStack({ SANDBOX_ACCOUNTS: '5' });
  masterKey = await openKeyFile(stack.dataDir, false);
  // A database beside the stack's own, so that rotations here do not meet the backend's.
  connection = await mongoose
    .createConnection((stack.settings.MONGODB_URI ?? '').replace(/\/(\w+)(\?|$)/, '/$1_keys$2'))
    .asPromise();
  keys = signingKeyModel(connection);
  await keys.createIndexes();
}, 240_000);
afterAll(async () => {
  await connection.close();
  await stack.close();
});
beforeEach(async () => {
  await keys.deleteMany({});
});
afterEach(() => {
  for (const one of opened.splice(0)) one.close();
});

async function open(options: Partial<SigningKeysOptions> = {}): Promise<SigningKeys> {
  const one = await SigningKeys.open({
    keys,
    masterKey,
    region: 'us',
    longestTokenMs: HOUR_MS,
    pollMs: 40,
    signDelayMs: 150,
    ...options,
  });
  opened.push(one);
  return one;
}

describe('the keys that sign', () => {
  test('are one key for processes that start at once, and of 256 bits', async () => {
    const processes = await Promise.all(Array.from({ length: 6 }, () => open()));
    expect(new Set(processes.map((one) => one.current().kid)).size).toBe(1);
    expect(new Set(processes.map((one) => one.current().bytes.toString('hex'))).size).toBe(1);
    expect(processes[0]?.current().bytes).toHaveLength(32);
    expect(await keys.countDocuments()).toBe(1);
  });

  test('lie wrapped in the database', async () => {
    const bytes = (await open()).current().bytes;
    const stored = JSON.stringify(await keys.find().lean());
    for (const encoding of ['hex', 'base64', 'base64url', 'latin1'] as const)
      expect(stored).not.toContain(bytes.toString(encoding));
  });

  test('rotate without a gap: a new key signs only once every process knows it', async () => {
    const [one, two] = [await open({ signDelayMs: 4_000 }), await open()];
    const old = one.current().kid;
    const next = await one.rotate();
    expect(one.current().kid).toBe(old);
    expect(two.current().kid).toBe(old);
    await until('the other process knows it', async () => (await two.find(next)) !== undefined);
    expect(two.current().kid).toBe(old);
    await until('both sign with it', () => one.current().kid === next && two.current().kid === next);
    expect(await two.find(old)).toBeDefined();
  });

  test('that nobody here knows yet are looked for at once', async () => {
    const [one, two] = [await open(), await open({ pollMs: HOUR_MS })];
    const next = await one.rotate();
    await new Promise((resolve) => setTimeout(resolve, 1_050));
    expect(await two.find(next)).toMatchObject({ kid: next });
    expect(await two.find('k9-unknown')).toBeUndefined();
  });

  test('retire when no JWT of theirs can live any more, not before', async () => {
    const one = await open();
    const old = one.current().kid;
    const next = await one.rotate();
    const signsFrom = (minutesAgo: number) => ({ $set: { signsFrom: new Date(Date.now() - minutesAgo * 60_000) } });
    await keys.updateOne({ _id: next }, signsFrom(60));
    await one.refresh();
    expect(await one.find(old)).toBeDefined();
    await keys.updateOne({ _id: next }, signsFrom(66));
    await one.refresh();
    expect(await one.find(old)).toBeUndefined();
    expect(await keys.countDocuments()).toBe(1);
  });

  test('of two rotations at once are two more', async () => {
    const [one, two] = [await open(), await open()];
    const kids = await Promise.all([one.rotate(), two.rotate()]);
    expect(new Set(kids).size).toBe(2);
    expect((await keys.find().sort({ sequence: 1 }).lean()).map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
  });

  test('rotated under a running service sign nobody out', async () => {
    const rep = await signIn(stack.backend, 'rep.one@demo.example');
    const service = await mongoose.createConnection(stack.settings.MONGODB_URI ?? '').asPromise();
    const ops = await SigningKeys.open({
      keys: signingKeyModel(service),
      masterKey,
      region: 'us',
      longestTokenMs: HOUR_MS,
      signDelayMs: 0,
    });
    try {
      await ops.rotate();
      expect((await rep.get('/v1/me')).status).toBe(200);
      const other = await stack.addBackend();
      const later = await signIn(other, 'rep.one@demo.example').catch((error: unknown) => error);
      expect(later).not.toBeInstanceOf(Error);
      expect((await rep.at(other.url).get('/v1/me')).status).toBe(200);
    } finally {
      ops.close();
      await service.close();
    }
  });
});
