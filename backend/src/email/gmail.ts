import { jsonObject, objectOf } from '../providers/json.ts';
import { DEFAULT_WAIT, retryAfterOf, secondsUntil } from '../providers/retry-after.ts';
import { BadAnswer, LineCut, NeverSent, type ProviderAnswer, type ProviderTransport } from '../providers/transport.ts';
import type { Secret } from '../vault/secret.ts';
import { isMailAddress } from '../contacts/mail-address.ts';
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

/** Addresses of Google's API, without a slash at the end (connections/endpoints.ts). */
export interface GmailEndpoints {
  readonly api: string;
  /** Says whose account a token is for: Gmail takes no mail whose From is another's. */
  readonly userinfo: string;
}

/** Sends through Gmail's `users.messages.send`. */
export function gmail(transport: ProviderTransport, { api, userinfo }: GmailEndpoints): DeliverMail {
  return async (mail, token, asking) => {
    const sender = await senderOf(transport, userinfo, token);
    if (typeof sender !== 'string') return sender;
    const raw = (await mimeOf(mail, sender)).toString('base64url');
    await asking();
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

/** The address of the account that the token is for; a delivery that failed where Google does not say it. */
async function senderOf(transport: ProviderTransport, userinfo: string, token: Secret): Promise<string | Delivery> {
  try {
    const headers = { authorization: `Bearer ${token.reveal()}` };
    const answer = await transport.send({ method: 'GET', url: userinfo, headers }, userinfo);
    const email = jsonObject(answer.body)?.email;
    if (answer.status === 200 && typeof email === 'string' && isMailAddress(email)) return email;
    if (answer.status === 200) return { kind: 'failed' };
    const meaning = gmailDelivery(answer);
    return meaning.kind === 'limited' || meaning.kind === 'token_refused' ? meaning : { kind: 'failed' };
  } catch (error) {
    if (error instanceof NeverSent || error instanceof LineCut || error instanceof BadAnswer) return { kind: 'failed' };
    throw error;
  }
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
