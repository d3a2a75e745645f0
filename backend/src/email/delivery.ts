import type { Secret } from '../vault/secret.ts';

/** A mail as it leaves: every value is checked, the HTML sanitised. */
export interface OutgoingMail {
  /** How the rep is called; the address is the connected account's, which the provider knows. */
  readonly senderName: string | null;
  readonly to: { readonly name: string | null; readonly address: string };
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

/** What a provider said to a mail. */
export type Delivery =
  | { readonly kind: 'accepted' }
  /** The provider will not send this mail. */
  | { readonly kind: 'refused' }
  /** The provider's own limit. @param retryAfter seconds */
  | { readonly kind: 'limited'; readonly retryAfter: number }
  /** It was not sent, and might be another time. */
  | { readonly kind: 'failed' }
  | { readonly kind: 'unknown' }
  /** The token is no good (401): nothing happened. */
  | { readonly kind: 'token_refused' }
  /** The grant does not cover sending, or the account has no mailbox: nothing happened. */
  | { readonly kind: 'scope_missing' | 'no_mailbox' }
  /** Nothing happened: the grant does not cover sending, or a rule of the company forbids it. */
  | { readonly kind: 'access_denied' };

/**
 * Sends a mail from the account that the token is for. Never throws for what a provider or a line can do.
 * @param asking called right before the call that sends; where it is not called, nothing happened
 */
export type DeliverMail = (mail: OutgoingMail, token: Secret, asking: () => Promise<void>) => Promise<Delivery>;
