import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Database } from '../src/database/database.ts';
import { orgModel } from '../src/database/org-model.ts';
import { moveMasterKey, type Moved } from '../src/vault/move-master-key.ts';
import { openMasterKey } from '../src/vault/open-master-key.ts';
import { signingKeyModel } from '../src/vault/signing-key-model.ts';
import { Backend, startStack, until, type Settings, type Stack } from './harness.ts';

const KEY = '11111111-1111-4111-8111-111111111111';
const NEXT_KEY = '22222222-2222-4222-8222-222222222222';
const REP = 'rep.one@demo.example';

let stack: Stack;
/** Settings of KMS, with the stand-in's address. */
let kms: Settings;

beforeAll(async () => {
  stack = await startStack({ SANDBOX_ACCOUNTS: '5' });
  kms = { KMS_ENDPOINT: `${stack.sandbox.url}/kms` };
}, 60_000);
afterAll(() => stack.close());

/** Moves what the previous key of `settings` wrapped to its key. @param stopAfter ends the move after so many keys */
async function move(settings: Settings, stopAfter = Infinity): Promise<Moved> {
  const { config } = await closed(settings);
  const database = new Database(config);
  await database.connect(AbortSignal.timeout(5_000));
  const opened = await openMasterKey({
    settings: config.masterKey,
    dataDir: config.dataDir,
    region: 'us',
    isEmpty: false,
  });
  try {
    if (opened.previous === undefined) throw new Error('There is no previous key');
    const stopping = new AbortController();
    let wrapped = 0;
    const { masterKey } = opened;
    return await moveMasterKey({
      orgs: orgModel(database.main),
      signingKeys: signingKeyModel(database.main),
      region: 'us',
      from: opened.previous,
      to: {
        id: masterKey.id,
        unwrap: (text, context) => masterKey.unwrap(text, context),
        wrap: (key, context) => {
          wrapped += 1;
          if (wrapped >= stopAfter) stopping.abort();
          return masterKey.wrap(key, context);
        },
      },
      signal: stopping.signal,
    });
  } finally {
    opened.close();
    await database.close();
  }
}

/** The configuration that these settings are. */
async function closed(settings: Settings): Promise<Backend> {
  const backend = await Backend.listen({ ...stack.settings, PORT: '0', ...settings });
  await backend.service.ready;
  await backend.close();
  return backend;
}

const masterKeysInUse = async (): Promise<number> => {
  const database = new Database((await closed({ ...kms, KMS_KEY_ID: NEXT_KEY, KMS_PREVIOUS_KEY_ID: KEY })).config);
  await database.connect(AbortSignal.timeout(5_000));
  try {
    const [orgs, keys] = [
      await orgModel(database.main).find().lean(),
      await signingKeyModel(database.main).find().lean(),
    ];
    return new Set([...orgs.flatMap(({ dataKeys }) => dataKeys), ...keys].map(({ masterKey }) => masterKey)).size;
  } finally {
    await database.close();
  }
};

test('a database moves from the key file to KMS and on to the next key, broken off and taken up, and nobody notices', async () => {
  const rep = (await stack.signIn(REP)).at(stack.backend.url);
  const fromFile = { ...kms, KMS_KEY_ID: KEY, KMS_PREVIOUS_KEY_ID: 'key-file' };
  await expect(closed({ ...kms, KMS_KEY_ID: KEY })).rejects.toThrow(/^KMS_KEY_ID: this key did not wrap/);
  await stack.restart(fromFile); // what serves must open both before anything is moved
  await expect(move(fromFile, 1)).rejects.toThrow(/abort/i);
  expect((await rep.get('/v1/me')).status).toBe(200);
  expect(await move(fromFile)).toEqual({ dataKeys: 0, signingKeys: 2, changedMeanwhile: 0 });
  expect(await move(fromFile)).toEqual({ dataKeys: 0, signingKeys: 0, changedMeanwhile: 0 });
  await expect(closed({})).rejects.toThrow(/The master key in .* is not the one/);

  const backend = await stack.restart({ ...kms, KMS_KEY_ID: KEY });
  expect((await rep.at(backend.url).get('/v1/me')).status).toBe(200);
  const onward = { ...kms, KMS_KEY_ID: NEXT_KEY, KMS_PREVIOUS_KEY_ID: KEY };
  expect(await move(onward)).toEqual({ dataKeys: 1, signingKeys: 2, changedMeanwhile: 0 });
  expect(await masterKeysInUse()).toBe(1);
  const last = await stack.restart({ ...kms, KMS_KEY_ID: NEXT_KEY });
  expect((await rep.at(last.url).get('/v1/me')).status).toBe(200);
  expect((await last.signIn(REP)).at(last.url)).toBeDefined();
}, 60_000);

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
}, 60_000);
