import { ProblemError } from '../http/problem.ts';

/** The key was used for something else; a new attempt needs a new key. */
export class IdempotencyMismatch extends ProblemError {
  constructor() {
    super({
      status: 422,
      code: 'idempotency_mismatch',
      field: 'idempotency-key',
      rule: 'same_request',
      message: 'This attempt was made for another contact, account, channel or sequence. Send it as a new one.',
    });
  }
}

/** Another request with this key still runs. */
export class InProgress extends ProblemError {
  constructor() {
    super({
      status: 409,
      code: 'in_progress',
      action: 'retry',
      retryAfter: 5,
      message: 'This is being sent at the moment. Ask again in a few seconds what became of it.',
    });
  }
}

/** The rep used up what the org's admin allows for a day. */
export class DailyLimit extends ProblemError {
  /** @param retryAfter seconds until the next day (UTC) */
  constructor(limit: number, retryAfter: number) {
    super({
      status: 429,
      code: 'daily_limit',
      retryAfter,
      message: `Your company allows ${limit} ${limit === 1 ? 'mail' : 'mails'} per person and day. You can send more tomorrow (UTC).`,
    });
  }
}
