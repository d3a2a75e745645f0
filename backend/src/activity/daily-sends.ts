import type { Model } from 'mongoose';
import { isDuplicateKey } from '../database/duplicate-key.ts';
import type { SendCountDocument } from './model.ts';
import { DailyLimit } from './problems.ts';

const DAY_MS = 86_400_000;

/** Counts mails of a rep on a day (UTC), in one document whichever process sends. */
export class DailySends {
  readonly #counts: Model<SendCountDocument>;

  constructor(counts: Model<SendCountDocument>) {
    this.#counts = counts;
  }

  /**
   * Takes one off today's number.
   * @returns gives it back, for a mail that no provider was asked to send
   * @throws DailyLimit
   */
  async take(rep: { readonly orgId: string; readonly userId: string }, limit: number): Promise<() => Promise<void>> {
    const now = Date.now();
    const day = Math.floor(now / DAY_MS);
    const _id = `${rep.orgId}/${rep.userId}/${new Date(now).toISOString().slice(0, 10)}`;
    const { orgId, userId } = rep;
    try {
      await this.#counts.updateOne(
        { _id, orgId, count: { $lt: limit } },
        { $inc: { count: 1 }, $setOnInsert: { userId, deleteAt: new Date((day + 2) * DAY_MS) } },
        { upsert: true },
      );
    } catch (error) {
      // The document is there and its count is not below the limit: the upsert wanted to make a second one.
      if (isDuplicateKey(error)) {
        const counted = await this.#counts.findOne({ _id, orgId }).select({ count: 1 }).lean();
        if (counted !== null && counted.count < limit) return this.take(rep, limit); // two made the first one at once
        throw new DailyLimit(limit, Math.ceil(((day + 1) * DAY_MS - now) / 1_000));
      }
      throw error;
    }
    return async () => {
      // While the database is away the number stays too high by one: on the safe side.
      await this.#counts.updateOne({ _id, orgId, count: { $gt: 0 } }, { $inc: { count: -1 } }).catch(() => undefined);
    };
  }

  async eraseUser(orgId: string, userId: string): Promise<void> {
    await this.#counts.deleteMany({ orgId, userId });
  }

  async eraseOrg(orgId: string): Promise<void> {
    await this.#counts.deleteMany({ orgId });
  }
}
