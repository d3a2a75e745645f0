import type { AuthorizeWording, TokenWording } from '../oauth/policy.ts';
import type { Reason, Refusal } from '../oauth/refusal.ts';

type Words = readonly [status: number, error: string, description: string];

const dead: Words = [400, 'invalid_grant', 'Token has been expired or revoked.'];
const badGrant: Words = [400, 'invalid_grant', 'Bad Request'];
const badScope: Words = [400, 'invalid_scope', 'Some requested scopes were invalid.'];
/** Reasons that no part of Google gives. */
const never: Words = [400, 'invalid_request', 'Bad Request'];

/** Google's words for each reason (FACTS E). Where FACTS is silent: RFC 6749's error code. */
const words: Readonly<Record<Reason, Words>> = {
  content_type: [400, 'unsupported_grant_type', 'Invalid grant_type: '],
  grant_type: [400, 'unsupported_grant_type', 'Invalid grant_type: '],
  body_malformed: never,
  body_too_large: never,
  parameter_repeated: [400, 'invalid_request', 'OAuth 2 parameters can only have a single value:'],
  parameter_missing: [400, 'invalid_request', 'Missing required parameter:'],
  client: [401, 'invalid_client', 'The OAuth client was not found.'],
  client_auth_twice: [400, 'invalid_request', 'Client credentials were sent more than once.'],
  secret_missing: [400, 'invalid_request', 'client_secret is missing.'],
  secret: [401, 'invalid_client', 'Unauthorized'],
  redirect_uri_missing: [400, 'invalid_request', 'Missing required parameter: redirect_uri'],
  redirect_uri: [400, 'redirect_uri_mismatch', 'Bad Request'],
  response_type: [400, 'unsupported_response_type', 'Invalid response_type.'],
  scope: badScope,
  scope_not_on_app: badScope,
  prompt: [400, 'invalid_request', 'Invalid parameter value for prompt.'],
  challenge_missing: [400, 'invalid_request', 'Missing required parameter: code_challenge'],
  challenge: [400, 'invalid_request', 'Invalid code challenge.'],
  challenge_method: [400, 'invalid_request', 'Invalid code challenge method.'],
  denied: [403, 'access_denied', ''],
  user_inactive: [400, 'invalid_grant', 'Account has been deleted'],
  admin_consent_missing: [400, 'admin_policy_enforced', 'Access to your account data is restricted by policies.'],
  app_not_installed: never,
  app_blocked: never,
  not_admin_approved: never,
  login_restricted: never,
  organisation_locked: never,
  too_many_logins: never,
  consumer_not_approved: never,
  app_not_in_org: never,
  code: [400, 'invalid_grant', 'Malformed auth code.'],
  code_replayed: badGrant,
  code_expired: badGrant,
  verifier_missing: [400, 'invalid_grant', 'Missing code verifier.'],
  verifier_unexpected: [400, 'invalid_grant', 'Invalid code verifier.'],
  verifier: [400, 'invalid_grant', 'Invalid code verifier.'],
  refresh_token: badGrant,
  refresh_token_revoked: dead,
  refresh_token_superseded: dead,
  refresh_token_expired: dead,
  token: [400, 'invalid_token', 'Token expired or revoked'],
};

function describe({ reason, parameter }: Refusal): Words {
  const [status, error, description] = words[reason];
  const namesParameter = reason === 'parameter_missing' || reason === 'parameter_repeated';
  return [status, error, namesParameter ? `${description} ${parameter ?? ''}` : description];
}

export function wordToken(refusal: Refusal): TokenWording {
  const [status, error, error_description] = describe(refusal);
  return { status, body: { error, error_description } };
}

/** Only a person's own no goes back to the client; everything else stays on a page of Google's. */
export function wordAuthorize(refusal: Refusal): AuthorizeWording {
  const [status, error, description] = describe(refusal);
  return refusal.reason === 'denied'
    ? { as: 'redirect', error, description }
    : { as: 'page', status, error, description };
}
