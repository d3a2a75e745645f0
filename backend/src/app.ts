import type { FastifyInstance } from 'fastify';
import { activityModels } from './activity/model.ts';
import { PayingAccounts } from './accounts/paying-accounts.ts';
import { accountRoutes } from './accounts/routes.ts';
import { Audit } from './audit/audit.ts';
import { KeptHeads } from './audit/kept-heads.ts';
import { MinuteCounts } from './audit/minute-counts.ts';
import { auditModels } from './audit/model.ts';
import { auditRefusals } from './audit/refusals.ts';
import { auditRoutes } from './audit/routes.ts';
import { LONGEST_SESSION_MS, openAuth, type Auth } from './auth/auth.ts';
import type { Config } from './config.ts';
import { connectionModel } from './connections/model.ts';
import { openConnections, type ConnectionsRoom } from './connections/room.ts';
import { jobModel } from './keys/model.ts';
import { KeyRotation } from './keys/rotation.ts';
import { keyRoutes } from './keys/routes.ts';
import { requireFreshAdmin } from './auth/guard.ts';
import type { Database } from './database/database.ts';
import { Inventory } from './database/inventory.ts';
import { joinDeployment, type Membership } from './database/deployment.ts';
import { orgModel } from './database/org-model.ts';
import { wordProblem } from './http/errors.ts';
import { events } from './http/events.ts';
import { healthRoutes } from './http/health.ts';
import type { Log } from './http/log.ts';
import type { Metrics } from './http/metrics.ts';
import { describeApi } from './http/openapi.ts';
import { createServer } from './http/server.ts';
import { openLedger } from './ledger/open-ledger.ts';
import { isInDate, readOperators } from './operators/operators-file.ts';
import { privacyAdminRoutes } from './privacy/admin-routes.ts';
import { CanaryRuns } from './privacy/canary-runs.ts';
import { evidenceRoutes } from './privacy/evidence-routes.ts';
import type { HeldData } from './privacy/held-data.ts';
import { heldByActivity, heldByConnections } from './privacy/held-rooms.ts';
import { privacyModels } from './privacy/model.ts';
import { openPrivacy, type Privacy } from './privacy/privacy.ts';
import { RegionCheck } from './privacy/region-check.ts';
import { privacyRoutes } from './privacy/routes.ts';
import { holdSending } from './privacy/sending.ts';
import { openCrmConnection } from './salesforce/connect.ts';
import { CrmTransport } from './salesforce/transport.ts';
import { HiddenFieldNotice } from './settings/hidden-field.ts';
import { RegionRecord } from './settings/region-record.ts';
import { settingsRoutes } from './settings/routes.ts';
import { SettingsStore } from './settings/store.ts';
import { addWriting } from './writing.ts';
import { openVault, type Vault } from './vault/vault.ts';
import { Checklist } from './setup/checklist.ts';
import { setupRoutes } from './setup/routes.ts';
import { ApiUsage } from './usage/api-usage.ts';
import { apiUsageModel } from './usage/model.ts';
import { usageRoutes } from './usage/routes.ts';
import { userRoutes } from './users/routes.ts';
import { Users } from './users/users.ts';

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
  return (await createRooms(parts)).app;
}

/** What operators act on, without a server that listens (ops.ts). */
export interface Rooms {
  readonly app: FastifyInstance;
  readonly vault: Vault;
  readonly rotation: KeyRotation;
  readonly membership: Membership;
  readonly audit: Audit;
  readonly auth: Auth;
  readonly privacy: Privacy;
  readonly canaryRuns: CanaryRuns;
}

/** The same with what it is made of. `app.close()` ends all of it but the database. @throws as `createApp` */
export async function createRooms(parts: AppParts): Promise<Rooms> {
  const app = await createServer({
    config: parts.config,
    log: parts.log,
    callerOf: (request) => request.rep,
    onAnswer: (route, method, status, ms) => parts.metrics.answered(route, method, status, ms),
  });
  try {
    return { app, ...(await addRooms(app, parts)) };
  } catch (error) {
    await app.close();
    throw error;
  }
}

/** An org whose own record names another region is erased here after a day (DESIGN 5). */
const REGION_LEFT_MS = 24 * 60 * 60_000;

