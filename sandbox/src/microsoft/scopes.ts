import { Refusal } from '../oauth/refusal.ts';

const graph = 'https://graph.microsoft.com/';

/** Scope -> its line on the consent page. */
const lines: ReadonlyMap<string, string> = new Map([
  ['openid', 'Sign you in'],
  ['profile', 'View your basic profile'],
  ['email', 'View your email address'],
  ['offline_access', 'Maintain access to data you have given it access to'],
  ['User.Read', 'Sign you in and read your profile'],
  ['Mail.Send', 'Send mail as you'],
  ['Mail.Read', 'Read your mail'],
  ['Mail.ReadWrite', 'Read and write access to your mail'],
]);

const byName: ReadonlyMap<string, string> = new Map([...lines.keys()].map((name) => [name.toLowerCase(), name]));

export function describeScope(scope: string): string {
  return lines.get(scope) ?? scope;
}

/**
 * Reads `scope`: names separated by spaces, Graph's with or without its address, in any letter case.
 * @param onApp scopes that the app has; undefined is all
 * @throws Refusal `parameter_missing`, `scope`, `scope_not_on_app`
 */
export function readScopes(requested: string | undefined, onApp: readonly string[] | undefined): readonly string[] {
  if (requested === undefined) throw new Refusal('parameter_missing', 'scope');
  const asked = requested.split(' ').map((word) => {
    const name = byName.get((word.startsWith(graph) ? word.slice(graph.length) : word).toLowerCase());
    if (name === undefined) throw new Refusal('scope', 'scope');
    if (onApp?.includes(name) === false) throw new Refusal('scope_not_on_app', 'scope');
    return name;
  });
  return [...new Set(asked)];
}
