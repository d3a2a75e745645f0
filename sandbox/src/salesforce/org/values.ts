import { normaliseId } from './ids.ts';
import { datetimeText, type FieldSchema, type Value } from './schema.ts';

/** Why a value cannot be stored: Salesforce's code and sentence. */
export class ValueProblem extends Error {
  readonly errorCode: string;
  readonly field: string;

  constructor(errorCode: string, message: string, field: string) {
    super(message);
    this.name = 'ValueProblem';
    this.errorCode = errorCode;
    this.field = field;
  }
}

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const DATETIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:?\d{2})$/;

/**
 * A JSON value as it is stored: empty text is null, ids have 18 characters, datetimes are UTC.
 * @throws ValueProblem the field cannot hold that
 */
export function toStored(field: FieldSchema, value: unknown): Value {
  if (value === null || value === '') return field.type === 'boolean' ? false : null;
  switch (field.type) {
    case 'boolean':
      if (typeof value !== 'boolean') throw wrongType(field, 'boolean', value);
      return value;
    case 'int':
    case 'double':
    case 'currency':
    case 'percent':
      return toNumber(field, value);
    case 'date':
      if (typeof value !== 'string' || !isDate(value)) throw wrongType(field, 'date', value);
      return value.slice(0, 10);
    case 'datetime': {
      const at = typeof value === 'string' ? parseDatetime(value) : undefined;
      if (at === undefined) throw wrongType(field, 'datetime', value);
      return datetimeText(at);
    }
    case 'id':
    case 'reference':
      return toId(field, value);
    case 'picklist':
    case 'multipicklist':
    case 'string':
    case 'email':
    case 'phone':
    case 'url':
    case 'textarea':
    case 'encryptedstring':
      return toText(field, value);
  }
}

function toNumber(field: FieldSchema, value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw wrongType(field, 'double', value);
  if (field.type === 'int' && !Number.isInteger(value)) throw wrongType(field, 'int', value);
  const digits = Math.abs(Math.trunc(value)).toString().length;
  if (field.precision > 0 && Math.abs(value) >= 1 && digits > field.precision - field.scale) {
    throw new ValueProblem(
      'NUMBER_OUTSIDE_VALID_RANGE',
      `${field.label}: value outside of valid range on numeric field: ${value}`,
      field.name,
    );
  }
  return value;
}

function toId(field: FieldSchema, value: unknown): string {
  const id = typeof value === 'string' ? normaliseId(value) : undefined;
  if (id === undefined) {
    throw new ValueProblem('MALFORMED_ID', `${field.label}: id value of incorrect type: ${String(value)}`, field.name);
  }
  return id;
}

function toText(field: FieldSchema, value: unknown): string {
  if (typeof value !== 'string') throw wrongType(field, 'string', value);
  if (value.length > field.length) {
    throw new ValueProblem(
      'STRING_TOO_LONG',
      `${field.label}: data value too large: ${value.slice(0, 255)} (max length=${field.length})`,
      field.name,
    );
  }
  if (field.restrictedPicklist && !field.picklistValues.includes(value)) {
    throw new ValueProblem(
      'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
      `${field.label}: bad value for restricted picklist field: ${value}`,
      field.name,
    );
  }
  if (field.type === 'email' && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value)) {
    throw new ValueProblem('INVALID_EMAIL_ADDRESS', `${field.label}: invalid email address: ${value}`, field.name);
  }
  return value;
}

function wrongType(field: FieldSchema, type: string, value: unknown): ValueProblem {
  const kind = Array.isArray(value) ? 'START_ARRAY' : typeof value === 'object' ? 'START_OBJECT' : kindOf(value);
  return new ValueProblem(
    'JSON_PARSER_ERROR',
    `Cannot deserialize instance of ${type} from ${kind} value ${String(value)} or request may be missing a required field`,
    field.name,
  );
}

const kindOf = (value: unknown): string =>
  typeof value === 'string' ? 'VALUE_STRING' : typeof value === 'boolean' ? 'VALUE_BOOLEAN' : 'VALUE_NUMBER_FLOAT';

/** Whether this is a day of the calendar, `YYYY-MM-DD`. */
export function isDate(text: string): boolean {
  if (!DATE.test(text)) return false;
  const at = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
}

/** Epoch milliseconds of an ISO 8601 moment with its zone, or `undefined` when it is none. */
export function parseDatetime(text: string): number | undefined {
  if (!DATETIME.test(text) || !isDate(text.slice(0, 10))) return undefined;
  const at = Date.parse(text.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
  return Number.isNaN(at) ? undefined : at;
}
