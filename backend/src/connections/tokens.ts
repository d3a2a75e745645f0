import type { Rep } from '../auth/rep.ts';
import type { ProblemError } from '../http/problem.ts';
import type { Secret } from '../vault/secret.ts';

/** The accounts that a rep can connect (API.md, Connection.provider). */
export const PROVIDERS = ['gmail', 'outlook', 'outreach'] as const;
export type ProviderName = (typeof PROVIDERS)[number];

/** What a token is used for; the word in the rep's own record of uses, never more. */
export type TokenPurpose = 'send_mail' | 'list_sequences' | 'list_mailboxes' | 'enrol';

/** Thrown by the caller of a provider when it answered 401: the token is refreshed once and the call made again. */
export class TokenRefused extends Error {}

/** Thrown by the caller of a provider when it answered that the grant does not cover the call; nothing happened there. */
export class ScopeRefused extends Error {
  /** What the rep is told. */
  readonly problem: ProblemError;
  /**
   * `named`: the provider says that a scope is missing. `likely`: it says no more than that access is denied, and a rule of
   * the company is told with the same words; only a fresh token's scopes tell which.
   */
  readonly evidence: 'named' | 'likely';

  constructor(problem: ProblemError, evidence: ScopeRefused['evidence']) {
    super();
    this.problem = problem;
    this.evidence = evidence;
  }
}

/** What other rooms may ask of connections: a provider's token for the length of one call. */
export interface ProviderTokens {
  /**
   * Calls `use` with the rep's live token, refreshed before where it is due.
   * @param use makes one call to the provider; throws TokenRefused when the provider says 401 (nothing happened there), and
   *   ScopeRefused when the grant does not cover it: then the connection is `reconnect`, reason `scope_missing`
   * @returns what `use` returns
   * @throws NotOffered the org's admin has switched this channel off;
   *   ConnectionUnusable not connected, or the rep has to reconnect: it says which and why;
   *   ProviderUnavailable the token could not be refreshed just now; what `use` throws, of a ScopeRefused its problem; the signal's reason
   */
  withToken<T>(
    rep: Rep,
    provider: ProviderName,
    purpose: TokenPurpose,
    signal: AbortSignal,
    use: (token: Secret) => Promise<T>,
  ): Promise<T>;
}
