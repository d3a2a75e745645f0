import { expect, test } from '@jest/globals';
import { checksumOf, CRM_PREFIX, isCrmId } from './crm-id.ts';

test.each(['001D000000IqhSLIAZ', '003000000000001AAA', '00X000000000001EAA', '0015500001WO1ZiAAL'])(
  '%s is an id',
  (id) => {
    expect(isCrmId(id)).toBe(true);
    expect(checksumOf(id.slice(0, 15))).toBe(id.slice(15));
  },
);

test.each([
  ['15 characters', '001D000000IqhSL'],
  ['17 characters', '001D000000IqhSLIA'],
  ['19 characters', '001D000000IqhSLIAZA'],
  ['a wrong checksum', '001D000000IqhSLIAY'],
  ['another case', '001d000000iqhslIAZ'],
  ['a checksum in lower case', '001D000000IqhSLiaz'],
  ['a quote', "001D000000Iqh'LIAZ"],
  ['a letter beyond ASCII', '001D000000IqhÖLIAZ'],
  ['a line break at its end', '001D000000IqhSLIAZ\n'],
  ['nothing', ''],
])('%s is no id', (_what, id) => {
  expect(isCrmId(id)).toBe(false);
});

test('an id of another object is none of this one', () => {
  expect(isCrmId('001D000000IqhSLIAZ', CRM_PREFIX.account)).toBe(true);
  expect(isCrmId('001D000000IqhSLIAZ', CRM_PREFIX.contact)).toBe(false);
});
