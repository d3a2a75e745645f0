import { type Credentials, type Rows, rows } from './call';
import { type Answer, send } from './http';
import { Problem } from './problem';
import { SHORT_MS, shaped } from './shape';
import type { Account, Freshness } from './types';

/** Reading contacts and writing to them. Shapes of the HTTP contract; everything is read live and nothing is kept. */

/** Why a contact cannot be written to. */
export type Refusal = 'opted_out' | 'bounced' | 'no_email' | 'do_not_contact' | 'consent_hidden';

export interface Contact {
  id: string;
  accountId: string | null;
  name: string | null;
  title: string | null;
  email: string | null;
  phone: string | null;
  /** Salesforce's own last activity, a date. */
  lastActivityDate: string | null;
  canEmail: boolean;
  reasons: Refusal[];
  /** When this rep last wrote to them through OneShot. */
  lastSentAt: string | null;
}

/** A paying customer that is like another account. */
export interface SimilarCustomer {
  account: Account;
  /** 0 to 1. */
  score: number;
  reasons: { code: string; text: string }[];
}

export interface SimilarPage {
  rows: SimilarCustomer[];
  freshness: Freshness;
}

export interface EmailTemplate {
  id: string;
  name: string | null;
  folder: string | null;
}

export interface RenderedTemplate {
  subject: string;
  html: string;
  text: string;
  /** Merge fields that had no value. */
  missing: string[];
}

export type MailChannel = 'gmail' | 'outlook';

export interface Email {
  contactId: string;
  accountId?: string;
  channel: MailChannel;
  subject: string;
  html: string;
  text?: string;
  logToSalesforce?: boolean;
}

/** `accepted`: the provider took it. `unknown`: the line was cut after sending, so it may have gone. */
export interface Sent {
  id: string;
  state: 'accepted' | 'unknown';
  task?: 'created' | 'failed' | 'unknown' | 'none';
}

/** A mail provider handles a message in its own time; the backend gives up before this does. */
const SEND_MS = 60_000;
/** Ranking may have to wait for the first pull of the list. */
const SIMILAR_MS = 180_000;

interface ReadOptions {
  query?: Record<string, string>;
  signal?: AbortSignal | undefined;
  timeoutMs?: number;
}

async function get(credentials: Credentials, path: string, options: ReadOptions = {}): Promise<Answer> {
  const { query, signal, timeoutMs = SHORT_MS } = options;
  const asked = query === undefined ? {} : { query: new URLSearchParams(query) };
  return send({ ...credentials, method: 'GET', path, ...asked, signal, timeoutMs });
}

const at = (cursor: string | null): ReadOptions => (cursor === null ? {} : { query: { cursor } });

/** @param cursor where the last page ended; null for the first */
export async function listContacts(
  credentials: Credentials,
  accountId: string,
  cursor: string | null,
  signal?: AbortSignal,
): Promise<Rows<Contact>> {
  const path = `/v1/accounts/${encodeURIComponent(accountId)}/contacts`;
  return rows<Contact>(await get(credentials, path, { ...at(cursor), signal }));
}

export async function readContact(credentials: Credentials, id: string, signal?: AbortSignal): Promise<Contact> {
  const path = `/v1/contacts/${encodeURIComponent(id)}`;
  return shaped<{ contact: Contact }>(await get(credentials, path, { signal }), 'contact').contact;
}

/** The paying customers most like this account, the best first. @param limit 1-50 */
export async function listSimilar(
  credentials: Credentials,
  accountId: string,
  limit: number,
  signal?: AbortSignal,
): Promise<SimilarPage> {
  const path = `/v1/accounts/${encodeURIComponent(accountId)}/similar`;
  const options = { query: { limit: String(limit) }, signal, timeoutMs: SIMILAR_MS };
  return shaped<SimilarPage>(await get(credentials, path, options), 'rows', 'freshness');
}

export async function listTemplates(
  credentials: Credentials,
  cursor: string | null,
  signal?: AbortSignal,
): Promise<Rows<EmailTemplate>> {
  return rows<EmailTemplate>(await get(credentials, '/v1/email-templates', { ...at(cursor), signal }));
}

/** The template filled in for one contact. */
export async function renderTemplate(
  credentials: Credentials,
  templateId: string,
  contactId: string,
  signal?: AbortSignal,
): Promise<RenderedTemplate> {
  const path = `/v1/email-templates/${encodeURIComponent(templateId)}/render`;
  const call = { method: 'POST', path, body: { contactId }, signal, timeoutMs: SHORT_MS } as const;
  const rendered = shaped<RenderedTemplate>(await send({ ...credentials, ...call }), 'missing');
  if (typeof rendered.html !== 'string' || typeof rendered.subject !== 'string') {
    throw new Problem({ code: 'bad_answer' });
  }
  return rendered;
}

/**
 * Sends one mail. The same key again gives the same answer and no second mail.
 * @throws Problem `cannot_email` (with `reasons`), `daily_limit`, `in_progress`, ...
 */
export async function sendEmail(
  credentials: Credentials,
  email: Email,
  idempotencyKey: string,
  signal?: AbortSignal,
): Promise<Sent> {
  const call = { method: 'POST', path: '/v1/emails', body: email, idempotencyKey, signal, timeoutMs: SEND_MS } as const;
  const sent = shaped<Sent>(await send({ ...credentials, ...call }));
  if (sent.state !== 'accepted' && sent.state !== 'unknown') throw new Problem({ code: 'bad_answer' });
  return sent;
}
