import type { AuthorizeWording, TokenWording } from '../oauth/policy.ts';
import type { Reason, Refusal } from '../oauth/refusal.ts';

type Words = readonly [status: number, error: string, description: string];

const invalidRequest: Words = [
  400,
  'invalid_request',
  'The request is missing a required parameter, includes an unsupported parameter value, or is otherwise malformed.',
];
const invalidGrant: Words = [
  400,
  'invalid_grant',
  'The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued to another client.',
];
const invalidClient: Words = [
  401,
  'invalid_client',
  'Client authentication failed due to unknown client, no client authentication included, or unsupported authentication method.',
];
const invalidRedirect: Words = [401, 'invalid_redirect_uri', "The requested redirect uri is malformed or doesn't match client redirect URI."]; // prettier-ignore
const invalidScope: Words = [400, 'invalid_scope', 'The requested scope is invalid, unknown, or malformed.'];
const badType: Words = [400, 'unsupported_grant_type', 'The authorization grant type is not supported by the authorization server.']; // prettier-ignore
const denied: Words = [401, 'access_denied', 'The resource owner or authorization server denied the request.'];

/** Outreach's words for each reason: RFC 6749's codes, sentences of the kind that its OAuth server sends. */
const words: Readonly<Record<Reason, Words>> = {
  content_type: badType,
  grant_type: badType,
  body_malformed: invalidRequest,
  body_too_large: invalidRequest,
  parameter_repeated: invalidRequest,
  parameter_missing: invalidRequest,
  client: invalidClient,
  client_auth_twice: invalidRequest,
  secret_missing: invalidClient,
  secret: invalidClient,
  redirect_uri_missing: invalidRequest,
  redirect_uri: invalidRedirect,
  response_type: [400, 'unsupported_response_type', 'The authorization server does not support this response type.'],
  scope: invalidScope,
  scope_not_on_app: invalidScope,
  prompt: invalidRequest,
  challenge_missing: invalidRequest,
  challenge: invalidRequest,
  challenge_method: [400, 'invalid_code_challenge_method', 'The code challenge method must be plain or S256.'],
  denied,
  user_inactive: denied,
  admin_consent_missing: denied,
  app_not_installed: denied,
  app_blocked: denied,
  not_admin_approved: denied,
  login_restricted: denied,
  organisation_locked: denied,
  too_many_logins: denied,
  consumer_not_approved: denied,
  app_not_in_org: denied,
  code: invalidGrant,
  code_replayed: invalidGrant,
  code_expired: invalidGrant,
  verifier_missing: invalidGrant,
  verifier_unexpected: invalidGrant,
  verifier: invalidGrant,
  refresh_token: invalidGrant,
  refresh_token_revoked: invalidGrant,
  refresh_token_superseded: invalidGrant,
  refresh_token_expired: invalidGrant,
  token: invalidRequest,
};

const pageReasons: ReadonlySet<Reason> = new Set(['client', 'redirect_uri', 'redirect_uri_missing', 'body_malformed']);

/** A redirect URI that does not fit its grant is an invalid grant at the token endpoint (RFC 6749, 5.2). */
export function wordToken({ reason }: Refusal): TokenWording {
  const [status, error, error_description] = reason === 'redirect_uri' ? invalidGrant : words[reason];
  return { status, body: { error, error_description } };
}

export function wordAuthorize({ reason, target }: Refusal): AuthorizeWording {
  const [status, error, description] = words[reason];
  if (pageReasons.has(reason) || !target) return { as: 'page', status, error, description };
  return { as: 'redirect', error, description };
}
