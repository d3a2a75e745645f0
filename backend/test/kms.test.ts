import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { WrapContext } from '../src/vault/master-key.ts';
import { moveMasterKey, type Moved } from '../src/vault/move-master-key.ts';
import { masterKeysInUse } from '../src/vault/wrapped-keys.ts';
import { openDatabases } from './databases.ts';
import { Backend, startStack, until, type Settings, type Stack } from './harness.ts';
import { withMasterKeys } from './master-keys.ts';

const KEY = '11111111-1111-4111-8111-111111111111';
const NEXT_KEY = '22222222-2222-4222-8222-222222222222';
const REP = 'rep.one@demo.example';
const arnOf = (key: string): string => `arn:aws:kms:us-east-1:111122223333:key/${key}`;

let stack: Stack;
/** Settings of KMS, with the stand-in's address. */
let kms: Settings;

beforeAll(async () => {
  stack = await startStack({ SANDBOX_ACCOUNTS: '5' });
  kms = { KMS_ENDPOINT: `${stack.sandbox.url}/kms` };
}, 240_000);
afterAll(() => stack.close());

const settingsWith = (keys: Settings): Settings => ({ ...stack.settings, PORT: '0', ...keys });

/** Moves what the previous key of `keys` wrapped to its key. @param stopAfter ends the move after so many keys */
function move(keys: Settings, stopAfter = Infinity): Promise<Moved> {
  return withMasterKeys(settingsWith(keys), ({ places, previous, masterKey }) => {
    if (previous === undefined) throw new Error('There is no previous key');
    const stopping = new AbortController();
    let wrapped = 0;
    const to = {
      id: masterKey.id,
      unwrap: (text: string, context: WrapContext) => masterKey.unwrap(text, context),
      wrap: (key: Uint8Array, context: WrapContext) => {
        wrapped += 1;
        if (wrapped >= stopAfter) stopping.abort();
        return masterKey.wrap(key, context);
      },
    };
    return moveMasterKey({ places, from: previous, to, signal: stopping.signal });
  });
}

/** The configuration that these settings are. */
async function closed(settings: Settings): Promise<Backend> {
  const backend = await Backend.listen({ ...stack.settings, PORT: '0', ...settings });
  await backend.service.ready;
  await backend.close();
  return backend;
}

/** Where in both databases, whatever collections they have, something lies that names this master key: `orgs.dataKeys.0.wrapped`. */
async function traces(masterKey: string): Promise<readonly string[]> {
  const databases = await openDatabases(stack.settings);
  try {
    const found: string[] = [];
    for (const database of [databases.main, databases.sessions])
      for (const { name } of await database.listCollections().toArray())
        for (const document of await database.collection(name).find().toArray())
          for (const [path, text] of textsIn(document)) if (text.includes(masterKey)) found.push(`${name}${path}`);
    return [...new Set(found)].sort();
  } finally {
    await databases.close();
  }
}

function textsIn(value: unknown, path = ''): readonly (readonly [string, string])[] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value !== 'object' || value === null || value instanceof Date) return [];
  return Object.entries(value).flatMap(([name, inside]) => textsIn(inside, `${path}.${name}`));
}

const idOf = (keys: Settings): Promise<string> =>
  withMasterKeys(settingsWith(keys), async ({ masterKey }) => masterKey.id);

