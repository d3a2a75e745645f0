import { ProblemError } from '../http/problem.ts';

/**
 * AWS KMS cannot be asked, or does not let us use the key at the moment, and what is needed is not in RAM any more. It
 * recovers by itself.
 */
export class KeysUnavailable extends ProblemError {
  constructor() {
    super({
      status: 503,
      code: 'keys_unavailable',
      action: 'retry',
      retryAfter: 5,
      message: 'OneShot cannot reach its keys at the moment. Nothing is lost: try again in a moment.',
    });
  }
}
