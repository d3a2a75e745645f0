import type { OrgUser, SalesforceOrg } from '../org/org.ts';
import { normaliseId } from '../org/ids.ts';
import { cascade, fillNumbers, findDuplicate, stampChange, stampNew } from '../org/records.ts';
import { valueOf, type FieldSchema, type ObjectSchema, type Row, type Value } from '../org/schema.ts';
import { toStored, ValueProblem } from '../org/values.ts';
import { SalesforceError } from '../error.ts';

/** A record's fields as a client sends them. */
export type Sent = Readonly<Record<string, unknown>>;

export const notFound = (): SalesforceError =>
  new SalesforceError(404, 'NOT_FOUND', 'The requested resource does not exist');

const noAccess = (): SalesforceError =>
  new SalesforceError(400, 'INSUFFICIENT_ACCESS_OR_READONLY', 'insufficient access rights on object id');

/** Fields that Salesforce fills when a client leaves them out. */
const FILLED: Readonly<Record<string, Readonly<Record<string, Value>>>> = {
  Task: { Status: 'Not Started', Priority: 'Normal', TaskSubtype: 'Task', Subject: 'Task' },
};

/** What one user does to single records, with Salesforce's refusals (FACTS B). */
export class Rows {
  readonly #org: SalesforceOrg;
  readonly #user: OrgUser;

  constructor(org: SalesforceOrg, user: OrgUser) {
    this.#org = org;
    this.#user = user;
  }

  /** @throws SalesforceError NOT_FOUND for an object that is not there or that the user may not see */
  object(name: string): ObjectSchema {
    const object = this.#org.objectFor(this.#user, name);
    if (object === undefined) throw notFound();
    return object;
  }

