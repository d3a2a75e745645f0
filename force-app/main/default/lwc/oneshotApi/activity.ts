import { type Credentials, type Rows, rows } from './call';
import type { ProviderName } from './connections';
import { send } from './http';
import { SHORT_MS } from './shape';

/** A record that a send was about; its name is read live, null where it is hidden. */
export interface ActivityRecord {
  id: string;
  name: string | null;
  /** True where the record is not in Salesforce any more. */
  deleted: boolean;
}

export interface Activity {
  id: string;
  at: string;
  channel: ProviderName;
  outcome: 'accepted' | 'refused' | 'failed' | 'unknown';
  account: ActivityRecord | null;
  contact: ActivityRecord | null;
}

export interface ActivityQuery {
  accountId?: string | undefined;
  contactId?: string | undefined;
  cursor?: string | undefined;
}

/** What the rep themselves sent, the newest first. */
export async function listActivity(
  credentials: Credentials,
  filter: ActivityQuery,
  signal?: AbortSignal,
): Promise<Rows<Activity>> {
  const query = new URLSearchParams();
  for (const name of ['accountId', 'contactId', 'cursor'] as const) {
    const value = filter[name];
    if (value !== undefined) query.set(name, value);
  }
  const call = { method: 'GET', path: '/v1/activity', query, signal, timeoutMs: SHORT_MS } as const;
  return rows<Activity>(await send({ ...credentials, ...call }));
}
