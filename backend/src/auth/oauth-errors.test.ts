import { describe, expect, test } from '@jest/globals';
import { signInProblem } from './oauth-errors.ts';

const redirectUri = 'https://us.api.oneshot.example/v1/auth/salesforce/callback';
const PRODUCTION = { loginHost: 'https://acme.my.salesforce.com', redirectUri };
const SANDBOX = { loginHost: 'https://acme--uat.sandbox.my.salesforce.com', redirectUri };

/** FACTS A, the table of errors: what the person is told, and who must do what where. */
describe('an error of Salesforce is told as what can be done about it', () => {
  test.each([
    ['access_denied', 'end-user denied authorization', 403, 'access_denied', /Allow/],
    ['OAUTH_APP_BLOCKED', 'this app is blocked by admin', 403, 'app_not_approved', /OAuth Usage.*Unblock/],
    ['OAUTH_APP_ACCESS_DENIED', 'user is not admin approved', 403, 'app_not_approved', /Policies.*OneShot Rep/],
    ['OAUTH_APPROVAL_ERROR_GENERIC', 'An unexpected error', 403, 'app_not_installed', /Installed Packages.*Policies/],
    ['OAUTH_EC_APP_NOT_FOUND', '', 403, 'app_not_installed', /Installed Packages/],
    ['app_not_found', 'External client app is not installed', 403, 'app_not_installed', /Installed Packages/],
    ['inactive_user', 'user is inactive', 403, 'user_inactive', /Setup, Users/],
    ['inactive_org', 'org is locked', 403, 'access_denied', /contact Salesforce/],
    ['invalid_grant', 'inactive user', 403, 'user_inactive', /Setup, Users/],
    ['invalid_grant', 'ip restricted or invalid login hours', 403, 'access_denied', /Login IP Ranges and Login Hours/],
    ['invalid_grant', "user hasn't approved this consumer", 403, 'app_not_approved', /Policies/],
    ['invalid_grant', 'expired authorization code', 400, 'invalid_code', /Sign in again/],
    ['invalid_grant', 'invalid code verifier', 400, 'invalid_code', /Sign in again/],
    ['API_DISABLED_FOR_ORG', 'The REST API is not enabled', 403, 'api_disabled', /API access/],
    ['rate_limit_exceeded', 'too many logins', 503, 'crm_unavailable', /too many sign-ins/],
    ['server_error', '', 503, 'crm_unavailable', /did not answer/],
    ['invalid_client_id', 'client identifier invalid', 502, 'crm_invalid', /SALESFORCE_CLIENT_ID/],
    ['invalid_client', 'invalid client credentials', 502, 'crm_invalid', /SALESFORCE_CLIENT_SECRET/],
    ['redirect_uri_mismatch', 'redirect_uri must match', 502, 'crm_invalid', /us\.api\.oneshot\.example\/v1\/auth/],
    ['redirect_uri_missing', '', 502, 'crm_invalid', /us\.api\.oneshot\.example\/v1\/auth/],
    ['invalid_scope', 'the requested scope is not allowed', 502, 'crm_invalid', /custom_permissions/],
    ['unsupported_response_type', '', 502, 'crm_invalid', /authorization code flow/],
    ['invalid_request', 'missing required code challenge', 502, 'crm_invalid', /PKCE/],
    ['<script>', 'anything', 502, 'crm_invalid', /again/],
  ])('%s (%s)', (error, description, status, code, words) => {
    const { problem } = signInProblem(error, description, PRODUCTION);
    expect(problem).toMatchObject({ status, code });
    expect(problem.message).toMatch(words);
    if (description !== '') expect(JSON.stringify(problem)).not.toContain(description);
    // It is kept for a minute in the database of sign-ins: nothing may tell which org it was.
    expect(JSON.stringify(problem)).not.toContain('acme');
  });

  test.each([
    ['OAUTH_APPROVAL_ERROR_GENERIC', /this sandbox.*refresh.*again/, 'sandbox'],
    ['app_not_found', /this sandbox.*refresh.*again/, 'sandbox'],
    ['OAUTH_APP_ACCESS_DENIED', /in this sandbox, whose approvals are its own/, 'sandbox'],
    ['inactive_org', /this sandbox.*Setup of production, Sandboxes/, 'org_locked'],
    ['invalid_client_id', /sandbox refresh/, 'invalid_client_id'],
  ])('%s in a sandbox, refreshed or not', (error, words, rule) => {
    const { problem } = signInProblem(error, '', SANDBOX);
    expect(problem.message).toMatch(words);
    expect(problem.rule).toBe(rule);
    expect(JSON.stringify(problem)).not.toContain('acme');
  });
});