  /**
   * A record by id, or by the value of an external id field.
   * @throws SalesforceError NOT_FOUND also for a record that sharing hides
   */
  find(object: ObjectSchema, id: string): Row {
    const full = normaliseId(id);
    const row = full === undefined ? undefined : this.#org.table(object.name).get(full);
    if (row === undefined || !this.#sees(object, row)) throw notFound();
    return row;
  }

  /** Records whose external id field holds a value, as far as the user sees them. */
  findByKey(object: ObjectSchema, field: FieldSchema, value: string): Row[] {
    const wanted = value.toLowerCase();
    return [...this.#org.table(object.name).rows()].filter(
      (row) => String(row[field.name] ?? '').toLowerCase() === wanted && this.#sees(object, row),
    );
  }

  /** @throws SalesforceError NOT_FOUND when the field is no external id of the object */
  keyField(object: ObjectSchema, name: string): FieldSchema {
    const field = this.#org.fieldFor(this.#user, object, name);
    if (field?.externalId !== true) {
      throw new SalesforceError(
        404,
        'NOT_FOUND',
        `Provided external ID field does not exist or is not accessible: ${name}`,
      );
    }
    return field;
  }

  /**
   * The JSON of a record.
   * @param names fields to show; all that the user may see when undefined
   * @throws SalesforceError INVALID_FIELD
   */
  show(object: ObjectSchema, row: Row, names: readonly string[] | undefined, base: string): Record<string, unknown> {
    const fields =
      names === undefined
        ? [...object.fields.keys()]
            .map((name) => this.#org.fieldFor(this.#user, object, name))
            .filter((one) => one !== undefined)
        : names.map((name) => this.#field(object, name));
    const shown = fields.map((field) => [field.name, valueOf(row, field)] as const);
    const attributes = { type: object.name, url: `${base}/sobjects/${object.name}/${row.Id}` };
    return { attributes, ...Object.fromEntries(shown), Id: row.Id };
  }

  /** @returns the new record's id */
  create(object: ObjectSchema, sent: Sent): string {
    if (!this.#org.access.canCreate(this.#user, object)) throw noAccess();
    const given = this.#values(object, sent, 'createable');
    const values = { ...FILLED[object.name], ...given };
    const missing = [...object.fields.values()].filter(
      (field) =>
        !field.nillable && field.createable && field.type !== 'boolean' && field.name !== 'OwnerId' &&
        this.#org.has(field.feature) && (values[field.name] ?? null) === null,
    ); // prettier-ignore
    if (missing.length > 0) {
      const names = missing.map(({ name }) => name);
      throw new SalesforceError(
        400,
        'REQUIRED_FIELD_MISSING',
        `Required fields are missing: [${names.join(', ')}]`,
        names,
      );
    }
    this.#requireUnique(object, values);
    const table = this.#org.table(object.name);
    const row: Row = { Id: table.nextId(), ...values };
    if (object.fields.has('ownerid')) row.OwnerId = values.OwnerId ?? this.#user.id;
    fillNumbers(table, object, row);
    if (object.fields.has('currencyisocode')) row.CurrencyIsoCode = values.CurrencyIsoCode ?? this.#user.currency;
    table.insert(stampNew(row, this.#org.clock.now(), this.#user.id));
    return row.Id;
  }

  update(object: ObjectSchema, row: Row, sent: Sent): void {
    this.#requireWritable(object, row);
    const values = this.#values(object, sent, 'updateable');
    const emptied = Object.entries(values).filter(
      ([name, value]) => value === null && object.fields.get(name.toLowerCase())?.nillable === false,
    );
    if (emptied.length > 0) {
      const names = emptied.map(([name]) => name);
      throw new SalesforceError(
        400,
        'REQUIRED_FIELD_MISSING',
        `Required fields are missing: [${names.join(', ')}]`,
        names,
      );
    }
    this.#requireUnique(object, values, row.Id);
    Object.assign(row, values);
    stampChange(row, this.#org.clock.now(), this.#user.id);
    this.#org.table(object.name).changed();
  }

  remove(object: ObjectSchema, row: Row): void {
    if (!this.#org.access.canDelete(this.#user, object)) throw noAccess();
    this.#requireWritable(object, row);
    cascade(this.#org, object.name, [row.Id]);
  }

  #sees(object: ObjectSchema, row: Row): boolean {
    return this.#org.sharing.of(this.#user, object.name)(row);
  }

  /** Owners and admins change records; what follows its parent, or is nobody's own, everybody who sees it. */
  #requireWritable(object: ObjectSchema, row: Row): void {
    const isAdmin = this.#org.access.canModifyAll(this.#user, object);
    const owned = object.fields.has('ownerid') ? row.OwnerId === this.#user.id : true;
    const followsParent = object.name === 'Contact' || object.name === 'Asset';
    if (!this.#org.access.canEdit(this.#user, object) || !(isAdmin || owned || followsParent)) throw noAccess();
  }

  #field(object: ObjectSchema, name: string): FieldSchema {
    const field = this.#org.fieldFor(this.#user, object, name);
    if (field !== undefined) return field;
    throw new SalesforceError(400, 'INVALID_FIELD', `No such column '${name}' on sobject of type ${object.name}`);
  }

  #values(object: ObjectSchema, sent: Sent, trait: 'createable' | 'updateable'): Record<string, Value> {
    const values: Record<string, Value> = {};
    const locked: string[] = [];
    for (const [name, value] of Object.entries(sent)) {
      if (name === 'attributes') continue;
      const field = this.#field(object, name);
      if (!field[trait] || !this.#org.access.canWriteField(this.#user, object, field)) locked.push(field.name);
      else values[field.name] = this.#stored(field, value);
    }
    if (locked.length > 0) {
      const sentence =
        `Unable to create/update fields: ${locked.join(', ')}. Please check the security settings of this field ` +
        'and verify that it is read/write for your profile or permission set.';
      throw new SalesforceError(400, 'INVALID_FIELD_FOR_INSERT_UPDATE', sentence, locked);
    }
    return values;
  }

  #stored(field: FieldSchema, value: unknown): Value {
    let stored: Value;
    try {
      stored = toStored(field, value);
    } catch (error) {
      if (!(error instanceof ValueProblem)) throw error;
      throw new SalesforceError(
        400,
        error.errorCode,
        error.message,
        error.errorCode === 'JSON_PARSER_ERROR' ? undefined : [field.name],
      );
    }
    if (field.type === 'reference' && typeof stored === 'string') this.#requireTarget(field, stored);
    return stored;
  }

  /** A lookup takes only records that the user sees. */
  #requireTarget(field: FieldSchema, id: string): void {
    for (const name of field.referenceTo) {
      const object = this.#org.objectFor(this.#user, name);
      const row = object === undefined ? undefined : this.#org.table(name).get(id);
      if (object !== undefined && row !== undefined && this.#sees(object, row)) return;
    }
    throw new SalesforceError(400, 'INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id', [field.name]);
  }

  /** A unique value is refused also when a hidden record holds it; its id is then not told. */
  #requireUnique(object: ObjectSchema, values: Record<string, Value>, ownId?: string): void {
    const duplicate = findDuplicate(this.#org.table(object.name), object, values, ownId);
    if (duplicate === undefined) return;
    const id = this.#sees(object, duplicate.row) ? duplicate.row.Id : '';
    const sentence = `duplicate value found: ${duplicate.field.name} duplicates value on record with id: ${id}`;
    throw new SalesforceError(400, 'DUPLICATE_VALUE', sentence, []);
  }
}
