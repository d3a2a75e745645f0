/** What an error answer says, field by field as the contract has it. */
export interface ProblemDetail {
  code: string;
  message?: string;
  /** HTTP status; 0 where no answer came. */
  status?: number;
  field?: string;
  rule?: string;
  url?: string;
  action?: string;
  /** Seconds to wait before asking again. */
  retryAfter?: number;
  /** Codes of what stands in the way, where there may be several. */
  reasons?: readonly string[];
  requestId?: string;
  /** What is stored now, for a version conflict. */
  current?: unknown;
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/**
 * A call that failed, in terms of what can be done about it. Codes of the backend come as they are; the browser's own
 * are `network` (no connection, or refused by the page's trusted URLs), `timeout`, `bad_answer`, `popup_blocked` and
 * `not_ready`.
 */
export class Problem extends Error {
  readonly code: string;
  readonly status: number;
  readonly field: string | undefined;
  readonly rule: string | undefined;
  readonly url: string | undefined;
  readonly action: string | undefined;
  readonly retryAfter: number | undefined;
  readonly reasons: readonly string[];
  readonly requestId: string | undefined;
  readonly current: unknown;

  constructor(detail: ProblemDetail) {
    super(detail.message ?? detail.code);
    this.name = 'Problem';
    this.code = detail.code;
    this.status = detail.status ?? 0;
    this.field = detail.field;
    this.rule = detail.rule;
    this.url = detail.url;
    this.action = detail.action;
    this.retryAfter = detail.retryAfter;
    this.reasons = detail.reasons ?? [];
    this.requestId = detail.requestId;
    this.current = detail.current;
  }

  /** True where only a new sign-in helps. */
  get needsSignIn(): boolean {
    return this.status === 401;
  }
}

/**
 * Reads an `error` object of the contract, whoever sent it (an answer, the callback page).
 * @returns undefined where it is not one: then it is not ours
 */
export function problemFrom(error: unknown, status: number, retryAfter?: number): Problem | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const source = error as Record<string, unknown>;
  const code = text(source.code);
  if (code === undefined || !/^[a-z0-9_]{1,64}$/.test(code)) return undefined;
  const detail: ProblemDetail = { code, status };
  for (const name of ['message', 'field', 'rule', 'url', 'action', 'requestId'] as const) {
    const value = text(source[name]);
    if (value !== undefined) detail[name] = value;
  }
  if (Array.isArray(source.reasons)) detail.reasons = source.reasons.filter((reason) => text(reason) !== undefined);
  if (source.current !== undefined) detail.current = source.current;
  const seconds = typeof source.retryAfter === 'number' ? source.retryAfter : retryAfter;
  if (seconds !== undefined && Number.isFinite(seconds) && seconds >= 0) detail.retryAfter = seconds;
  return new Problem(detail);
}
