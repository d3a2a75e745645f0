import type { Rep } from '../auth/rep.ts';
import type { ProblemAction } from '../http/problem.ts';
import type { CustomersHalf } from './halves.ts';
import type { ConnectionDocument } from './model.ts';
import { actionFor, REASONS, type Reason } from './problems.ts';
import { providers } from './provider.ts';
import type { ProviderName } from './tokens.ts';

/** A Connection as API.md has it. */
export interface ConnectionView {
  readonly provider: ProviderName;
  readonly status: 'connected' | 'refreshing' | 'reconnect' | 'waiting_for_admin' | 'blocked' | 'not_connected';
  readonly reason: string | null;
  readonly label: string | null;
  readonly scopes: readonly string[];
  readonly since: string | null;
  /** When it ends by itself unless it is used before. */
  readonly expiresAt: string | null;
  readonly action: ProblemAction | null;
  readonly adminUrl: string | null;
}

/** What a view is made of, beside the document. */
export interface ViewParts {
  readonly rep: Rep;
  /** Undefined where it is not known, because Salesforce does not answer. */
  readonly half: CustomersHalf | undefined;
  readonly label: string | undefined;
  readonly adminUrl: string | undefined;
}

export function notConnected(
  provider: ProviderName,
  reason: 'not_offered' | 'channel_off' | null = null,
): ConnectionView {
  return {
    provider,
    status: 'not_connected',
    reason,
    label: null,
    scopes: [],
    since: null,
    expiresAt: null,
    action: reason === 'channel_off' ? 'contact_admin' : null,
    adminUrl: null,
  };
}

/** A connection as its rep may see it: the stored state, and what the customer's half says about it now. */
export function viewOf(connection: ConnectionDocument, parts: ViewParts): ConnectionView {
  const { provider, scopes, since, refreshedAt } = connection;
  const { status, reason } = stateOf(connection, parts.half);
  const endsAt = refreshedAt === undefined ? undefined : refreshedAt.getTime() + providers[provider].idleMs;
  const isUsable = status === 'connected' || status === 'refreshing';
  return {
    provider,
    status,
    reason,
    label: parts.label ?? null,
    scopes,
    since: since?.toISOString() ?? null,
    expiresAt: isUsable && endsAt !== undefined ? new Date(endsAt).toISOString() : null,
    action: reason === null || !isReason(reason) ? null : actionFor(reason),
    adminUrl: status === 'waiting_for_admin' ? (parts.adminUrl ?? null) : null,
  };
}

/** Whether the halves that a connection was sealed under are not the rep's any more. */
export function isUnderOtherHalf({ halves }: ConnectionDocument, half: CustomersHalf | undefined): boolean {
  return half?.kind === 'usable' && halves !== undefined && halves.customers !== half.name;
}

function stateOf(
  connection: ConnectionDocument,
  half: CustomersHalf | undefined,
): Pick<ConnectionView, 'status' | 'reason'> {
  const { status, reason, lease } = connection;
  if (status !== 'connected') return { status, reason: reason ?? null };
  if (half?.kind === 'edited') return { status: 'blocked', reason: 'key_edited' };
  if (half?.kind === 'unreadable' || half?.kind === 'missing') return { status: 'blocked', reason: 'key_unreadable' };
  if (isUnderOtherHalf(connection, half)) return { status: 'reconnect', reason: 'key_removed' };
  return { status: lease === undefined ? 'connected' : 'refreshing', reason: null };
}

const isReason = (reason: string): reason is Reason => Object.hasOwn(REASONS, reason);
