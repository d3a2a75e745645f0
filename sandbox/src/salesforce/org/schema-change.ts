import { ControlError } from '../../control/control-error.ts';
import { field as makeField, type FieldSchema, type FieldType, type ObjectSchema } from './schema.ts';

const TYPES: readonly FieldType[] = [
  'id', 'reference', 'string', 'email', 'phone', 'url', 'picklist', 'multipicklist', 'textarea',
  'encryptedstring', 'boolean', 'int', 'double', 'currency', 'percent', 'date', 'datetime',
]; // prettier-ignore

/**
 * A field as `/__control/schema` describes it: `name`, `type`, and any trait that describe tells.
 * @param where names the place in the call, for messages
 * @throws ControlError
 */
export function fieldFrom(value: unknown, schema: ObjectSchema, where: string): FieldSchema {
  if (typeof value !== 'object' || value === null) throw new ControlError(`${where}: an object with name and type`);
  const { name, type, ...traits } = value as Record<string, unknown>;
  if (typeof name !== 'string' || !/^[A-Za-z]\w{0,79}$/.test(name))
    throw new ControlError(`${where}.name: an API name`);
  const present = schema.fields.get(name.toLowerCase());
  const kind = TYPES.find((one) => one === (type ?? present?.type));
  if (kind === undefined) throw new ControlError(`${where}.type: one of ${TYPES.join(', ')}`);
  const fresh = makeField(name, kind);
  for (const [trait, given] of Object.entries(traits)) {
    const known: unknown = trait in fresh ? fresh[trait as keyof FieldSchema] : undefined;
    if (trait === 'formula' || known === undefined)
      throw new ControlError(`${where}.${trait}: no such trait of a field`);
    if (known !== null && typeof known !== typeof given) throw new ControlError(`${where}.${trait}: wrong type`);
  }
  const base = present?.type === kind ? present : fresh;
  return { ...base, name: present?.name ?? name, ...(traits as Partial<FieldSchema>) };
}
