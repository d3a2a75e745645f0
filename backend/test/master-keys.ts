import { authModels } from '../src/auth/model.ts';
import { RepKeys } from '../src/auth/rep-keys.ts';
import { loadConfig } from '../src/config.ts';
import { Database } from '../src/database/database.ts';
import { orgModel } from '../src/database/org-model.ts';
import { createLog } from '../src/http/log.ts';
import { jobModel } from '../src/keys/model.ts';
import { KeyRotation } from '../src/keys/rotation.ts';
import { DataKeys } from '../src/vault/data-keys.ts';
import type { MasterKey } from '../src/vault/master-key.ts';
import { openMasterKey } from '../src/vault/open-master-key.ts';
import { signingKeyModel } from '../src/vault/signing-key-model.ts';
import { wrappedBy, wrappedPlaces, type WrappedPlaces } from '../src/vault/wrapped-keys.ts';
import type { Settings } from './harness.ts';

/** A process of ours with the keys that its settings name, put together from its parts. */
export interface KeyHolder {
  readonly database: Database;
  readonly orgs: ReturnType<typeof orgModel>;
  readonly places: WrappedPlaces;
  readonly masterKey: MasterKey;
  readonly previous: MasterKey | undefined;
  readonly repKeys: RepKeys;
  /** Rotates as ours does, but waits for no process that may still hold an old key. */
  readonly rotation: KeyRotation;
}

/** Opens database and master keys beside whatever runs, for the length of `use`. @param settings as a backend has them */
export async function withMasterKeys<T>(settings: Settings, use: (holder: KeyHolder) => Promise<T>): Promise<T> {
  const config = loadConfig({ NODE_ENV: 'test', ...settings });
  const database = new Database(config);
  await database.connect(AbortSignal.timeout(60_000));
  const orgs = orgModel(database.main);
  const region = config.region.name;
  const places = wrappedPlaces({ orgs, signingKeys: signingKeyModel(database.main), region });
  const opened = await openMasterKey({
    settings: config.masterKey,
    dataDir: config.dataDir,
    region,
    isEmpty: false,
    wrappedBy: (id) => wrappedBy(places, id),
  });
  const { masterKey, previous } = opened;
  const dataKeys = new DataKeys({
    masterKey,
    region,
    read: async (orgId) => (await orgs.findOne({ _id: orgId }).lean())?.dataKeys ?? [],
  });
  const repKeys = new RepKeys(authModels(database.main, database.sessions).users, dataKeys);
  const rotation = new KeyRotation({
    jobs: jobModel(database.main),
    orgs,
    dataKeys,
    places: [
      {
        collection: 'users',
        dataKeyVersions: (orgId) => repKeys.dataKeyVersions(orgId),
        rewrap: (orgId, newest) => repKeys.rewrap(orgId, newest),
      },
    ],
    rotateHalves: (orgId, before) => repKeys.rotateHalves(orgId, before),
    log: createLog('silent'),
    graceMs: 0,
  });
  try {
    return await use({ database, orgs, places, masterKey, previous, repKeys, rotation });
  } finally {
    await rotation.close();
    dataKeys.close();
    opened.close();
    await database.close();
  }
}
