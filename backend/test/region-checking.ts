import { Writable } from 'node:stream';
import mongoose from 'mongoose';
import { authModels } from '../src/auth/model.ts';
import { People } from '../src/auth/people.ts';
import { orgModel } from '../src/database/org-model.ts';
import { createLog } from '../src/http/log.ts';
import { privacyModels } from '../src/privacy/model.ts';
import { RegionCheck, type RegionCheckParts } from '../src/privacy/region-check.ts';
import { DataKeys } from '../src/vault/data-keys.ts';
import { openKeyFile } from '../src/vault/key-file.ts';
import type { Stack } from './harness.ts';

/** The region check of one more process on a stack's database; it looks by itself only where `pollMs` says so. */
export async function withRegionCheck<T>(
  stack: Stack,
  use: (check: RegionCheck) => Promise<T>,
  parts: Partial<RegionCheckParts> = {},
): Promise<T> {
  const connection = await mongoose.createConnection(stack.settings.MONGODB_URI ?? '').asPromise();
  const orgs = orgModel(connection);
  const dataKeys = new DataKeys({
    masterKey: await openKeyFile(stack.dataDir, false),
    region: 'us',
    read: async (orgId) => (await orgs.findOne({ _id: orgId }).lean())?.dataKeys ?? [],
  });
  const check = new RegionCheck({
    jobs: privacyModels(connection).regionChecks,
    orgs,
    people: new People(orgs, authModels(connection, connection).users, dataKeys),
    regions: { here: 'us', others: ['eu', 'asia'] },
    log: createLog('info', new Writable({ write: (_chunk, _encoding, done) => done() })),
    pollMs: 3_600_000,
    ...parts,
  });
  try {
    return await use(check);
  } finally {
    await check.close();
    dataKeys.close();
    await connection.close();
  }
}
