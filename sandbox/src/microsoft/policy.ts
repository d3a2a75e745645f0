import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { SigningKey } from '../oauth/keys.ts';
import type { Issued, Policy } from '../oauth/policy.ts';
import { Refusal } from '../oauth/refusal.ts';
import { accountOf, peopleOf, type Account } from '../people.ts';
import type { OrgUser, SalesforceOrg } from '../salesforce/org/org.ts';
import { describeScope, readScopes } from './scopes.ts';
import { wordings } from './wording.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** Of an access token, seconds. */
const expiresIn = 3600;

/** The tenant in which everybody of the demo is. */
export const tenantId = '0b7e5a1c-8f3d-4c39-9a63-5d2f4e7a1c90';

/** An account of the tenant. */
export interface MicrosoftAccount extends Account {
  /** Stable in the tenant. */
  readonly oid: string;
  readonly isAdmin: boolean;
}

/** What the tenant's admins decided (`POST /__control/tenant`). */
export interface Tenant {
  /** `required`: only admins may consent, and nobody did yet. */
  adminConsent: 'required' | 'granted';
}

/** A tenant in which people may consent themselves. */
export function openTenant(): Tenant {
  return { adminConsent: 'granted' };
}

/** What the policy reads at each request. */
export interface MicrosoftParts {
  readonly org: SalesforceOrg;
  readonly key: SigningKey;
  readonly tenant: Tenant;
  /** `http://127.0.0.1:PORT/microsoft`. */
  readonly baseUrl: () => string;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Microsoft's v2 web-server flow (FACTS F). It has no revocation endpoint. */
export function microsoftPolicy(parts: MicrosoftParts): Policy<MicrosoftAccount> {
  const { wordToken, wordAuthorize } = wordings(parts.now);
  return {
    title: 'Microsoft',
    paths: {
      authorize: '/:tenant/oauth2/v2.0/authorize',
      consent: '/common/consent',
      token: '/:tenant/oauth2/v2.0/token',
    },
    requiresPkce: false,
    defaultChallengeMethod: undefined,
    codeLifetimeMs: 10 * minuteMs,
    accessLifetimeMs: expiresIn * 1000,
    accessSlides: false,
    refreshIdleMs: 90 * dayMs,
    refreshSlides: false,
    maxNewerRefreshTokens: undefined,
    refreshNeedsRedirectUri: false,
    rotation: 'keep',
    revokes: 'token',
    maxGrants: Infinity,
    people: peopleOf(parts.org, microsoftAccount),
    scopes: (requested, client) => readScopes(requested, client.scopes),
    wantsRefreshToken: (scopes) => scopes.includes('offline_access'),
    describeScope,
    sentBack: () => ({ session_state: randomUUID() }),
    mint,
    admit(user) {
      if (parts.tenant.adminConsent === 'required' && !user.isAdmin) throw new Refusal('admin_consent_missing');
    },
    answer: (issued) => answer(issued, parts),
    wordToken,
    wordAuthorize,
    wordRevoke: wordToken,
  };
}

function microsoftAccount(user: OrgUser): MicrosoftAccount {
  const hex = createHash('sha256').update(`microsoft ${user.id}`).digest('hex');
  // In the form of a random UUID (RFC 9562, 5.4).
  const oid = [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)];
  return { ...accountOf(user), oid: oid.join('-'), isAdmin: user.permissions.has('OneShot_Admin') };
}

function mint(kind: 'code' | 'access' | 'refresh'): string {
  const random = (bytes: number) => randomBytes(bytes).toString('base64url');
  if (kind === 'access') return `EwB${random(120)}`;
  return kind === 'code' ? `1.AXo${random(90)}` : `1.AXo${random(150)}`;
}

/** The token response; `scope` leaves `offline_access` out, a refresh token says it. */
async function answer(
  issued: Issued<MicrosoftAccount>,
  parts: MicrosoftParts,
): Promise<Record<string, string | number>> {
  const { access, grant, params, refreshToken, user } = issued;
  const clientInfo = Buffer.from(JSON.stringify({ uid: user.oid, utid: tenantId })).toString('base64url');
  return {
    token_type: 'Bearer',
    scope: grant.scopes.filter((scope) => scope !== 'offline_access').join(' '),
    expires_in: expiresIn,
    ext_expires_in: expiresIn,
    access_token: access.value,
    ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
    ...(grant.scopes.includes('openid') ? { id_token: await signIdToken(issued, parts) } : {}),
    // Microsoft's own library asks for it.
    ...(params.optional('client_info') === '1' ? { client_info: clientInfo } : {}),
  };
}

function signIdToken(issued: Issued<MicrosoftAccount>, { baseUrl, key }: MicrosoftParts): Promise<string> {
  const { access, client, grant, nonce, user } = issued;
  const iat = Math.floor(access.issuedAt / 1000);
  // Pairwise: another client is told another subject.
  const sub = createHash('sha256').update(`${user.oid} ${client.clientId}`).digest('base64url');
  return key.sign({
    ver: '2.0',
    iss: `${baseUrl()}/${tenantId}/v2.0`,
    aud: client.clientId,
    sub,
    tid: tenantId,
    oid: user.oid,
    ...(grant.scopes.includes('profile') ? { name: user.name, preferred_username: user.username } : {}),
    ...(grant.scopes.includes('email') ? { email: user.username } : {}),
    ...(nonce === undefined ? {} : { nonce }),
    iat,
    nbf: iat,
    exp: iat + 3600,
  });
}
