import type { OrgUser, SalesforceOrg } from '../org/org.ts';
import type { FieldSchema, FieldType, ObjectSchema } from '../org/schema.ts';

const SOAP_TYPES: Partial<Record<FieldType, string>> = {
  id: 'tns:ID',
  reference: 'tns:ID',
  boolean: 'xsd:boolean',
  int: 'xsd:int',
  double: 'xsd:double',
  currency: 'xsd:double',
  percent: 'xsd:double',
  date: 'xsd:date',
  datetime: 'xsd:dateTime',
};

const notFilled = { aggregatable: true, deprecatedAndHidden: false, displayLocationInDecimal: false } as const;

/** Properties of an object that the list of objects and the describe share. */
export function objectSummary(org: SalesforceOrg, user: OrgUser, object: ObjectSchema, base: string): object {
  const { name } = object;
  return {
    name,
    label: object.label,
    labelPlural: object.labelPlural,
    keyPrefix: object.keyPrefix,
    custom: object.custom,
    customSetting: false,
    activateable: false,
    createable: org.access.canCreate(user, object),
    updateable: org.access.canEdit(user, object),
    deletable: org.access.canDelete(user, object),
    deprecatedAndHidden: false,
    feedEnabled: false,
    hasSubtypes: false,
    isSubtype: false,
    layoutable: true,
    mergeable: false,
    mruEnabled: true,
    queryable: true,
    replicateable: true,
    retrieveable: true,
    searchable: true,
    triggerable: true,
    undeletable: object.deletable,
    urls: {
      sobject: `${base}/sobjects/${name}`,
      describe: `${base}/sobjects/${name}/describe`,
      rowTemplate: `${base}/sobjects/${name}/{ID}`,
    },
  };
}

/** The describe of an object as this user gets it: fields hidden by field-level security are absent (FACTS B). */
export function describeObject(org: SalesforceOrg, user: OrgUser, object: ObjectSchema, base: string): object {
  const fields = [...object.fields.values()].filter(({ name }) => org.fieldFor(user, object, name) !== undefined);
  const children = object.children.filter(({ childSObject, field }) => {
    const child = org.objectFor(user, childSObject);
    return child !== undefined && org.fieldFor(user, child, field) !== undefined;
  });
  return {
    ...objectSummary(org, user, object, base),
    fields: fields.map((field) => describeField(org, user, object, field)),
    childRelationships: children.map((child) => ({
      ...child,
      cascadeDelete: false,
      deprecatedAndHidden: false,
      junctionIdListNames: [],
      junctionReferenceTo: [],
      restrictedDelete: false,
    })),
    recordTypeInfos: [
      {
        active: true,
        available: true,
        defaultRecordTypeMapping: true,
        developerName: 'Master',
        master: true,
        name: 'Master',
        recordTypeId: '012000000000000AAA',
        urls: {},
      },
    ],
    namedLayoutInfos: [],
    supportedScopes: [],
  };
}

function describeField(org: SalesforceOrg, user: OrgUser, object: ObjectSchema, field: FieldSchema): object {
  const writable = org.access.canWriteField(user, object, field);
  return {
    ...notFilled,
    name: field.name,
    label: field.label,
    type: field.type,
    soapType: SOAP_TYPES[field.type] ?? 'xsd:string',
    length: field.length,
    byteLength: field.length * 3,
    precision: field.precision,
    scale: field.scale,
    digits: field.type === 'int' ? field.precision : 0,
    custom: field.custom,
    nillable: field.nillable,
    createable: field.createable && writable,
    updateable: field.updateable && writable,
    filterable: field.filterable,
    sortable: field.sortable,
    groupable: field.groupable,
    calculated: field.calculated,
    autoNumber: field.autoNumber !== undefined,
    encrypted: field.encrypted,
    nameField: field.nameField,
    namePointing: field.referenceTo.length > 1,
    picklistValues: field.picklistValues.map((value) => ({
      active: true,
      defaultValue: false,
      label: value,
      validFor: null,
      value,
    })),
    restrictedPicklist: field.restrictedPicklist,
    dependentPicklist: false,
    controllerName: null,
    referenceTo: field.referenceTo,
    relationshipName: field.relationshipName,
    relationshipOrder: null,
    referenceTargetField: null,
    polymorphicForeignKey: field.referenceTo.length > 1,
    cascadeDelete: false,
    restrictedDelete: false,
    unique: field.unique,
    caseSensitive: false,
    externalId: field.externalId,
    idLookup: field.externalId || field.type === 'id',
    compoundFieldName: compoundOf(object, field),
    htmlFormatted: false,
    permissionable: field.permissionable,
    defaultValue: field.type === 'boolean' ? field.defaultValue : null,
    defaultValueFormula: null,
    defaultedOnCreate: field.type === 'boolean' || field.name === 'OwnerId',
    calculatedFormula: null,
    extraTypeInfo: field.type === 'textarea' && field.length > 255 ? 'plaintextarea' : null,
    inlineHelpText: null,
    mask: null,
    maskType: null,
    queryByDistance: false,
    searchPrefilterable: field.type === 'reference',
    writeRequiresMasterRead: false,
  };
}

/** First and last name are parts of the name of a person. */
function compoundOf(object: ObjectSchema, { name }: FieldSchema): string | null {
  if ((name === 'FirstName' || name === 'LastName') && object.fields.has('name')) return 'Name';
  return null;
}
