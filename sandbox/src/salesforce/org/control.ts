import { ControlError } from '../../control/control-error.ts';
import { DEFAULT_REGIONAL, stamps, userRow } from './demo/people.ts';
import { profileRow } from './demo/seeds.ts';
import { personAccountRows } from './demo/person-accounts.ts';
import { normaliseId } from './ids.ts';
import type { OrgFlags, SalesforceOrg } from './org.ts';
import { PERMISSION_SETS } from './permission-sets.ts';
import { cascade, fillNumbers, findDuplicate, stampChange, stampNew } from './records.ts';
import type { FieldSchema, ObjectSchema, Row, Value } from './schema.ts';
import { fieldFrom } from './schema-change.ts';
import { toStored, ValueProblem } from './values.ts';

/** A key of an upserted row that is no field: usernames that see the row, or null for the org's own rules. */
const VISIBLE_TO = '$visibleTo';

interface UserChange {
  readonly username: string;
  readonly active?: boolean;
  readonly permissions?: readonly string[];
}

interface AccessChange {
  readonly username: string;
  readonly object: string;
  readonly field?: string;
  readonly read?: boolean;
  readonly create?: boolean;
}

interface SchemaChange {
  readonly object: string;
  readonly fields?: readonly unknown[];
  /** Names of fields, or the object's own name to take the whole object away. */
  readonly remove?: readonly string[];
}

/**
 * Changes to the org as somebody in Salesforce would make them (DESIGN 9, `/__control`). Everything takes what came
 * over HTTP and throws ControlError with a sentence that names what is wrong.
 */
export class OrgControl {
  readonly #org: SalesforceOrg;

  constructor(org: SalesforceOrg) {
    this.#org = org;
  }

