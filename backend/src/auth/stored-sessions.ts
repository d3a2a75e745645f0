import type { Model } from 'mongoose';
import type { SessionDocument } from './model.ts';

/** A session as its rep may see it. */
export interface SessionSummary {
  readonly id: string;
  readonly signedInAt: Date;
  readonly expiresAt: Date;
  readonly isAdmin: boolean;
  readonly isReauthenticated: boolean;
}

/** What the database knows of sessions without opening them: who, how many, how long. */
export class StoredSessions {
  readonly #sessions: Model<SessionDocument>;

  constructor(sessions: Model<SessionDocument>) {
    this.#sessions = sessions;
  }

  /** Sessions of an org, and how many of them hold anything that is not sealed under their JWT's own key. */
  async sealing(orgId: string): Promise<{ readonly sessions: number; readonly unsealed: number }> {
    const [all, sealed] = await Promise.all([
      this.#sessions.countDocuments({ orgId }),
      this.#sessions.countDocuments({ orgId, sealed: /^e1\.key\./ }),
    ]);
    return { sessions: all, unsealed: all - sealed };
  }

  /** Live sessions of an org, and the longest that one of them can last, in minutes. */
  async lengths(orgId: string): Promise<{ readonly sessions: number; readonly longestMinutes: number }> {
    const live = await this.#sessions
      .find({ orgId, expiresAt: { $gt: new Date() } })
      .select({ signedInAt: 1, expiresAt: 1 })
      .lean();
    const minutes = live.map(({ signedInAt, expiresAt }) => (expiresAt.getTime() - signedInAt.getTime()) / 60_000);
    return { sessions: live.length, longestMinutes: Math.ceil(Math.max(0, ...minutes)) };
  }

  /** A rep's sessions, without what opens them. */
  async listOf(orgId: string, userId: string): Promise<readonly SessionSummary[]> {
    const stored = await this.#sessions.find({ orgId, userId }).sort({ signedInAt: 1 }).lean();
    return stored.map(({ _id, signedInAt, expiresAt, isAdmin, isReauthenticated }) => ({
      id: _id,
      signedInAt,
      expiresAt,
      isAdmin,
      isReauthenticated,
    }));
  }

  /** Whether the session is still stored, whoever asks. */
  async find(sessionId: string): Promise<{ readonly orgId: string; readonly userId: string } | undefined> {
    const stored = await this.#sessions.findById(sessionId).select({ orgId: 1, userId: 1 }).lean();
    return stored ?? undefined;
  }

  /** Whether a session is stored and its time not over. */
  async isLive(sessionId: string): Promise<boolean> {
    return (await this.#sessions.exists({ _id: sessionId, expiresAt: { $gt: new Date() } })) !== null;
  }

  /** Live sessions of a rep. */
  async count(orgId: string, userId: string): Promise<number> {
    return this.#sessions.countDocuments({ orgId, userId, expiresAt: { $gt: new Date() } });
  }

  /** How many live sessions each of these reps has; who has none is left out. */
  async counts(orgId: string, userIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const live = await this.#sessions
      .find({ orgId, userId: { $in: userIds }, expiresAt: { $gt: new Date() } })
      .select({ userId: 1 })
      .lean();
    const counts = new Map<string, number>();
    for (const { userId } of live) counts.set(userId, (counts.get(userId) ?? 0) + 1);
    return counts;
  }
}
