import type { People, Person } from '../auth/people.ts';
import type { Rep } from '../auth/rep.ts';
import type { Sessions } from '../auth/sessions.ts';
import { NotFound } from '../http/problems.ts';
import { ProblemError } from '../http/problem.ts';
import { CrmSessionExpired } from '../salesforce/errors.ts';
import { ids, soql } from '../salesforce/soql.ts';

/** How a rep's connection to a provider stands, for the admin's eyes. */
export interface ConnectionState {
  readonly provider: string;
  readonly status: string;
}

/** One person of the admin's org (API.md). `name` is read live and never stored. */
export interface UserRow {
  readonly id: string;
  readonly name: string | null;
  readonly email: string;
  /** `inactive`: deactivated in Salesforce. */
  readonly status: 'active' | 'inactive';
  readonly lastSignInAt: string;
  readonly sessions: number;
  readonly connections: readonly ConnectionState[];
}

export interface UserPage {
  readonly rows: readonly UserRow[];
  readonly nextCursor: string | null;
}

export interface UsersParts {
  readonly people: People;
  readonly sessions: Sessions;
  /** Connections of an org's reps, by opaque user id. */
  readonly connectionsOf: (orgId: string) => Promise<ReadonlyMap<string, readonly ConnectionState[]>>;
}

const PAGE = 50;

/** Who has signed in in an org, and their sessions. */
export class Users {
  readonly #parts: UsersParts;

  constructor(parts: UsersParts) {
    this.#parts = parts;
  }

  /**
   * One page, who signed in last first.
   * @param cursor of the page before
   * @throws the Crm errors that end a session; what cannot be read otherwise is null
   */
  async page(admin: Rep, cursor: string | undefined, signal: AbortSignal): Promise<UserPage> {
    const { people, sessions, connectionsOf } = this.#parts;
    const { orgId } = admin;
    const { rows: found, nextCursor } = await people.page(orgId, PAGE, cursor);
    const [live, counts, connections] = await Promise.all([
      liveUsers(admin, found, signal),
      sessions.stored.counts(
        orgId,
        found.map(({ userId }) => userId),
      ),
      connectionsOf(orgId),
    ]);
    const rows = found.map((person): UserRow => {
      const user = live.get(person.salesforceUserId);
      return {
        id: person.userId,
        name: user?.name ?? null,
        email: person.email,
        status: user?.isActive === false ? 'inactive' : 'active',
        lastSignInAt: person.lastSignInAt.toISOString(),
        sessions: counts.get(person.userId) ?? 0,
        connections: connections.get(person.userId) ?? [],
      };
    });
    return { rows, nextCursor };
  }

  /** Ends all sessions of one person of this org, everywhere. @returns how many. @throws NotFound nobody of this org */
  async endSessions(orgId: string, userId: string): Promise<number> {
    const { people, sessions } = this.#parts;
    if (!(await people.isOf(orgId, userId))) throw new NotFound();
    return sessions.endAll(orgId, userId);
  }

  /** Ends all sessions of an org, the caller's own too. */
  endAllSessions(orgId: string): Promise<number> {
    return this.#parts.sessions.endAll(orgId);
  }
}

interface LiveUser {
  readonly name: string | null;
  readonly isActive: boolean;
}

async function liveUsers(
  { crm }: Rep,
  people: readonly Person[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, LiveUser>> {
  if (people.length === 0) return new Map();
  try {
    const users = await crm.queryAll(
      soql`SELECT Id, Name, IsActive FROM User WHERE Id IN ${ids(people.map(({ salesforceUserId }) => salesforceUserId))}`,
      signal,
    );
    return new Map(
      users.map(({ Id, Name, IsActive }) => [
        String(Id),
        { name: typeof Name === 'string' ? Name : null, isActive: IsActive !== false },
      ]),
    );
  } catch (error) {
    // The list is worth showing without names, too.
    if (error instanceof CrmSessionExpired || !(error instanceof ProblemError)) throw error;
    return new Map();
  }
}
