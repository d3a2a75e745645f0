import { Invalid } from '../http/problems.ts';
import { plainText, sanitizeMail } from './sanitize.ts';

/** The longest HTML or text of a mail, characters; a page of text is 3,000, and mail readers cut off behind 100,000. */
export const MAX_CONTENT = 262_144;
/** The most tags of a mail; ten times what a long mail out of a word processor has. Each is parsed, and others wait. */
export const MAX_TAGS = 10_000;
/** The longest subject, characters. A mail's line ends at 998 (RFC 5322, 2.1.1). */
export const MAX_SUBJECT = 255;

/** A mail's content as it may be sent. */
export interface MailContent {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

/** Line breaks of any kind, and other control characters: what could end a header and begin another. */
const CONTROL = /[\p{Cc}\u2028\u2029]/u;
/** Half of a pair of UTF-16: no text. */
const LONE_SURROGATE = /\p{Cs}/u;

/**
 * Checks a subject, sanitises HTML, makes the plain-text part where none is given.
 * @throws Invalid names the field and the rule
 */
export function checkedContent(content: {
  readonly subject: string;
  readonly html: string;
  readonly text?: string | undefined;
}): MailContent {
  const { subject } = content;
  if (CONTROL.test(subject))
    throw new Invalid('subject', 'single_line', 'A subject is one line without control characters.');
  for (const field of ['subject', 'html', 'text'] as const)
    if (LONE_SURROGATE.test(content[field] ?? '')) throw new Invalid(field, 'encoding');
  if (content.html.split('<').length - 1 > MAX_TAGS)
    throw new Invalid('html', 'max_tags', `This mail has more than ${MAX_TAGS} tags. Write it in simpler formatting.`);
  const html = sanitizeMail(content.html);
  const text = content.text === undefined || content.text.trim() === '' ? plainText(html) : content.text;
  if (text.trim() === '') throw new Invalid('html', 'empty', 'This mail has no text. Nothing was sent.');
  return { subject: subject.trim(), html, text: text.replace(/\r\n?/g, '\n') };
}

/** A name for a header: one line. It comes from the CRM, so it is cleaned and not refused. */
export function headerName(name: string | null): string | null {
  const clean = (name ?? '').replace(/[\p{Cc}\p{Cs}\u2028\u2029]+/gu, ' ').trim();
  return clean === '' ? null : clean;
}