/** What the service is made of; nothing else. What is closed last is opened first. */
async function addRooms(app: FastifyInstance, parts: AppParts): Promise<Omit<Rooms, 'app'>> {
  const { config, log, database, publicUrl, isDraining } = parts;
  const region = config.region.name;
  const orgs = orgModel(database.main);
  const connectionsModel = connectionModel(database.main);
  const jobs = jobModel(database.main);
  const activity = activityModels(database.main);
  const audits = auditModels(database.main);
  const erasures = privacyModels(database.main);
  const usage = new ApiUsage(apiUsageModel(database.main));
  app.addHook('onClose', () => usage.close());
  await database.ensureIndexes();
  const ledger = await openLedger(config.ledgerUri);
  app.addHook('onClose', () => ledger.close());
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
    orgs,
    readKeys: async (orgId) => (await orgs.findOne({ _id: orgId }).select({ dataKeys: 1 }).lean())?.dataKeys ?? [],
    anyOrg: async () => {
      const org = await orgs.findOne().select({ dataKeys: 1 }).lean();
      return org === null ? undefined : { orgId: org._id, dataKeys: org.dataKeys };
    },
    longestTokenMs: LONGEST_SESSION_MS,
  });
  app.addHook('onClose', async () => vault.close());
  await membership.opens([
    vault.masterKey.id,
    ...(vault.previousMasterKey === undefined ? [] : [vault.previousMasterKey.id]),
  ]);
  const audit = new Audit({ ...audits, proofKeys: vault.proofKeys, ledger });
  app.addHook('onClose', () => audit.close());
  const minutes = new MinuteCounts(audit);
  app.addHook('onClose', () => minutes.close());
  auditRefusals(app, minutes);

  await describeApi(app, '1');
  // Sign-in comes first, and asks connections and erasure later: who left a region is erased there, who is erased is
  // signed out.
  const later: { connections?: ConnectionsRoom; privacy?: Privacy } = {};
  const auth = await openAuth(app, {
    config,
    publicUrl,
    main: database.main,
    sessionsDatabase: database.sessions,
    orgs,
    vault,
    openCrm: (grant, onCall) => openCrmConnection(grant, transport, { namespace: config.packageNamespace, onCall }),
    countCalls: (orgId, purpose, calls) => usage.count(orgId, purpose, calls),
    settingsOf: (orgId) => settings.of(orgId),
    auditSignIn: ({ orgId, userId }) => audit.append({ orgId, actor: userId, action: 'signed_in', target: userId }),
    auditRefusal: ({ orgId, userId }) =>
      audit.append({ orgId, actor: userId, action: 'sign_in_refused', target: userId }),
    onSession: (session) => later.connections?.onSession(session),
    connectionsOf: async (rep) => (await later.connections?.connections.list(rep, false)) ?? [],
    regionLeft: async (orgId) => {
      await audit.append({ orgId, actor: 'system', action: 'region_left', target: 'org' });
      await later.privacy?.erasure.schedule(orgId, new Date(Date.now() + REGION_LEFT_MS));
    },
    regionKept: async (orgId) => {
      if ((await later.privacy?.erasure.callOff(orgId)) === true)
        await audit.append({ orgId, actor: 'system', action: 'region_kept', target: 'org' });
    },
    sessionsEnding: (org, user) =>
      ledger.append({ type: 'sessions_ended', org, ...(user === undefined ? {} : { user }) }),
    problemOf: (error) => wordProblem(log, error),
    log,
  });
  app.addHook('onClose', () => auth.close());
  const room = await openConnections(app, {
    config,
    region,
    publicUrl,
    model: connectionsModel,
    auth,
    namespace: config.packageNamespace,
    channelsOf: async (orgId) => (await settings.of(orgId)).settings.channels,
    onConnected: ({ orgId, userId, provider }) =>
      audit.append({ orgId, actor: userId, action: 'connected', target: provider }),
    onDisconnected: async ({ orgId, userId, provider }) => {
      await ledger.append({ type: 'disconnected', org: orgId, user: userId, provider });
      await audit.append({ orgId, actor: userId, action: 'disconnected', target: provider });
    },
    writeUses: async (uses) => {
      for (const { orgId, userId, provider, purpose, count } of uses) {
        const target = count === 1 ? provider : `${provider}_x${count}`;
        await audit.append({ orgId, actor: userId, action: `token_used_to_${purpose}`, target });
      }
    },
    problemOf: (error) => wordProblem(log, error),
    log,
  });
  later.connections = room;
  app.addHook('onClose', () => room.close());
  const rotation = new KeyRotation({
    jobs,
    orgs,
    dataKeys: vault.dataKeys,
    places: [
      {
        collection: 'users',
        dataKeyVersions: (orgId) => auth.repKeys.dataKeyVersions(orgId),
        rewrap: (orgId, newest) => auth.repKeys.rewrap(orgId, newest),
      },
    ],
    rotateHalves: (orgId, before) => auth.repKeys.rotateHalves(orgId, before),
    log,
  });
  app.addHook('onClose', () => rotation.close());
  await app.register(keyRoutes, {
    rotation,
    requireFreshAdmin: requireFreshAdmin(auth.oauth),
    keySwitch: (orgId) => room.connections.sealedIn(orgId),
    onRotated: (orgId, userId) => audit.append({ orgId, actor: userId, action: 'keys_rotated', target: 'data_key' }),
  });
  const hiddenField = new HiddenFieldNotice(orgs);
  const accounts = new PayingAccounts({
    settingsOf: (orgId) => settings.known(orgId) ?? settings.of(orgId),
    log,
    onPayingFieldHidden: (orgId, userId) => hiddenField.note(orgId, userId),
  });
  app.addHook('onClose', async () => accounts.close());
  auth.onSessionsEnded((ended) => accounts.sessionsEnded(ended));
  auth.onSessionsEnded(({ scope, orgId }) => scope === 'org' && vault.dataKeys.forget(orgId));
  settings.onChanged((orgId, now) => accounts.settingsChanged(orgId, now));
  // Rooms that must do more at an erasure than lose their documents, which the inventory sees to.
  const held: HeldData[] = [heldByConnections(room), { eraseOrg: (orgId) => usage.eraseOrg(orgId) }];
  const inventory = new Inventory([database.main, database.sessions]);
  const privacy = openPrivacy({
    models: erasures,
    orgs,
    inventory,
    ledger,
    vault,
    audit,
    auth,
    rooms: held,
    backupDays: config.backupDays,
    log,
  });
  later.privacy = privacy;
  app.addHook('onClose', () => privacy.close());
  await privacy.restore.begin();
  holdSending(app, privacy.restore);
  await app.register(accountRoutes, { accounts });
  const activities = await addWriting(app, {
    config,
    orgs,
    models: activity,
    dataKeys: vault.dataKeys,
    repKeys: auth.repKeys,
    tokens: room.connections,
    settingsOf: (orgId) => settings.of(orgId),
  });
  held.push(heldByActivity(activities));
  const regionRecord = new RegionRecord(orgs, config.regions, config.region);
  await app.register(settingsRoutes, {
    settings,
    regionRecord,
    audit,
    oauth: auth.oauth,
    eraseOrg: (orgId, asker) => privacy.erasure.begin({ orgId }, asker),
    here: config.region,
    regions: config.regions,
    log,
  });
  const checklist = new Checklist({
    people: auth.people,
    oauth: auth.oauth,
    here: config.region,
    regions: config.regions,
    settingsOf: (orgId) => settings.of(orgId),
    hiddenFieldOf: (orgId) => hiddenField.of(orgId),
  });
  await app.register(setupRoutes, { checklist });
  const { connections } = room;
  const users = new Users({
    people: auth.people,
    sessions: auth.sessions,
    connectionsOf: (orgId) => connections.summary(orgId),
  });
  await app.register(userRoutes, { users, oauth: auth.oauth, audit, log });
  await app.register(usageRoutes, { usage });
  const keptHeads = new KeptHeads(audit);
  await app.register(auditRoutes, { audit, keptHeads });
  await app.register(privacyRoutes, { privacy, auth, audit, rooms: held, proofKeys: vault.proofKeys });
  const regions = { here: region, others: config.regions.map(({ name }) => name).filter((name) => name !== region) };
  const regionCheck = new RegionCheck({ jobs: erasures.regionChecks, orgs, people: auth.people, regions, log });
  app.addHook('onClose', () => regionCheck.close());
  const canaryRuns = new CanaryRuns(erasures.canaryRuns, vault.proofKeys);
  await app.register(evidenceRoutes, {
    inventory,
    cached: (orgId) => accounts.cached(orgId),
    audit,
    auth,
    ledger,
    canary: canaryRuns,
    regions,
    regionChecked: (orgId) => regionCheck.of(orgId),
    keptHeads: (rep, signal) => keptHeads.summary(rep, signal),
    lateErasures: (orgId) => privacy.erasure.late(orgId),
    operatorsInDate: async () => {
      if (config.operators === undefined) return 0;
      const { file, signer } = config.operators;
      return (await readOperators(file, signer)).filter((operator) => isInDate(operator, Date.now())).length;
    },
    publicUrl,
    proofKeys: vault.proofKeys,
  });
  await app.register(privacyAdminRoutes, { privacy, auth, audit });
  await app.register(healthRoutes, {
    checks: {
      database: () => database.ping(),
      revocations: () => auth.revocations.isFresh,
      accepting: () => !isDraining(),
    },
  });
  return { vault, rotation, membership, audit, auth, privacy, canaryRuns };
}
