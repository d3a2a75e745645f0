import { expect, test } from '@jest/globals';
import { isMailAddress } from './mail-address.ts';

test.each(['a@b.example', 'ana.ruiz+x@sub.b-c.example', "o'hara@b.example", 'почта@пример.рф', '张@例子.中国'])(
  '%s is one address',
  (address) => expect(isMailAddress(address)).toBe(true),
);

test.each([
  '',
  'ana',
  'a@b@c.example',
  'a@b.example,c@d.example',
  'a@b.example;c@d.example',
  'Ana <a@b.example>',
  'a@b.example\r\nBcc: c@d.example',
  'a@b.example\n',
  'a b@c.example',
  'a@b.example\u0000',
  'a\u200b@b.example',
  '"a"@b.example',
  `${'a'.repeat(65)}@b.example`,
  `a@${'b'.repeat(253)}`,
])('%j is none, or more than one', (address) => expect(isMailAddress(address)).toBe(false));
