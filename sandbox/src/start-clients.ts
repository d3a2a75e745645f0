import type { Client, Rotation } from './oauth/clients.ts';
import type { ProviderName } from './providers.ts';

/** Those that people sign in at. */
export type SignInProvider = Exclude<ProviderName, 'kms'>;

/** Of the client that the settings of the backend name by default, at every provider. */
export const defaultClient = { clientId: 'oneshot-sandbox-client', clientSecret: 'oneshot-sandbox-secret' } as const;

/** The path of the backend to which each provider sends the browser back (API.md). */
const callbackPaths: Readonly<Record<SignInProvider, string>> = {
  salesforce: '/v1/auth/salesforce/callback',
  google: '/v1/connections/gmail/callback',
  microsoft: '/v1/connections/outlook/callback',
  outreach: '/v1/connections/outreach/callback',
};

const paths: readonly string[] = Object.values(callbackPaths);

/**
 * Which of the redirect URIs are a provider's: those with its path. Salesforce has those with a path of nobody's too.
 * A provider that the list does not name has its own path at the origins of Salesforce's.
 */
export function redirectUrisOf(provider: SignInProvider, uris: readonly string[]): readonly string[] {
  const own = uris.filter((uri) => new URL(uri).pathname === callbackPaths[provider]);
  if (provider === 'salesforce')
    return uris.filter((uri) => own.includes(uri) || !paths.includes(new URL(uri).pathname));
  if (own.length > 0) return own;
  const origins = new Set(redirectUrisOf('salesforce', uris).map((uri) => new URL(uri).origin));
  return [...origins].map((origin) => origin + callbackPaths[provider]);
}

/** The clients that a provider has after every reset. */
export function startClients(provider: SignInProvider, uris: readonly string[], rotation: Rotation): readonly Client[] {
  return [{ ...defaultClient, redirectUris: redirectUrisOf(provider, uris), rotation, scopes: undefined }];
}
