import type { HeldData } from '../privacy/held-data.ts';
import type { Connections } from './connections.ts';

/** What exports, erasures and restores ask of connections (DESIGN 6, promise 11). */
export function heldConnections(connections: Connections): HeldData {
  return {
    exportUser: { part: 'connections', rows: (orgId, userId) => connections.rowsOf(orgId, userId) },
    revokeGrants: async (rep) =>
      (await connections.revokeAll(rep)).map(({ provider, result }) => ({
        provider,
        result: result === 'failed' ? 'needs_rep' : result,
      })),
    grantsOf: (orgId, userId) => connections.grantsOf(orgId, userId),
    eraseUser: (orgId, userId) => connections.eraseUser(orgId, userId),
    eraseOrg: (orgId) => connections.eraseOrg(orgId),
    endedAgain: (orgId, userId, provider, at) => connections.endedAgain(orgId, userId, provider, at),
    restored: () => connections.endRestored(),
  };
}
