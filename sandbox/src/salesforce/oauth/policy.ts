import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { SigningKey } from '../../oauth/keys.ts';
import type { Issued, Policy } from '../../oauth/policy.ts';
import { Refusal } from '../../oauth/refusal.ts';
import type { OrgUser, SalesforceOrg } from '../org/org.ts';
import { peopleOf } from '../../people.ts';
import { tokenRefusals, type SignInRules } from './sign-in-rules.ts';
import { readScopes, salesforceScopes } from './scopes.ts';
import { wordAuthorize, wordToken } from './wording.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** What the policy reads at each request. */
export interface SalesforceParts {
  readonly org: SalesforceOrg;
  readonly rules: SignInRules;
  readonly key: SigningKey;
  /** The login host and instance URL in one: `http://127.0.0.1:PORT/salesforce`. */
  readonly baseUrl: () => string;
}

/** Salesforce's web-server flow (FACTS A). */
export function salesforcePolicy(parts: SalesforceParts): Policy<OrgUser> {
  const { org, rules } = parts;
  return {
    title: 'Salesforce',
    paths: {
      authorize: '/services/oauth2/authorize',
      consent: '/services/oauth2/approve',
      token: '/services/oauth2/token',
      revoke: '/services/oauth2/revoke',
    },
    requiresPkce: true,
    // jsforce and the Mobile SDK leave the method out; Salesforce knows no plain challenge.
    defaultChallengeMethod: 'S256',
    codeLifetimeMs: 15 * minuteMs,
    accessLifetimeMs: 120 * minuteMs,
    accessSlides: true,
    refreshIdleMs: 30 * dayMs,
    refreshSlides: true,
    maxNewerRefreshTokens: undefined,
    refreshNeedsRedirectUri: false,
    rotation: 'none',
    revokes: 'token',
    maxGrants: 5,
    people: peopleOf(org, (user) => user),
    scopes: (requested, client) => readScopes(requested, client.scopes),
    wantsRefreshToken: (scopes) => scopes.includes('refresh_token'),
    describeScope: (scope) => salesforceScopes.get(scope) ?? scope,
    mint: (kind) => mint(kind, org.id),
    admit(user, _client, step) {
      if (!org.flags.appInstalled) throw new Refusal('app_not_installed');
      if (rules.appBlocked) throw new Refusal('app_blocked');
      if (rules.adminApprovalRequired && user.permissions.size === 0) throw new Refusal('not_admin_approved');
      const { loginRefusal } = rules;
      if (loginRefusal && (step !== 'authorize' || !tokenRefusals.has(loginRefusal))) throw new Refusal(loginRefusal);
    },
    answer: (issued) => answer(issued, parts),
    wordToken,
    wordAuthorize,
    wordRevoke: wordToken,
  };
}

/** `00D...!AQ...` for access tokens, `5Aep861...` for refresh tokens, a code that must be percent-encoded. */
function mint(kind: 'code' | 'access' | 'refresh', orgId: string): string {
  const random = (bytes: number) => randomBytes(bytes).toString('base64url').replaceAll('-', '.');
  if (kind === 'code') return `aPrx${random(48)}==`;
  return kind === 'access' ? `${orgId.slice(0, 15)}!AQ${random(69)}` : `5Aep861${random(60)}`;
}

/** The identity URL of a user. */
export function identityUrl(baseUrl: string, org: SalesforceOrg, user: OrgUser): string {
  return `${baseUrl}/id/${org.id}/${user.id}`;
}

/** The token response: no `expires_in`, `issued_at` as text in epoch milliseconds. */
async function answer(issued: Issued<OrgUser>, parts: SalesforceParts): Promise<Record<string, string>> {
  const { access, client, grant, user, refreshToken } = issued;
  const instanceUrl = parts.baseUrl();
  const id = identityUrl(instanceUrl, parts.org, user);
  const issuedAt = String(access.issuedAt);
  const withIdToken = issued.by === 'authorization_code' && grant.scopes.includes('openid');
  return {
    access_token: access.value,
    ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
    signature: createHmac('sha256', client.clientSecret)
      .update(id + issuedAt)
      .digest('base64'),
    scope: grant.scopes.join(' '),
    ...(withIdToken ? { id_token: await signIdToken(issued, id, parts) } : {}),
    instance_url: instanceUrl,
    id,
    token_type: 'Bearer',
    issued_at: issuedAt,
  };
}

function signIdToken({ access, client, nonce }: Issued<OrgUser>, sub: string, parts: SalesforceParts): Promise<string> {
  const iat = Math.floor(access.issuedAt / 1000);
  // OpenID Connect Core, 3.1.3.6: the left half of the access token's SHA-256.
  const at_hash = createHash('sha256').update(access.value).digest().subarray(0, 16).toString('base64url');
  return parts.key.sign({
    iss: parts.baseUrl(),
    sub,
    aud: client.clientId,
    iat,
    exp: iat + 120,
    at_hash,
    ...(nonce === undefined ? {} : { nonce }),
  });
}
