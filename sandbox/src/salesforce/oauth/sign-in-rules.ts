import type { Reason } from '../../oauth/refusal.ts';

/** Refusals that an org can be set to give to whoever asks for a token (`POST /__control/org`). */
export const loginRefusals = [
  'login_restricted',
  'organisation_locked',
  'too_many_logins',
  'consumer_not_approved',
] as const satisfies readonly Reason[];

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
