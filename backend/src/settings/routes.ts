import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Audit } from '../audit/audit.ts';
import { assertFreshAdmin, requireAdmin } from '../auth/guard.ts';
import type { SalesforceOAuth } from '../auth/salesforce-oauth.ts';
import { abortSignal } from '../http/abort.ts';
import { CrmId } from '../http/crm-id.ts';
import { events } from '../http/events.ts';
import type { Log } from '../http/log.ts';
import { Invalid } from '../http/problems.ts';
import { Exact, Nullable, Words } from '../http/schema.ts';
import type { Region } from '../regions.ts';
import { checkAgainstCrm } from './check.ts';
import { HomeRegionMoved, VersionConflict } from './problems.ts';
import { canCountPaying, choices, countPaying, largest } from './fields.ts';
import type { RegionRecord } from './region-record.ts';
import type { OrgSettings } from './settings.ts';
import type { SettingsStore } from './store.ts';

export interface SettingsRoutesOptions {
  readonly settings: SettingsStore;
  readonly regionRecord: RegionRecord;
  readonly audit: Audit;
  /** Changing the home region cannot be undone: the admin is asked for live at Salesforce. */
  readonly oauth: SalesforceOAuth;
  /** Begins to erase all that is held of an org in this region; the asker's session may repeat its request. */
  readonly eraseOrg: (orgId: string, asker: string) => Promise<unknown>;
  readonly here: Region;
  readonly regions: readonly Region[];
  readonly log: Log;
}

const Settings = Exact({
  payingField: Type.String({ minLength: 1, maxLength: 80 }),
  products: Exact({
    source: Words(['none', 'accountField', 'opportunityLines', 'assets']),
    field: Type.Optional(Type.String({ minLength: 1, maxLength: 80 })),
  }),
  sessionMinutes: Type.Integer({ minimum: 5, maximum: 720 }),
  cache: Exact({ enabled: Type.Boolean(), minutes: Type.Integer({ minimum: 1, maximum: 60 }) }),
  logSendsToSalesforce: Words(['never', 'ask', 'always']),
  channels: Exact({ gmail: Type.Boolean(), outlook: Type.Boolean(), outreach: Type.Boolean() }),
  mailFooterTemplateId: Nullable(CrmId('emailTemplate')),
  sendsPerRepAndDay: Type.Integer({ minimum: 1, maximum: 2_000 }),
  activityDays: Type.Integer({ minimum: 30, maximum: 3_650 }),
  homeRegion: Type.String({ minLength: 1, maxLength: 16 }),
});

const SettingsAnswer = Exact({ version: Type.Integer({ minimum: 0 }), settings: Settings });
const Field = Type.Object({ name: Type.String(), label: Type.String(), type: Type.String() });
const FieldsAnswer = Type.Object({
  paying: Type.Array(Field),
  products: Type.Array(Field),
  count: Type.Optional(Type.Integer({ description: 'accounts whose `count` field is above 0' })),
  examples: Type.Optional(Type.Array(Type.String({ description: 'names of the three largest, live' }))),
});

/** Settings of the admin's org. Source: API.md, DESIGN 5. */
export const settingsRoutes: FastifyPluginAsyncTypebox<SettingsRoutesOptions> = async (app, options) => {
  const { settings, regionRecord, audit, oauth, eraseOrg, here, regions, log } = options;

  app.get(
    '/v1/settings',
    { onRequest: requireAdmin, schema: { answers: { 200: SettingsAnswer } } },
    async ({ rep }) => {
      const stored = await settings.read(rep.orgId);
      return { version: stored.version, settings: stored.settings };
    },
  );

  app.put(
    '/v1/settings',
    {
      onRequest: requireAdmin,
      schema: { body: SettingsAnswer, answers: { 200: SettingsAnswer }, errors: [409, 421, 422, 502] },
    },
    async (request) => {
      const { rep, body } = request;
      const signal = abortSignal(request);
      const { orgId, userId } = rep;
      const wanted: OrgSettings = body.settings;
      const home = regions.find(({ name }) => name === wanted.homeRegion);
      if (home === undefined) throw new Invalid('settings.homeRegion', 'enum');
      const current = await settings.read(orgId);
      if (current.version !== body.version) throw new VersionConflict(current);
      if (home.name !== here.name) {
        await assertFreshAdmin(request, oauth);
        await regionRecord.move(orgId, home, rep.crm, signal);
        // From here on nobody needs us to finish: the record sends every sign-in away, and what is here goes with it.
        await audit.append({ orgId: 'region', actor: userId, action: 'region_changed', target: orgId });
        await eraseOrg(orgId, rep.sessionId);
        throw new HomeRegionMoved(home.label, home.backendUrl);
      }
      await checkAgainstCrm(wanted, rep.crm, signal);
      await regionRecord.ensure(orgId, rep.crm, signal);
      const saved = await settings.save(orgId, body.version, wanted);
      if (saved === undefined) throw new VersionConflict(await settings.read(orgId));
      await audit.append({ orgId, actor: userId, action: 'settings_saved', target: 'settings' });
      log.info(events.settingsSaved, { org: orgId, rep: userId, version: saved.version });
      return { version: saved.version, settings: saved.settings };
    },
  );

  app.get(
    '/v1/settings/fields',
    {
      onRequest: requireAdmin,
      schema: {
        querystring: Exact({ count: Type.Optional(Type.String({ minLength: 1, maxLength: 80 })) }),
        answers: { 200: FieldsAnswer },
        errors: [409, 502],
      },
    },
    async (request) => {
      const { rep, query } = request;
      const signal = abortSignal(request);
      const account = await rep.crm.describe('Account', signal);
      const found = choices(account);
      if (query.count === undefined) return found;
      if (!canCountPaying(account.fields.get(query.count))) throw new Invalid('count', 'filterable_number');
      const [count, examples] = await Promise.all([
        countPaying(rep.crm, query.count, signal),
        largest(rep.crm, query.count, signal),
      ]);
      return { ...found, count, examples };
    },
  );
};
