import type { FieldSchema, ObjectSchema, Row, Value } from '../org/schema.ts';
import { field as makeField, valueOf } from '../org/schema.ts';
import type { Visible } from '../org/sharing.ts';
import type { OrgUser, SalesforceOrg } from '../org/org.ts';
import type { SalesforceError } from '../error.ts';
import { placeOf, placeOfObject, refusalAt } from './refusal.ts';
import type { Today } from './literal.ts';

/** One step from a record to the record that a lookup names; `undefined` where it is empty or hidden. */
export interface Hop {
  /** The relationship's name as the schema writes it. */
  readonly name: string;
  readonly follow: (row: Row) => Row | undefined;
  /** What the parent is: one object, or for a lookup to several the object of each id. */
  readonly typeOf: (row: Row) => string;
}

/** A field that a query names, reached from the row of its FROM. */
export interface Path {
  readonly hops: readonly Hop[];
  readonly object: string;
  readonly field: FieldSchema;
  /** As the query writes it, for messages. */
  readonly written: string;
  /** From the row of FROM, through the parents. */
  readonly get: (row: Row) => Value;
  /** From the record that holds the field, at the end of the path. */
  readonly read: (row: Row) => Value;
}

/** Salesforce's limit for the steps of a path. */
const MAX_HOPS = 5;

const ADVICE = 'Please reference your WSDL or the describe call for the appropriate names.';

/** The fields that a lookup to several objects offers, whatever the record behind it is. */
const NAME_OBJECT = [makeField('Id', 'id'), makeField('Name', 'string'), makeField('Type', 'string')];

/** What one user finds in the org while one query is compiled: objects, fields, paths, rows. */
export class Scope {
  readonly org: SalesforceOrg;
  readonly user: OrgUser;
  readonly soql: string;
  readonly #api: 'data' | 'tooling';
  readonly today: Today;
  readonly #visible = new Map<string, Visible>();

  constructor(org: SalesforceOrg, user: OrgUser, soql: string, api: 'data' | 'tooling' = 'data') {
    this.org = org;
    this.user = user;
    this.soql = soql;
    this.#api = api;
    this.today = { now: org.clock.now(), timezone: user.timezone };
  }

  /** @throws SalesforceError INVALID_TYPE when the user does not find the object */
  object(name: string): ObjectSchema {
    const object = this.org.objectFor(this.user, name, this.#api);
    if (object !== undefined) return object;
    const sentence =
      `sObject type '${name}' is not supported. If you are attempting to use a custom object, ` +
      `be sure to append the '__c' after the entity name. ${ADVICE}`;
    throw refusalAt(this.soql, placeOfObject(this.soql, name), 'INVALID_TYPE', sentence);
  }

  /** Whether the user sees a row, by the org's sharing. */
  visible(object: string): Visible {
    let visible = this.#visible.get(object);
    if (visible === undefined) {
      visible = this.org.sharing.of(this.user, object);
      this.#visible.set(object, visible);
    }
    return visible;
  }

  /**
   * Finds a field or a path through parents.
   * @param alias the name that the query gave the object behind FROM
   * @throws SalesforceError INVALID_FIELD for what is not there or hidden by field-level security
   */
  path(object: ObjectSchema, written: string, alias?: string): Path {
    const steps = written.split('.');
    const first = steps[0]?.toLowerCase();
    if (steps.length > 1 && (first === alias?.toLowerCase() || first === object.name.toLowerCase())) steps.shift();
    const name = steps.pop() ?? '';
    if (steps.length > MAX_HOPS) throw this.refuse(written, 'INVALID_FIELD', `Too many relationships in ${written}`);
    const hops: Hop[] = [];
    let owner: ObjectSchema | undefined = object;
    for (const step of steps) {
      const next: { hop: Hop; to: ObjectSchema | undefined } | undefined = owner && this.#hop(owner, step);
      if (next === undefined) throw this.#noRelationship(step, written);
      hops.push(next.hop);
      owner = next.to;
    }
    const field = owner === undefined ? nameField(name) : this.org.fieldFor(this.user, owner, name);
    if (field === undefined) throw this.#noColumn(name, owner?.name ?? 'Name', written);
    const read = owner === undefined ? this.#nameReader(field.name) : (row: Row) => valueOf(row, field);
    return { hops, object: owner?.name ?? 'Name', field, written, get: through(hops, read), read };
  }

  /** A refusal that points at a name in the query, from a keyword on when one is given. */
  refuse(written: string, errorCode: string, sentence: string, keyword?: 'WHERE'): SalesforceError {
    const from = keyword === undefined ? 0 : placeOf(this.soql, keyword);
    return refusalAt(this.soql, placeOf(this.soql, written, from), errorCode, sentence);
  }

  #hop(object: ObjectSchema, step: string): { hop: Hop; to: ObjectSchema | undefined } | undefined {
    const wanted = step.toLowerCase();
    for (const field of object.fields.values()) {
      if (field.relationshipName?.toLowerCase() !== wanted) continue;
      if (this.org.fieldFor(this.user, object, field.name) === undefined) return undefined;
      const targets = field.referenceTo
        .map((name) => this.org.objectFor(this.user, name))
        .filter((target) => target !== undefined);
      const [only] = targets;
      if (only === undefined) return undefined;
      const follow = (row: Row): Row | undefined => this.#parent(targets, row[field.name]);
      const typeOf = (row: Row): string => targets.find(({ keyPrefix }) => row.Id.startsWith(keyPrefix))?.name ?? '';
      return {
        hop: { name: field.relationshipName, follow, typeOf },
        to: field.referenceTo.length === 1 ? only : undefined,
      };
    }
    return undefined;
  }

  #parent(targets: readonly ObjectSchema[], id: Value | undefined): Row | undefined {
    if (typeof id !== 'string') return undefined;
    const target = targets.find(({ keyPrefix }) => id.startsWith(keyPrefix));
    if (target === undefined) return undefined;
    const parent = this.org.table(target.name).get(id);
    return parent !== undefined && this.visible(target.name)(parent) ? parent : undefined;
  }

  #nameReader(field: string): (row: Row) => Value {
    return (row) => {
      const object = this.org.objects().find(({ keyPrefix }) => row.Id.startsWith(keyPrefix));
      if (field === 'Type') return object?.name ?? null;
      const schema = object?.fields.get(field.toLowerCase());
      return schema === undefined ? null : valueOf(row, schema);
    };
  }

  #noColumn(name: string, entity: string, written: string): SalesforceError {
    const sentence =
      `No such column '${name}' on entity '${entity}'. If you are attempting to use a custom field, ` +
      `be sure to append the '__c' after the custom field name. ${ADVICE}`;
    return this.refuse(written, 'INVALID_FIELD', sentence);
  }

  #noRelationship(step: string, written: string): SalesforceError {
    const sentence =
      `Didn't understand relationship '${step}' in field path. If you are attempting to use a custom relationship, ` +
      `be sure to append the '__r' after the custom relationship name. ${ADVICE}`;
    return this.refuse(written, 'INVALID_FIELD', sentence);
  }
}

const nameField = (name: string): FieldSchema | undefined =>
  NAME_OBJECT.find((field) => field.name.toLowerCase() === name.toLowerCase());

function through(hops: readonly Hop[], read: (row: Row) => Value): (row: Row) => Value {
  if (hops.length === 0) return read;
  return (row) => {
    let at: Row | undefined = row;
    for (const hop of hops) {
      at = hop.follow(at);
      if (at === undefined) return null;
    }
    return read(at);
  };
}
