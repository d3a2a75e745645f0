import { jsonObject, objectOf } from '../providers/json.ts';
import { DEFAULT_WAIT, retryAfterOf, secondsUntil } from '../providers/retry-after.ts';
import type { ProviderAnswer, ProviderTransport } from '../providers/transport.ts';
import type { DeliverMail, Delivery } from './delivery.ts';
import { deliver } from './deliver.ts';
import { mimeOf } from './mime.ts';

/** Reasons of a 403 that mean "not now" (FACTS E; Gmail API, "Resolve errors"). */
const LIMITS: ReadonlySet<unknown> = new Set([
  'rateLimitExceeded',
  'userRateLimitExceeded',
  'dailyLimitExceeded',
  'quotaExceeded',
]);
/** Reasons of a 403 that mean that sending was not granted. */
const SCOPES: ReadonlySet<unknown> = new Set(['insufficientPermissions', 'ACCESS_TOKEN_SCOPE_INSUFFICIENT']);

/**
 * Sends through Gmail's `users.messages.send`.
 * @param api `https://gmail.googleapis.com`, or a stand-in; without a slash at the end
 */
export function gmail(transport: ProviderTransport, api: string): DeliverMail {
  return async (mail, token) => {
    const raw = (await mimeOf(mail)).toString('base64url');
    return deliver(
      transport,
      {
        url: `${api}/gmail/v1/users/me/messages/send`,
        token,
        body: JSON.stringify({ raw }),
        allowedPrefix: `${api}/gmail/v1/users/me/`,
      },
      gmailDelivery,
    );
  };
}

/** What an answer of Gmail's means. */
export function gmailDelivery(answer: ProviderAnswer, now = Date.now()): Delivery {
  const { status, headers, body } = answer;
  const json = jsonObject(body);
  if (status >= 200 && status < 300) return { kind: typeof json?.id === 'string' ? 'accepted' : 'unknown' };
  if (status === 401) return { kind: 'token_refused' };
  const wait = retryAfterOf(headers['retry-after'], now) ?? waitIn(json, now) ?? DEFAULT_WAIT;
  if (status === 429) return { kind: 'limited', retryAfter: wait };
  if (status === 403) {
    const reasons = reasonsOf(json);
    if (reasons.some((reason) => LIMITS.has(reason))) return { kind: 'limited', retryAfter: wait };
    if (reasons.some((reason) => SCOPES.has(reason))) return { kind: 'scope_missing' };
  }
  // A gateway that lost its backend does not know what became of the mail; any other 5xx says that it was not sent.
  if (status === 502 || status === 504) return { kind: 'unknown' };
  return { kind: status >= 500 ? 'failed' : 'refused' };
}

/** `error.errors[].reason`, and `error.details[].reason` of newer answers. */
function reasonsOf(json: Readonly<Record<string, unknown>> | undefined): readonly unknown[] {
  const error = objectOf(json?.error);
  return [error?.errors, error?.details].flatMap((list) =>
    Array.isArray(list) ? list.map((item) => objectOf(item)?.reason) : [],
  );
}

/** "User-rate limit exceeded.  Retry after 2026-11-24T12:00:00.000Z": Gmail says it in the message (FACTS E). */
function waitIn(json: Readonly<Record<string, unknown>> | undefined, now: number): number | undefined {
  const message = objectOf(json?.error)?.message;
  const time = typeof message === 'string' ? /Retry after (\d{4}-\d{2}-\d{2}T[\d:.]+Z)/.exec(message)?.[1] : undefined;
  return time === undefined ? undefined : secondsUntil(Date.parse(time), now);
}
