/** A refusal of Google's APIs (FACTS E). Throw it from a handler; the error handler of `plugin.ts` sends it. */
export class GoogleError extends Error {
  readonly code: number;
  readonly reason: string;
  readonly #more: Readonly<Record<string, unknown>>;

  /**
   * @param code HTTP status
   * @param reason the word by which clients tell what to do, such as `rateLimitExceeded`
   * @param more further fields of the one entry of `errors`
   */
  constructor(code: number, reason: string, message: string, more: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = 'GoogleError';
    this.code = code;
    this.reason = reason;
    this.#more = more;
  }

  toBody(): Record<string, unknown> {
    const { code, message, reason } = this;
    return { error: { code, message, errors: [{ domain: 'global', reason, message, ...this.#more }] } };
  }
}

export const invalidCredentials = (): GoogleError =>
  new GoogleError(401, 'authError', 'Invalid Credentials', { locationType: 'header', location: 'Authorization' });
