import { describe, expect, test } from '@jest/globals';
import { signInProblem } from './oauth-errors.ts';

/** FACTS A, the table of errors: what the person is told, and who must do something. */
describe('an error of Salesforce is told as what can be done about it', () => {
  test.each([
    ['access_denied', 'end-user denied authorization', 403, 'access_denied', /Allow/],
    ['OAUTH_APP_BLOCKED', 'this app is blocked by admin', 403, 'app_not_approved', /admin/],
    ['OAUTH_APP_ACCESS_DENIED', 'user is not admin approved to access this app', 403, 'app_not_approved', /admin/],
    ['OAUTH_APPROVAL_ERROR_GENERIC', 'An unexpected error', 403, 'app_not_installed', /install/],
    ['OAUTH_EC_APP_NOT_FOUND', '', 403, 'app_not_installed', /install/],
    ['app_not_found', 'External client app is not installed in this org', 403, 'app_not_installed', /install/],
    ['inactive_user', 'user is inactive', 403, 'user_inactive', /activate/],
    ['inactive_org', 'org is locked', 403, 'access_denied', /admin/],
    ['invalid_grant', 'inactive user', 403, 'user_inactive', /activate/],
    ['invalid_grant', 'ip restricted or invalid login hours', 403, 'access_denied', /network.*admin/],
    ['invalid_grant', "user hasn't approved this consumer", 403, 'app_not_approved', /admin/],
    ['invalid_grant', 'expired authorization code', 400, 'invalid_code', /Sign in again/],
    ['invalid_grant', 'invalid code verifier', 400, 'invalid_code', /Sign in again/],
    ['API_DISABLED_FOR_ORG', 'The REST API is not enabled', 403, 'api_disabled', /admin/],
    ['rate_limit_exceeded', 'too many logins', 503, 'crm_unavailable', /again/],
    ['redirect_uri_mismatch', 'redirect_uri must match configuration', 502, 'crm_invalid', /again/],
    ['invalid_client', 'invalid client credentials', 502, 'crm_invalid', /again/],
    ['<script>', 'anything', 502, 'crm_invalid', /again/],
  ])('%s (%s)', (error, description, status, code, words) => {
    const { problem } = signInProblem(error, description);
    expect(problem).toMatchObject({ status, code });
    expect(problem.message).toMatch(words);
    if (description !== '') expect(JSON.stringify(problem)).not.toContain(description);
  });
});
