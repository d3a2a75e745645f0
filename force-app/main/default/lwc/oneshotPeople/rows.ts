import type { AdminUser } from 'c/oneshotApi';
import { fill, formatAge, formatCount, formatMoment } from 'c/oneshotFormat';
import { channelNames } from 'c/oneshotSettingNames';
import { label } from './labels';

/** A person as the table shows them. */
export interface PersonRow {
  id: string;
  name: string;
  email: string;
  last: string;
  lastTitle: string;
  sessions: string;
  connections: string;
  attention: string;
}

const nameOf = (provider: string): string => (channelNames as Record<string, string>)[provider] ?? provider;

/** What an admin can do something about; '' where nothing. */
function attentionOf({ status, connections }: AdminUser): string {
  const wrong = connections.flatMap(({ provider, status: state }) => {
    if (state === 'reconnect') return [fill(label.reconnect, nameOf(provider))];
    if (state === 'waiting_for_admin') return [fill(label.waitingAdmin, nameOf(provider))];
    return state === 'blocked' ? [fill(label.blocked, nameOf(provider))] : [];
  });
  return [...(status === 'inactive' ? [label.inactive] : []), ...wrong].join(' · ');
}

/** @param now Unix milliseconds on the backend's clock */
export function toRow(user: AdminUser, now: number): PersonRow {
  const lastAt = Date.parse(user.lastSignInAt);
  return {
    id: user.id,
    name: user.name ?? label.noName,
    email: user.email,
    last: formatAge(now - lastAt),
    lastTitle: formatMoment(lastAt),
    sessions: formatCount(user.sessions),
    connections: user.connections.map(({ provider }) => nameOf(provider)).join(', '),
    attention: attentionOf(user),
  };
}
