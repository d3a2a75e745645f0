import type { FastifyInstance, FastifyReply } from 'fastify';
import type { OAuthEngine } from '../../oauth/engine.ts';
import { acceptAnyBody, asRefusal, oauthRoutes, readForm, sendWording } from '../../oauth/routes.ts';
import type { OrgUser } from '../org/org.ts';
import { identitySession } from './authenticate.ts';
import { identity, userinfo } from './identity.ts';
import { identityUrl, type SalesforceParts } from './policy.ts';
import { salesforceScopes } from './scopes.ts';

/** What the plugin needs. */
export interface SalesforceOauthOptions {
  readonly engine: OAuthEngine<OrgUser>;
  readonly parts: SalesforceParts;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Everything of Salesforce's that is about signing in (FACTS A). Paths are below the provider's prefix. */
export function salesforceOauth(app: FastifyInstance, { engine, parts, now }: SalesforceOauthOptions): void {
  const { org } = parts;
  oauthRoutes(app, engine);

  app.register(async (scope) => {
    acceptAnyBody(scope);

    scope.get('/.well-known/openid-configuration', async () => discovery(parts.baseUrl()));
    scope.get('/id/keys', async () => parts.key.jwks);

    scope.get<{ Params: { org: string; user: string } }>('/id/:org/:user', async (request, reply) => {
      const session = identitySession(engine, request);
      const isOwn = session && request.params.org === org.id && request.params.user === session.user.id;
      if (!isOwn) return badToken(reply);
      return identity({ baseUrl: parts.baseUrl(), org, now: now(), ...session });
    });

    scope.route({
      method: ['GET', 'POST'],
      url: '/services/oauth2/userinfo',
      handler: async (request, reply) => {
        const session = identitySession(engine, request);
        return session ? userinfo(parts.baseUrl(), org, session.user) : badToken(reply);
      },
    });

    scope.post('/services/oauth2/introspect', async (request, reply) => {
      try {
        const params = readForm(request);
        params.assertNoneRepeated();
        const client = engine.clients.authenticate(params, request.headers.authorization);
        return introspect(engine, parts, client.clientId, params.required('token'));
      } catch (error) {
        return sendWording(reply, engine.policy.wordToken(asRefusal(error)));
      }
    });
  });
}

/** Not a 401 and not JSON: this is how identity and userinfo say that the token is no good (FACTS A). */
function badToken(reply: FastifyReply): FastifyReply {
  return reply.status(403).type('text/html; charset=UTF-8').send('Bad_OAuth_Token');
}

/** RFC 7662. A client sees its own tokens only; looking does not prolong a session. Times in epoch seconds. */
function introspect(
  engine: OAuthEngine<OrgUser>,
  { org, baseUrl }: SalesforceParts,
  clientId: string,
  token: string,
): Record<string, unknown> {
  const access = engine.grants.peek(token);
  const grant = access?.grant ?? engine.grants.peekRefresh(token);
  const user = grant && engine.policy.people.byId(grant.userId);
  if (grant?.clientId !== clientId || !user?.active) return { active: false };
  const seconds = (ms: number) => Math.floor(ms / 1000);
  return {
    active: true,
    scope: grant.scopes.join(' '),
    client_id: clientId,
    username: user.username,
    sub: identityUrl(baseUrl(), org, user),
    token_type: access ? 'access_token' : 'refresh_token',
    ...(access ? { exp: seconds(access.expiresAt), iat: seconds(access.issuedAt), nbf: seconds(access.issuedAt) } : {}),
  };
}

/** OpenID Connect Discovery 1.0. */
function discovery(issuer: string): Record<string, unknown> {
  return {
    issuer,
    authorization_endpoint: `${issuer}/services/oauth2/authorize`,
    token_endpoint: `${issuer}/services/oauth2/token`,
    revocation_endpoint: `${issuer}/services/oauth2/revoke`,
    userinfo_endpoint: `${issuer}/services/oauth2/userinfo`,
    introspection_endpoint: `${issuer}/services/oauth2/introspect`,
    jwks_uri: `${issuer}/id/keys`,
    scopes_supported: [...salesforceScopes.keys(), 'offline_access', 'profile', 'email', 'address', 'phone'],
    response_types_supported: ['code'],
    grant_types_supported: ['authorization_code', 'refresh_token'],
    code_challenge_methods_supported: ['S256'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    display_values_supported: ['page', 'popup'],
    token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
  };
}
