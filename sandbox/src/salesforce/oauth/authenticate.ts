import type { FastifyRequest } from 'fastify';
import type { OAuthEngine } from '../../oauth/engine.ts';
import { queryOf } from '../../oauth/routes.ts';
import { SalesforceError } from '../error.ts';
import type { OrgUser, SalesforceOrg } from '../org/org.ts';
import { canUseApi } from './scopes.ts';

/** Whoever a good token stands for, and what it may do. */
export interface Session {
  readonly user: OrgUser;
  readonly scopes: readonly string[];
}

/** Reads the Authorization header; Salesforce takes `OAuth` for `Bearer` too. */
function readBearer(request: FastifyRequest): string | undefined {
  return /^(?:Bearer|OAuth) ([^\s]+)$/i.exec(request.headers.authorization ?? '')?.[1];
}

/** The session of a token, which this use prolongs; undefined when it is unknown, expired, revoked or its user inactive. */
function sessionOf(engine: OAuthEngine<OrgUser>, request: FastifyRequest, token: string | undefined) {
  const access = token === undefined ? undefined : engine.grants.use(token);
  const user = access && engine.policy.people.byId(access.grant.userId);
  if (!access || !user?.active) return undefined;
  request.actingUsername = user.username;
  return { user, scopes: access.grant.scopes };
}

/**
 * The session for identity and userinfo. jsforce sends the token in the query as well as in the header; they must agree.
 * @returns undefined for a bad token
 */
export function identitySession(engine: OAuthEngine<OrgUser>, request: FastifyRequest): Session | undefined {
  const inQuery = new URLSearchParams(queryOf(request)).getAll('oauth_token');
  const tokens = new Set([readBearer(request), ...inQuery].filter((token) => token !== undefined));
  return tokens.size === 1 ? sessionOf(engine, request, [...tokens][0]) : undefined;
}

/** What the REST API asks before anything else. */
export type Authenticate = (request: FastifyRequest) => { user: OrgUser };

/**
 * Makes the check of the REST API: a live token in the header, with a scope for the API, in an org that has it on.
 * @throws SalesforceError 401 INVALID_SESSION_ID, 403 API_DISABLED_FOR_ORG (FACTS B)
 */
export function restAuthenticate(engine: OAuthEngine<OrgUser>, org: SalesforceOrg): Authenticate {
  return (request) => {
    const session = sessionOf(engine, request, readBearer(request));
    if (!session) throw new SalesforceError(401, 'INVALID_SESSION_ID', 'Session expired or invalid');
    if (!canUseApi(session.scopes)) {
      throw new SalesforceError(401, 'INVALID_SESSION_ID', 'This session is not valid for use with the REST API');
    }
    if (!org.flags.apiEnabled) {
      throw new SalesforceError(403, 'API_DISABLED_FOR_ORG', 'The REST API is not enabled for this Organization.');
    }
    return { user: session.user };
  };
}
