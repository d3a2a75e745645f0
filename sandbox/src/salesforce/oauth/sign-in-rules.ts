import type { Reason } from '../../oauth/refusal.ts';

/** Refusals that an org can be set to give to whoever asks for a token (`POST /__control/org`). */
export const loginRefusals = [
  'login_restricted',
  'organisation_locked',
  'too_many_logins',
  'consumer_not_approved',
  'app_not_in_org',
  // What a client only gets for its own mistakes, so that one without mistakes can be tested with it too.
  'client',
  'secret',
  'redirect_uri',
  'redirect_uri_missing',
  'response_type',
  'scope',
  'scope_not_on_app',
  'challenge_missing',
  'code',
  'code_expired',
  'verifier',
] as const satisfies readonly Reason[];

/** Those that only the token endpoint knows; the login page shows the others already. */
export const tokenRefusals: ReadonlySet<Reason> = new Set([
  'login_restricted',
  'consumer_not_approved',
  'secret',
  'code',
  'code_expired',
  'verifier',
]);

/** What an admin of the org decides about the app. */
export interface SignInRules {
  /** The admin blocked the app: OAUTH_APP_BLOCKED. */
  appBlocked: boolean;
  /** "Admin approved users are pre-authorized": others get OAUTH_APP_ACCESS_DENIED. */
  adminApprovalRequired: boolean;
  /** Refuses everybody for this reason; null is nobody. */
  loginRefusal: (typeof loginRefusals)[number] | null;
}

/** The rules of an org in which everybody may sign in. */
export function openSignInRules(): SignInRules {
  return { appBlocked: false, adminApprovalRequired: false, loginRefusal: null };
}
