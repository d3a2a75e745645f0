import mongoose, { type Connection } from 'mongoose';
import { activityModels, type ActivityModels } from '../src/activity/model.ts';
import { DailySends } from '../src/activity/daily-sends.ts';
import { Activities } from '../src/activity/activities.ts';
import { Sends, type SendsOptions } from '../src/activity/sends.ts';
import { authModels } from '../src/auth/model.ts';
import { RepKeys } from '../src/auth/rep-keys.ts';
import { newId } from '../src/database/new-id.ts';
import { orgModel } from '../src/database/org-model.ts';
import { defaultSettings } from '../src/settings/defaults.ts';
import { DataKeys } from '../src/vault/data-keys.ts';
import { openKeyFile } from '../src/vault/key-file.ts';
import type { Stack } from './harness.ts';

export interface RepIds {
  readonly orgId: string;
  readonly userId: string;
}

/** The sends of one process of ours, on a stack's database, with connections of its own. */
export interface SendsProcess {
  readonly sends: Sends;
  readonly activities: Activities;
  readonly dailySends: DailySends;
  readonly models: ActivityModels;
  readonly connection: Connection;
  /** One more rep of the org, as a sign-in makes them. */
  colleagueOf(rep: RepIds): Promise<RepIds>;
  close(): Promise<void>;
}

export async function openSends(
  stack: Stack,
  options: Partial<Pick<SendsOptions, 'waitMs' | 'leaseMs'>> & { readonly activityDays?: () => number } = {},
): Promise<SendsProcess> {
  const connection = await mongoose.createConnection(stack.settings.MONGODB_URI ?? '').asPromise();
  const orgs = orgModel(connection);
  const dataKeys = new DataKeys({
    masterKey: await openKeyFile(stack.dataDir, false),
    region: 'us',
    read: async (orgId) => (await orgs.findOne({ _id: orgId }).lean())?.dataKeys ?? [],
  });
  const { users } = authModels(connection, connection);
  const models = activityModels(connection);
  const { activityDays, ...times } = options;
  const dailySends = new DailySends(models.sendCounts);
  const settingsOf = async () => {
    const settings = defaultSettings('us');
    return { settings: { ...settings, activityDays: activityDays?.() ?? settings.activityDays } };
  };
  return {
    sends: new Sends({ activities: models.activities, repKeys: new RepKeys(users, dataKeys), ...times }),
    activities: new Activities({ models, dailySends, settingsOf }),
    dailySends,
    models,
    connection,
    colleagueOf: async ({ orgId, userId }) => {
      const known = await users
        .findOne({ _id: userId, orgId })
        .select({ accountKey: 0, halves: 0, keyRecord: 0 })
        .lean();
      const _id = newId('usr');
      await users.create({ ...known, _id, salesforceUserId: _id.slice(-18) });
      return { orgId, userId: _id };
    },
    close: async () => {
      dataKeys.close();
      await connection.close();
    },
  };
}
