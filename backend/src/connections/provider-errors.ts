import type { Reason } from './problems.ts';
import type { ProviderName } from './tokens.ts';

/** What a refusal of a provider's token endpoint means for the connection. */
export type Refusal =
  /** Nothing is wrong with the grant: ask again later. */
  | { readonly kind: 'transient'; readonly retryAfterSeconds?: number }
  /** Our own registration at the provider is wrong: for ops to mend, not for the rep. */
  | { readonly kind: 'misconfigured' }
  /** No answer that OAuth knows: a page, another shape. It says nothing about the grant. */
  | { readonly kind: 'nonsense' }
  | { readonly kind: 'waiting_for_admin'; readonly reason: 'admin_consent_required' }
  | { readonly kind: 'reconnect'; readonly reason: Reason };

export interface ProviderAnswer {
  readonly status: number;
  /** Value of the Retry-After header. */
  readonly retryAfter: string | undefined;
  readonly body: string;
}

const TRANSIENT = new Set([
  'temporarily_unavailable',
  'server_error',
  'rate_limit_exceeded',
  'slow_down',
  'internal_failure',
]);
const MISCONFIGURED = new Set([
  'invalid_client',
  'unauthorized_client',
  'invalid_request',
  'invalid_scope',
  'unsupported_grant_type',
  'redirect_uri_mismatch',
]);

/**
 * Reads what a token endpoint answered instead of tokens; also an error inside a 200. The provider's text is looked at
 * for what tells causes apart and then dropped. Only a definite "this grant is over" ends a connection (FACTS H).
 * Source: FACTS D-F; RFC 6749, 5.2.
 */
export function tokenRefusal(provider: ProviderName, answer: ProviderAnswer): Refusal {
  if (answer.status === 429 || answer.status >= 500) return transient(answer.retryAfter);
  const body = objectIn(answer.body);
  const { error } = body ?? {};
  if (body === undefined || error === undefined) return { kind: 'nonsense' };
  // Google's quota errors have the shape of its APIs, also with status 403 (FACTS E).
  if (typeof error === 'object') return isRateLimit(error) ? transient(answer.retryAfter) : { kind: 'nonsense' };
  if (typeof error !== 'string') return { kind: 'nonsense' };
  const description = typeof body.error_description === 'string' ? body.error_description : '';
  return provider === 'outlook'
    ? microsoftRefusal(error, description, body)
    : oauthRefusal(provider, error, description, body);
}

function oauthRefusal(
  provider: ProviderName,
  error: string,
  description: string,
  body: Readonly<Record<string, unknown>>,
): Refusal {
  if (TRANSIENT.has(error)) return { kind: 'transient' };
  if (MISCONFIGURED.has(error)) return { kind: 'misconfigured' };
  if (error === 'admin_policy_enforced' || error === 'org_internal')
    return { kind: 'reconnect', reason: 'blocked_by_admin' };
  if (error === 'access_denied') return { kind: 'reconnect', reason: 'revoked' };
  if (error !== 'invalid_grant') return { kind: 'nonsense' };
  if (provider === 'gmail' && body.error_subtype === 'invalid_rapt')
    return { kind: 'reconnect', reason: 'mfa_required' };
  if (/deleted|disabled|suspended|account not found/i.test(description))
    return { kind: 'reconnect', reason: 'account_closed' };
  return { kind: 'reconnect', reason: 'revoked' };
}

/** By AADSTS number. Source: FACTS F; Microsoft, "Microsoft Entra authentication and authorization error codes". */
const AADSTS: Readonly<Record<string, Reason | 'misconfigured' | 'waiting' | 'transient'>> = {
  65001: 'waiting',
  65004: 'revoked',
  90094: 'waiting',
  90095: 'waiting',
  50173: 'password_changed',
  50055: 'password_changed',
  50133: 'password_changed',
  50074: 'mfa_required',
  50076: 'mfa_required',
  50078: 'mfa_required',
  50079: 'mfa_required',
  50158: 'mfa_required',
  53000: 'conditional_access',
  53001: 'conditional_access',
  53003: 'conditional_access',
  530032: 'conditional_access',
  50105: 'blocked_by_admin',
  50034: 'account_closed',
  50057: 'account_closed',
  54005: 'revoked',
  70000: 'revoked',
  501481: 'revoked',
  70008: 'expired',
  70043: 'expired',
  700084: 'expired',
  700082: 'unused',
  700016: 'misconfigured',
  7000215: 'misconfigured',
  7000218: 'misconfigured',
  7000222: 'misconfigured',
  50196: 'transient',
  90033: 'transient',
  90006: 'transient',
};

const SUBERRORS: Readonly<Record<string, Reason | 'waiting'>> = {
  consent_required: 'waiting',
  user_password_expired: 'password_changed',
  basic_action: 'mfa_required',
  additional_action: 'mfa_required',
  message_only: 'conditional_access',
};

function microsoftRefusal(error: string, description: string, body: Readonly<Record<string, unknown>>): Refusal {
  const listed = Array.isArray(body.error_codes) ? (body.error_codes as readonly unknown[]) : [];
  const named = /AADSTS(\d{4,8})/.exec(description)?.[1];
  for (const code of [...listed.map(String), named ?? '']) {
    const meaning = Object.hasOwn(AADSTS, code) ? AADSTS[code] : undefined;
    if (meaning !== undefined) return refusalOf(meaning);
  }
  if (TRANSIENT.has(error)) return { kind: 'transient' };
  if (MISCONFIGURED.has(error)) return { kind: 'misconfigured' };
  const { suberror } = body;
  const sub = typeof suberror === 'string' && Object.hasOwn(SUBERRORS, suberror) ? SUBERRORS[suberror] : undefined;
  if (sub !== undefined) return refusalOf(sub);
  if (error === 'consent_required') return refusalOf('waiting');
  if (error === 'interaction_required' || error === 'login_required') return refusalOf('mfa_required');
  return error === 'invalid_grant' ? refusalOf('revoked') : { kind: 'nonsense' };
}

function refusalOf(meaning: Reason | 'misconfigured' | 'waiting' | 'transient'): Refusal {
  if (meaning === 'waiting') return { kind: 'waiting_for_admin', reason: 'admin_consent_required' };
  if (meaning === 'misconfigured' || meaning === 'transient') return { kind: meaning };
  return { kind: 'reconnect', reason: meaning };
}

/** Retry-After in seconds or as a date (RFC 9110, 10.2.3), at most an hour. */
function transient(retryAfter: string | undefined): Refusal {
  const value = retryAfter?.trim() ?? '';
  const seconds = /^\d{1,9}$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1_000;
  if (!Number.isFinite(seconds) || seconds <= 0) return { kind: 'transient' };
  return { kind: 'transient', retryAfterSeconds: Math.min(Math.ceil(seconds), 3_600) };
}

function isRateLimit(error: unknown): boolean {
  return /"reason":"(?:rate|userRate|quota|dailyLimit)\w*"/i.test(JSON.stringify(error));
}

/** A JSON object, or undefined. */
export function objectIn(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}
