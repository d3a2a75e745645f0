/**
 * Salesforce record ids: three characters that name the object, twelve of base 62, and three that protect the letter
 * case of the rest (so that 18 characters survive systems that ignore case).
 */
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const CHECK = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';
const SHAPE = /^[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?$/;

/** The 18-character form of a 15-character id. */
export function withChecksum(id15: string): string {
  let suffix = '';
  for (let block = 0; block < 15; block += 5) {
    let bits = 0;
    for (let i = 0; i < 5; i++) {
      const code = id15.charCodeAt(block + i);
      if (code >= 65 && code <= 90) bits |= 1 << i;
    }
    suffix += CHECK.charAt(bits);
  }
  return id15 + suffix;
}

/**
 * The id of the nth record of an object.
 * @param prefix the object's three characters, such as `001`
 * @param sequence 1 and up
 * @returns 18 characters, as one flat string: an org of 100,000 accounts holds a million of them
 */
export function recordId(prefix: string, sequence: number): string {
  const id = Buffer.from(`${prefix}5g0000000000`, 'latin1');
  let rest = sequence;
  for (let at = 14; rest > 0 && at > 7; at--) {
    id[at] = DIGITS.charCodeAt(rest % 62);
    rest = Math.floor(rest / 62);
  }
  return Buffer.from(withChecksum(id.toString('latin1')), 'latin1').toString('latin1');
}

/** The 18-character form of an id of 15 or 18 characters, or `undefined` when it is no id or its checksum is wrong. */
export function normaliseId(text: string): string | undefined {
  if (!SHAPE.test(text)) return undefined;
  const full = withChecksum(text.slice(0, 15));
  return text.length === 15 || text === full ? full : undefined;
}
