import type { Model, QueryFilter } from 'mongoose';
import type { Rep } from '../auth/rep.ts';
import type { OrgSettings } from '../settings/settings.ts';
import type { ActivityDocument, ActivityModels, Channel, StoredOutcome, TaskState } from './model.ts';
import { idCursor, readIdCursor } from './id-cursor.ts';
import type { DailySends } from './daily-sends.ts';

/** How a send ended, in the words of API.md. */
export type Outcome = Exclude<StoredOutcome, 'limited'>;

/** One send of a rep: ids only. */
export interface Activity {
  readonly id: string;
  readonly at: Date;
  readonly channel: Channel;
  readonly outcome: Outcome;
  readonly accountId: string | null;
  readonly contactId: string;
}

/** The same with the flags of its answer, which are kept beside it (DESIGN 2.5). */
export interface ExportedActivity extends Activity {
  readonly task: TaskState | null;
  readonly prospect: 'found' | 'created' | null;
  readonly alreadyInSequence: boolean | null;
}

export interface ActivityFilter {
  readonly accountId?: string | undefined;
  readonly contactId?: string | undefined;
  readonly cursor?: string | undefined;
}

export interface ActivitiesParts {
  readonly models: ActivityModels;
  readonly dailySends: DailySends;
  readonly settingsOf: (orgId: string) => Promise<{ readonly settings: OrgSettings }>;
}

const PAGE = 50;
const DAY_MS = 86_400_000;

/** The API says `refused` for what the provider's own limit refused. */
export function outcomeOf(stored: StoredOutcome): Outcome {
  return stored === 'limited' ? 'refused' : stored;
}

/** Whom a rep wrote to, and what there is to erase and to export of it. A send that still runs is not shown yet. */
export class Activities {
  readonly #parts: ActivitiesParts;
  readonly #activities: Model<ActivityDocument>;

  constructor(parts: ActivitiesParts) {
    this.#parts = parts;
    this.#activities = parts.models.activities;
  }

  /**
   * The rep's own sends, the latest first, as far back as the org's `activityDays` go.
   * @throws Invalid the cursor is none of ours
   */
  async page(
    { orgId, userId }: Pick<Rep, 'orgId' | 'userId'>,
    { accountId, contactId, cursor }: ActivityFilter,
  ): Promise<{ readonly rows: readonly Activity[]; readonly nextCursor: string | null }> {
    const conditions: QueryFilter<ActivityDocument>[] = [await this.#ended(orgId)];
    if (cursor !== undefined) {
      const { at, id } = readIdCursor(cursor);
      conditions.push({ $or: [{ at: { $lt: at } }, { at, _id: { $lt: id } }] });
    }
    const found = await this.#activities
      .find({
        orgId,
        userId,
        ...(accountId === undefined ? {} : { accountId }),
        ...(contactId === undefined ? {} : { contactId }),
        $and: conditions,
      })
      .sort({ at: -1, _id: -1 })
      .limit(PAGE + 1)
      .lean();
    const rows = found.slice(0, PAGE).map(activityOf);
    const last = rows.at(-1);
    return { rows, nextCursor: found.length > PAGE && last !== undefined ? idCursor(last) : null };
  }

  /** When the rep last sent something that was accepted, by contact id. */
  async lastSent(
    { orgId, userId }: Pick<Rep, 'orgId' | 'userId'>,
    contactIds: readonly string[],
  ): Promise<ReadonlyMap<string, Date>> {
    if (contactIds.length === 0) return new Map();
    const since = await this.#oldest(orgId);
    const found = await this.#activities.aggregate<{ _id: string; at: Date }>([
      { $match: { orgId, userId, contactId: { $in: [...contactIds] }, outcome: 'accepted', at: { $gte: since } } },
      { $group: { _id: '$contactId', at: { $max: '$at' } } },
    ]);
    return new Map(found.map(({ _id, at }) => [_id, at]));
  }

  /** Deletes what is older than the org's `activityDays`. @returns how many there were */
  async forgetOld(orgId: string): Promise<number> {
    return this.#delete({ orgId, at: { $lt: await this.#oldest(orgId) } });
  }

  /** Everything of one rep. @returns how many sends there were */
  async eraseUser(orgId: string, userId: string): Promise<number> {
    await this.#parts.dailySends.eraseUser(orgId, userId);
    return this.#delete({ orgId, userId });
  }

  /** Everything of an org. @returns how many sends there were */
  async eraseOrg(orgId: string): Promise<number> {
    await this.#parts.dailySends.eraseOrg(orgId);
    return this.#delete({ orgId });
  }

  /** What the product holds about a contact, whoever wrote. @returns how many sends there were */
  async eraseContact(orgId: string, contactId: string): Promise<number> {
    return this.#delete({ orgId, contactId });
  }

  /** All that is kept of a rep's sends, oldest first, for their export: ids, never names. */
  async *exportUser(orgId: string, userId: string): AsyncGenerator<ExportedActivity, void, undefined> {
    const all = this.#activities
      .find({ orgId, userId, outcome: { $exists: true } })
      .sort({ at: 1, _id: 1 })
      .lean()
      .cursor();
    for await (const document of all) {
      const { task = null, prospect = null, alreadyInSequence = null } = document;
      yield { ...activityOf(document), task, prospect, alreadyInSequence };
    }
  }

  async #ended(orgId: string): Promise<QueryFilter<ActivityDocument>> {
    return {
      outcome: { $exists: true },
      at: { $gte: await this.#oldest(orgId) },
      $or: [{ runningUntil: { $exists: false } }, { runningUntil: { $lte: new Date() } }],
    };
  }

  async #oldest(orgId: string): Promise<Date> {
    const { settings } = await this.#parts.settingsOf(orgId);
    return new Date(Date.now() - settings.activityDays * DAY_MS);
  }

  async #delete(which: QueryFilter<ActivityDocument>): Promise<number> {
    return (await this.#activities.deleteMany(which)).deletedCount;
  }
}

function activityOf({ _id, at, channel, outcome, accountId, contactId }: ActivityDocument): Activity {
  return { id: _id, at, channel, outcome: outcomeOf(outcome ?? 'unknown'), accountId: accountId ?? null, contactId };
}
