import { ProblemError, type Problem, type ProblemAction } from '../http/problem.ts';
import type { ProviderName } from './tokens.ts';

/** How a provider is called in a sentence. */
export const TITLES: Readonly<Record<ProviderName, string>> = {
  gmail: 'Gmail',
  outlook: 'Outlook',
  outreach: 'Outreach',
};

/**
 * Why a connection cannot be used, for programs (API.md, Connection.reason), each with its sentence. What a provider
 * sent is mapped to one of these (./provider-errors.ts); none of its text goes on.
 */
export const REASONS = {
  key_removed:
    "Your OneShot key was deleted in Salesforce, so this connection can't be opened. Reconnect, or ask your admin.",
  key_edited:
    'Your OneShot key was changed by hand in Salesforce. Ask your Salesforce admin to delete that OneShot Key record, then sign in again.',
  key_unreadable:
    'Your OneShot key cannot be read in Salesforce. Ask your Salesforce admin to check the OneShot Key record and the permission set OneShot Rep.',
  scope_missing: "Something that OneShot needs wasn't ticked. Reconnect and tick it.",
  revoked: 'The access was ended there. Reconnect to go on.',
  expired: 'The access ran out there. Reconnect to go on.',
  unused: 'The connection was not used for too long. Reconnect to go on.',
  password_changed: 'Your password changed there. Reconnect to go on.',
  mfa_required: 'A second factor is asked for there. Reconnect to go on.',
  conditional_access: 'A rule of your company does not allow this connection from here. Ask your IT admin.',
  blocked_by_admin: 'Your IT admin does not allow OneShot there. Ask them to allow it.',
  account_closed: 'That account is closed or disabled.',
  client_changed: 'OneShot uses another registration there now. Reconnect to go on.',
  refresh_interrupted: 'A renewal was cut off and its answer was lost. Reconnect to go on.',
  admin_consent_required: "Your IT admin's approval is needed. Send them the link, then come back.",
  restored: 'The database was restored from a backup. Reconnect to go on.',
  channel_off: 'Your Salesforce admin has switched this channel off.',
  not_offered: 'This is not offered here.',
} as const;
export type Reason = keyof typeof REASONS;

/** Reasons that the rep cannot mend by connecting again. */
const FOR_ADMINS: ReadonlySet<Reason> = new Set([
  'key_edited',
  'key_unreadable',
  'conditional_access',
  'blocked_by_admin',
  'admin_consent_required',
  'channel_off',
]);

/** What the person can do about it. */
export const actionFor = (reason: Reason): ProblemAction => (FOR_ADMINS.has(reason) ? 'contact_admin' : 'reconnect');

/** There is no connection, or it cannot be used as it is: `code` says which, `reasons` why. */
export class ConnectionUnusable extends ProblemError {
  constructor(
    provider: ProviderName,
    code: 'not_connected' | 'reconnect_required' | 'waiting_for_admin' | 'connection_blocked',
    reason?: Reason,
  ) {
    const why = reason === undefined ? `Connect it first.` : REASONS[reason];
    super({
      status: 409,
      code,
      field: provider,
      action: reason === undefined ? 'reconnect' : actionFor(reason),
      message: `${TITLES[provider]}: ${why}`,
      ...(reason === undefined ? {} : { reasons: [reason] }),
    });
  }
}

/** The provider cannot be asked just now; nothing about the connection is known to be wrong. */
export class ProviderUnavailable extends ProblemError {
  /** @param retryAfter seconds */
  constructor(provider: ProviderName, retryAfter = 5) {
    super({
      status: 503,
      code: 'provider_unavailable',
      field: provider,
      action: 'retry',
      retryAfter,
      message: `${TITLES[provider]} did not answer. Your connection is kept; try again in a moment.`,
    });
  }
}

/** The provider answered something that it never should: a page instead of JSON, a token without what belongs to it. */
export class ProviderInvalid extends ProblemError {
  constructor(provider: ProviderName, message = 'sent an answer that OneShot cannot read. Try again.') {
    super({
      status: 502,
      code: 'provider_invalid',
      field: provider,
      action: 'retry',
      message: `${TITLES[provider]} ${message}`,
    });
  }
}

export class KeyObjectMissing extends ProblemError {
  constructor(reason: 'missing' | 'edited' | 'unreadable') {
    const message = {
      missing:
        'OneShot cannot keep your half of the key in Salesforce. Ask your Salesforce admin for the permission set OneShot Rep, and whether the package is installed.',
      edited: REASONS.key_edited,
      unreadable: REASONS.key_unreadable,
    }[reason];
    super({
      status: 409,
      code: 'key_object_missing',
      action: 'contact_admin',
      message,
      ...(reason === 'missing' ? {} : { reasons: [reason === 'edited' ? 'key_edited' : 'key_unreadable'] }),
    });
  }
}

export class OtherAccount extends ProblemError {
  constructor(provider: ProviderName) {
    super({
      status: 409,
      code: 'other_account',
      field: provider,
      action: 'reconnect',
      message: `You are connected with another ${TITLES[provider]} account. Choose that one, or disconnect it first.`,
    });
  }
}

export class ScopeMissing extends ProblemError {
  constructor(provider: ProviderName) {
    super({
      status: 422,
      code: 'scope_missing',
      field: provider,
      action: 'reconnect',
      message: `${TITLES[provider]}: ${REASONS.scope_missing}`,
    });
  }
}

/** Unknown, used, expired, another rep's, or with another verifier: which of them is nobody's business. */
export class ConnectionCodeInvalid extends ProblemError {
  constructor(field = 'code', rule = 'one_time') {
    super({
      status: 400,
      code: 'invalid_code',
      field,
      rule,
      action: 'reconnect',
      message: 'This attempt to connect is over. Click Connect again.',
    });
  }
}

export class TicketInvalid extends ProblemError {
  constructor() {
    super({
      status: 400,
      code: 'invalid',
      field: 'ticket',
      rule: 'one_time',
      action: 'reconnect',
      message: 'This window is over or was opened too often. Close it and click Connect again.',
    });
  }
}

export class ConsentDenied extends ProblemError {
  constructor(provider: ProviderName) {
    super({
      status: 403,
      code: 'access_denied',
      action: 'reconnect',
      message: `You did not allow OneShot in ${TITLES[provider]}. Click Connect again and allow it.`,
    });
  }
}

export class WaitingForAdmin extends ProblemError {
  constructor(provider: ProviderName, adminUrl: string | undefined) {
    const problem: Problem = {
      status: 403,
      code: 'waiting_for_admin',
      action: 'contact_admin',
      message: `${TITLES[provider]}: ${REASONS.admin_consent_required}`,
    };
    super(adminUrl === undefined ? problem : { ...problem, url: adminUrl });
  }
}

export class NotOffered extends ProblemError {
  constructor(provider: ProviderName, reason: 'not_offered' | 'channel_off') {
    super({
      status: 409,
      code: 'setup_missing',
      field: provider,
      action: 'contact_admin',
      message: `${TITLES[provider]}: ${REASONS[reason]}`,
      reasons: [reason],
    });
  }
}
