/** A refusal of Outreach's API: a JSON:API error document (FACTS D). */
export class OutreachError extends Error {
  readonly status: number;
  readonly #entry: Readonly<Record<string, unknown>>;

  /** @param more further members of the entry, such as `source` */
  constructor(status: number, id: string, title: string, detail: string, more: Readonly<Record<string, unknown>> = {}) {
    super(detail);
    this.name = 'OutreachError';
    this.status = status;
    this.#entry = { id, ...more, title, detail };
  }

  toBody(): { errors: [Readonly<Record<string, unknown>>] } {
    return { errors: [this.#entry] };
  }
}

export const badRequest = (detail: string, source?: Readonly<Record<string, string>>): OutreachError =>
  new OutreachError(400, 'badRequest', 'Bad Request', detail, source === undefined ? {} : { source });

export const notFound = (): OutreachError =>
  new OutreachError(404, 'resourceNotFound', 'Resource Not Found', 'Could not find the requested resource.');

/** @param pointer the member of the sent document that is wrong (RFC 6901) */
export const invalid = (pointer: string, detail: string): OutreachError =>
  new OutreachError(422, 'validationError', 'Validation Error', detail, { source: { pointer } });

/** A value that has to be unique is taken already. */
export const duplicate = (detail: string): OutreachError =>
  new OutreachError(422, 'validationDuplicateValueError', 'Validation Duplicate Value Error', detail);

/** Outreach's documentation writes `details` here. */
export class UnsupportedMediaType extends OutreachError {
  static readonly details =
    'Content-Type must be application/vnd.api+json, without media type parameters, in every request.';

  constructor() {
    super(415, 'unsupportedMediaType', 'Unsupported Media Type', UnsupportedMediaType.details);
  }

  override toBody(): { errors: [Readonly<Record<string, unknown>>] } {
    const [{ detail, ...entry }] = super.toBody().errors;
    return { errors: [{ ...entry, details: detail }] };
  }
}
