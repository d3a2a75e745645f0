/** Why an operator's request is not carried out. Nothing was done. */
export class OperatorRefused extends Error {
  /** snake_case, for programs and alerts. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'OperatorRefused';
    this.code = code;
  }
}
