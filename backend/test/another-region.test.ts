import mongoose, { mongo } from 'mongoose';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { findCanaries } from './canary.ts';
import { freePort, ORIGIN } from './harness.ts';
import { Processes } from './processes.ts';
import { SandboxControl } from './sandbox-control.ts';
import { passPopup, pkcePair, redeem, signIn, textOf, type SignInTarget } from './sign-in.ts';

/**
 * Promise 8: people of an org that lives in `eu` reach `us`. They are told where to go, and then the whole of `us` is
 * searched for them: every document of every collection of every database, and every byte of every file.
 */
const REPS = ['rep.one@demo.example', 'rep.two@demo.example', 'admin@demo.example'];

let processes: Processes;
let sandbox: SandboxControl;
let target: SignInTarget;
let connection: mongoose.Connection;
/** What must not be found: names, addresses, ids as Salesforce spells them. */
let values: readonly string[];

beforeAll(async () => {
  processes = await Processes.in('oneshot-region-');
  const port = await freePort();
  const database = await processes.run('embedded-mongodb/dist/main.js', {
    EMBEDDED_MONGODB_PORT: '0',
    DATA_DIR: processes.dataDir,
  });
  const salesforce = await processes.run('sandbox/dist/main.js', {
    SANDBOX_PORT: '0',
    SANDBOX_ACCOUNTS: '5',
    SANDBOX_REDIRECT_URIS: `http://127.0.0.1:${port}/v1/auth/salesforce/callback`,
  });
  sandbox = new SandboxControl(salesforce);
  const url = await processes.run('backend/dist/main.js', {
    PREVIEW_ORIGIN: ORIGIN,
    DATA_DIR: processes.dataDir,
    ONESHOT_REGION: 'us',
    PORT: String(port),
    OPS_PORT: '0',
    MONGODB_URI: `${database}/us`,
    SESSIONS_MONGODB_URI: `${database}/us_sessions`,
    SALESFORCE_LOGIN_URL: `${salesforce}/salesforce`,
  });
  target = { url, origin: ORIGIN };
  connection = await mongoose.createConnection(database).asPromise();
  const users = (await sandbox.records('User')).filter(({ Username: name }) => REPS.includes(String(name)));
  expect(users).toHaveLength(REPS.length);
  const [org] = await sandbox.records('Organization');
  const ids = [org, ...users].map((record) => String(record?.Id));
  const texts = users.flatMap(({ Username, Email, Name, LastName }) => [Username, Email, Name, LastName].map(String));
  values = [...new Set([...texts, ...ids, ...ids.map((id) => id.slice(0, 15))])];
  await sandbox.upsert('OneShotOrg__c', [{ HomeRegion__c: 'eu' }]);
}, 240_000);

afterAll(async () => {
  await connection.close();
  await processes.close();
});

/** Everything that all databases hold, a collection a line, as extended JSON. */
async function everything(): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const { name } of (await connection.listDatabases()).databases) {
    const database = connection.useDb(name);
    for (const { name: collection } of await database.listCollections()) {
      const documents = await database.collection(collection).find().toArray();
      if (documents.length > 0) found.set(`${name}.${collection}`, mongo.BSON.EJSON.stringify(documents));
    }
  }
  return found;
}

/** Ours alone: the stand-in for Salesforce may know its people. */
async function sightings(): Promise<readonly string[]> {
  const found = await findCanaries(processes.folder, values);
  return found
    .map(({ file, canary, spelling }) => `${file}: ${canary} as ${spelling}`)
    .filter((line) => !line.includes('/logs/sandbox.log:'));
}

test('who lives in eu and reaches us is sent on, and us holds nothing of them', async () => {
  for (const username of REPS) {
    const pair = pkcePair();
    const page = await passPopup(target, username, { pair });
    const code = textOf(page.message.code);
    const key = pkcePair().verifier;
    // A browser may repeat it by itself.
    for (const answer of [
      await redeem(target, code, pair.verifier, key),
      await redeem(target, code, pair.verifier, key),
    ])
      expect([answer.status, answer.body.token]).toEqual([expect.not.stringMatching(/^2/), undefined]);
  }
  // Who gives up at the consent page, and whose region cannot be read, leave no more.
  await passPopup(target, 'rep.one@demo.example', { decision: 'deny' });
  await sandbox.access('rep.one@demo.example', 'OneShotOrg__c', { read: false });
  await expect(signIn(target, 'rep.one@demo.example')).rejects.toMatchObject({
    status: 403,
    body: { error: { code: 'region_unreadable' } },
  });
  await sandbox.access('rep.one@demo.example', 'OneShotOrg__c', { read: true });
  await expect(signIn(target, 'rep.one@demo.example', { reauth: true })).rejects.toMatchObject({
    status: 421,
    body: { error: { code: 'wrong_region', url: expect.stringMatching(/^https:\/\/eu\./) } },
  });

  const held = await everything();
  // What there is belongs to the service or to a trip of some minutes, whose content lies sealed under its own secret.
  for (const collection of [
    'orgs',
    'users',
    'sessions',
    'connections',
    'activities',
    'auditEntries',
    'jobs',
    'apiUsage',
  ])
    expect([...held.keys()].filter((name) => name.endsWith(`.${collection}`))).toEqual([]);
  for (const [collection, text] of held)
    for (const value of values)
      expect({ collection, value, isThere: text.includes(value) }).toMatchObject({ isThere: false });
  expect(await sightings()).toEqual([]);
}, 240_000);

test('the search finds them where they are: the same rep, once their org names us', async () => {
  await sandbox.delete('OneShotOrg__c', 'all');
  await sandbox.upsert('OneShotOrg__c', [{ HomeRegion__c: 'us' }]);
  const rep = await signIn(target, 'rep.one@demo.example');
  expect(rep.org.region).toBe('us');
  const held = await everything();
  expect([...held.keys()]).toEqual(expect.arrayContaining(['us.orgs', 'us.users', 'us_sessions.sessions']));
  expect(values.some((value) => [...held.values()].some((text) => text.includes(value)))).toBe(true);
  await connection.close();
  await processes.stop();
  expect(await sightings()).not.toEqual([]);
}, 240_000);
