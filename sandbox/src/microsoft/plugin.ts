import type { FastifyInstance } from 'fastify';
import type { Mails } from '../mails.ts';
import type { OAuthEngine } from '../oauth/engine.ts';
import { sendErrorPage } from '../oauth/pages.ts';
import { acceptAnyBody, oauthRoutes } from '../oauth/routes.ts';
import { adminConsent } from './admin-consent.ts';
import { graphRoutes } from './graph.ts';
import { GraphError, sendGraphError } from './graph-error.ts';
import { tenantId, type MicrosoftAccount, type MicrosoftParts } from './policy.ts';
import { unknownTenant } from './wording.ts';

/** What may stand for the tenant in a path: any of its own names, or whatever tenant somebody is in. */
const tenantNames: ReadonlySet<string> = new Set(['common', 'organizations', tenantId, 'demo.example']);

/** What the plugin needs. */
export interface MicrosoftOptions {
  readonly engine: OAuthEngine<MicrosoftAccount>;
  readonly parts: MicrosoftParts;
  readonly mails: Mails;
}

/** The part of Microsoft that the product meets (FACTS F): sign-in and Graph. Paths are below the provider's prefix. */
export function microsoft(app: FastifyInstance, { engine, parts, mails }: MicrosoftOptions): void {
  app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    const status = error.statusCode ?? 500;
    const code = status < 500 ? 'BadRequest' : 'InternalServerError';
    const known = error instanceof GraphError ? error : new GraphError(status, code, error.message);
    return sendGraphError(reply, known, parts.now());
  });
  app.setNotFoundHandler((_request, reply) => {
    const error = new GraphError(404, 'ResourceNotFound', 'Resource could not be discovered.');
    return sendGraphError(reply, error, parts.now());
  });
  app.addHook('onRequest', async (request, reply) => {
    const { tenant } = request.params as { tenant?: string };
    if (tenant === undefined || tenantNames.has(tenant)) return undefined;
    const body = unknownTenant(tenant, parts.now());
    if (request.method !== 'GET' || request.url.includes('/.well-known/')) return reply.status(400).send(body);
    const { error, error_description: description } = body;
    return sendErrorPage(reply, {
      provider: 'Microsoft',
      status: 400,
      error: String(error),
      description: String(description),
    });
  });
  oauthRoutes(app, engine);

  app.register(async (scope) => {
    acceptAnyBody(scope);
    graphRoutes(scope, engine, mails);
    adminConsent(scope, engine, parts.tenant);
    scope.get<{ Params: { tenant: string } }>('/:tenant/v2.0/.well-known/openid-configuration', async (request) =>
      discovery(parts.baseUrl(), request.params.tenant),
    );
    scope.get('/:tenant/discovery/v2.0/keys', async () => parts.key.jwks);
  });
}

/** OpenID Connect Discovery 1.0; for `common` the issuer holds a place for the tenant, as at Microsoft. */
function discovery(base: string, tenant: string): Record<string, unknown> {
  const isOpen = tenant === 'common' || tenant === 'organizations';
  const authority = `${base}/${isOpen ? tenant : tenantId}`;
  return {
    issuer: `${base}/${isOpen ? '{tenantid}' : tenantId}/v2.0`,
    authorization_endpoint: `${authority}/oauth2/v2.0/authorize`,
    token_endpoint: `${authority}/oauth2/v2.0/token`,
    jwks_uri: `${authority}/discovery/v2.0/keys`,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
    claims_supported: ['sub', 'iss', 'aud', 'exp', 'iat', 'nonce', 'preferred_username', 'name', 'tid', 'oid', 'ver', 'email'], // prettier-ignore
    code_challenge_methods_supported: ['S256'],
  };
}
