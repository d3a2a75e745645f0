import { Refusal } from '../oauth/refusal.ts';

/** What a person may allow: `<resource>.<level>`; `all` is every level, the others do not include each other. */
const resources = ['prospects', 'accounts', 'mailboxes', 'sequences', 'sequenceStates', 'users'] as const;
const levels = ['read', 'write', 'delete', 'all'] as const;

/** A resource of the API that the sandbox serves. */
export type Resource = (typeof resources)[number];

const known: ReadonlySet<string> = new Set(resources.flatMap((name) => levels.map((level) => `${name}.${level}`)));

/**
 * Reads `scope`: names separated by spaces.
 * @param onApp scopes that the app has; undefined is all
 * @throws Refusal `scope` for one that is missing or unknown, `scope_not_on_app`
 */
export function readScopes(requested: string | undefined, onApp: readonly string[] | undefined): readonly string[] {
  const asked = new Set(requested?.split(' ') ?? []);
  if (asked.size === 0) throw new Refusal('scope', 'scope');
  for (const name of asked) {
    if (!known.has(name)) throw new Refusal('scope', 'scope');
    if (onApp?.includes(name) === false) throw new Refusal('scope_not_on_app', 'scope');
  }
  return [...asked];
}

export function describeScope(scope: string): string {
  const [resource = '', level = ''] = scope.split('.');
  const verbs: Record<string, string> = { read: 'Read', write: 'Create and change', delete: 'Delete' };
  return `${verbs[level] ?? 'Read, create, change and delete'} ${resource} (${scope})`;
}

/** Whether these scopes allow it. */
export function allows(scopes: readonly string[], resource: Resource, level: 'read' | 'write'): boolean {
  return scopes.includes(`${resource}.${level}`) || scopes.includes(`${resource}.all`);
}
