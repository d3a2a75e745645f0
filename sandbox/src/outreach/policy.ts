import { randomBytes } from 'node:crypto';
import type { Policy } from '../oauth/policy.ts';
import { accountOf, peopleOf, type Account } from '../people.ts';
import type { SalesforceOrg } from '../salesforce/org/org.ts';
import { describeScope, readScopes } from './scopes.ts';
import { wordAuthorize, wordToken } from './wording.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const accessLifetimeMs = 120 * minuteMs;

/** How Outreach's access tokens begin here: an expired one is told from a guessed one. */
export const accessPrefix = 'outreach-access-';

/** Outreach's web-server flow (FACTS D). It has no revocation endpoint. */
export function outreachPolicy(org: SalesforceOrg): Policy<Account> {
  return {
    title: 'Outreach',
    paths: { authorize: '/oauth/authorize', consent: '/oauth/consent', token: '/oauth/token' },
    requiresPkce: false,
    defaultChallengeMethod: undefined,
    codeLifetimeMs: 10 * minuteMs,
    accessLifetimeMs,
    accessSlides: false,
    refreshIdleMs: 14 * dayMs,
    refreshSlides: false,
    maxNewerRefreshTokens: 100,
    refreshNeedsRedirectUri: true,
    rotation: 'rotate',
    revokes: 'token',
    maxGrants: Infinity,
    people: peopleOf(org, accountOf),
    scopes: (requested, client) => readScopes(requested, client.scopes),
    wantsRefreshToken: () => true,
    describeScope,
    mint: (kind) => (kind === 'access' ? accessPrefix : '') + randomBytes(32).toString('base64url'),
    admit: () => undefined,
    answer: async ({ access, grant, refreshToken }) => ({
      access_token: access.value,
      token_type: 'Bearer',
      expires_in: accessLifetimeMs / 1000,
      refresh_token: refreshToken,
      scope: grant.scopes.join(' '),
      created_at: Math.floor(access.issuedAt / 1000),
    }),
    wordToken,
    wordAuthorize,
    wordRevoke: wordToken,
  };
}
