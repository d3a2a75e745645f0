import { createHash, randomBytes } from 'node:crypto';
import type { ApiSession } from './api.ts';
import type { Stack } from './stack.ts';

/** A mail as the sandbox's mailbox took it. */
export interface Mail {
  to: string;
  subject: string;
  /** All parts, as they were sent, with quoted-printable and base64 undone. */
  text: string;
}

/** Connects a provider over plain HTTP, as popup and component do it together: for journeys that begin after that. */
export async function connect(
  { preview }: Stack,
  session: ApiSession,
  provider: 'gmail' | 'outlook' | 'outreach',
  username: string,
): Promise<void> {
  const verifier = randomBytes(32).toString('base64url');
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const path = `/v1/connections/${provider}`;
  const { url } = (await session.call('POST', `${path}/start`, { challenge, origin: preview })) as { url: string };
  const went = await fetch(url, { redirect: 'manual' });
  const cookie = went.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  const authorize = went.headers.get('location') ?? '';
  const consent = await (await fetch(authorize)).text();
  const request = /name="request" value="([^"]+)"/.exec(consent)?.[1] ?? '';
  const action = new URL(/action="([^"]+)"/.exec(consent)?.[1] ?? '', authorize);
  const body = new URLSearchParams({ request, username, decision: 'allow' });
  const decided = await fetch(action, { method: 'POST', redirect: 'manual', body });
  const page = await (await fetch(decided.headers.get('location') ?? '', { headers: { cookie } })).text();
  const message = JSON.parse(/id="message"[^>]*>([^<]+)</.exec(page)?.[1] ?? '{}') as { code?: string };
  if (message.code === undefined) throw new Error(`Connecting ${provider} failed: ${page.slice(0, 500)}`);
  await session.call('POST', `${path}/finish`, { code: message.code, verifier });
}

/** What Graph is sent in place of a raw mail. */
interface GraphMail {
  message: {
    subject: string;
    body: { content: string };
    toRecipients: { emailAddress: { name?: string; address: string } }[];
  };
}

/** A mail as a provider took it, as far as journeys look at it. Raw: RFC 5322, 2045, 2047; of Graph: its JSON. */
export function readMail(raw: string): Mail {
  if (raw.startsWith('{')) {
    const { subject, body, toRecipients } = (JSON.parse(raw) as GraphMail).message;
    const to = toRecipients.map(({ emailAddress: { name = '', address } }) => `${name} <${address}>`).join(', ');
    return { to, subject, text: body.content };
  }
  const end = raw.search(/\r?\n\r?\n/);
  const head = raw.slice(0, end).replace(/\r?\n[ \t]+/g, ' ');
  const header = (name: string): string => new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1]?.trim() ?? '';
  const word = /=\?utf-8\?([bq])\?([^?]*)\?=\s*/gi;
  const subject = header('Subject').replace(word, (_all, kind: string, text: string) =>
    kind.toLowerCase() === 'b' ? Buffer.from(text, 'base64').toString() : quoted(text.replaceAll('_', ' ')),
  );
  const parts = raw.slice(end).split(/\r?\n--[^\r\n]+\r?\n/);
  return { to: header('To'), subject, text: parts.map(decoded).join('\n') };
}

function quoted(text: string): string {
  const bytes = text
    .replace(/=\r?\n/g, '')
    .replace(/=([0-9A-F]{2})/gi, (_all, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

function decoded(part: string): string {
  const body = part.slice(part.search(/\r?\n\r?\n/));
  if (/transfer-encoding: base64/i.test(part)) return Buffer.from(body, 'base64').toString('utf8');
  return quoted(part);
}
