import type { FastifyInstance } from 'fastify';
import type { Model } from 'mongoose';
import { Activities } from './activity/activities.ts';
import { DailySends } from './activity/daily-sends.ts';
import type { ActivityModels } from './activity/model.ts';
import { Retention } from './activity/retention.ts';
import { activityRoutes } from './activity/routes.ts';
import { Sends } from './activity/sends.ts';
import type { RepKeys } from './auth/rep-keys.ts';
import type { Config } from './config.ts';
import { endpointsOf } from './connections/endpoints.ts';
import type { ProviderTokens } from './connections/tokens.ts';
import { contactRoutes } from './contacts/routes.ts';
import type { OrgDocument } from './database/org-model.ts';
import { gmail } from './email/gmail.ts';
import { graph } from './email/graph.ts';
import { Mailer } from './email/mailer.ts';
import { emailRoutes } from './email/routes.ts';
import { Cursors } from './http/cursors.ts';
import { Outreach } from './outreach/outreach.ts';
import { outreachRoutes } from './outreach/routes.ts';
import { ProviderTransport } from './providers/transport.ts';
import type { OrgSettings } from './settings/settings.ts';
import type { DataKeys } from './vault/data-keys.ts';

export interface WritingParts {
  readonly config: Config;
  readonly orgs: Model<OrgDocument>;
  /** Their indexes are there. */
  readonly models: ActivityModels;
  readonly dataKeys: DataKeys;
  readonly repKeys: RepKeys;
  readonly tokens: ProviderTokens;
  readonly settingsOf: (orgId: string) => Promise<{ readonly settings: OrgSettings }>;
}

/** What a rep writes with: contacts, templates, mails, sequences, and the trail of it. @returns what can be erased */
export async function addWriting(app: FastifyInstance, parts: WritingParts): Promise<Activities> {
  const { config, orgs, models, dataKeys, repKeys, tokens, settingsOf } = parts;
  const cursors = new Cursors(dataKeys);
  const dailySends = new DailySends(models.sendCounts);
  const activities = new Activities({ models, dailySends, settingsOf });
  const sends = new Sends({ activities: models.activities, repKeys });
  const transport = new ProviderTransport();
  app.addHook('onClose', () => transport.close());
  const retention = new Retention({
    orgs: () => orgs.find().select({ _id: 1 }).lean().cursor(),
    tidy: async (orgId) => {
      await sends.settleLost(orgId);
      await activities.forgetOld(orgId);
    },
  });
  app.addHook('onClose', () => retention.close());

  const google = endpointsOf(config, 'gmail');
  const microsoft = endpointsOf(config, 'outlook');
  const mailer = new Mailer({
    sends,
    dailySends,
    tokens,
    settingsOf,
    deliver: {
      ...(google === undefined ? {} : { gmail: gmail(transport, google) }),
      ...(microsoft === undefined ? {} : { outlook: graph(transport, microsoft.api) }),
    },
  });
  const api = endpointsOf(config, 'outreach')?.api;
  const outreach = new Outreach({ sends, tokens, cursors, settingsOf, transport, api });
  await app.register(contactRoutes, { activities, cursors });
  await app.register(emailRoutes, { mailer, cursors });
  await app.register(outreachRoutes, { outreach });
  await app.register(activityRoutes, { activities });
  return activities;
}
