import { type Credentials, rows } from './call';
import { send } from './http';
import { Problem } from './problem';
import { SHORT_MS, shaped } from './shape';

/** The accounts that a rep can connect. */
export type ProviderName = 'gmail' | 'outlook' | 'outreach';

export type ConnectionStatus =
  'connected' | 'refreshing' | 'reconnect' | 'waiting_for_admin' | 'blocked' | 'not_connected';

export interface Connection {
  provider: ProviderName;
  status: ConnectionStatus;
  /** Why it is so, for programs: for example `key_removed`. */
  reason: string | null;
  /** Whose account: an address, as the provider tells it. */
  label: string | null;
  scopes: string[] | null;
  since: string | null;
  /** When it ends by itself unless it is used before. */
  expiresAt: string | null;
  action: string | null;
  /** Where an admin of the provider approves OneShot. */
  adminUrl: string | null;
}

/** What a disconnect did at the provider. `no_endpoint`: the provider has none; the access is deleted here alone. */
export type Revocation = 'revoked' | 'no_endpoint' | 'failed';

const pathOf = (provider: ProviderName, rest = ''): string => `/v1/connections/${provider}${rest}`;

export async function listConnections(credentials: Credentials, signal?: AbortSignal): Promise<Connection[]> {
  const call = { method: 'GET', path: '/v1/connections', signal, timeoutMs: SHORT_MS } as const;
  return rows<Connection>(await send({ ...credentials, ...call })).rows;
}

/**
 * The address that a click on "Connect" opens. It must be on the backend itself: any other is refused.
 * @throws Problem 409 `key_object_missing`
 */
export async function startConnection(
  credentials: Credentials,
  provider: ProviderName,
  body: { challenge: string; origin: string },
  signal?: AbortSignal,
): Promise<{ url: string; expiresAt: string }> {
  const call = { method: 'POST', path: pathOf(provider, '/start'), body, signal, timeoutMs: SHORT_MS } as const;
  const answer = await send({ ...credentials, ...call });
  const { url, expiresAt } = shaped<{ url?: unknown; expiresAt?: unknown }>(answer);
  const isOurs = typeof url === 'string' && url.startsWith(`${new URL(credentials.backendUrl).origin}/v1/connections/`);
  if (!isOurs || typeof expiresAt !== 'string' || Number.isNaN(Date.parse(expiresAt))) {
    throw new Problem({ code: 'bad_answer', status: answer.status });
  }
  return { url, expiresAt };
}

/** Redeems the code of a connecting popup. @throws Problem 409 `other_account`, 422 `scope_missing`, ... */
export async function finishConnection(
  credentials: Credentials,
  provider: ProviderName,
  body: { code: string; verifier: string },
  idempotencyKey: string,
): Promise<Connection> {
  const call = { method: 'POST', path: pathOf(provider, '/finish'), body, timeoutMs: SHORT_MS } as const;
  return shaped<Connection>(await send({ ...credentials, ...call, idempotencyKey }));
}

/** Deletes the access here and ends it at the provider, where that has an endpoint for it. */
export async function disconnect(credentials: Credentials, provider: ProviderName): Promise<Revocation> {
  const answer = await send({ ...credentials, method: 'DELETE', path: pathOf(provider), timeoutMs: SHORT_MS });
  return shaped<{ revocation: Revocation }>(answer).revocation;
}
