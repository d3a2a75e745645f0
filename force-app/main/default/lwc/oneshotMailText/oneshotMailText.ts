/** The text of a mail: between HTML and plain text, and what an editor can hold. Nothing here is ever shown unsanitised. */

const BLOCKS = new Set([
  'ADDRESS',
  'BLOCKQUOTE',
  'DIV',
  'H1',
  'H2',
  'H3',
  'H4',
  'H5',
  'H6',
  'LI',
  'OL',
  'P',
  'PRE',
  'TR',
  'UL',
]);
const SILENT = new Set(['HEAD', 'SCRIPT', 'STYLE', 'TITLE']);

/**
 * What a rich text editor throws away: tables, images, styles. Mail layout is made of these, so such a template is
 * shown as it is and not edited.
 */
const LAYOUT =
  /<(?:table|img|style|center|link|svg|button)\b|\s(?:bgcolor|background|style|class)\s*=\s*["']?[^"'>]*\S/i;

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}

/** Text as paragraphs: an empty line parts paragraphs, a single one breaks the line. */
export function toHtml(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .split(/\n{2,}/)
    .filter((paragraph) => paragraph.trim() !== '')
    .map((paragraph) => `<p>${escapeHtml(paragraph).replaceAll('\n', '<br>')}</p>`)
    .join('');
}

function write(node: Node, out: string[]): void {
  if (node.nodeType === Node.TEXT_NODE) {
    out.push((node.textContent ?? '').replace(/\s+/g, ' '));
    return;
  }
  const name = node.nodeName.toUpperCase();
  if (SILENT.has(name)) return;
  if (name === 'BR') {
    out.push('\n');
    return;
  }
  const isBlock = BLOCKS.has(name);
  if (isBlock) out.push(name === 'LI' ? '\n- ' : '\n');
  for (const child of node.childNodes) write(child, out);
  if (isBlock) out.push(name === 'P' ? '\n\n' : '\n');
}

/** HTML as a person reads it. The document that it is parsed into runs nothing and loads nothing. */
export function toText(html: string): string {
  if (html === '') return '';
  const out: string[] = [];
  write(new DOMParser().parseFromString(html, 'text/html').body, out);
  return out
    .join('')
    .replaceAll('\u00a0', ' ')
    .replace(/[ \t]*\n[ \t]*/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** True where a template's layout would not survive the editor. */
export function isDesigned(html: string): boolean {
  return LAYOUT.test(html);
}

/** A designed template with the rep's own line above it, inside its body where it has one. */
export function withOpening(html: string, opening: string): string {
  const line = toHtml(opening);
  if (line === '') return html;
  const body = /<body\b[^>]*>/i.exec(html);
  if (!body) return line + html;
  const end = body.index + body[0].length;
  return html.slice(0, end) + line + html.slice(end);
}

/** The merge fields that a text of the rep's own may hold, in Salesforce's own notation. */
export const CONTACT_NAME = '{!Contact.Name}';
export const ACCOUNT_NAME = '{!Account.Name}';

/** Fills in the two merge fields. @param isHtml escapes the values */
export function personalise(text: string, names: { contact: string; account: string }, isHtml: boolean): string {
  const value = (name: string): string => (isHtml ? escapeHtml(name) : name);
  return text.replaceAll(CONTACT_NAME, () => value(names.contact)).replaceAll(ACCOUNT_NAME, () => value(names.account));
}
