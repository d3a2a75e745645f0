import type { FastifyRequest } from 'fastify';
import type { OAuthEngine } from './engine.ts';
import type { AccessToken } from './grants.ts';
import type { Person } from './policy.ts';

/** Whoever a good access token stands for, and what it may do. */
export interface BearerSession<P extends Person> {
  readonly user: P;
  readonly scopes: readonly string[];
  readonly access: AccessToken;
}

/** The token of the Authorization header (RFC 6750, 2.1). */
export function bearerOf(request: FastifyRequest): string | undefined {
  return /^Bearer ([^\s]+)$/i.exec(request.headers.authorization ?? '')?.[1];
}

/**
 * Whom a call is made for; noted for the request log.
 * @returns undefined for a token that is missing, unknown, expired or revoked, and for somebody inactive
 */
export function bearerSession<P extends Person>(
  engine: OAuthEngine<P>,
  request: FastifyRequest,
): BearerSession<P> | undefined {
  const token = bearerOf(request);
  const access = token === undefined ? undefined : engine.grants.use(token);
  const user = access && engine.policy.people.byId(access.grant.userId);
  if (!access || !user?.active) return undefined;
  request.actingUsername = user.username;
  return { user, scopes: access.grant.scopes, access };
}
