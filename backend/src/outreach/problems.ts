import { ProblemError } from '../http/problem.ts';

export class OutreachUnavailable extends ProblemError {
  constructor() {
    super({
      status: 503,
      code: 'provider_unavailable',
      action: 'retry',
      retryAfter: 5,
      message: 'Outreach could not be reached. Nothing was changed there: try again in a moment.',
    });
  }
}

export class OutreachInvalid extends ProblemError {
  constructor() {
    super({
      status: 502,
      code: 'provider_invalid',
      action: 'retry',
      message: 'Outreach sent an answer that OneShot cannot read. Try again.',
    });
  }
}

export class OutreachLimit extends ProblemError {
  /** @param retryAfter seconds */
  constructor(retryAfter: number) {
    super({
      status: 429,
      code: 'provider_limit',
      action: 'retry',
      retryAfter,
      message: 'Outreach takes no more calls from you at the moment. Try again later.',
    });
  }
}

/** The grant does not cover what was asked, or Outreach took it away. */
export class OutreachNotGranted extends ProblemError {
  constructor() {
    super({
      status: 409,
      code: 'scope_missing',
      action: 'reconnect',
      message:
        'Outreach does not let OneShot do this for you. Reconnect Outreach and allow it; if you did, ask your Outreach admin.',
    });
  }
}

export class SequenceUnusable extends ProblemError {
  constructor(rule: 'exists' | 'enabled' | 'unlocked') {
    super({
      status: 422,
      code: { exists: 'sequence_missing', enabled: 'sequence_disabled', unlocked: 'sequence_locked' }[rule],
      field: 'sequenceId',
      rule,
      message: {
        exists: 'There is no such sequence in Outreach, or you may not see it. Choose another one.',
        enabled: 'This sequence is switched off in Outreach. Choose another one.',
        unlocked: 'This sequence is locked in Outreach. Ask its owner, or choose another one.',
      }[rule],
    });
  }
}

export class MailboxUnusable extends ProblemError {
  constructor(rule: 'exists' | 'can_send') {
    super({
      status: 422,
      code: rule === 'exists' ? 'mailbox_missing' : 'mailbox_cannot_send',
      field: 'mailboxId',
      rule,
      message:
        rule === 'exists'
          ? 'There is no such mailbox in Outreach, or it is not yours. Choose another one.'
          : 'This mailbox cannot send at the moment. Look at its settings in Outreach, or choose another one.',
    });
  }
}

/** The person opted out in Outreach. What Salesforce says about them is CannotEnrol. */
export class ProspectOptedOut extends ProblemError {
  constructor() {
    super({
      status: 422,
      code: 'opted_out',
      reasons: ['opted_out'],
      message: 'This person has opted out in Outreach. They were not added to the sequence.',
    });
  }
}

/** Consent in Salesforce, or a missing address, stands against it. */
export class CannotEnrol extends ProblemError {
  constructor(reasons: readonly string[]) {
    super({
      status: 422,
      code: 'cannot_email',
      reasons,
      message: 'This contact may not be written to: Salesforce says so. They were not added to the sequence.',
    });
  }
}

export class OutreachOff extends ProblemError {
  constructor() {
    super({
      status: 422,
      code: 'channel_off',
      field: 'channel',
      rule: 'enabled',
      action: 'contact_admin',
      message: 'Your company does not use Outreach with OneShot. Ask your Salesforce admin.',
    });
  }
}

export class EnrolmentRefused extends ProblemError {
  constructor() {
    super({
      status: 422,
      code: 'provider_refused',
      message: 'Outreach refused to add this person to the sequence. Look at them in Outreach.',
    });
  }
}
