import type { FieldDescribe, SObjectDescribe } from './connection.ts';
import { CrmInvalid } from './errors.ts';

/**
 * Keeps what the product uses of a describe answer. Shape: FACTS B.
 * @throws CrmInvalid when the answer has no list of fields
 */
export function describeOf(answer: unknown): SObjectDescribe {
  if (!isObject(answer) || typeof answer.name !== 'string' || !Array.isArray(answer.fields)) throw new CrmInvalid();
  const fields = (answer.fields as readonly unknown[]).map(fieldOf);
  return { name: answer.name, fields: new Map(fields.map((field) => [field.name, field])) };
}

function fieldOf(value: unknown): FieldDescribe {
  if (!isObject(value) || typeof value.name !== 'string' || typeof value.type !== 'string') throw new CrmInvalid();
  return {
    name: value.name,
    label: typeof value.label === 'string' ? value.label : value.name,
    type: value.type,
    custom: value.custom === true,
    calculated: value.calculated === true,
    filterable: value.filterable === true,
    sortable: value.sortable === true,
    encrypted: value.encrypted === true,
    permissionable: value.permissionable !== false,
    createable: value.createable === true,
    updateable: value.updateable === true,
    relationshipName: typeof value.relationshipName === 'string' ? value.relationshipName : null,
    referenceTo: Array.isArray(value.referenceTo) ? value.referenceTo.filter((name) => typeof name === 'string') : [],
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
