import type { ProblemError } from '../http/problem.ts';
import { CrmApiDisabled, CrmInvalid } from '../salesforce/errors.ts';
import {
  AppBlocked,
  AppMisconfigured,
  type AppMisconfiguration,
  AppNotApproved,
  AppNotInstalled,
  CodeInvalid,
  LoginRestricted,
  OrgLocked,
  SignInDenied,
  TooManyLogins,
  UserInactive,
} from './problems.ts';

/** The org that refused, as far as the steps that help depend on it. */
export interface RefusingOrg {
  /** Tells a sandbox from production. */
  readonly loginHost: string;
  /** Our callback, exactly as the app must have it. */
  readonly redirectUri: string;
}

/**
 * What an OAuth error of Salesforce means for the person who signs in, with the steps for their org. Source: FACTS A, the
 * table of errors, for the redirect of `authorize` and the body of `token` alike. The description is read for what tells
 * causes apart and then dropped: no text of Salesforce's reaches a page or a log.
 * @param error Salesforce's `error`
 * @param description its `error_description`, '' when there was none
 */
export function signInProblem(error: string, description: string, org: RefusingOrg): ProblemError {
  const isSandbox = isSandboxHost(org.loginHost);
  switch (error.toLowerCase()) {
    case 'access_denied':
      return accessDenied(description, org);
    case 'oauth_approval_error_generic':
    case 'app_not_found':
    case 'oauth_ec_app_not_found':
      return new AppNotInstalled(isSandbox);
    case 'oauth_app_blocked':
      return new AppBlocked();
    case 'oauth_app_access_denied':
      return new AppNotApproved(isSandbox);
    case 'inactive_user':
      return new UserInactive();
    case 'inactive_org':
      return new OrgLocked(isSandbox);
    case 'invalid_grant':
      return invalidGrant(description, org);
    case 'api_disabled_for_org':
    case 'api_currently_disabled':
      return new CrmApiDisabled();
    case 'rate_limit_exceeded':
      return new TooManyLogins();
    case 'server_error':
    case 'temporarily_unavailable':
      return new TooManyLogins('salesforce_away');
    case 'invalid_client_id':
    case 'invalid_client':
    case 'redirect_uri_mismatch':
    case 'redirect_uri_missing':
    case 'invalid_scope':
    case 'unsupported_response_type':
    case 'invalid_request':
      return new AppMisconfigured(error.toLowerCase() as AppMisconfiguration, org.redirectUri);
    default:
      return new CrmInvalid();
  }
}

function accessDenied(description: string, org: RefusingOrg): ProblemError {
  if (/not (?:admin )?approved|not admin-approved/i.test(description)) return notApproved(org);
  if (/api (?:is )?(?:not enabled|disabled)/i.test(description)) return new CrmApiDisabled();
  return new SignInDenied();
}

function invalidGrant(description: string, org: RefusingOrg): ProblemError {
  if (/inactive/i.test(description)) return new UserInactive();
  if (/approved this consumer|not admin approved/i.test(description)) return notApproved(org);
  if (/ip restricted|login hours/i.test(description)) return new LoginRestricted();
  return new CodeInvalid();
}

const notApproved = (org: RefusingOrg): ProblemError => new AppNotApproved(isSandboxHost(org.loginHost));

/** `acme--uat.sandbox.my.salesforce.com` (FACTS A, hosts). */
function isSandboxHost(loginHost: string): boolean {
  return /\.sandbox\.my\.salesforce\.(?:com|mil)$/.test(new URL(loginHost).hostname);
}
