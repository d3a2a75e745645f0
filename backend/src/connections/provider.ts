import { decodeJwt } from 'jose';
import { microsoftEndpoints, type Endpoints, type ProviderSettings } from './endpoints.ts';
import { ProviderInvalid } from './problems.ts';
import type { ProviderName } from './tokens.ts';

/** Whose account was connected. */
export interface Account {
  /** What tells the same account again, whatever its address: never an email (DESIGN 3). */
  readonly id: string;
  /** The address, for the rep's own eyes. */
  readonly label: string;
}

/** Reads a JSON document at the provider with the fresh token. @throws ProviderInvalid; ProviderUnavailable */
export type ReadJson = (url: string, accept?: string) => Promise<Readonly<Record<string, unknown>>>;

/** Everything in which the providers differ, as data. Durations in milliseconds. */
export interface Provider {
  readonly name: ProviderName;
  readonly scopes: readonly string[];
  /** Without these a connection is of no use; granted names are compared without their URL and letter case. */
  readonly required: readonly string[];
  /** Added to the authorization request. */
  readonly authorize: Readonly<Record<string, string>>;
  /** A refresh request names the redirect URI, too (FACTS D). */
  readonly refreshNamesRedirectUri: boolean;
  /** A grant that is not used for so long is over. */
  readonly idleMs: number;
  identify(read: ReadJson, endpoints: Endpoints, idToken: string | undefined, clientId: string): Promise<Account>;
}

const DAY_MS = 24 * 60 * 60_000;
/** How far clocks may differ. */
const SKEW_MS = 5 * 60_000;

/** Source: FACTS E. Send only: `gmail.send` cannot read a mailbox. */
const gmail: Provider = {
  name: 'gmail',
  scopes: ['openid', 'email', 'https://www.googleapis.com/auth/gmail.send'],
  required: ['gmail.send'],
  authorize: { access_type: 'offline', prompt: 'consent' },
  refreshNamesRedirectUri: false,
  idleMs: 182 * DAY_MS,
  identify: async (read, endpoints) => {
    const { sub, email } = await read(endpoints.userinfo);
    return accountOf('gmail', sub, email);
  },
};

/** Source: FACTS F. */
const outlook: Provider = {
  name: 'outlook',
  scopes: ['openid', 'offline_access', 'User.Read', 'Mail.Send'],
  required: ['user.read', 'mail.send'],
  authorize: { response_mode: 'query', prompt: 'select_account' },
  refreshNamesRedirectUri: false,
  idleMs: 90 * DAY_MS,
  identify: async (read, endpoints, idToken, clientId) => {
    const { tid, oid } = microsoftIdentity(idToken, clientId);
    const { id, mail, userPrincipalName } = await read(endpoints.userinfo);
    if (id !== oid) throw new ProviderInvalid('outlook');
    return accountOf('outlook', `${tid} ${oid}`, mail ?? userPrincipalName);
  },
};

/** Source: FACTS D. */
const outreach: Provider = {
  name: 'outreach',
  scopes: ['prospects.all', 'accounts.read', 'sequences.read', 'sequenceStates.write', 'mailboxes.read', 'users.read'],
  required: [
    'prospects.all',
    'accounts.read',
    'sequences.read',
    'sequencestates.write',
    'mailboxes.read',
    'users.read',
  ],
  authorize: {},
  refreshNamesRedirectUri: true,
  idleMs: 14 * DAY_MS,
  identify: async (read, endpoints) => {
    const { meta } = await read(endpoints.userinfo, 'application/vnd.api+json');
    const user = recordIn(recordIn(meta)?.user);
    return accountOf('outreach', user?.id, user?.email);
  },
};

export const providers: Readonly<Record<ProviderName, Provider>> = { gmail, outlook, outreach };

/** Where an admin of the tenant approves OneShot for everybody; Microsoft alone has such a page. */
export function adminConsentUrl(
  settings: ProviderSettings,
  provider: ProviderName,
  redirectUri: string,
): string | undefined {
  const { microsoft } = settings;
  if (provider !== 'outlook' || microsoft === undefined) return undefined;
  const query = new URLSearchParams({
    client_id: microsoft.clientId,
    scope: 'https://graph.microsoft.com/Mail.Send https://graph.microsoft.com/User.Read',
    redirect_uri: redirectUri,
  });
  return `${microsoftEndpoints(microsoft.loginUrl, microsoft.tenant).adminConsent}?${query.toString()}`;
}

/** The scopes of a grant in one spelling: `https://graph.microsoft.com/Mail.Send` is `mail.send`. */
export const scopeNames = (scopes: readonly string[]): ReadonlySet<string> =>
  new Set(scopes.map((scope) => (scope.split('/').at(-1) ?? scope).replace(/^userinfo\./, '').toLowerCase()));

/** Whether everything that the product needs was granted: people untick boxes (FACTS E). */
export function hasRequiredScopes({ required }: Provider, granted: readonly string[]): boolean {
  const names = scopeNames(granted);
  return required.every((scope) => names.has(scope));
}

/**
 * Tenant and person of an id_token that came straight from the token endpoint, which vouches for it (OpenID Connect Core,
 * 3.1.3.7): audience and time are checked, no signature.
 */
function microsoftIdentity(
  idToken: string | undefined,
  clientId: string,
): { readonly tid: string; readonly oid: string } {
  let claims: Readonly<Record<string, unknown>>;
  try {
    claims = decodeJwt(idToken ?? '');
  } catch {
    throw new ProviderInvalid('outlook');
  }
  const { tid, oid, aud, exp } = claims;
  const isOurs = aud === clientId && typeof exp === 'number' && exp * 1_000 > Date.now() - SKEW_MS;
  if (!isOurs || !isId(tid) || !isId(oid)) throw new ProviderInvalid('outlook');
  return { tid, oid };
}

function accountOf(provider: ProviderName, id: unknown, label: unknown): Account {
  const text = typeof id === 'number' ? String(id) : id;
  if (!isId(text) || typeof label !== 'string' || label === '' || label.length > 320)
    throw new ProviderInvalid(provider);
  return { id: text, label };
}

const isId = (value: unknown): value is string => typeof value === 'string' && /^[\x20-\x7e]{1,255}$/.test(value);

function recordIn(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
}
