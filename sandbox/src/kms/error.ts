/** A refusal as AWS JSON 1.1 carries it: `{ "__type": ..., "message": ... }`. */
export class KmsError extends Error {
  readonly type: string;
  readonly status: number;

  constructor(type: string, message: string, status = 400) {
    super(message);
    this.type = type;
    this.status = status;
  }

  /** KMS writes its own errors with a small `message`, the protocol's with a large one; clients read both. */
  toBody(): { __type: string; message: string } {
    return { __type: this.type, message: this.message };
  }
}
