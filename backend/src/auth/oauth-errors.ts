import { CrmApiDisabled, CrmInvalid, CrmUnavailable } from '../salesforce/errors.ts';
import type { ProblemError } from '../http/problem.ts';
import { AppNotApproved, AppNotInstalled, CodeInvalid, SignInDenied, UserInactive } from './problems.ts';

/**
 * What an OAuth error of Salesforce means for the person who signs in. Source: FACTS A, the table of errors, for the
 * redirect of `authorize` and the body of `token` alike. The description is read for what tells causes apart and then
 * dropped: no text of Salesforce's reaches a page or a log.
 * @param error Salesforce's `error`
 * @param description its `error_description`, '' when there was none
 */
export function signInProblem(error: string, description: string): ProblemError {
  switch (error.toLowerCase()) {
    case 'access_denied':
      return accessDenied(description);
    case 'oauth_approval_error_generic':
    case 'app_not_found':
    case 'oauth_ec_app_not_found':
      return new AppNotInstalled();
    case 'oauth_app_blocked':
    case 'oauth_app_access_denied':
      return new AppNotApproved();
    case 'inactive_user':
      return new UserInactive();
    case 'inactive_org':
      return new SignInDenied('Salesforce has locked or closed your org. Ask your Salesforce admin.', 'contact_admin');
    case 'invalid_grant':
      return invalidGrant(description);
    case 'api_disabled_for_org':
    case 'api_currently_disabled':
      return new CrmApiDisabled();
    case 'rate_limit_exceeded':
    case 'server_error':
    case 'temporarily_unavailable':
      return new CrmUnavailable();
    // invalid_client, invalid_client_id, redirect_uri_mismatch, invalid_scope ...: our own set-up is wrong.
    default:
      return new CrmInvalid();
  }
}

function accessDenied(description: string): ProblemError {
  if (/not (?:admin )?approved|not admin-approved/i.test(description)) return new AppNotApproved();
  if (/api (?:is )?(?:not enabled|disabled)/i.test(description)) return new CrmApiDisabled();
  return new SignInDenied();
}

function invalidGrant(description: string): ProblemError {
  if (/inactive/i.test(description)) return new UserInactive();
  if (/approved this consumer|not admin approved/i.test(description)) return new AppNotApproved();
  if (/ip restricted|login hours/i.test(description)) {
    return new SignInDenied(
      'Salesforce does not let you sign in from this network or at this hour. Ask your Salesforce admin.',
      'contact_admin',
    );
  }
  return new CodeInvalid();
}
