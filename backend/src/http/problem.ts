/** What the person in front of the screen can do about it. */
export type ProblemAction = 'reconnect' | 'sign_in' | 'contact_admin' | 'retry';

/**
 * The parts of an error answer (API.md, "Errors"). `message` is a sentence for a person, `code` is for programs.
 * Both are written by us: nothing that came from a CRM, a provider or a client may be put in.
 */
export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** The parameter, body property or Salesforce field that the problem is about. A name, never a value. */
  readonly field?: string;
  /** The rule that was broken, e.g. `crm_id`, `maximum`, `required`. */
  readonly rule?: string;
  readonly url?: string;
  readonly action?: ProblemAction;
  /** Seconds; also sent as `Retry-After`. */
  readonly retryAfter?: number;
  /** What is stored now, for a version conflict. */
  readonly current?: unknown;
  readonly reasons?: readonly string[];
}

/** Base of every error that a client may see. One subclass for each thing that can be done about it. */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.message);
    this.name = new.target.name;
    this.problem = problem;
  }
}
