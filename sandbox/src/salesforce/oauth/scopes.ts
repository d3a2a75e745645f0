import { Refusal } from '../../oauth/refusal.ts';

/** Scope -> its line on the consent page, in the order in which Salesforce's answers list them (FACTS A). */
export const salesforceScopes: ReadonlyMap<string, string> = new Map([
  ['refresh_token', 'Perform requests at any time (refresh_token)'],
  ['openid', 'Access unique user identifiers (openid)'],
  ['api', 'Manage user data via APIs (api)'],
  ['custom_permissions', 'Access custom permissions (custom_permissions)'],
  ['web', 'Manage user data via Web browsers (web)'],
  ['full', 'Full access (full)'],
  ['id', 'Access the identity URL service (id, profile, email)'],
]);

const aliases: ReadonlyMap<string, string> = new Map([
  ['offline_access', 'refresh_token'],
  ['profile', 'id'],
  ['email', 'id'],
  ['address', 'id'],
  ['phone', 'id'],
]);

/** What a request without `scope` gets. Never a refresh token: that one must be asked for. */
const scopesUnasked = ['api', 'id'];

/**
 * Reads `scope`: names separated by spaces; `offline_access` is `refresh_token`, and `id` is in every grant.
 * @param onApp scopes that the app has; undefined is all
 * @throws Refusal `scope` for a name that does not exist, `scope_not_on_app`
 */
export function readScopes(requested: string | undefined, onApp: readonly string[] | undefined): readonly string[] {
  const asked = new Set(['id']);
  for (const word of requested?.split(' ') ?? scopesUnasked) {
    const name = aliases.get(word) ?? word;
    if (!salesforceScopes.has(name)) throw new Refusal('scope', 'scope');
    if (onApp && name !== 'id' && !onApp.includes(name)) throw new Refusal('scope_not_on_app', 'scope');
    asked.add(name);
  }
  return [...salesforceScopes.keys()].filter((name) => asked.has(name));
}

/** Whether the REST API takes a token with these scopes. */
export function canUseApi(scopes: readonly string[]): boolean {
  return ['api', 'full', 'web'].some((name) => scopes.includes(name));
}