  /**
   * Creates or changes records: a row with a known `Id` is changed, any other is new. Read-only fields may be set too.
   * `$visibleTo: ["rep.one@demo.example"]` says who sees the row beside admins; null goes back to the org's sharing.
   * @returns the ids, in the order of `rows`
   */
  upsert(object: string, rows: readonly unknown[]): string[] {
    const schema = this.#object(object);
    const planned = rows.map((row, index) => this.#plan(schema, row, `upsert[${index}]`));
    return planned.map((plan) => plan());
  }

  /** Deletes records and what hangs on them. @returns how many of `ids` were there */
  remove(object: string, ids: unknown): number {
    const schema = this.#object(object);
    const table = this.#org.table(schema.name);
    if (ids === 'all')
      return cascade(
        this.#org,
        schema.name,
        [...table.rows()].map((row) => row.Id),
      );
    if (!Array.isArray(ids)) throw new ControlError('delete: a list of ids, or "all"');
    const known = ids.map((id: unknown, index) => {
      const full = typeof id === 'string' ? normaliseId(id) : undefined;
      if (full === undefined) throw new ControlError(`delete[${index}]: not a Salesforce id`);
      return full;
    });
    return cascade(
      this.#org,
      schema.name,
      known.filter((id) => table.get(id) !== undefined),
    );
  }

  /** All records with their stored fields, whoever may see them. */
  list(object: string): Record<string, Value>[] {
    const schema = this.#object(object);
    const fields = [...schema.fields.values()].filter(({ feature }) => this.#org.has(feature));
    return [...this.#org.table(schema.name).rows()].map((row) =>
      Object.fromEntries(fields.map((one) => [one.name, one.formula?.(row) ?? row[one.name] ?? one.defaultValue])),
    );
  }

  /** Changes a person, or makes one who is active and sees what colleagues see. */
  setUser(change: UserChange): void {
    const { username, active, permissions } = change;
    if (typeof username !== 'string' || !/^[^\s@]+@[^\s@]+$/.test(username)) {
      throw new ControlError('username: has the form of an e-mail address');
    }
    const sets = permissions?.flatMap((name, index) => this.#permissionSets(name, `permissions[${index}]`));
    const users = this.#org.table('User');
    let id = this.#org.findUser(username)?.id;
    if (id === undefined) {
      id = users.nextId();
      const [firstName = 'New', ...rest] = username.split('@')[0]?.split('.') ?? [];
      const lastName = rest.length === 0 ? 'User' : rest.join(' ');
      const person = { username, firstName, lastName, permissions: [], ...DEFAULT_REGIONAL };
      users.insert(userRow(id, person, this.#org.clock.now()));
      this.#giveProfile(id, person);
    }
    const row = users.get(id);
    if (row !== undefined && active !== undefined) {
      row.IsActive = active;
      users.changed();
    }
    if (sets !== undefined) this.#assign(id, sets);
  }

  /** Gives or takes access to an object or a field. `create` is create and edit. */
  setAccess({ username, object, field, read, create }: AccessChange): void {
    const user = this.#org.findUser(username);
    if (user === undefined) throw new ControlError(`username: no user ${username}`);
    const schema = this.#object(object);
    const name = field === undefined ? undefined : schema.fields.get(field.toLowerCase())?.name;
    if (field !== undefined && name === undefined) throw new ControlError(`field: ${schema.name} has no ${field}`);
    this.#org.access.set(user.id, schema.name, name, {
      ...(read === undefined ? {} : { read }),
      ...(create === undefined ? {} : { create }),
    });
  }

  /** Adds, changes or removes fields: `fields` are objects with `name`, `type` and any trait that describe tells. */
  setSchema({ object, fields = [], remove = [] }: SchemaChange): void {
    const schema = this.#object(object);
    const made = fields.map((one, index) => fieldFrom(one, schema, `fields[${index}]`));
    for (const [index, name] of remove.entries()) {
      if (name !== schema.name && !schema.fields.has(name.toLowerCase())) {
        throw new ControlError(`remove[${index}]: ${schema.name} has no ${name}`);
      }
      if (name === 'Id') throw new ControlError(`remove[${index}]: Id cannot be removed`);
    }
    for (const name of remove) {
      if (name === schema.name) this.#org.removeObject(name);
      else schema.fields.delete(name.toLowerCase());
    }
    for (const one of made) schema.fields.set(one.name.toLowerCase(), one);
  }

  /** Switches features of the org. */
  setOrg(flags: Partial<OrgFlags>): void {
    for (const [name, value] of Object.entries(flags)) {
      if (!(name in this.#org.flags)) throw new ControlError(`${name}: no such switch of the org`);
      const isLimit = name === 'dailyApiLimit';
      if (isLimit ? !Number.isInteger(value) || Number(value) < 0 : typeof value !== 'boolean') {
        throw new ControlError(`${name}: ${isLimit ? 'a whole number from 0' : 'true or false'}`);
      }
    }
    const hadPersons = this.#org.flags.personAccounts;
    Object.assign(this.#org.flags, flags);
    if (this.#org.flags.personAccounts !== hadPersons) this.#setPersonAccounts(!hadPersons);
  }

  /** Makes the org a copy of itself under another id, as a full sandbox is: records, users and their ids stay. */
  copyTo(id: unknown): void {
    const full = typeof id === 'string' ? normaliseId(id) : undefined;
    if (full?.startsWith('00D') !== true) throw new ControlError('organizationId: the id of an org, 00D...');
    const organizations = this.#org.table('Organization');
    const row = organizations.get(this.#org.id);
    if (row !== undefined && organizations.remove(row.Id)) organizations.insert({ ...row, Id: full });
    this.#org.id = full;
  }

  /** Back to the start. */
  reset(): void {
    this.#org.reset();
  }

  #setPersonAccounts(on: boolean): void {
    const accounts = this.#org.table('Account');
    const contacts = this.#org.table('Contact');
    if (on) {
      const rows = personAccountRows(
        this.#org.clock.now(),
        () => accounts.nextId(),
        () => contacts.nextId(),
      );
      for (const { account, contact } of rows) {
        accounts.insert(account);
        contacts.insert(contact);
      }
    } else {
      const persons = [...accounts.rows()].filter((row) => row.IsPersonAccount === true);
      cascade(
        this.#org,
        'Account',
        persons.map((row) => row.Id),
      );
    }
  }

  #object(name: unknown): ObjectSchema {
    const schema = typeof name === 'string' ? this.#org.object(name) : undefined;
    if (schema === undefined) throw new ControlError(`object: the org has no ${String(name)}`);
    return schema;
  }

  #permissionSets(name: string, where: string): readonly string[] {
    const known = PERMISSION_SETS.filter(({ permission }) => permission === name);
    if (known.length === 0) throw new ControlError(`${where}: no permission ${name}`);
    const sets = this.#org.table('PermissionSet');
    return known.flatMap((set) => sets.having('Name', set.name).map(({ Id }) => Id));
  }

  #assign(userId: string, sets: readonly string[]): void {
    const table = this.#org.table('PermissionSetAssignment');
    const permissionSets = this.#org.table('PermissionSet');
    for (const { Id, PermissionSetId } of [...table.having('AssigneeId', userId)]) {
      const given = permissionSets.get(String(PermissionSetId));
      if (given?.IsOwnedByProfile !== true) table.remove(Id);
    }
    for (const set of new Set(sets)) {
      const row: Row = { Id: table.nextId(), AssigneeId: userId, PermissionSetId: set };
      table.insert(stampNew(row, this.#org.clock.now(), this.#org.adminId));
    }
  }

  #giveProfile(userId: string, person: { readonly firstName: string; readonly lastName: string }): void {
    const permissionSets = this.#org.table('PermissionSet');
    const assignments = this.#org.table('PermissionSetAssignment');
    const now = this.#org.clock.now();
    const id = permissionSets.nextId();
    permissionSets.insert(profileRow(id, person, stamps(now, this.#org.adminId)));
    const row: Row = { Id: assignments.nextId(), AssigneeId: userId, PermissionSetId: id };
    assignments.insert(stampNew(row, now, this.#org.adminId));
  }

  /** Checks one row and gives what will be done, so that a bad row changes nothing. */
  #plan(schema: ObjectSchema, row: unknown, where: string): () => string {
    if (typeof row !== 'object' || row === null || Array.isArray(row)) throw new ControlError(`${where}: an object`);
    const { Id: rawId, [VISIBLE_TO]: visibleTo, ...rest } = row as Record<string, unknown>;
    const id = rawId === undefined ? undefined : typeof rawId === 'string' ? normaliseId(rawId) : '';
    if (id !== undefined && !id.startsWith(schema.keyPrefix)) {
      throw new ControlError(`${where}.Id: not an id of ${schema.name}`);
    }
    const values: Record<string, Value> = {};
    for (const [name, value] of Object.entries(rest)) {
      if (name === 'attributes') continue; // as a record that was read has them
      const found = schema.fields.get(name.toLowerCase());
      if (found === undefined) throw new ControlError(`${where}: ${schema.name} has no field ${name}`);
      if (found.formula !== undefined) throw new ControlError(`${where}.${name}: a formula, it cannot be set`);
      values[found.name] = stored(found, value, where);
    }
    const viewers = this.#viewers(visibleTo, where);
    return () => this.#write(schema, id, values, viewers, where);
  }

  #viewers(usernames: unknown, where: string): ReadonlySet<string> | null | undefined {
    if (usernames === undefined || usernames === null) return usernames;
    if (!Array.isArray(usernames)) throw new ControlError(`${where}.${VISIBLE_TO}: a list of usernames, or null`);
    return new Set(
      usernames.map((username: unknown) => {
        const user = typeof username === 'string' ? this.#org.findUser(username) : undefined;
        if (user === undefined) throw new ControlError(`${where}.${VISIBLE_TO}: no user ${String(username)}`);
        return user.id;
      }),
    );
  }

  #write(
    schema: ObjectSchema,
    id: string | undefined,
    values: Record<string, Value>,
    viewers: ReadonlySet<string> | null | undefined,
    where: string,
  ): string {
    const table = this.#org.table(schema.name);
    const duplicate = findDuplicate(table, schema, values, id);
    if (duplicate !== undefined)
      throw new ControlError(`${where}.${duplicate.field.name}: another record holds this value`);
    const now = this.#org.clock.now();
    const existing = id === undefined ? undefined : table.get(id);
    const row = existing ?? stampNew({ Id: id ?? table.nextId() }, now, this.#org.adminId);
    if (existing !== undefined) stampChange(row, now, this.#org.adminId);
    else if (schema.fields.has('ownerid')) row.OwnerId = this.#org.adminId;
    Object.assign(row, values);
    if (existing === undefined) {
      if (schema.fields.has('currencyisocode')) row.CurrencyIsoCode ??= this.#org.money.corporate();
      fillNumbers(table, schema, row);
      table.insert(row);
    } else table.changed();
    if (viewers !== undefined) this.#org.sharing.say(row.Id, viewers ?? undefined);
    return row.Id;
  }
}

function stored(field: FieldSchema, value: unknown, where: string): Value {
  try {
    return toStored(field, value);
  } catch (error) {
    if (error instanceof ValueProblem) throw new ControlError(`${where}.${field.name}: ${error.message}`);
    throw error;
  }
}
