import type { Activities } from '../activity/activities.ts';
import type { ConnectionsRoom } from '../connections/room.ts';
import { PROVIDERS } from '../connections/tokens.ts';
import type { HeldData } from './held-data.ts';

/** What connections do at an erasure, an export and a restore, besides losing their documents. */
export function heldByConnections({ connections, store }: ConnectionsRoom): HeldData {
  return {
    exportUser: { part: 'connections', rows: (rep) => connections.exportUser(rep) },
    revokeGrants: async (rep) =>
      (await connections.revokeAll(rep)).map(({ provider, result }) => ({
        provider,
        result: result === 'failed' ? 'needs_rep' : result,
      })),
    grantsOf: async (orgId, userId) => {
      const all = await store.ofOrg(orgId);
      return all
        .filter((one) => one.status !== 'waiting_for_admin' && (userId === undefined || one.userId === userId))
        .map(({ provider }) => provider);
    },
    endedAgain: async (orgId, userId, name, at) => {
      const provider = PROVIDERS.find((known) => known === name);
      if (provider === undefined) return;
      const connection = await store.find({ orgId, userId }, provider);
      // One that was made since is another grant.
      if (connection !== undefined && (connection.since ?? at) <= at) await store.delete({ orgId, userId }, provider);
    },
    restored: () => connections.endRestored(),
  };
}

/** What the trail of sends gives to an export. */
export function heldByActivity(activities: Activities): HeldData {
  return {
    exportUser: {
      part: 'activity',
      rows: async ({ orgId, userId }) => {
        const rows: object[] = [];
        for await (const { at, ...activity } of activities.exportUser(orgId, userId))
          rows.push({ ...activity, at: at.toISOString() });
        return rows;
      },
    },
  };
}
