/**
 * Stand-in for `lightning/uiRecordApi`: `getRecord` and `getFieldValue`. The records are the sandbox's; the preview's
 * server hands one out by object and id, as Lightning's own data service would to the user of the page.
 */

interface FieldReference {
  fieldApiName: string;
  objectApiName: string;
}
interface FieldValue {
  displayValue: string | null;
  value: unknown;
}
export interface RecordData {
  apiName: string;
  id: string;
  fields: Record<string, FieldValue>;
}
interface Config {
  recordId?: string;
  fields?: readonly FieldReference[];
  optionalFields?: readonly FieldReference[];
}
interface Result {
  data?: RecordData | undefined;
  error?: unknown;
}

const HTTP_NOT_FOUND = { status: 404, body: { message: 'The requested resource does not exist' } };

/** Wire adapter: emits `{ data, error }`, at first both undefined, as in Lightning. */
export class getRecord {
  readonly #emit: (result: Result) => void;
  #asked = '';

  constructor(emit: (result: Result) => void) {
    this.#emit = emit;
    emit({ data: undefined, error: undefined });
  }
  connect(): void {
    // What to read arrives with update.
  }
  disconnect(): void {
    this.#asked = '';
  }
  update({ recordId, fields = [], optionalFields = [] }: Config): void {
    const wanted = [...fields, ...optionalFields];
    const [first] = wanted;
    // Lightning waits until every reactive part of the configuration is there.
    if (recordId === undefined || first === undefined) return;
    const asked = JSON.stringify([recordId, wanted]);
    if (asked === this.#asked) return;
    this.#asked = asked;
    void read(first.objectApiName, recordId, wanted).then((result) => {
      if (asked === this.#asked) this.#emit(result);
    });
  }
}

async function read(object: string, recordId: string, wanted: readonly FieldReference[]): Promise<Result> {
  try {
    const paths = wanted.map(({ fieldApiName }) => fieldApiName);
    const query = new URLSearchParams({ fields: paths.join() });
    const response = await fetch(`/preview/record/${object}/${recordId}?${query.toString()}`);
    if (!response.ok) return { data: undefined, error: HTTP_NOT_FOUND };
    const values = (await response.json()) as Record<string, unknown>;
    const data: RecordData = { apiName: object, id: recordId, fields: {} };
    for (const path of paths) if (path in values) put(data.fields, path.split('.'), values[path]);
    return { data, error: undefined };
  } catch {
    return { data: undefined, error: HTTP_NOT_FOUND };
  }
}

/** A spanning field is a record in a record: `Account.Name` of a contact is `fields.Account.value.fields.Name.value`. */
function put(fields: Record<string, FieldValue>, [name = '', ...rest]: string[], value: unknown): void {
  if (rest.length === 0) {
    fields[name] = { displayValue: null, value: value ?? null };
    return;
  }
  const inner = (fields[name]?.value ?? { fields: {} }) as { fields: Record<string, FieldValue> };
  fields[name] = { displayValue: null, value: inner };
  put(inner.fields, rest, value);
}

/** As documented: the value, for a spanning field at its end; undefined where it is not there. */
export function getFieldValue(record: RecordData | undefined, field: FieldReference): unknown {
  let value: unknown = record;
  for (const name of field.fieldApiName.split('.')) {
    value = (value as RecordData | null | undefined)?.fields[name]?.value;
  }
  return value;
}
