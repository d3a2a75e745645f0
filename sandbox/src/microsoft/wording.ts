import { randomUUID } from 'node:crypto';
import type { AuthorizeWording, TokenWording } from '../oauth/policy.ts';
import type { Reason, Refusal } from '../oauth/refusal.ts';

interface Words {
  readonly error: string;
  /** The number after AADSTS. */
  readonly code: number;
  readonly text: string;
  readonly status?: number;
  readonly suberror?: string;
}

const missing: Words = { error: 'invalid_request', code: 900144, text: 'The request body must contain the following parameter:' }; // prettier-ignore
const badScope: Words = { error: 'invalid_scope', code: 70011, text: "The provided value for the input parameter 'scope' is not valid." }; // prettier-ignore
const badGrant: Words = { error: 'invalid_grant', code: 70000, text: 'The provided authorization code or refresh token is invalid or malformed.' }; // prettier-ignore
const badVerifier: Words = { error: 'invalid_grant', code: 501481, text: 'The Code_Verifier does not match the code_challenge supplied in the authorization request.' }; // prettier-ignore
const malformed: Words = { error: 'invalid_request', code: 9002313, text: 'Invalid request. Request is malformed or invalid.' }; // prettier-ignore
const badChallenge: Words = {
  error: 'invalid_request',
  code: 501491,
  text: 'Invalid size of Code_Challenge parameter.',
};
/** Reasons that no part of Microsoft gives. */
const never = malformed;

/** Microsoft's words for each reason (FACTS F): codes by FACTS, sentences of our own where FACTS has none. */
const words: Readonly<Record<Reason, Words>> = {
  content_type: missing,
  body_malformed: malformed,
  body_too_large: malformed,
  parameter_repeated: { error: 'invalid_request', code: 9000411, text: 'The request is not properly formatted. A parameter is duplicated:' }, // prettier-ignore
  parameter_missing: missing,
  client: { error: 'unauthorized_client', code: 700016, text: 'Application was not found in the directory.' },
  client_auth_twice: malformed,
  secret: { error: 'invalid_client', status: 401, code: 7000215, text: 'Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID.' }, // prettier-ignore
  secret_missing: { error: 'invalid_client', status: 401, code: 7000218, text: "The request body must contain the following parameter: 'client_assertion' or 'client_secret'." }, // prettier-ignore
  redirect_uri_missing: { ...missing, text: `${missing.text} 'redirect_uri'.` },
  redirect_uri: { error: 'invalid_request', code: 50011, text: 'The redirect URI specified in the request does not match the redirect URIs configured for the application.' }, // prettier-ignore
  response_type: { error: 'unsupported_response_type', code: 70005, text: 'The response_type is not supported.' },
  scope: badScope,
  scope_not_on_app: badScope,
  prompt: { error: 'invalid_request', code: 90023, text: 'Unsupported prompt value.' },
  challenge_missing: badChallenge,
  challenge: badChallenge,
  challenge_method: badChallenge,
  denied: { error: 'access_denied', code: 65004, text: 'User declined to consent to access the app.' },
  user_inactive: { error: 'invalid_grant', code: 50057, text: 'The user account is disabled.' },
  admin_consent_missing: { error: 'invalid_grant', code: 65001, suberror: 'consent_required', text: 'The user or administrator has not consented to use the application. Send an interactive authorization request for this user and resource.' }, // prettier-ignore
  app_not_installed: never,
  app_blocked: never,
  not_admin_approved: never,
  login_restricted: never,
  organisation_locked: never,
  too_many_logins: never,
  consumer_not_approved: never,
  app_not_in_org: never,
  grant_type: { error: 'unsupported_grant_type', code: 70003, text: 'The app requested an unsupported grant type.' },
  code: badGrant,
  code_replayed: { error: 'invalid_grant', code: 54005, text: 'OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.' }, // prettier-ignore
  code_expired: { error: 'invalid_grant', code: 70008, text: 'The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource.' }, // prettier-ignore
  verifier_missing: badVerifier,
  verifier_unexpected: badVerifier,
  verifier: badVerifier,
  refresh_token: badGrant,
  refresh_token_revoked: { error: 'invalid_grant', code: 50173, text: 'The provided grant has expired due to it being revoked, a fresh auth token is needed.' }, // prettier-ignore
  refresh_token_superseded: badGrant,
  refresh_token_expired: { error: 'invalid_grant', code: 700082, text: 'The refresh token has expired due to inactivity.' }, // prettier-ignore
  token: malformed,
};

/** What the authorize endpoint says instead. */
const authorizeWords: Partial<Record<Reason, Words>> = {
  admin_consent_missing: { error: 'access_denied', code: 90094, text: 'The grant requires admin permission. Ask an admin to grant permission to this app before you can use it.' }, // prettier-ignore
};

/** And the token endpoint. */
const tokenWords: Partial<Record<Reason, Words>> = {
  redirect_uri: { error: 'invalid_grant', code: 500112, text: 'The reply address does not match the reply address provided when requesting Authorization code.' }, // prettier-ignore
};

const pageReasons: ReadonlySet<Reason> = new Set(['client', 'redirect_uri', 'redirect_uri_missing', 'body_malformed']);

/**
 * The body of an error, which carries its code twice and the time three times.
 * @param now epoch milliseconds
 */
export function aadError({ error, code, text, suberror }: Words, now: number): Record<string, unknown> {
  const [trace_id, correlation_id] = [randomUUID(), randomUUID()];
  const timestamp = `${new Date(now).toISOString().slice(0, 19).replace('T', ' ')}Z`;
  return {
    error,
    error_description: `AADSTS${code}: ${text} Trace ID: ${trace_id} Correlation ID: ${correlation_id} Timestamp: ${timestamp}`,
    error_codes: [code],
    timestamp,
    trace_id,
    correlation_id,
    ...(suberror === undefined ? {} : { suberror }),
  };
}

/** The wordings of Microsoft's policy. @param now epoch milliseconds */
export function wordings(now: () => number): {
  readonly wordToken: (refusal: Refusal) => TokenWording;
  readonly wordAuthorize: (refusal: Refusal) => AuthorizeWording;
} {
  const named = (found: Words, { reason, parameter }: Refusal): Words => {
    const namesParameter = ['parameter_missing', 'parameter_repeated', 'content_type'].includes(reason);
    return namesParameter ? { ...found, text: `${found.text} '${parameter ?? 'grant_type'}'.` } : found;
  };
  return {
    wordToken(refusal) {
      const found = tokenWords[refusal.reason] ?? words[refusal.reason];
      return { status: found.status ?? 400, body: aadError(named(found, refusal), now()) };
    },
    wordAuthorize(refusal) {
      const found = named(authorizeWords[refusal.reason] ?? words[refusal.reason], refusal);
      const description = String(aadError(found, now()).error_description);
      if (pageReasons.has(refusal.reason) || !refusal.target) {
        return { as: 'page', status: 400, error: found.error, description };
      }
      return { as: 'redirect', error: found.error, description };
    },
  };
}

/** A tenant that does not exist. @param now epoch milliseconds */
export function unknownTenant(tenant: string, now: number): Record<string, unknown> {
  const text = `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID.`;
  return aadError({ error: 'invalid_request', code: 90002, text }, now);
}
