import type { OAuthEngine } from './oauth/engine.ts';
import type { Person } from './oauth/policy.ts';

/** The providers of the product (DESIGN 9), and AWS KMS, which signs nobody in. */
export type ProviderName = 'salesforce' | 'google' | 'microsoft' | 'outreach' | 'kms';

/** The stand-ins that the sandbox serves, each below `/<name>`. */
export const providerNames: readonly ProviderName[] = ['salesforce', 'google', 'microsoft', 'outreach', 'kms'];

/** What the control plane needs of a provider, whoever its people are. */
export interface Provider {
  readonly name: ProviderName;
  readonly engine: OAuthEngine<Person>;
}

/**
 * Splits a path into its provider and the path below the provider's prefix.
 * @param path without the query
 */
export function providerOf(path: string): { provider: ProviderName; below: string } | undefined {
  for (const provider of providerNames) {
    if (path === `/${provider}`) return { provider, below: '/' };
    if (path.startsWith(`/${provider}/`)) return { provider, below: path.slice(provider.length + 1) };
  }
  return undefined;
}
