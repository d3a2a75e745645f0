/**
 * A control call that cannot be carried out as sent; answered with 400 `{ error, field? }`. Where one field is wrong
 * the message begins with it: `"times: must be integer."`.
 */
export class ControlError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ControlError';
  }

  /** The field that the message begins with. */
  get field(): string | undefined {
    return /^([^:]+): /.exec(this.message)?.[1];
  }
}
