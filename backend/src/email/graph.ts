import { jsonObject, objectOf } from '../providers/json.ts';
import { DEFAULT_WAIT, retryAfterOf } from '../providers/retry-after.ts';
import type { ProviderAnswer, ProviderTransport } from '../providers/transport.ts';
import type { DeliverMail, Delivery, OutgoingMail } from './delivery.ts';
import { deliver } from './deliver.ts';

/** Codes of Graph's errors that are not about the mail (FACTS F). */
const NO_MAILBOX: ReadonlySet<unknown> = new Set(['MailboxNotEnabledForRESTAPI', 'MailboxNotSupportedForRESTAPI']);
const LIMITS: ReadonlySet<unknown> = new Set([
  'ErrorMessageSubmissionBlocked',
  'ErrorExceededMessageLimit',
  'ErrorMessageThrottled',
]);

/**
 * Sends through Graph's `me/sendMail`, which takes the sender from the token. It answers 202 without an id: the message
 * is accepted, not delivered.
 * @param api `https://graph.microsoft.com`, or a stand-in; without a slash at the end
 */
export function graph(transport: ProviderTransport, api: string): DeliverMail {
  return async (mail, token, asking) => {
    await asking();
    return deliver(
      transport,
      {
        url: `${api}/v1.0/me/sendMail`,
        token,
        body: JSON.stringify(messageOf(mail)),
        allowedPrefix: `${api}/v1.0/me/`,
      },
      graphDelivery,
    );
  };
}

/** Graph makes the plain-text part of its own accord; a message has one body. */
function messageOf({ to, subject, html }: OutgoingMail): object {
  const { name, address } = to;
  return {
    message: {
      subject,
      body: { contentType: 'HTML', content: html },
      toRecipients: [{ emailAddress: name === null ? { address } : { name, address } }],
    },
    saveToSentItems: true,
  };
}

/** What an answer of Graph's means. */
export function graphDelivery({ status, headers, body }: ProviderAnswer, now = Date.now()): Delivery {
  if (status === 202) return { kind: 'accepted' };
  if (status === 401) return { kind: 'token_refused' };
  const code = objectOf(jsonObject(body)?.error)?.code;
  const wait = retryAfterOf(headers['retry-after'], now) ?? DEFAULT_WAIT;
  if (status === 429 || LIMITS.has(code)) return { kind: 'limited', retryAfter: wait };
  if (NO_MAILBOX.has(code)) return { kind: 'no_mailbox' };
  // Said where Mail.Send is missing, and where Exchange's own policy keeps an app from a mailbox.
  if (status === 403 && code === 'ErrorAccessDenied') return { kind: 'access_denied' };
  // Another success than the one that is documented says nothing about the mail; nor does a gateway without its backend.
  if (status < 400 || status === 502 || status === 504) return { kind: 'unknown' };
  return { kind: status >= 500 ? 'failed' : 'refused' };
}
