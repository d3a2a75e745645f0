import { authModels, type AuthModels } from '../src/auth/model.ts';
import { RepKeys } from '../src/auth/rep-keys.ts';
import { connectionModel } from '../src/connections/model.ts';
import { Database } from '../src/database/database.ts';
import { orgModel } from '../src/database/org-model.ts';
import { createLog } from '../src/http/log.ts';
import { jobModel } from '../src/keys/model.ts';
import { KeyRotation } from '../src/keys/rotation.ts';
import { DataKeys } from '../src/vault/data-keys.ts';
import { openKeyFile } from '../src/vault/key-file.ts';
import type { Stack } from './harness.ts';

/** A second process, put together from its parts. */
export interface Rotating {
  readonly users: AuthModels['users'];
  readonly connections: ReturnType<typeof connectionModel>;
  readonly dataKeys: DataKeys;
  readonly repKeys: RepKeys;
  /** Rotates as ours does, but waits for no process that may still hold an old key. */
  readonly rotation: KeyRotation;
}

/** Opens keys and database beside the stack's backends, for the length of `use`. */
export async function withKeys<T>(stack: Stack, use: (parts: Rotating) => Promise<T>): Promise<T> {
  const database = new Database(stack.backend.config);
  await database.connect(AbortSignal.timeout(60_000));
  const orgs = orgModel(database.main);
  const dataKeys = new DataKeys({
    masterKey: await openKeyFile(stack.dataDir, false),
    region: 'us',
    read: async (orgId) => (await orgs.findOne({ _id: orgId }).lean())?.dataKeys ?? [],
  });
  const { users } = authModels(database.main, database.sessions);
  const repKeys = new RepKeys(users, dataKeys);
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
    return await use({ users, connections: connectionModel(database.main), dataKeys, repKeys, rotation });
  } finally {
    await rotation.close();
    dataKeys.close();
    await database.close();
  }
}
