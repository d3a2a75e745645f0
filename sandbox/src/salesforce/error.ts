/**
 * A refusal of Salesforce's REST API. Its body is an array of one entry, `[{ message, errorCode, fields? }]`
 * (FACTS B). Throw it from a handler; the Salesforce error handler in `../app.ts` sends it.
 */
export class SalesforceError extends Error {
  readonly status: number;
  readonly errorCode: string;
  readonly fields: readonly string[] | undefined;

  /**
   * @param status HTTP status, 400-599
   * @param errorCode Salesforce's upper-case code, such as `INVALID_FIELD`
   * @param message the sentence that Salesforce sends
   * @param fields API names of the fields that the refusal is about; left out of the body when not given
   */
  constructor(status: number, errorCode: string, message: string, fields?: readonly string[]) {
    super(message);
    this.name = 'SalesforceError';
    this.status = status;
    this.errorCode = errorCode;
    this.fields = fields;
  }

  /** The body as Salesforce sends it: an array, also for a single error. */
  toBody(): [{ message: string; errorCode: string; fields?: readonly string[] }] {
    const body = { message: this.message, errorCode: this.errorCode };
    return [this.fields === undefined ? body : { ...body, fields: this.fields }];
  }
}
