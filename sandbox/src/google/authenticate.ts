import type { FastifyRequest } from 'fastify';
import { bearerSession } from '../oauth/bearer.ts';
import type { OAuthEngine } from '../oauth/engine.ts';
import { invalidCredentials } from './error.ts';
import type { GoogleAccount } from './policy.ts';

/** @throws GoogleError 401 for a token that is missing, unknown, expired or revoked */
export function googleSession(
  engine: OAuthEngine<GoogleAccount>,
  request: FastifyRequest,
): { user: GoogleAccount; scopes: readonly string[] } {
  const session = bearerSession(engine, request);
  if (!session) throw invalidCredentials();
  return session;
}
