import { convert } from 'html-to-text';
import sanitizeHtml from 'sanitize-html';

const COLOUR = [/^#[0-9a-f]{3,8}$/i, /^rgba?\(\s*[\d.,\s%]{1,40}\)$/i, /^[a-z]{3,24}$/i];
const LENGTH = [/^-?\d{1,4}(?:\.\d{1,3})?(?:px|pt|em|rem|%)?$/, /^(?:auto|normal)$/];
const LENGTHS = [
  /^(?:-?\d{1,4}(?:\.\d{1,3})?(?:px|pt|em|rem|%)?|auto)(?:\s+(?:-?\d{1,4}(?:\.\d{1,3})?(?:px|pt|em|rem|%)?|auto)){0,3}$/,
];
const WORD = [/^[a-z-]{1,24}$/];
const BORDER = [/^[\w#.,%() -]{1,60}$/];

/** Styles that change how text looks and can neither fetch anything nor cover a page: no `url()`, no position. */
const STYLES: Record<string, RegExp[]> = {
  color: COLOUR,
  'background-color': COLOUR,
  'font-family': [/^[\p{L}\d ,'"-]{1,200}$/u],
  'font-size': [...LENGTH, ...WORD],
  'font-style': WORD,
  'font-weight': [/^(?:[a-z]{4,8}|[1-9]00)$/],
  'letter-spacing': LENGTH,
  'line-height': LENGTH,
  'text-align': WORD,
  'text-decoration': [/^[a-z -]{1,40}$/],
  'text-transform': WORD,
  'vertical-align': [...LENGTH, ...WORD],
  'white-space': WORD,
  direction: WORD,
  'list-style-type': WORD,
  margin: LENGTHS,
  'margin-top': LENGTH,
  'margin-right': LENGTH,
  'margin-bottom': LENGTH,
  'margin-left': LENGTH,
  padding: LENGTHS,
  'padding-top': LENGTH,
  'padding-right': LENGTH,
  'padding-bottom': LENGTH,
  'padding-left': LENGTH,
  width: LENGTH,
  'max-width': LENGTH,
  height: LENGTH,
  border: BORDER,
  'border-top': BORDER,
  'border-right': BORDER,
  'border-bottom': BORDER,
  'border-left': BORDER,
  'border-collapse': WORD,
  'border-spacing': LENGTHS,
  'border-radius': LENGTHS,
};

const CELL = ['align', 'valign', 'width', 'height', 'bgcolor', 'colspan', 'rowspan', 'scope'];

/**
 * The one allow-list of the product for HTML that somebody else reads: previews and mails. Text, links, lists, tables;
 * no image, no script, no form, no handler, nothing that is fetched when a mail is opened (a tracking pixel, a font).
 */
const RULES: sanitizeHtml.IOptions = {
  allowedTags: [
    ...['p', 'div', 'span', 'br', 'hr', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'blockquote', 'pre', 'code', 'address'],
    ...['b', 'strong', 'i', 'em', 'u', 's', 'strike', 'del', 'ins', 'sub', 'sup', 'small', 'big', 'mark', 'q', 'cite'],
    ...['a', 'ul', 'ol', 'li', 'dl', 'dt', 'dd', 'center', 'font', 'bdi', 'bdo'],
    ...['table', 'caption', 'colgroup', 'col', 'thead', 'tbody', 'tfoot', 'tr', 'th', 'td'],
  ],
  // What stands inside these is no text for a reader.
  nonTextTags: ['script', 'style', 'textarea', 'option', 'noscript', 'title', 'head', 'template', 'svg', 'math', 'xml'],
  allowedAttributes: {
    '*': ['style', 'dir', 'lang', 'title', 'align'],
    a: ['href'],
    font: ['color', 'face', 'size'],
    ol: ['start', 'type'],
    table: ['border', 'cellpadding', 'cellspacing', 'width', 'bgcolor', 'role'],
    col: ['span', 'width'],
    tr: ['valign', 'bgcolor'],
    th: CELL,
    td: CELL,
  },
  allowedStyles: { '*': STYLES },
  allowedSchemes: ['https', 'http', 'mailto', 'tel'],
  allowProtocolRelative: false,
  disallowedTagsMode: 'discard',
  enforceHtmlBoundary: false,
  nestingLimit: 100,
  parser: { decodeEntities: true },
};

/** HTML with nothing left that the allow-list does not name. Doing it again changes nothing. */
export function sanitizeMail(html: string): string {
  return sanitizeHtml(html, RULES).trim();
}

/** Plain text of sanitised HTML, for the part of a mail that readers without HTML see. */
export function plainText(html: string): string {
  return convert(html, {
    wordwrap: false,
    selectors: [
      { selector: 'a', options: { hideLinkHrefIfSameAsText: true } },
      ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({ selector, options: { uppercase: false } })),
      { selector: 'table', format: 'dataTable', options: { uppercaseHeaderCells: false } },
    ],
  }).trim();
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A text as it stands in HTML, in an element or in a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}

/** A plain text as HTML: a paragraph for each empty line, a line break for each other one. */
export function htmlOfText(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .split(/\n{2,}/)
    .filter((paragraph) => paragraph.trim() !== '')
    .map((paragraph) => `<p>${escapeHtml(paragraph).replaceAll('\n', '<br />')}</p>`)
    .join('');
}
