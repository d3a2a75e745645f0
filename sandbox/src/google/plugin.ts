import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Mails } from '../mails.ts';
import { bearerOf, bearerSession } from '../oauth/bearer.ts';
import type { OAuthEngine } from '../oauth/engine.ts';
import { acceptAnyBody, oauthRoutes, queryOf, readForm } from '../oauth/routes.ts';
import { GoogleError } from './error.ts';
import { gmailRoutes } from './gmail.ts';
import { claimsOf, type GoogleAccount, type GoogleParts } from './policy.ts';
import { googleScopes } from './scopes.ts';

/** What the plugin needs. */
export interface GoogleOptions {
  readonly engine: OAuthEngine<GoogleAccount>;
  readonly parts: GoogleParts;
  readonly mails: Mails;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** The part of Google that the product meets (FACTS E). Paths are below the provider's prefix. */
export function google(app: FastifyInstance, { engine, parts, mails, now }: GoogleOptions): void {
  app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    const status = error.statusCode ?? 500;
    const known = error instanceof GoogleError ? error : undefined;
    const refusal = known ?? new GoogleError(status, status < 500 ? 'badRequest' : 'backendError', error.message);
    return reply.status(refusal.code).send(refusal.toBody());
  });
  app.setNotFoundHandler((_request, reply) =>
    reply.status(404).send(new GoogleError(404, 'notFound', 'Not Found').toBody()),
  );
  oauthRoutes(app, engine);

  app.register(async (scope) => {
    acceptAnyBody(scope);
    gmailRoutes(scope, engine, mails);

    scope.get('/.well-known/openid-configuration', async () => discovery(parts.baseUrl()));
    scope.get('/oauth2/v3/certs', async () => parts.key.jwks);
    // google-auth-library checks an id_token's signature with these: key id -> PEM.
    scope.get('/oauth2/v1/certs', async () => parts.key.pem);

    scope.route({
      method: ['GET', 'POST'],
      url: '/v1/userinfo',
      handler: async (request, reply) => {
        const session = bearerSession(engine, request);
        if (!session) return badToken(reply);
        return claimsOf(session.user, session.scopes);
      },
    });

    scope.route({
      method: ['GET', 'POST'],
      url: '/tokeninfo',
      handler: async (request, reply) => {
        const sent =
          request.method === 'POST' && request.body !== '' ? readForm(request).optional('access_token') : undefined;
        const token = new URLSearchParams(queryOf(request)).get('access_token') ?? sent ?? bearerOf(request);
        const access = token === undefined ? undefined : engine.grants.peek(token);
        const user = access && engine.policy.people.byId(access.grant.userId);
        if (!access || !user) {
          return reply.status(400).send({ error: 'invalid_token', error_description: 'Invalid Value' });
        }
        const { clientId, scopes, hasRefreshToken } = access.grant;
        const { sub, email, email_verified } = claimsOf(user, scopes);
        return {
          azp: clientId,
          aud: clientId,
          sub,
          scope: scopes.join(' '),
          exp: String(Math.floor(access.expiresAt / 1000)),
          expires_in: String(Math.floor((access.expiresAt - now()) / 1000)),
          ...(email === undefined ? {} : { email, email_verified: String(email_verified) }),
          access_type: hasRefreshToken ? 'offline' : 'online',
        };
      },
    });
  });
}

function badToken(reply: FastifyReply): FastifyReply {
  return reply
    .status(401)
    .header('www-authenticate', 'Bearer realm="https://accounts.google.com/", error="invalid_token"')
    .send({ error: 'invalid_request', error_description: 'Invalid Credentials' });
}

/** OpenID Connect Discovery 1.0. */
function discovery(issuer: string): Record<string, unknown> {
  return {
    issuer,
    authorization_endpoint: `${issuer}/o/oauth2/v2/auth`,
    token_endpoint: `${issuer}/token`,
    userinfo_endpoint: `${issuer}/v1/userinfo`,
    revocation_endpoint: `${issuer}/revoke`,
    jwks_uri: `${issuer}/oauth2/v3/certs`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    scopes_supported: ['openid', 'email', 'profile', ...googleScopes.keys()],
    token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
    claims_supported: [
      'aud',
      'email',
      'email_verified',
      'exp',
      'family_name',
      'given_name',
      'iat',
      'iss',
      'name',
      'sub',
    ],
    code_challenge_methods_supported: ['S256'],
    grant_types_supported: ['authorization_code', 'refresh_token'],
    authorization_response_iss_parameter_supported: true,
  };
}
