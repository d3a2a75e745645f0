import type { Config, ProviderClient } from '../config-table.ts';
import type { ProviderName } from './tokens.ts';

/** Every address of a provider that we call or send a browser to. Hosts come from here and from settings, from nowhere else. */
export interface Endpoints {
  readonly authorize: string;
  readonly token: string;
  /** Undefined: the provider has none, so that only the person can end a grant there (FACTS D, F). */
  readonly revoke: string | undefined;
  /** Who the account is: Google's userinfo, Graph's `me`, Outreach's base document. */
  readonly userinfo: string;
  /** Base of the API, without a slash at the end. */
  readonly api: string;
}

export type ProviderSettings = Pick<Config, 'google' | 'microsoft' | 'outreach'>;

/**
 * Google's addresses (FACTS E). Gmail sends at `${api}/gmail/v1/users/me/messages/send`.
 * @param standIn development: serves the same paths in place of all of Google's hosts
 */
export function googleEndpoints(standIn: string | undefined): Endpoints {
  return {
    authorize: `${standIn ?? 'https://accounts.google.com'}/o/oauth2/v2/auth`,
    token: `${standIn ?? 'https://oauth2.googleapis.com'}/token`,
    revoke: `${standIn ?? 'https://oauth2.googleapis.com'}/revoke`,
    userinfo: `${standIn ?? 'https://openidconnect.googleapis.com'}/v1/userinfo`,
    api: standIn ?? 'https://gmail.googleapis.com',
  };
}

/** Microsoft's addresses (FACTS F), and where an admin consents for the whole tenant. Graph is `${api}/v1.0/...`. */
export function microsoftEndpoints(
  standIn: string | undefined,
  tenant: string,
): Endpoints & { readonly adminConsent: string } {
  const login = `${standIn ?? 'https://login.microsoftonline.com'}/${tenant}`;
  const api = standIn ?? 'https://graph.microsoft.com';
  return {
    authorize: `${login}/oauth2/v2.0/authorize`,
    token: `${login}/oauth2/v2.0/token`,
    revoke: undefined,
    userinfo: `${api}/v1.0/me`,
    api,
    adminConsent: `${login}/v2.0/adminconsent`,
  };
}

/** Outreach's addresses (FACTS D). JSON:API is `${api}/api/v2/...`. */
export function outreachEndpoints(standIn: string | undefined): Endpoints {
  const api = standIn ?? 'https://api.outreach.io';
  return {
    authorize: `${api}/oauth/authorize`,
    token: `${api}/oauth/token`,
    revoke: undefined,
    userinfo: `${api}/api/v2`,
    api,
  };
}

/** The addresses of a provider as the settings have it; undefined where it is not offered. */
export function endpointsOf(settings: ProviderSettings, provider: ProviderName): Endpoints | undefined {
  const { google, microsoft, outreach } = settings;
  switch (provider) {
    case 'gmail':
      return google === undefined ? undefined : googleEndpoints(google.loginUrl);
    case 'outlook':
      return microsoft === undefined ? undefined : microsoftEndpoints(microsoft.loginUrl, microsoft.tenant);
    case 'outreach':
      return outreach === undefined ? undefined : outreachEndpoints(outreach.loginUrl);
  }
}

/** Our client at a provider; undefined where it is not offered. */
export function clientOf(settings: ProviderSettings, provider: ProviderName): ProviderClient | undefined {
  return { gmail: settings.google, outlook: settings.microsoft, outreach: settings.outreach }[provider];
}
