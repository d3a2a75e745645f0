import Fastify, { type FastifyInstance } from 'fastify';
import { MovableClock } from './clock.ts';
import { controlRoutes } from './control/routes.ts';
import { Faults } from './faults.ts';
import { kmsControl } from './kms/control.ts';
import { KmsKeys } from './kms/keys.ts';
import { kmsApi } from './kms/plugin.ts';
import { OAuthEngine } from './oauth/engine.ts';
import { createSigningKey } from './oauth/keys.ts';
import type { Provider } from './providers.ts';
import { RequestLog } from './request-log.ts';
import { SalesforceError } from './salesforce/error.ts';
import { restAuthenticate } from './salesforce/oauth/authenticate.ts';
import { salesforceOauth } from './salesforce/oauth/plugin.ts';
import { salesforcePolicy, type SalesforceParts } from './salesforce/oauth/policy.ts';
import { openSignInRules } from './salesforce/oauth/sign-in-rules.ts';
import { createOrg } from './salesforce/org/org.ts';
import { salesforceRest } from './salesforce/rest/plugin.ts';
import { watchTraffic } from './traffic.ts';

/** What the sandbox is started with. */
export interface SandboxSettings {
  /** How many accounts the demo org has; undefined is the demo's own number. */
  readonly accounts?: number | undefined;
  /** A CSV file whose companies are the accounts instead, as many as it has. */
  readonly accountsCsv?: string | undefined;
  /** Where the default client may be sent back to. */
  readonly redirectUris: readonly string[];
}

/** Of the client that the settings of the backend name by default. */
export const defaultClient = { clientId: 'oneshot-sandbox-client', clientSecret: 'oneshot-sandbox-secret' } as const;

/**
 * Builds the stand-ins.
 * @param origin `http://127.0.0.1:PORT`, asked at each request: issuer URLs hold the port, which is known once listening
 */
export async function buildApp(settings: SandboxSettings, origin: () => string): Promise<FastifyInstance> {
  const clock = new MovableClock();
  const faults = new Faults();
  const log = new RequestLog(clock);
  const rules = openSignInRules();
  const { accounts, accountsCsv, redirectUris } = settings;
  const org = createOrg({
    clock,
    ...(accounts === undefined ? {} : { accounts }),
    ...(accountsCsv === undefined ? {} : { accountsCsv }),
  });
  const parts: SalesforceParts = {
    org,
    rules,
    key: await createSigningKey(),
    baseUrl: () => `${origin()}/salesforce`,
  };
  const engine = new OAuthEngine(
    salesforcePolicy(parts),
    [{ ...defaultClient, redirectUris, rotation: 'none', scopes: undefined }],
    clock,
  );
  const kms = new KmsKeys();
  const providers: Provider[] = [{ name: 'salesforce', engine }];

  const app = Fastify({
    logger: false,
    forceCloseConnections: true,
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false } },
  });
  watchTraffic(app, { faults, log });
  app.get('/', async () => ({ salesforce: parts.baseUrl(), kms: `${origin()}/kms`, control: `${origin()}/__control` }));

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
      salesforceOauth(salesforce, { engine, parts, now: () => clock.now() });
      await salesforce.register(salesforceRest, { org, authenticate: restAuthenticate(engine, org) });
    },
    { prefix: '/salesforce' },
  );

  app.register(async (api) => kmsApi(api, { keys: kms, clock }), { prefix: '/kms' });

  app.register(
    async (control) => {
      const reset = () => {
        clock.offsetMs = 0;
        org.control.reset();
        Object.assign(rules, openSignInRules());
        engine.reset();
        kms.reset();
        faults.clear();
        log.clear();
      };
      controlRoutes(control, { org, rules, providers, faults, log, clock, reset });
      kmsControl(control, kms);
    },
    { prefix: '/__control' },
  );
  return app;
}
