import type { AuditRow } from '../audit/audit.ts';
import type { Profile } from '../auth/people.ts';
import type { Rep } from '../auth/rep.ts';
import { SessionEnded } from '../auth/problems.ts';
import type { SessionSummary } from '../auth/stored-sessions.ts';
import type { HeldData } from './held-data.ts';

/** Names the shape of an export; docs/export.schema.json describes it. */
export const EXPORT_SCHEMA = 'https://oneshot.ai/schemas/export/1';

export interface ExportParts {
  readonly profileOf: (orgId: string, userId: string) => Promise<Profile | undefined>;
  readonly sessionsOf: (orgId: string, userId: string) => Promise<readonly SessionSummary[]>;
  readonly auditOf: (orgId: string, userId: string) => Promise<readonly AuditRow[]>;
  readonly rooms: readonly HeldData[];
}

/** All that is held about a rep, in clear, without anything that opens something. */
export interface Export {
  readonly schema: string;
  readonly exportedAt: string;
  readonly user: object;
  readonly connections: readonly object[];
  readonly activity: readonly object[];
  readonly sessions: readonly object[];
  readonly audit: readonly AuditRow[];
}

/** @throws SessionEnded the rep was erased meanwhile */
export async function exportUser(parts: ExportParts, rep: Rep): Promise<Export> {
  const { orgId, userId } = rep;
  const [user, sessions, audit] = await Promise.all([
    parts.profileOf(orgId, userId),
    parts.sessionsOf(orgId, userId),
    parts.auditOf(orgId, userId),
  ]);
  if (user === undefined) throw new SessionEnded();
  const partOf = async (part: 'connections' | 'activity'): Promise<readonly object[]> => {
    const rooms = parts.rooms.filter(({ exportUser: exported }) => exported?.part === part);
    return (await Promise.all(rooms.map((room) => room.exportUser?.rows(rep) ?? Promise.resolve([])))).flat();
  };
  return {
    schema: EXPORT_SCHEMA,
    exportedAt: new Date().toISOString(),
    user: { ...user, createdAt: user.createdAt.toISOString(), lastSignInAt: user.lastSignInAt.toISOString() },
    connections: await partOf('connections'),
    activity: await partOf('activity'),
    sessions: sessions.map(({ signedInAt, expiresAt, ...session }) => ({
      ...session,
      signedInAt: signedInAt.toISOString(),
      expiresAt: expiresAt.toISOString(),
    })),
    audit,
  };
}
