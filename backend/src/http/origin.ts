/** What decides which page may call and sign in: the development pair of the settings, or Lightning alone. */
export interface OriginRules {
  /** Development: with `loginUrl`, the one origin. */
  readonly previewOrigin: string | undefined;
  readonly salesforce: { readonly loginUrl: string | undefined };
}

/** Suffixes of the pages and of the login hosts they belong to, replaced whole (FACTS A, "Hosts"). */
const SUFFIXES = [
  ['.lightning.force.com', '.my.salesforce.com'],
  ['.lightning.crmforce.mil', '.my.salesforce.mil'],
] as const;

/**
 * What may stand before the suffix: a My Domain name (`acme`, `acme--uat`) and, in partitioned domains, Salesforce's
 * word (`acme.develop`, `acme--uat.sandbox`). DNS labels in lower case, as a browser sends an origin: no port, no empty
 * label, nothing percent-encoded.
 */
const MY_DOMAIN = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?){0,2}$/;

/**
 * The only place that decides whether a page may talk to us.
 * @param origin as the browser sends it (`Origin` header) or as a page names itself
 */
export function isAllowedOrigin(rules: OriginRules, origin: string): boolean {
  return loginUrlOf(rules, origin) !== undefined;
}

/**
 * The login host of the org whose Lightning page this is, so that a page can only start a sign-in to its own org
 * (DESIGN 3.2).
 * @returns an https origin (in development the login URL of the settings), without a slash at the end; undefined for an
 *   origin that is none of ours
 */
export function loginUrlOf(rules: OriginRules, origin: string): string | undefined {
  if (rules.salesforce.loginUrl !== undefined)
    return origin === rules.previewOrigin ? rules.salesforce.loginUrl : undefined;
  if (origin.length > 200 || !origin.startsWith('https://')) return undefined;
  const host = origin.slice('https://'.length);
  for (const [page, login] of SUFFIXES) {
    if (!host.endsWith(page)) continue;
    const name = host.slice(0, -page.length);
    return MY_DOMAIN.test(name) ? `https://${name}${login}` : undefined;
  }
  return undefined;
}
