import { ProblemError } from './problem.ts';

/** A parameter, a property of the body or the body itself breaks a rule. The value is never repeated. */
export class Invalid extends ProblemError {
  /**
   * @param field name of the parameter, or path of the body's property with dots (`settings.cache.minutes`)
   * @param rule snake_case, e.g. `required`, `type`, `unknown`, `maximum`, `crm_id`
   * @param message a sentence for a person
   */
  constructor(field: string, rule: string, message = `The field ${field} is not valid: ${rule.replaceAll('_', ' ')}.`) {
    super({ status: 400, code: 'invalid', field, rule, message });
  }
}

/** No such route, no such record, or one that belongs to another rep: nobody is told which. */
export class NotFound extends ProblemError {
  constructor() {
    super({ status: 404, code: 'not_found', message: 'There is nothing here, or it is not yours.' });
  }
}

export class BodyTooLarge extends ProblemError {
  constructor() {
    super({
      status: 413,
      code: 'body_too_large',
      field: 'body',
      rule: 'max_bytes',
      message: 'This request is too large.',
    });
  }
}

export class MediaTypeUnsupported extends ProblemError {
  constructor() {
    super({
      status: 415,
      code: 'unsupported_media_type',
      field: 'content-type',
      rule: 'application_json',
      message: 'Send the body as application/json.',
    });
  }
}

export class TooManyRequests extends ProblemError {
  /** @param retryAfter whole seconds */
  constructor(retryAfter: number) {
    super({
      status: 429,
      code: 'too_many_requests',
      action: 'retry',
      retryAfter,
      message: `Too many requests at once. Try again in ${retryAfter} s.`,
    });
  }
}

/** The client closed its connection before the answer; nobody reads this, it is for the log line. */
export class ClientGone extends ProblemError {
  constructor() {
    super({ status: 499, code: 'client_gone', message: 'The client closed the connection.' });
  }
}

/** MongoDB cannot be reached, or not yet. It recovers by itself. */
export class DatabaseUnavailable extends ProblemError {
  constructor() {
    super({
      status: 503,
      code: 'database_unavailable',
      action: 'retry',
      retryAfter: 2,
      message: 'OneShot cannot reach its database at the moment. Try again in a moment.',
    });
  }
}

/** Something that we did not foresee. What it was is in the log, as a class name and a place in our source. */
export class Internal extends ProblemError {
  constructor() {
    super({
      status: 500,
      code: 'internal',
      action: 'retry',
      message: 'Something went wrong in OneShot. Try again; if it stays, tell us the request id.',
    });
  }
}
