import { type Credentials, type Rows, rows } from './call';
import { send } from './http';
import { SHORT_MS, shaped } from './shape';

export interface Sequence {
  id: string;
  name: string | null;
  enabled: boolean;
  locked: boolean;
}

export interface Mailbox {
  id: string;
  email: string | null;
  canSend: boolean;
}

export interface SequenceQuery {
  /** Part of the name. */
  search?: string;
  /** Where the last part ended. */
  cursor?: string | undefined;
}

export interface Enrolment {
  contactId: string;
  sequenceId: string;
  mailboxId: string;
}

export interface EnrolmentAnswer {
  id: string;
  /** `accepted`; `unknown`: the line was cut after asking, so it may be done. Other words are Outreach's own. */
  state: string | null;
  prospect?: 'found' | 'created';
  /** True where the contact was in this sequence before: nothing was done. */
  alreadyInSequence?: boolean;
}

/** The backend asks Outreach several times for one enrolment, and gives up before this does. */
const ENROL_MS = 75_000;

/** The rep's sequences, live from Outreach. */
export async function listSequences(
  credentials: Credentials,
  { search = '', cursor }: SequenceQuery,
  signal?: AbortSignal,
): Promise<Rows<Sequence>> {
  const query = new URLSearchParams(search === '' ? {} : { search });
  if (cursor !== undefined) query.set('cursor', cursor);
  const call = { method: 'GET', path: '/v1/outreach/sequences', query, signal, timeoutMs: SHORT_MS } as const;
  return rows<Sequence>(await send({ ...credentials, ...call }));
}

export async function listMailboxes(credentials: Credentials, signal?: AbortSignal): Promise<Mailbox[]> {
  const call = { method: 'GET', path: '/v1/outreach/mailboxes', signal, timeoutMs: SHORT_MS } as const;
  return rows<Mailbox>(await send({ ...credentials, ...call })).rows;
}

/** Adds a contact to a sequence. Repeating it with the same key does it once. */
export async function enrol(
  credentials: Credentials,
  body: Enrolment,
  idempotencyKey: string,
): Promise<EnrolmentAnswer> {
  const call = { method: 'POST', path: '/v1/outreach/enrolments', body, timeoutMs: ENROL_MS } as const;
  return shaped<EnrolmentAnswer>(await send({ ...credentials, ...call, idempotencyKey }));
}
