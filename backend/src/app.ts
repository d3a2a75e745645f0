import type { FastifyInstance } from 'fastify';
import { Audit } from './audit/audit.ts';
import { auditModel } from './audit/model.ts';
import { LONGEST_SESSION_MS, registerAuth } from './auth/auth.ts';
import { authModels } from './auth/model.ts';
import type { Config } from './config.ts';
import type { Database } from './database/database.ts';
import { orgModel } from './database/org-model.ts';
import { healthRoutes } from './http/health.ts';
import type { Log } from './http/log.ts';
import type { Metrics } from './http/metrics.ts';
import { describeApi } from './http/openapi.ts';
import { createServer } from './http/server.ts';
import { openCrmConnection } from './salesforce/connect.ts';
import { CrmTransport } from './salesforce/transport.ts';
import { SettingsStore } from './settings/store.ts';
import { signingKeyModel } from './vault/signing-key-model.ts';
import { Vault } from './vault/vault.ts';

export interface AppParts {
  readonly config: Config;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Not necessarily connected yet. */
  readonly database: Database;
  readonly publicUrl: () => string;
  readonly isDraining: () => boolean;
}

export interface App {
  /** Takes requests through `server.routing`; `server.close()` ends all of the service but the database. */
  readonly server: FastifyInstance;
  /**
   * Begins to serve; the database must be connected. Until then every route that needs it answers 503.
   * @throws what the database throws while it is away; MasterKeyUnusable and IndexFailed, which no waiting mends
   */
  start(): Promise<void>;
}

/** What the service is made of; nothing else. Everything is put together first and started later. */
export async function createApp(parts: AppParts): Promise<App> {
  const { config, log, metrics, database, publicUrl, isDraining } = parts;
  const region = config.region.name;
  let isServing = false;
  const server = await createServer({
    config,
    log,
    callerOf: (request) => (request.rep as typeof request.rep | null) ?? undefined,
    isServing: () => isServing,
    onAnswer: (route, method, status, ms) => metrics.answered(route, method, status, ms),
  });

  const orgs = orgModel(database.main);
  const audit = new Audit(auditModel(database.main));
  const settings = new SettingsStore({ orgs, region });
  const transport = new CrmTransport();
  const vault = new Vault({
    dataDir: config.dataDir,
    region,
    signingKeys: signingKeyModel(database.main),
    readKeys: async (orgId) => (await orgs.findOne({ _id: orgId }).select({ dataKeys: 1 }).lean())?.dataKeys ?? [],
    anyOrg: async () => {
      const org = await orgs.findOne().select({ dataKeys: 1 }).lean();
      return org === null ? undefined : { orgId: org._id, dataKeys: org.dataKeys };
    },
    longestTokenMs: LONGEST_SESSION_MS,
  });

  await describeApi(server, '1');
  const auth = await registerAuth(server, {
    config,
    publicUrl,
    models: authModels(database.main, database.sessions),
    orgs,
    vault,
    openCrm: (grant) => openCrmConnection(grant, transport),
    settingsOf: (orgId) => settings.of(orgId),
    auditSignIn: ({ orgId, userId }) => audit.append({ orgId, actor: userId, action: 'signed_in', target: userId }),
    log,
  });
  await server.register(healthRoutes, {
    checks: {
      started: () => isServing,
      database: () => database.ping(),
      revocations: () => auth.revocations.isFresh,
      accepting: () => !isDraining(),
    },
  });
  server.addHook('onClose', async () => {
    settings.close();
    await auth.close();
    vault.close();
    await transport.close();
  });
  return {
    server,
    start: async () => {
      await database.ensureIndexes();
      await vault.open();
      await auth.start();
      isServing = true;
    },
  };
}
