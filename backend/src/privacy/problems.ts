import { ProblemError } from '../http/problem.ts';

/** It goes on without the caller. */
export class ErasureRunning extends ProblemError {
  constructor() {
    super({
      status: 409,
      code: 'in_progress',
      action: 'retry',
      retryAfter: 5,
      message: 'This erasure is still running. It goes on by itself; ask again in a moment.',
    });
  }
}

/** After a restore nobody knows what was sent since the backup: an operator looks first (docs/runbook.md). */
export class SendingPaused extends ProblemError {
  constructor() {
    super({
      status: 503,
      code: 'sending_paused',
      action: 'retry',
      retryAfter: 300,
      message: 'Sending is paused while OneShot checks its records. Nothing was sent. Try again later.',
    });
  }
}
