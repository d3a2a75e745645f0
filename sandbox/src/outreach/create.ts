import { nextId, type OutreachData, type OutreachUser, type Prospect, type SequenceState } from './data.ts';
import { duplicate, invalid } from './error.ts';
import type { Sent } from './json-api.ts';
import * as kinds from './resources.ts';

/** What a prospect can be made with. */
export const prospectAttributes = ['firstName', 'lastName', 'title', 'company', 'emails', 'externalId'] as const;

/**
 * Makes a prospect that the caller owns.
 * @param now epoch milliseconds
 * @throws OutreachError 422
 */
export function createProspect(data: OutreachData, caller: OutreachUser, sent: Sent, now: number): Prospect {
  const { emails = [], ...texts } = sent.attributes;
  for (const [name, value] of Object.entries(texts)) {
    if (value !== null && (typeof value !== 'string' || value.length > 255)) {
      throw invalid(`/data/attributes/${name}`, `${name} must be a text of at most 255 characters.`);
    }
  }
  const isAddress = (one: unknown): one is string => typeof one === 'string' && /^[^\s@,]+@[^\s@,]+$/.test(one);
  if (!Array.isArray(emails) || !emails.every(isAddress)) {
    throw invalid('/data/attributes/emails', 'emails must be a list of addresses.');
  }
  const addresses = [...new Set(emails.map((one) => one.toLowerCase()))];
  const { prospects, accounts } = data.rows;
  const accountId = sent.relationships.account ?? null;
  if (accountId !== null && !accounts.some(({ id }) => id === accountId)) {
    throw invalid('/data/relationships/account', 'Account must exist');
  }
  if (prospects.some((other) => other.emails.some((one) => addresses.includes(one)))) {
    throw duplicate('A Contact with this email_hash already exists.');
  }
  const text = (name: string): string | null => (typeof texts[name] === 'string' ? texts[name] : null);
  const prospect: Prospect = {
    id: nextId(prospects),
    firstName: text('firstName'),
    lastName: text('lastName'),
    title: text('title'),
    company: text('company'),
    externalId: text('externalId'),
    emails: addresses,
    optedOut: false,
    accountId,
    ownerId: caller.id,
    createdAt: new Date(now).toISOString(),
  };
  prospects.push(prospect);
  return prospect;
}

/**
 * Puts a prospect into a sequence.
 * @param now epoch milliseconds
 * @throws OutreachError 422: something is missing or may not be used, or the prospect is in the sequence already
 */
export function createSequenceState(data: OutreachData, caller: OutreachUser, sent: Sent, now: number): SequenceState {
  const find = <Row extends { readonly id: number }>(kind: kinds.ResourceKind<Row>): Row => {
    const id = sent.relationships[kind.type];
    const row = kind.rows(data, caller).find((one) => one.id === id);
    const name = `${kind.type[0]?.toUpperCase()}${kind.type.slice(1)}`;
    if (!row)
      throw invalid(
        `/data/relationships/${kind.type}`,
        `${name} ${id === undefined ? "can't be blank" : 'must exist'}`,
      );
    return row;
  };
  const [prospect, sequence, mailbox] = [find(kinds.prospects), find(kinds.sequences), find(kinds.mailboxes)];
  const refuse = (name: string, detail: string) => invalid(`/data/relationships/${name}`, detail);
  if (prospect.optedOut) throw refuse('prospect', 'Prospect has opted out');
  if (prospect.emails.length === 0) throw refuse('prospect', 'Prospect has no email address');
  if (!sequence.enabled) throw refuse('sequence', 'Sequence is not enabled');
  if (sequence.locked) throw refuse('sequence', 'Sequence is locked');
  if (mailbox.userId !== caller.id) throw refuse('mailbox', 'Mailbox belongs to another user');
  if (mailbox.sendDisabled) throw refuse('mailbox', 'Mailbox cannot send');
  const { sequenceStates } = data.rows;
  const isSame = (one: SequenceState) => one.prospectId === prospect.id && one.sequenceId === sequence.id;
  if (sequenceStates.some((one) => isSame(one) && one.state !== 'finished')) {
    throw duplicate('Prospect is already active in this sequence.');
  }
  const state: SequenceState = {
    id: nextId(sequenceStates),
    state: 'active',
    prospectId: prospect.id,
    sequenceId: sequence.id,
    mailboxId: mailbox.id,
    creatorId: caller.id,
    createdAt: new Date(now).toISOString(),
  };
  sequenceStates.push(state);
  return state;
}