test('a database moves from the key file to KMS and on to the next key, broken off and taken up, and nobody notices', async () => {
  const rep = (await stack.signIn(REP)).at(stack.backend.url);
  const fromFile = { ...kms, KMS_KEY_ID: KEY, KMS_PREVIOUS_KEY_ID: 'key-file' };
  await expect(closed({ ...kms, KMS_KEY_ID: KEY })).rejects.toThrow(/^KMS_KEY_ID: this key did not wrap/);
  await stack.restart(fromFile); // what serves must open both before anything is moved
  await expect(move(fromFile, 1)).rejects.toThrow(/abort/i);
  expect((await rep.get('/v1/me')).status).toBe(200);
  // One that signs JWTs and one that signs proofs.
  const both = { 'data-key': 0, 'signing-key': 2 };
  expect(await move(fromFile)).toEqual({ moved: both, changedMeanwhile: 0, isComplete: true });
  const nothing = { 'data-key': 0, 'signing-key': 0 };
  expect(await move(fromFile)).toEqual({ moved: nothing, changedMeanwhile: 0, isComplete: true });
  await expect(closed({})).rejects.toThrow(/The master key in .* is not the one/);

  const backend = await stack.restart({ ...kms, KMS_KEY_ID: KEY });
  expect((await rep.at(backend.url).get('/v1/me')).status).toBe(200);
  const [first, next] = await Promise.all([idOf({ ...kms, KMS_KEY_ID: KEY }), idOf({ ...kms, KMS_KEY_ID: NEXT_KEY })]);
  // As a region does it (docs/runbook.md): every process opens both keys before one wraps with the new one, and a key that
  // is there to open may do nothing else.
  const added = { ...kms, KMS_KEY_ID: arnOf(KEY), KMS_PREVIOUS_KEY_ID: arnOf(NEXT_KEY) };
  const onward = { ...kms, KMS_KEY_ID: arnOf(NEXT_KEY), KMS_PREVIOUS_KEY_ID: arnOf(KEY) };
  await stack.sandbox.kmsKey(NEXT_KEY, { actions: ['Decrypt'] });
  await stack.restart(added);
  await stack.sandbox.kmsKey(NEXT_KEY, { actions: ['Encrypt', 'Decrypt'] });
  const replaced = await stack.addBackend(onward);
  expect((await rep.at(replaced.url).get('/v1/me')).status).toBe(200);
  const everything = ['orgs.dataKeys.0.masterKey', 'orgs.dataKeys.0.wrapped', 'signingKeys.masterKey', 'signingKeys.wrapped']; // prettier-ignore
  const listed = (found: readonly string[]): readonly string[] =>
    found.filter((path) => !path.startsWith('processes.'));
  expect(listed(await traces(first))).toEqual(everything);
  await expect(move(onward, 1)).rejects.toThrow(/abort/i);
  // A slot that was not replaced yet, started again: it opens what the new key wrapped meanwhile, and wraps as before.
  const behind = await stack.restart(added);
  expect((await behind.signIn(REP).then((one) => one.get('/v1/me'))).status).toBe(200);
  await stack.restart(onward);
  await stack.sandbox.kmsKey(KEY, { actions: ['Decrypt'] });
  expect(await withMasterKeys(settingsWith(onward), ({ places }) => masterKeysInUse(places))).toEqual(new Set([first, next])); // prettier-ignore
  await expect(closed({ ...kms, KMS_KEY_ID: NEXT_KEY })).rejects.toThrow(/^KMS_KEY_ID: this key did not wrap/);
  expect(await move(onward)).toMatchObject({ moved: both, changedMeanwhile: 0, isComplete: true });
  // Whatever was wrapped, of whichever kind: nothing in any collection names the old key any more.
  expect(listed(await traces(first))).toEqual([]);
  expect(listed(await traces(next))).toEqual(everything);
  const last = await stack.restart({ ...kms, KMS_KEY_ID: NEXT_KEY });
  expect((await rep.at(last.url).get('/v1/me')).status).toBe(200);
  const admin = await last.signIn('admin@demo.example');
  // Entries that were signed under every key before are verified, so the proof keys are the same.
  expect((await admin.get('/v1/audit')).body).toMatchObject({ verified: true, brokenAt: null });
}, 240_000);

test('a start is refused while any key lies under a master key that it does not open, whosever org it is', async () => {
  const databases = await openDatabases(stack.settings);
  const orgs = databases.main.collection<{ _id: string }>('orgs');
  const other = {
    version: 'd1',
    masterKey: 'kms_0123456789012345678901',
    wrapped: 'k1.kms_0123456789012345678901.AAAA',
  };
  const org = { salesforceOrgId: '00D8c000000ZZZZEAA', dataKeys: [other], settingsVersion: 0, createdAt: new Date() };
  await orgs.insertOne({ _id: `org_${'z'.repeat(22)}`, ...org });
  try {
    await expect(closed({ ...kms, KMS_KEY_ID: NEXT_KEY })).rejects.toThrow(/^KMS_KEY_ID: this key did not wrap/);
  } finally {
    await orgs.deleteOne({ _id: `org_${'z'.repeat(22)}` });
    await databases.close();
  }
}, 240_000);

test('KMS away: a session goes on, what needs a key that is not in RAM is told so, and all recovers by itself', async () => {
  const settings = { ...kms, KMS_KEY_ID: NEXT_KEY };
  const rep = await stack.backend.signIn(REP);
  const fresh = await stack.addBackend(settings);
  await stack.sandbox.fault({ provider: 'kms', pathPattern: '.*', times: 10_000, drop: 'before' });
  const starting = await Backend.listen({ ...stack.settings, ...settings, PORT: '0', PUBLIC_URL: stack.backend.url });
  try {
    expect((await rep.get('/v1/me')).status).toBe(200);
    expect((await rep.get('/v1/accounts')).status).toBe(200);
    const refused = await fresh.signIn(REP).catch(String);
    expect(refused).toMatch(/keys_unavailable/);
    await until('the start waits for keys', async () => {
      const answer = await fetch(`${starting.url}/v1/me`);
      return ((await answer.json()) as { error: { code: string } }).error.code === 'keys_unavailable';
    });
    expect((await fetch(`${starting.url}/readyz`)).status).toBe(503);
    await stack.sandbox.reset();
    await starting.service.ready;
    expect((await fetch(`${starting.url}/readyz`)).status).toBe(200);
    await until('a sign-in works again', async () =>
      fresh.signIn(REP).then(
        () => true,
        () => false,
      ),
    );
    const states = fresh.lines.filter(({ event }) => event === 'masterKeyState').map(({ state }) => state);
    expect(states).toEqual(['unavailable', 'available']);
  } finally {
    await starting.close();
  }
}, 240_000);
