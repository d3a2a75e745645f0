/** What a stored or computed field can hold. Datetimes are Salesforce's text, `2026-11-23T08:00:00.000+0000`. */
export type Value = string | number | boolean | null;

/** A record: `Id` and the fields that were ever set. A missing field reads as its default, mostly null. */
export type Row = { Id: string } & Record<string, Value | undefined>;

export type FieldType =
  | 'id'
  | 'reference'
  | 'string'
  | 'email'
  | 'phone'
  | 'url'
  | 'picklist'
  | 'multipicklist'
  | 'textarea'
  | 'encryptedstring'
  | 'boolean'
  | 'int'
  | 'double'
  | 'currency'
  | 'percent'
  | 'date'
  | 'datetime';

/** Features of an org that bring fields or objects with them. */
export type Feature = 'multiCurrency' | 'personAccounts' | 'package';

/** A field as `describe` tells it, and what the sandbox needs to compute it. Source of the names: FACTS B. */
export interface FieldSchema {
  readonly name: string;
  readonly label: string;
  readonly type: FieldType;
  /** Characters, for text. */
  readonly length: number;
  readonly precision: number;
  readonly scale: number;
  readonly custom: boolean;
  readonly nillable: boolean;
  readonly createable: boolean;
  readonly updateable: boolean;
  readonly filterable: boolean;
  readonly sortable: boolean;
  readonly groupable: boolean;
  readonly calculated: boolean;
  readonly encrypted: boolean;
  readonly nameField: boolean;
  readonly picklistValues: readonly string[];
  readonly restrictedPicklist: boolean;
  readonly referenceTo: readonly string[];
  readonly relationshipName: string | null;
  readonly unique: boolean;
  /** Whether field-level security applies to it. */
  readonly permissionable: boolean;
  readonly externalId: boolean;
  readonly defaultValue: Value;
  /** A formula's value; the field is then neither stored nor writable. */
  readonly formula?: (row: Row) => Value;
  readonly feature?: Feature;
  /** Salesforce numbers new records: letters, then as many digits as there are zeros. */
  readonly autoNumber?: string;
}

export interface ChildRelationship {
  readonly childSObject: string;
  readonly field: string;
  readonly relationshipName: string;
}

export interface ObjectSchema {
  readonly name: string;
  readonly label: string;
  readonly labelPlural: string;
  readonly keyPrefix: string;
  readonly custom: boolean;
  readonly createable: boolean;
  readonly updateable: boolean;
  readonly deletable: boolean;
  readonly feature?: Feature;
  /** Only `/tooling/query` shows it, to whom may see Setup. */
  readonly tooling: boolean;
  /** By lower-cased name: SOQL ignores letter case. */
  readonly fields: Map<string, FieldSchema>;
  readonly children: readonly ChildRelationship[];
}

const TEXT_LENGTH: Partial<Record<FieldType, number>> = {
  id: 18,
  reference: 18,
  string: 255,
  email: 80,
  phone: 40,
  url: 255,
  picklist: 255,
  multipicklist: 4099,
  textarea: 32_768,
  encryptedstring: 175,
};

export type FieldOptions = Partial<Omit<FieldSchema, 'name' | 'type'>>;

/** Fields that everybody who sees the record can read: field-level security does not apply to them. */
const SYSTEM = new Set([
  'OwnerId',
  'IsDeleted',
  'CreatedDate',
  'LastModifiedDate',
  'LastActivityDate',
  'SystemModstamp',
]);

/** A field with Salesforce's defaults for its type; `options` change single traits. */
export function field(name: string, type: FieldType, options: FieldOptions = {}): FieldSchema {
  const custom = /__(?:c|pc)$/.test(name);
  const calculated = options.calculated ?? options.formula !== undefined;
  const writable = type !== 'id' && !calculated && options.formula === undefined;
  const longText = type === 'textarea' && (options.length ?? 32_768) > 255;
  const searchable = type !== 'encryptedstring' && !longText;
  const fractional = type === 'currency' || type === 'percent' || type === 'double';
  return {
    name,
    type,
    label: name
      .replace(/__p?c$/, '')
      .replace(/^[a-z0-9]+__/, '')
      .replace(/_/g, ' ')
      .replace(/([a-z])([A-Z])/g, '$1 $2'),
    length: TEXT_LENGTH[type] ?? 0,
    precision: fractional ? 18 : type === 'int' ? 8 : 0,
    scale: fractional ? 2 : 0,
    custom,
    nillable: type !== 'boolean' && type !== 'id',
    createable: writable,
    updateable: writable,
    filterable: searchable,
    sortable: searchable && type !== 'multipicklist',
    groupable: searchable && !calculated && !fractional && type !== 'multipicklist' && type !== 'datetime',
    encrypted: type === 'encryptedstring',
    nameField: false,
    picklistValues: [],
    restrictedPicklist: false,
    referenceTo: [],
    relationshipName: null,
    unique: false,
    permissionable: type !== 'id' && options.nameField !== true && options.nillable !== false && !SYSTEM.has(name),
    externalId: false,
    defaultValue: type === 'boolean' ? false : null,
    ...options,
    calculated,
  };
}

