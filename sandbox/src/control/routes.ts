import type { FastifyInstance, FastifySchemaValidationError } from 'fastify';
import type { MovableClock } from '../clock.ts';
import type { Drop, Faults } from '../faults.ts';
import type { Client } from '../oauth/clients.ts';
import type { Mails } from '../mails.ts';
import type { Tenant } from '../microsoft/policy.ts';
import type { OAuthEngine } from '../oauth/engine.ts';
import type { Person } from '../oauth/policy.ts';
import type { Provider, ProviderName } from '../providers.ts';
import type { RequestLog } from '../request-log.ts';
import type { SalesforceOrg } from '../salesforce/org/org.ts';
import type { SignInRules } from '../salesforce/oauth/sign-in-rules.ts';
import { ControlError } from './control-error.ts';
import { schemas } from './schemas.ts';

/** What the control plane can reach. */
export interface ControlOptions {
  readonly org: SalesforceOrg;
  readonly rules: SignInRules;
  readonly tenant: Tenant;
  readonly providers: readonly Provider[];
  readonly faults: Faults;
  readonly log: RequestLog;
  readonly mails: Mails;
  readonly clock: MovableClock;
  /** Back to the start, all of it. */
  reset(): void;
}

type Row = Record<string, unknown>;

/**
 * `/__control`: what tests do to the stand-ins (DESIGN 9). A change answers 200 with what it did, a list
 * `{ rows: [...] }`, a call that cannot be carried out 400 `{ error, field? }`.
 */
