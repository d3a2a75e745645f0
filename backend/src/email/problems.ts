import { ProblemError } from '../http/problem.ts';

type MailProvider = 'gmail' | 'outlook';

const NAMES: Readonly<Record<MailProvider, string>> = { gmail: 'Gmail', outlook: 'Outlook' };

/** Consent, or a missing address, stands against writing. Who it is, the rep sees on their screen. */
export class CannotEmail extends ProblemError {
  constructor(reasons: readonly string[]) {
    super({
      status: 422,
      code: 'cannot_email',
      reasons,
      message: 'This contact may not be written to: Salesforce says so. Nothing was sent.',
    });
  }
}

/** The account that the client named is not the contact's. */
export class AccountMismatch extends ProblemError {
  constructor() {
    super({
      status: 422,
      code: 'account_mismatch',
      field: 'accountId',
      rule: 'account_of_contact',
      message: 'This contact belongs to another account. Nothing was sent.',
    });
  }
}

/** The org's admin switched this channel off. */
export class ChannelOff extends ProblemError {
  constructor(channel: MailProvider) {
    super({
      status: 422,
      code: 'channel_off',
      field: 'channel',
      rule: 'enabled',
      action: 'contact_admin',
      message: `Your company does not use ${NAMES[channel]} with OneShot. Ask your Salesforce admin.`,
    });
  }
}

/** The org's mails end with a legal footer, and it cannot be read: no mail goes out without it. */
export class FooterMissing extends ProblemError {
  constructor() {
    super({
      status: 409,
      code: 'footer_missing',
      action: 'contact_admin',
      message:
        'Your company’s mail footer cannot be read, so no mail can be sent. Ask your Salesforce admin to check the footer template in OneShot’s settings.',
    });
  }
}

export class ProviderRefused extends ProblemError {
  constructor(provider: MailProvider) {
    super({
      status: 422,
      code: 'provider_refused',
      message: `${NAMES[provider]} refused this mail. It was not sent. Check the contact’s address in Salesforce.`,
    });
  }
}

export class ProviderLimit extends ProblemError {
  /** @param retryAfter seconds */
  constructor(provider: MailProvider, retryAfter: number) {
    super({
      status: 429,
      code: 'provider_limit',
      action: 'retry',
      retryAfter,
      message: `${NAMES[provider]} takes no more mails from you at the moment. This one was not sent: send it again later.`,
    });
  }
}

export class ProviderFailed extends ProblemError {
  constructor(provider: MailProvider) {
    super({
      status: 503,
      code: 'provider_unavailable',
      action: 'retry',
      retryAfter: 5,
      message: `${NAMES[provider]} could not be reached. The mail was not sent: send it again.`,
    });
  }
}

/** The grant does not cover sending (the box was not ticked, or an admin took it away). */
export class SendingNotGranted extends ProblemError {
  /** @param mayBeRule the provider does not say whether the grant or a rule of the company stands against it */
  constructor(provider: MailProvider, mayBeRule = false) {
    const otherwise = mayBeRule ? ' If you did, ask your IT admin: a rule of your company may forbid it.' : '';
    super({
      status: 409,
      code: 'scope_missing',
      action: 'reconnect',
      message: `${NAMES[provider]} does not let OneShot send for you. Reconnect and allow sending.${otherwise} The mail was not sent.`,
    });
  }
}

export class NoMailbox extends ProblemError {
  constructor(provider: MailProvider) {
    super({
      status: 409,
      code: 'no_mailbox',
      action: 'reconnect',
      message: `The account that you connected has no mailbox at ${NAMES[provider]}. Connect the one that you write from. The mail was not sent.`,
    });
  }
}
