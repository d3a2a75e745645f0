import type { FastifyInstance } from 'fastify';
import { PayingAccounts } from './accounts/paying-accounts.ts';
import { accountRoutes } from './accounts/routes.ts';
import { Audit } from './audit/audit.ts';
import { auditModel } from './audit/model.ts';
import { auditRoutes } from './audit/routes.ts';
import { LONGEST_SESSION_MS, openAuth } from './auth/auth.ts';
import type { Config } from './config.ts';
import type { Database } from './database/database.ts';
import { joinDeployment } from './database/deployment.ts';
import { orgModel } from './database/org-model.ts';
import { wordProblem } from './http/errors.ts';
import { events } from './http/events.ts';
import { healthRoutes } from './http/health.ts';
import type { Log } from './http/log.ts';
import type { Metrics } from './http/metrics.ts';
import { describeApi } from './http/openapi.ts';
import { createServer } from './http/server.ts';
import { openCrmConnection } from './salesforce/connect.ts';
import { CrmTransport } from './salesforce/transport.ts';
import { RegionRecord } from './settings/region-record.ts';
import { settingsRoutes } from './settings/routes.ts';
import { SettingsStore } from './settings/store.ts';
import { openVault } from './vault/vault.ts';

export interface AppParts {
  readonly config: Config;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Connected. */
  readonly database: Database;
  readonly publicUrl: () => string;
  readonly isDraining: () => boolean;
}

/**
 * Requests go to `app.routing`; `app.close()` ends all of it but the database.
 * @throws what the database throws while it is away, KeysUnavailable; DeploymentMismatch, MasterKeyUnusable and IndexFailed,
 *   which no waiting mends
 */
export async function createApp(parts: AppParts): Promise<FastifyInstance> {
  const app = await createServer({
    config: parts.config,
    log: parts.log,
    callerOf: (request) => request.rep,
    onAnswer: (route, method, status, ms) => parts.metrics.answered(route, method, status, ms),
  });
  try {
    await addRooms(app, parts);
    return app;
  } catch (error) {
    await app.close();
    throw error;
  }
}

/** What the service is made of; nothing else. What is closed last is opened first. */
async function addRooms(app: FastifyInstance, parts: AppParts): Promise<void> {
  const { config, log, database, publicUrl, isDraining } = parts;
  const region = config.region.name;
  const orgs = orgModel(database.main);
  const audit = new Audit(auditModel(database.main));
  await database.ensureIndexes();
  const membership = await joinDeployment({
    main: database.main,
    sessions: database.sessions,
    region,
    shared: {
      SALESFORCE_CLIENT_ID: config.salesforce.clientId,
      SALESFORCE_LOGIN_URL: config.salesforce.loginUrl ?? '',
    },
  });
  app.addHook('onClose', () => membership.leave());
  const settings = new SettingsStore({ orgs, region });
  app.addHook('onClose', async () => settings.close());
  const transport = new CrmTransport();
  app.addHook('onClose', () => transport.close());
  const vault = await openVault({
    masterKey: config.masterKey,
    onKmsState: ({ state, reason }) =>
      log[state === 'available' ? 'info' : 'warn'](events.masterKeyState, { state, problem: reason }),
    dataDir: config.dataDir,
    region,
    main: database.main,
    readKeys: async (orgId) => (await orgs.findOne({ _id: orgId }).select({ dataKeys: 1 }).lean())?.dataKeys ?? [],
    anyOrg: async () => {
      const org = await orgs.findOne().select({ dataKeys: 1 }).lean();
      return org === null ? undefined : { orgId: org._id, dataKeys: org.dataKeys };
    },
    longestTokenMs: LONGEST_SESSION_MS,
  });
  app.addHook('onClose', async () => vault.close());

  await describeApi(app, '1');
  const auth = await openAuth(app, {
    config,
    publicUrl,
    main: database.main,
    sessionsDatabase: database.sessions,
    orgs,
    vault,
    openCrm: (grant) => openCrmConnection(grant, transport),
    settingsOf: (orgId) => settings.of(orgId),
    auditSignIn: ({ orgId, userId }) => audit.append({ orgId, actor: userId, action: 'signed_in', target: userId }),
    auditRefusal: ({ orgId, userId }) =>
      audit.append({ orgId, actor: userId, action: 'sign_in_refused', target: userId }),
    problemOf: (error) => wordProblem(log, error),
    log,
  });
  app.addHook('onClose', () => auth.close());
  const accounts = new PayingAccounts({ settingsOf: (orgId) => settings.of(orgId), log });
  app.addHook('onClose', async () => accounts.close());
  auth.onSessionsEnded((ended) => accounts.sessionsEnded(ended));
  settings.onChanged((orgId, now) => accounts.settingsChanged(orgId, now));
  await app.register(accountRoutes, { accounts });
  const regionRecord = new RegionRecord(orgs, config.regions, config.region);
  await app.register(settingsRoutes, {
    settings,
    regionRecord,
    audit,
    here: config.region,
    regions: config.regions,
    log,
  });
  await app.register(auditRoutes, { audit });
  await app.register(healthRoutes, {
    checks: {
      database: () => database.ping(),
      revocations: () => auth.revocations.isFresh,
      accepting: () => !isDraining(),
    },
  });
}
