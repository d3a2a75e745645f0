/** A message that is no proper mail; the sentence says why. */
export class MimeProblem extends Error {}

/** What a mail is made of (RFC 5322, RFC 2045), as far as the sandbox looks. */
export interface MimeMessage {
  /** Bare addresses, lower-cased. */
  readonly from: string;
  readonly to: readonly string[];
}

interface Entity {
  /** By lower-cased name. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Fields that a message has at most once (RFC 5322, 3.6). */
const once: ReadonlySet<string> = new Set([
  'from', 'sender', 'reply-to', 'to', 'cc', 'bcc', 'message-id', 'in-reply-to', 'references', 'subject', 'date',
  'mime-version', 'content-type', 'content-transfer-encoding',
]); // prettier-ignore

/** Longest line, in octets without its end (RFC 5322, 2.1.1). */
const longestLine = 998;

/**
 * Reads a mail as strictly as the RFCs have it: CRLF only, ASCII headers, one From, at least one To, encoded words
 * and multiparts that are closed, no 8-bit body that does not say so.
 * @throws MimeProblem
 */
export function readMime(bytes: Buffer): MimeMessage {
  // Latin-1 keeps one character for each octet.
  const text = bytes.toString('latin1');
  if (/(?<!\r)\n/.test(text)) throw new MimeProblem('Bare LF in message');
  if (/\r(?!\n)/.test(text)) throw new MimeProblem('Bare CR in message');
  if (text.includes('\0')) throw new MimeProblem('NUL in message');
  if (text.split('\r\n').some((line) => line.length > longestLine)) throw new MimeProblem('Line too long');
  const entity = readEntity(text);
  checkBody(entity);
  const from = addresses(entity, 'from');
  const to = addresses(entity, 'to');
  for (const name of ['cc', 'bcc', 'reply-to']) if (entity.headers.has(name)) addresses(entity, name);
  const [sender] = from;
  if (sender === undefined || from.length > 1) throw new MimeProblem('Invalid From header');
  if (to.length === 0) throw new MimeProblem('Recipient address required');
  return { from: sender, to };
}

function readEntity(text: string): Entity {
  const end = text.startsWith('\r\n') ? 0 : text.indexOf('\r\n\r\n') + 2;
  if (end === 1) throw new MimeProblem('Missing end of headers');
  // What a header may hold: printable ASCII, tab, its own line ends
  if (/[^\x20-\x7e\t\r\n]/.test(text.slice(0, end))) throw new MimeProblem('Non-ASCII character in header');
  const headers = new Map<string, string>();
  for (const field of text
    .slice(0, end)
    .replaceAll(/\r\n(?=[ \t])/g, '')
    .split('\r\n')
    .slice(0, -1)) {
    const [, name = '', value = ''] = /^([!-9;-~]+):(.*)$/.exec(field) ?? [];
    if (name === '') throw new MimeProblem('Malformed header');
    const key = name.toLowerCase();
    if (once.has(key) && headers.has(key)) throw new MimeProblem(`Multiple ${name} headers`);
    if (value.replaceAll(/=\?[^?\s]+\?[bq]\?[^?\s]*\?=/gi, '').includes('=?')) {
      throw new MimeProblem(`Malformed encoded word in ${name} header`);
    }
    headers.set(key, value.trim());
  }
  return { headers, body: text.slice(end + 2) };
}

/** Walks through the parts: every multipart has its boundary and its end, every leaf an encoding that it keeps to. */
function checkBody({ headers, body }: Entity): void {
  const type = headers.get('content-type') ?? 'text/plain';
  if (/^multipart\//i.test(type)) {
    const [, quoted, plain] = /;\s*boundary=(?:"([^"]+)"|([^\s";]+))/i.exec(type) ?? [];
    const boundary = quoted ?? plain;
    if (boundary === undefined) throw new MimeProblem('Multipart without boundary');
    const pieces = `\r\n${body}`.split(`\r\n--${boundary}`);
    const closing = pieces.at(-1) ?? '';
    if (pieces.length < 3 || !closing.startsWith('--')) throw new MimeProblem('Multipart without end');
    for (const piece of pieces.slice(1, -1)) checkBody(readEntity(piece.replace(/^[ \t]*\r\n/, '')));
    return;
  }
  const encoding = (headers.get('content-transfer-encoding') ?? '7bit').toLowerCase();
  const isEightBit = /[^\x00-\x7f]/.test(body);
  if (isEightBit && encoding !== '8bit' && encoding !== 'binary') throw new MimeProblem('8-bit body without encoding');
  if (encoding === 'base64' && !/^[A-Za-z0-9+/=\r\n]*$/.test(body)) throw new MimeProblem('Malformed base64 body');
}

/** The mailboxes of an address list (RFC 5322, 3.4); groups, comments and obsolete forms are not taken. */
function addresses({ headers }: Entity, name: string): string[] {
  const value = headers.get(name);
  if (value === undefined || value === '') {
    throw new MimeProblem(name === 'to' ? 'Recipient address required' : `Missing ${name} header`);
  }
  // Commas separate, but not those within quotes.
  return (value.match(/(?:"(?:[^"\\]|\\.)*"|[^,"])+/g) ?? []).map((part) => {
    const [, shown = '', inAngles, bare] =
      /^\s*(?:((?:"(?:[^"\\]|\\.)*"|[^<>@,;:()[\]\\"])*)<([^<>]+)>|([^<>\s]+))\s*$/.exec(part) ?? [];
    const address = inAngles ?? bare ?? '';
    if (!/^[^\s@<>,;:()[\]\\"]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(address) || shown.includes('\r')) {
      throw new MimeProblem(`Invalid ${name[0]?.toUpperCase()}${name.slice(1)} header`);
    }
    return address.toLowerCase();
  });
}