/** A lookup. The relationship is named after the field, as Salesforce does: `OwnerId` -> `Owner`, `A__c` -> `A__r`. */
export function lookup(name: string, to: string | readonly string[], options: FieldOptions = {}): FieldSchema {
  return field(name, 'reference', {
    referenceTo: typeof to === 'string' ? [to] : to,
    relationshipName: name.endsWith('__c') ? name.replace(/__c$/, '__r') : name.replace(/Id$/, ''),
    ...options,
  });
}

const READ_ONLY = { createable: false, updateable: false } as const;

/** Fields that Salesforce keeps by itself on every object. */
export function systemFields(): FieldSchema[] {
  return [
    field('Id', 'id', { label: 'Record ID' }),
    field('IsDeleted', 'boolean', READ_ONLY),
    field('CreatedDate', 'datetime', { ...READ_ONLY, nillable: false }),
    lookup('CreatedById', 'User', { ...READ_ONLY, nillable: false }),
    field('LastModifiedDate', 'datetime', { ...READ_ONLY, nillable: false }),
    lookup('LastModifiedById', 'User', { ...READ_ONLY, nillable: false }),
    field('SystemModstamp', 'datetime', { ...READ_ONLY, nillable: false }),
  ];
}

/** The lookup to the user who owns a record; who creates it owns it when nothing else is said. */
export function ownerField(): FieldSchema {
  return lookup('OwnerId', 'User', { nillable: false });
}

/** `CurrencyIsoCode`, which every object with money has in an org with several currencies. */
export function currencyField(codes: readonly string[]): FieldSchema {
  return field('CurrencyIsoCode', 'picklist', {
    label: 'Currency ISO Code',
    length: 3,
    picklistValues: codes,
    restrictedPicklist: true,
    feature: 'multiCurrency',
  });
}

interface ObjectOptions {
  readonly label?: string;
  readonly labelPlural?: string;
  readonly readOnly?: boolean;
  readonly feature?: Feature;
  readonly tooling?: boolean;
  readonly children?: readonly ChildRelationship[];
}

/** An object with the system fields in front of its own. */
export function sObject(
  name: string,
  keyPrefix: string,
  fields: readonly FieldSchema[],
  options: ObjectOptions = {},
): ObjectSchema {
  const label = options.label ?? name.replace(/__c$/, '').replace(/([a-z])([A-Z])/g, '$1 $2');
  const writable = options.readOnly !== true;
  return {
    name,
    label,
    labelPlural: options.labelPlural ?? (label.endsWith('y') ? `${label.slice(0, -1)}ies` : `${label}s`),
    keyPrefix,
    custom: name.endsWith('__c'),
    createable: writable,
    updateable: writable,
    deletable: writable,
    tooling: options.tooling === true,
    ...(options.feature === undefined ? {} : { feature: options.feature }),
    fields: new Map([...systemFields(), ...fields].map((one) => [one.name.toLowerCase(), one])),
    children: options.children ?? [],
  };
}

/** The value of a stored or computed field. */
export function valueOf(row: Row, schema: FieldSchema): Value {
  if (schema.formula !== undefined) return schema.formula(row);
  return row[schema.name] ?? schema.defaultValue;
}

/** Salesforce's text for a moment. @param epochMs milliseconds since 1970 */
export function datetimeText(epochMs: number): string {
  return new Date(epochMs).toISOString().replace('Z', '+0000');
}

/** An object's or field's name without the namespace of a managed package: what the org's rules about the package go by. */
export const bareName = (name: string): string =>
  name.replace(
    /^[A-Za-z]\w{0,14}?__(?=(?:OneShotKey|OneShotOrg|OneShotAuditHead|UserId|Half|Version|HomeRegion|Trail|Entries|Hash|SignedAt|Signature|Request)__c$)/,
    '',
  );
