import type { Resource } from './client.ts';

export interface Sequence {
  readonly id: string;
  readonly name: string | null;
  readonly enabled: boolean;
  readonly locked: boolean;
}

export interface Mailbox {
  readonly id: string;
  readonly email: string | null;
  readonly canSend: boolean;
}

export function sequenceOf({ id, attributes: { name, enabled, locked } }: Resource): Sequence {
  return { id, name: typeof name === 'string' ? name : null, enabled: enabled === true, locked: locked === true };
}

export function mailboxOf({ id, attributes: { email, sendDisabled } }: Resource): Mailbox {
  return { id, email: typeof email === 'string' ? email : null, canSend: sendDisabled !== true };
}

/** Whether a mailbox is this user's: the list shows an admin everybody's. */
export function isOf({ attributes: { userId } }: Resource, user: string): boolean {
  return (typeof userId === 'number' || typeof userId === 'string') && String(userId) === user;
}
