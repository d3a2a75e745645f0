import { Type, type TUnsafe } from 'typebox';

/** Which object an id belongs to, by its first three characters (Salesforce, "Standard Field Types: ID"). */
export const CRM_PREFIX = { account: '001', contact: '003', user: '005', org: '00D', emailTemplate: '00X' } as const;

const SUFFIX_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';

/**
 * Whether this is an 18-character CRM id with the right checksum: each of the last three characters says which of five
 * characters are upper case, so that an id survives systems that ignore case.
 * @param prefix the first three characters that it must have; any when left out
 */
export function isCrmId(value: string, prefix?: string): boolean {
  if (!/^[A-Za-z0-9]{15}[A-Z0-5]{3}$/.test(value)) return false;
  if (prefix !== undefined && !value.startsWith(prefix)) return false;
  return value.slice(15) === checksumOf(value.slice(0, 15));
}

/** The three characters that make an 18-character id of one of 15. */
export function checksumOf(id: string): string {
  let suffix = '';
  for (let start = 0; start < 15; start += 5) {
    let bits = 0;
    for (let index = 0; index < 5; index += 1) {
      const character = id.charCodeAt(start + index);
      if (character >= 65 && character <= 90) bits |= 1 << index;
    }
    suffix += SUFFIX_ALPHABET.charAt(bits);
  }
  return suffix;
}

/** Schema of a CRM id: every way of being wrong is the rule `crm_id` (API.md, "Everywhere"). */
export function CrmId(kind: keyof typeof CRM_PREFIX): TUnsafe<string> {
  return Type.Unsafe<string>({
    type: 'string',
    crmId: CRM_PREFIX[kind],
    description: `18-character Salesforce id that begins with ${CRM_PREFIX[kind]}`,
  });
}
