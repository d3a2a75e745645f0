/** The longest address that SMTP carries, characters (RFC 5321, 4.5.3.1.3). */
const MAX_LENGTH = 254;

/**
 * Whether a text is one mail address and nothing else: no list, no display name, no control or white space, so that it
 * can neither add a recipient nor a header. Letters of any script are allowed (RFC 6531).
 */
export function isMailAddress(text: string): boolean {
  return text.length <= MAX_LENGTH && /^[^\s\p{C}@<>()[\]\\,;:"]{1,64}@[^\s\p{C}@<>()[\]\\,;:"]+$/u.test(text);
}
