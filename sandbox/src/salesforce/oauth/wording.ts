import type { AuthorizeWording, TokenWording } from '../../oauth/policy.ts';
import type { Reason, Refusal } from '../../oauth/refusal.ts';

type Words = readonly [error: string, description: string];

/** Salesforce's words for each reason (FACTS A, "Errors"). Where FACTS is silent: RFC 6749's error code. */
const words: Readonly<Record<Reason, Words>> = {
  // A body that is not a form holds no grant_type that Salesforce could read.
  content_type: ['unsupported_grant_type', 'grant type not supported'],
  grant_type: ['unsupported_grant_type', 'grant type not supported'],
  body_malformed: ['invalid_request', 'malformed request'],
  body_too_large: ['invalid_request', 'request too large'],
  parameter_repeated: ['invalid_request', 'parameter must appear once'],
  parameter_missing: ['invalid_request', 'missing required parameter'],
  client: ['invalid_client_id', 'client identifier invalid'],
  client_auth_twice: ['invalid_request', 'client credentials must be sent once'],
  secret_missing: ['invalid_client', 'invalid client credentials'],
  secret: ['invalid_client', 'invalid client credentials'],
  redirect_uri_missing: ['redirect_uri_missing', 'redirect_uri missing'],
  redirect_uri: ['redirect_uri_mismatch', 'redirect_uri must match configuration'],
  response_type: ['unsupported_response_type', 'response type not supported'],
  scope: ['invalid_scope', 'the requested scope is not allowed'],
  scope_not_on_app: [
    'OAUTH_APPROVAL_ERROR_GENERIC',
    'An unexpected error has occurred during authentication. Please try again.',
  ],
  prompt: ['invalid_request', 'invalid prompt'],
  challenge_missing: ['invalid_request', 'missing required code challenge'],
  challenge: ['invalid_request', 'invalid code challenge'],
  challenge_method: ['invalid_request', 'invalid code challenge method'],
  denied: ['access_denied', 'end-user denied authorization'],
  user_inactive: ['invalid_grant', 'inactive user'],
  admin_consent_missing: ['OAUTH_APP_ACCESS_DENIED', 'user is not admin approved to access this app'],
  app_not_installed: ['app_not_found', 'External client app is not installed in this org'],
  app_blocked: ['OAUTH_APP_BLOCKED', 'this app is blocked by admin'],
  not_admin_approved: ['OAUTH_APP_ACCESS_DENIED', 'user is not admin approved to access this app'],
  login_restricted: ['invalid_grant', 'ip restricted or invalid login hours'],
  organisation_locked: ['inactive_org', 'organization is locked or closed'],
  too_many_logins: ['rate_limit_exceeded', 'login rate exceeded'],
  app_not_in_org: ['OAUTH_EC_APP_NOT_FOUND', 'External client app was not found in this org'],
  consumer_not_approved: ['invalid_grant', "user hasn't approved this consumer"],
  code: ['invalid_grant', 'invalid authorization code'],
  code_replayed: ['invalid_grant', 'expired authorization code'],
  code_expired: ['invalid_grant', 'expired authorization code'],
  verifier_missing: ['invalid_grant', 'invalid code verifier'],
  verifier_unexpected: ['invalid_grant', 'invalid code verifier'],
  verifier: ['invalid_grant', 'invalid code verifier'],
  refresh_token: ['invalid_grant', 'expired access/refresh token'],
  refresh_token_revoked: ['invalid_grant', 'expired access/refresh token'],
  refresh_token_superseded: ['invalid_grant', 'expired access/refresh token'],
  refresh_token_expired: ['invalid_grant', 'expired access/refresh token'],
  token: ['unsupported_token_type', 'this token type is not supported'],
};

/** Where the authorize endpoint says something else than the token endpoint. */
const authorizeWords: Partial<Record<Reason, Words>> = {
  app_not_installed: words.scope_not_on_app,
  user_inactive: ['inactive_user', 'user is inactive'],
};

/** Reasons that stay on a page of Salesforce's, because the redirect URI cannot be trusted. */
const pageReasons: ReadonlySet<Reason> = new Set(['client', 'redirect_uri', 'redirect_uri_missing', 'body_malformed']);

function describe([error, description]: Words, { reason, parameter }: Refusal): Words {
  const namesParameter = reason === 'parameter_missing' || reason === 'parameter_repeated';
  return [error, namesParameter && parameter !== undefined ? `${description}: ${parameter}` : description];
}

export function wordToken(refusal: Refusal): TokenWording {
  const [error, error_description] = describe(words[refusal.reason], refusal);
  return { status: 400, body: { error, error_description } };
}

export function wordAuthorize(refusal: Refusal): AuthorizeWording {
  const [error, description] = describe(authorizeWords[refusal.reason] ?? words[refusal.reason], refusal);
  if (pageReasons.has(refusal.reason) || !refusal.target) return { as: 'page', status: 400, error, description };
  return { as: 'redirect', error, description };
}
