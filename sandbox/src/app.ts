import Fastify, { type FastifyInstance } from 'fastify';
import { MovableClock } from './clock.ts';
import { controlRoutes } from './control/routes.ts';
import { Faults } from './faults.ts';
import { google } from './google/plugin.ts';
import { googlePolicy, type GoogleParts } from './google/policy.ts';
import { Mails } from './mails.ts';
import { microsoft } from './microsoft/plugin.ts';
import { microsoftPolicy, openTenant, type MicrosoftParts } from './microsoft/policy.ts';
import { kmsControl } from './kms/control.ts';
import { KmsKeys } from './kms/keys.ts';
import { kmsApi } from './kms/plugin.ts';
import { OAuthEngine } from './oauth/engine.ts';
import type { Person, Policy } from './oauth/policy.ts';
import { createSigningKey } from './oauth/keys.ts';
import { OutreachData } from './outreach/data.ts';
import { outreach } from './outreach/plugin.ts';
import { outreachPolicy } from './outreach/policy.ts';
import { providerNames, type Provider, type ProviderName } from './providers.ts';
import { RequestLog } from './request-log.ts';
import { SalesforceError } from './salesforce/error.ts';
import { restAuthenticate } from './salesforce/oauth/authenticate.ts';
import { salesforceOauth } from './salesforce/oauth/plugin.ts';
import { salesforcePolicy, type SalesforceParts } from './salesforce/oauth/policy.ts';
import { openSignInRules } from './salesforce/oauth/sign-in-rules.ts';
import { createOrg } from './salesforce/org/org.ts';
import { salesforceRest } from './salesforce/rest/plugin.ts';
import { startClients } from './start-clients.ts';
import { watchTraffic } from './traffic.ts';

/** What the sandbox is started with. */
export interface SandboxSettings {
  /** How many accounts the demo org has; undefined is the demo's own number. */
  readonly accounts?: number | undefined;
  /** A CSV file whose companies are the accounts instead, as many as it has. */
  readonly accountsCsv?: string | undefined;
  /** Namespace of the package in the org, as a managed one has; undefined is none. */
  readonly namespace?: string | undefined;
  /** Where the default clients may be sent back to; each provider takes its own (`startClients`). */
  readonly redirectUris: readonly string[];
  /** What the org calls itself, where a line leads from there to `/salesforce`; undefined is the sandbox's own address. */
  readonly salesforceUrl?: string | undefined;
}

/**
 * Builds the stand-ins.
 * @param origin `http://127.0.0.1:PORT`, asked at each request: issuer URLs hold the port, which is known once listening
 */
export async function buildApp(settings: SandboxSettings, origin: () => string): Promise<FastifyInstance> {
  const clock = new MovableClock();
  const faults = new Faults();
  const log = new RequestLog(clock);
  const rules = openSignInRules();
  const { accounts, accountsCsv, namespace, redirectUris, salesforceUrl } = settings;
  const org = createOrg({
    clock,
    ...(accounts === undefined ? {} : { accounts }),
    ...(accountsCsv === undefined ? {} : { accountsCsv }),
    ...(namespace === undefined ? {} : { namespace }),
  });
  const mails = new Mails();
  const [salesforceKey, googleKey, microsoftKey] = await Promise.all([
    createSigningKey('sandbox-1'),
    createSigningKey('sandbox-google-1'),
    createSigningKey('sandbox-microsoft-1'),
  ]);
  const engineOf = <P extends Person>(name: Exclude<ProviderName, 'kms'>, policy: Policy<P>) =>
    new OAuthEngine(policy, startClients(name, redirectUris, policy.rotation), clock);
  const parts: SalesforceParts = {
    org,
    rules,
    key: salesforceKey,
    baseUrl: () => salesforceUrl ?? `${origin()}/salesforce`,
  };
  const engine = engineOf('salesforce', salesforcePolicy(parts));
  const googleParts: GoogleParts = { org, key: googleKey, baseUrl: () => `${origin()}/google` };
  const googleEngine = engineOf('google', googlePolicy(googleParts));
  const now = () => clock.now();
  const microsoftParts: MicrosoftParts = {
    org,
    key: microsoftKey,
    tenant: openTenant(),
    baseUrl: () => `${origin()}/microsoft`,
    now,
  };
  const microsoftEngine = engineOf('microsoft', microsoftPolicy(microsoftParts));
  const outreachEngine = engineOf('outreach', outreachPolicy(org));
  const outreachData = new OutreachData(org);
  const providers: Provider[] = [
    { name: 'salesforce', engine },
    { name: 'google', engine: googleEngine },
    { name: 'microsoft', engine: microsoftEngine },
    { name: 'outreach', engine: outreachEngine },
  ];
  const kms = new KmsKeys();

  const app = Fastify({
    logger: false,
    forceCloseConnections: true,
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false } },
  });
  watchTraffic(app, { faults, log });
  app.get('/', async () =>
    Object.fromEntries([...providerNames, '__control'].map((name) => [name.replace('__', ''), `${origin()}/${name}`])),
  );

  app.register(
    async (salesforce) => {
      salesforce.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
        if (error instanceof SalesforceError) return reply.status(error.status).send(error.toBody());
        const status = error.statusCode ?? 500;
        const code = status < 500 ? 'INVALID_REQUEST' : 'UNKNOWN_EXCEPTION';
        return reply.status(status).send(new SalesforceError(status, code, error.message).toBody());
      });
      salesforce.setNotFoundHandler((_request, reply) => {
        const error = new SalesforceError(404, 'NOT_FOUND', 'The requested resource does not exist');
        return reply.status(404).send(error.toBody());
      });
      salesforceOauth(salesforce, { engine, parts, now });
      await salesforce.register(salesforceRest, { org, authenticate: restAuthenticate(engine, org) });
    },
    { prefix: '/salesforce' },
  );

  app.register(async (scope) => google(scope, { engine: googleEngine, parts: googleParts, mails, now }), {
    prefix: '/google',
  });
  app.register(async (scope) => microsoft(scope, { engine: microsoftEngine, parts: microsoftParts, mails }), {
    prefix: '/microsoft',
  });
  const outreachUrl = () => `${origin()}/outreach`;
  app.register(
    async (scope) => outreach(scope, { engine: outreachEngine, data: outreachData, baseUrl: outreachUrl, now }),
    { prefix: '/outreach' },
  );
  app.register(async (api) => kmsApi(api, { keys: kms, clock }), { prefix: '/kms' });

  app.register(
    async (control) => {
      const reset = () => {
        clock.offsetMs = 0;
        org.control.reset();
        Object.assign(rules, openSignInRules());
        for (const provider of providers) provider.engine.reset();
        kms.reset();
        mails.clear();
        outreachData.reset();
        Object.assign(microsoftParts.tenant, openTenant());
        faults.clear();
        log.clear();
      };
      controlRoutes(control, {
        org,
        rules,
        tenant: microsoftParts.tenant,
        providers,
        faults,
        log,
        mails,
        clock,
        reset,
      });
      kmsControl(control, kms);
    },
    { prefix: '/__control' },
  );
  return app;
}