export function controlRoutes(app: FastifyInstance, options: ControlOptions): void {
  const { org, rules, faults, log, clock } = options;

  app.setSchemaErrorFormatter(nameField);
  app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    if (!(error instanceof ControlError)) return reply.status(error.statusCode ?? 500).send({ error: error.message });
    return reply.status(400).send({ error: error.message, field: error.field });
  });
  app.setNotFoundHandler((request, reply) =>
    reply.status(404).send({ error: `There is no control call ${request.method} ${request.url.split('?')[0] ?? ''}.` }),
  );
  // A call without fields, such as reset, may come with the content type and nothing else.
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, body === '' ? {} : (JSON.parse(String(body)) as unknown));
    } catch {
      done(new ControlError('The body is not JSON.'));
    }
  });

  const providerNamed = (name: ProviderName): Provider => {
    const provider = options.providers.find((one) => one.name === name);
    if (!provider) throw new ControlError(`provider: ${name} is not served.`);
    return provider;
  };

  app.post('/reset', async ({ body }) => {
    if (typeof body === 'object' && body !== null && Object.keys(body).length > 0) {
      throw new ControlError('reset takes no fields.');
    }
    options.reset();
    return {};
  });

  app.post<{ Body: { object: string; upsert?: Row[]; delete?: string[] | 'all' } }>(
    '/records',
    { schema: { body: schemas.records } },
    async ({ body }) => {
      if (body.upsert === undefined && body.delete === undefined) {
        throw new ControlError('records needs upsert or delete.');
      }
      // In this order "all" and some rows together mean: these rows and no others.
      const deleted = body.delete === undefined ? 0 : org.control.remove(body.object, body.delete);
      const ids = body.upsert === undefined ? [] : org.control.upsert(body.object, body.upsert);
      return { ids, deleted };
    },
  );
  app.get<{ Querystring: { object: string } }>(
    '/records',
    { schema: { querystring: schemas.recordsQuery } },
    async ({ query }) => ({ rows: org.control.list(query.object) }),
  );

  app.post<{
    Body: {
      provider: ProviderName;
      pathPattern: string;
      times: number;
      status?: number;
      body?: unknown;
      headers?: Record<string, string>;
      latencyMs?: number;
      drop?: Drop;
    };
  }>('/faults', { schema: { body: schemas.faults } }, async ({ body }) => {
    const { provider, times, status, headers, latencyMs, drop } = body;
    if (![status, body.body, headers, latencyMs, drop].some((effect) => effect !== undefined)) {
      throw new ControlError('A fault needs one of status, body, headers, latencyMs, drop.');
    }
    const pathPattern = readPattern(body.pathPattern);
    faults.add({ provider, pathPattern, times, status, body: body.body, headers, latencyMs, drop });
    return {};
  });
  app.get('/faults', async () => ({
    rows: faults
      .list()
      .map(({ fault, left }) => ({ ...fault, pathPattern: fault.pathPattern.source, timesLeft: left })),
  }));
  app.delete('/faults', async () => {
    faults.takeBack();
    return {};
  });

  app.post<{ Body: { provider: ProviderName; username: string; action: 'expire' | 'revoke' } }>(
    '/tokens',
    { schema: { body: schemas.tokens } },
    async ({ body }) => {
      const { engine } = providerNamed(body.provider);
      const user = engine.policy.people.find(body.username);
      if (!user) throw new ControlError(`username: ${body.provider} has no user ${body.username}.`);
      const affected = body.action === 'expire' ? engine.grants.expireAccessOf(user.id) : engine.withdraw(user.id);
      return { affected };
    },
  );

  app.post<{
    Body: {
      provider: ProviderName;
      clientId: string;
      clientSecret: string;
      redirectUris: string[];
      rotation?: 'none' | 'rotate';
      scopes?: string[];
    };
  }>('/clients', { schema: { body: schemas.clients } }, async ({ body }) => {
    const { provider, clientId, clientSecret, redirectUris, scopes } = body;
    const unusable = redirectUris.find((uri) => !URL.canParse(uri));
    if (unusable !== undefined) throw new ControlError(`redirectUris: ${unusable} is not a URL.`);
    const { engine } = providerNamed(provider);
    const { rotation = engine.policy.rotation } = body;
    const client = { clientId, clientSecret, redirectUris, rotation, scopes: undefined };
    engine.clients.add({ ...client, scopes: scopes && readScopes(engine, client, scopes) });
    return {};
  });

  app.post<{ Body: { username: string; active?: boolean; permissions?: string[] } }>(
    '/users',
    { schema: { body: schemas.users } },
    async ({ body }) => {
      org.control.setUser(body);
      return {};
    },
  );
  app.post<{ Body: { username: string; object: string; field?: string; read?: boolean; create?: boolean } }>(
    '/access',
    { schema: { body: schemas.access } },
    async ({ body }) => {
      org.control.setAccess(body);
      return {};
    },
  );
  app.post<{ Body: { object: string; fields?: Row[]; remove?: string[] } }>(
    '/schema',
    { schema: { body: schemas.schema } },
    async ({ body }) => {
      org.control.setSchema(body);
      return {};
    },
  );
  app.post<{
    Body: Partial<SignInRules> & Parameters<SalesforceOrg['control']['setOrg']>[0] & { organizationId?: string };
  }>('/org', { schema: { body: schemas.org } }, async ({ body }) => {
    const { organizationId, appBlocked, adminApprovalRequired, loginRefusal, ...flags } = body;
    org.control.setOrg(flags);
    if (organizationId !== undefined) org.control.copyTo(organizationId);
    if (appBlocked !== undefined) rules.appBlocked = appBlocked;
    if (adminApprovalRequired !== undefined) rules.adminApprovalRequired = adminApprovalRequired;
    if (loginRefusal !== undefined) rules.loginRefusal = loginRefusal;
    return { ...org.flags, ...rules };
  });
  app.post<{ Body: { provider: 'microsoft'; adminConsent: Tenant['adminConsent'] } }>(
    '/tenant',
    { schema: { body: schemas.tenant } },
    async ({ body }) => {
      options.tenant.adminConsent = body.adminConsent;
      return { ...options.tenant };
    },
  );
  app.post<{ Body: { offsetMs: number } }>('/clock', { schema: { body: schemas.clock } }, async ({ body }) => {
    clock.offsetMs = body.offsetMs;
    return { now: new Date(clock.now()).toISOString() };
  });

  app.get<{ Querystring: { provider?: ProviderName } }>(
    '/requests',
    { schema: { querystring: schemas.requestsQuery } },
    async ({ query }) => ({ rows: log.list(query.provider) }),
  );
  app.delete<{ Querystring: { provider?: ProviderName } }>(
    '/requests',
    { schema: { querystring: schemas.requestsQuery } },
    async ({ query }) => {
      log.clear(query.provider);
      return {};
    },
  );
  app.get('/mail', async () => ({ rows: options.mails.list() }));
}

/** One sentence that names the field that is wrong. */
function nameField(errors: FastifySchemaValidationError[], where: string): Error {
  const [error] = errors;
  const { additionalProperty, missingProperty, allowedValues } = error?.params ?? {};
  const path = (error?.instancePath ?? '').slice(1).replaceAll('/', '.');
  const named = [additionalProperty, missingProperty].find((name) => typeof name === 'string');
  const field = [path, named].filter(Boolean).join('.') || where;
  const rule =
    additionalProperty !== undefined
      ? 'is not a field here'
      : missingProperty !== undefined
        ? 'is required'
        : Array.isArray(allowedValues)
          ? `must be one of ${allowedValues.map(String).join(', ')}`
          : (error?.message ?? 'is wrong');
  return new ControlError(`${field}: ${rule}.`);
}

function readPattern(source: string): RegExp {
  try {
    return new RegExp(source);
  } catch {
    throw new ControlError('pathPattern: is not a regular expression.');
  }
}

/** The scopes of an app in the provider's canonical names. */
function readScopes({ policy }: OAuthEngine<Person>, client: Client, scopes: string[]): readonly string[] {
  try {
    return policy.scopes(scopes.join(' '), client);
  } catch {
    throw new ControlError('scopes: holds a scope that this provider does not know.');
  }
}
