/** A control call that cannot be carried out as sent; answered with 400 and this sentence. */
export class ControlError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ControlError';
  }
}
