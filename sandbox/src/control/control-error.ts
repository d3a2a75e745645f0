/** A control call that cannot be carried out as sent; answered with 400 `{ error, field? }`. */
export class ControlError extends Error {
  /** The field that is wrong, where one is. */
  readonly field: string | undefined;

  /** @param message a sentence that names the field and the rule */
  constructor(message: string, field?: string) {
    super(message);
    this.name = 'ControlError';
    this.field = field;
  }
}
