import type {
  Mailbox,
  OutreachAccount,
  OutreachData,
  OutreachUser,
  Prospect,
  Sequence,
  SequenceState,
} from './data.ts';
import type { Resource } from './scopes.ts';

type Attributes = Readonly<Record<string, unknown>>;

/** How one kind of row is listed and shown. */
export interface ResourceKind<Row extends { readonly id: number }> {
  readonly path: Resource;
  /** JSON:API type, singular. */
  readonly type: string;
  /** Those that the caller sees. */
  rows(data: OutreachData, caller: OutreachUser): readonly Row[];
  attributes(row: Row): Attributes;
  /** Relationship -> type and id; a null id is an empty relationship. */
  relationships(row: Row): Readonly<Record<string, readonly [type: string, id: number | null]>>;
  /** Filter, as it stands between `filter` and `=` -> what it compares with, lower-cased. */
  readonly filters: Readonly<Record<string, (row: Row) => readonly (string | number | boolean | null)[]>>;
  readonly sorts?: readonly string[];
}

const byId = { '[id]': ({ id }: { readonly id: number }) => [id] };

export const users: ResourceKind<OutreachUser> = {
  path: 'users',
  type: 'user',
  rows: (data) => data.users(),
  attributes: ({ email, name, firstName, lastName, locked }) => ({ email, name, firstName, lastName, locked }),
  relationships: () => ({}),
  filters: { ...byId, '[email]': ({ email }) => [email] },
};

export const accounts: ResourceKind<OutreachAccount> = {
  path: 'accounts',
  type: 'account',
  rows: (data) => data.rows.accounts,
  attributes: ({ name, domain }) => ({ name, domain }),
  relationships: () => ({}),
  filters: { ...byId, '[name]': ({ name }) => [name], '[domain]': ({ domain }) => [domain] },
};

export const prospects: ResourceKind<Prospect> = {
  path: 'prospects',
  type: 'prospect',
  rows: (data) => data.rows.prospects,
  attributes: ({ firstName, lastName, title, company, externalId, emails, optedOut, createdAt }) => ({
    firstName,
    lastName,
    name: [firstName, lastName].filter((part) => part !== null).join(' '),
    title,
    company,
    externalId,
    emails,
    optedOut,
    optedOutAt: optedOut ? createdAt : null,
    emailOptedOut: optedOut,
    emailsOptStatus: optedOut ? 'opted_out' : 'opted_in',
    createdAt,
    updatedAt: createdAt,
  }),
  relationships: ({ accountId, ownerId }) => ({ account: ['account', accountId], owner: ['user', ownerId] }),
  filters: {
    ...byId,
    '[emails]': ({ emails }) => emails,
    '[externalId]': ({ externalId }) => [externalId],
    '[account][id]': ({ accountId }) => [accountId],
  },
};

export const mailboxes: ResourceKind<Mailbox> = {
  path: 'mailboxes',
  type: 'mailbox',
  rows: (data) => data.rows.mailboxes,
  attributes: ({ email, userId, sendDisabled }) => ({ email, userId, sendDisabled }),
  relationships: ({ userId }) => ({ user: ['user', userId] }),
  filters: {
    ...byId,
    '[email]': ({ email }) => [email],
    '[userId]': ({ userId }) => [userId],
    '[user][id]': ({ userId }) => [userId],
  },
};

export const sequences: ResourceKind<Sequence> = {
  path: 'sequences',
  type: 'sequence',
  rows: (data, caller) =>
    data.rows.sequences.filter(({ shareType, ownerId }) => shareType !== 'private' || ownerId === caller.id),
  attributes: ({ name, enabled, locked, shareType }) => ({ name, enabled, locked, shareType }),
  relationships: ({ ownerId }) => ({ owner: ['user', ownerId] }),
  filters: {
    ...byId,
    '[name]': ({ name }) => [name],
    '[enabled]': ({ enabled }) => [enabled],
    '[locked]': ({ locked }) => [locked],
  },
  sorts: ['name', '-name'],
};

export const sequenceStates: ResourceKind<SequenceState> = {
  path: 'sequenceStates',
  type: 'sequenceState',
  rows: (data) => data.rows.sequenceStates,
  attributes: ({ state, createdAt }) => ({
    state,
    pauseReason: null,
    errorReason: null,
    createdAt,
    activeAt: createdAt,
    updatedAt: createdAt,
  }),
  relationships: ({ prospectId, sequenceId, mailboxId, creatorId }) => ({
    prospect: ['prospect', prospectId],
    sequence: ['sequence', sequenceId],
    mailbox: ['mailbox', mailboxId],
    creator: ['user', creatorId],
  }),
  filters: {
    ...byId,
    '[state]': ({ state }) => [state],
    '[prospect][id]': ({ prospectId }) => [prospectId],
    '[sequence][id]': ({ sequenceId }) => [sequenceId],
  },
};

/** A row as JSON:API has it. @param base URL of the API */
export function show<Row extends { readonly id: number }>(kind: ResourceKind<Row>, row: Row, base: string): Attributes {
  const relationships = Object.entries(kind.relationships(row)).map(([name, [type, id]]) => [
    name,
    { data: id === null ? null : { type, id } },
  ]);
  return {
    type: kind.type,
    id: row.id,
    attributes: kind.attributes(row),
    relationships: Object.fromEntries(relationships) as Attributes,
    links: { self: `${base}/${kind.path}/${row.id}` },
  };
}
