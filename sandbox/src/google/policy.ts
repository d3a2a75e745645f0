import { createHash, randomBytes } from 'node:crypto';
import type { SigningKey } from '../oauth/keys.ts';
import type { Issued, Policy } from '../oauth/policy.ts';
import { accountOf, peopleOf, type Account } from '../people.ts';
import type { OrgUser, SalesforceOrg } from '../salesforce/org/org.ts';
import { emailScope, googleScopes, isOptional, profileScope, readScopes } from './scopes.ts';
import { wordAuthorize, wordToken } from './wording.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** What the answers say of an access token's life, seconds; it lives one longer. */
export const expiresIn = 3599;

/** A Google account. */
export interface GoogleAccount extends Account {
  /** Stable for ever, told to every client; the address may change. */
  readonly sub: string;
}

/** What the policy reads at each request. */
export interface GoogleParts {
  readonly org: SalesforceOrg;
  readonly key: SigningKey;
  /** The issuer: `http://127.0.0.1:PORT/google`. */
  readonly baseUrl: () => string;
}

/** Google's web-server flow (FACTS E). */
export function googlePolicy(parts: GoogleParts): Policy<GoogleAccount> {
  return {
    title: 'Google',
    paths: {
      authorize: '/o/oauth2/v2/auth',
      consent: '/o/oauth2/consent',
      token: '/token',
      revoke: '/revoke',
    },
    requiresPkce: false,
    defaultChallengeMethod: undefined,
    codeLifetimeMs: 10 * minuteMs,
    accessLifetimeMs: (expiresIn + 1) * 1000,
    accessSlides: false,
    refreshIdleMs: 182 * dayMs,
    refreshSlides: true,
    maxNewerRefreshTokens: undefined,
    refreshNeedsRedirectUri: false,
    rotation: 'none',
    revokesByQuery: true,
    revokes: 'everything',
    maxGrants: 100,
    people: peopleOf(parts.org, googleAccount),
    scopes: (requested, client) => readScopes(requested, client.scopes),
    wantsRefreshToken: (_scopes, params) =>
      params.optional('access_type') === 'offline' && (params.optional('prompt') ?? '').split(' ').includes('consent'),
    describeScope: (scope) => googleScopes.get(scope) ?? scope,
    isOptional,
    // What Google adds to code and state; RFC 9207 for `iss`.
    sentBack: ({ scopes, prompt }) => ({
      iss: parts.baseUrl(),
      scope: scopes.join(' '),
      authuser: '0',
      prompt: prompt ?? 'none',
    }),
    mint,
    admit: () => undefined,
    answer: (issued) => answer(issued, parts),
    wordToken,
    wordAuthorize,
    wordRevoke: wordToken,
  };
}

function googleAccount(user: OrgUser): GoogleAccount {
  const digits = BigInt(`0x${createHash('sha256').update(`google ${user.id}`).digest('hex').slice(0, 32)}`);
  return { ...accountOf(user), sub: `1${String(digits).padStart(20, '0').slice(-20)}` };
}

/** The forms of Google's values; a code holds a slash, so it must be percent-encoded. */
function mint(kind: 'code' | 'access' | 'refresh'): string {
  const random = (bytes: number) => randomBytes(bytes).toString('base64url');
  if (kind === 'code') return `4/0A${random(48)}`;
  return kind === 'access' ? `ya29.a0${random(100)}` : `1//0${random(66)}`;
}

async function answer(issued: Issued<GoogleAccount>, parts: GoogleParts): Promise<Record<string, string | number>> {
  const { access, grant, refreshToken } = issued;
  return {
    access_token: access.value,
    expires_in: expiresIn,
    ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
    scope: grant.scopes.join(' '),
    token_type: 'Bearer',
    ...(grant.scopes.includes('openid') ? { id_token: await signIdToken(issued, parts) } : {}),
  };
}

function signIdToken(issued: Issued<GoogleAccount>, { key, baseUrl }: GoogleParts): Promise<string> {
  const { access, client, grant, nonce, user } = issued;
  const iat = Math.floor(access.issuedAt / 1000);
  // OpenID Connect Core, 3.1.3.6: the left half of the access token's SHA-256.
  const at_hash = createHash('sha256').update(access.value).digest().subarray(0, 16).toString('base64url');
  return key.sign({
    iss: baseUrl(),
    azp: client.clientId,
    aud: client.clientId,
    ...claimsOf(user, grant.scopes),
    at_hash,
    ...(nonce === undefined ? {} : { nonce }),
    iat,
    exp: iat + 3600,
  });
}

/** What the scopes tell of a person. */
export function claimsOf(user: GoogleAccount, scopes: readonly string[]): { sub: string } & Record<string, unknown> {
  const { sub, username, name, firstName, lastName } = user;
  return {
    sub,
    ...(scopes.includes(emailScope)
      ? { email: username, email_verified: true, hd: username.slice(username.indexOf('@') + 1) }
      : {}),
    ...(scopes.includes(profileScope) ? { name, given_name: firstName, family_name: lastName } : {}),
  };
}
