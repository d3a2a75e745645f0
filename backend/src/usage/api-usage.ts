import { LRUCache } from 'lru-cache';
import type { Model } from 'mongoose';
import { CALL_PURPOSES, type CallPurpose } from '../salesforce/call-purpose.ts';
import type { ApiUsageDocument } from './model.ts';

/** Calls to an org's Salesforce in the last 24 hours, the time that Salesforce's own limit is about. */
export interface CallCounts {
  readonly total: number;
  readonly byPurpose: Readonly<Record<CallPurpose, number>>;
}

const HOUR_MS = 60 * 60_000;
const HOURS = 24;
const KEEP_MS = 48 * HOUR_MS;
/** Between two writes of what was counted meanwhile, in milliseconds: other processes read it within that. */
const WRITE_EVERY_MS = 2_000;

/**
 * Counts calls to the customers' Salesforce. Each process counts in memory and adds its counts to the shared hours every
 * two seconds; a process that dies loses at most those two seconds.
 */
export class ApiUsage {
  readonly #hours: Model<ApiUsageDocument>;
  /** `orgId` -> purpose -> calls not written yet. */
  #pending = new Map<string, Map<CallPurpose, number>>();
  #writing: Promise<void> = Promise.resolve();
  /** Orgs that were erased: their last requests are still being counted. An org that begins anew has another id. */
  readonly #erased = new LRUCache<string, true>({ max: 10_000 });
  readonly #timer: NodeJS.Timeout;

  constructor(hours: Model<ApiUsageDocument>) {
    this.#hours = hours;
    // What could not be written is counted again with the next attempt.
    this.#timer = setInterval(() => void this.#write().catch(() => undefined), WRITE_EVERY_MS).unref();
  }

  /** @param calls how many more */
  count(orgId: string, purpose: CallPurpose, calls: number): void {
    if (calls === 0 || this.#erased.has(orgId)) return;
    const counted = this.#pending.get(orgId) ?? new Map<CallPurpose, number>();
    this.#pending.set(orgId, counted.set(purpose, (counted.get(purpose) ?? 0) + calls));
  }

  /** What all processes counted; of the others up to two seconds ago. @throws what the database throws */
  async lastDay(orgId: string): Promise<CallCounts> {
    await this.#write();
    const since = new Date(Math.floor(Date.now() / HOUR_MS) * HOUR_MS - (HOURS - 1) * HOUR_MS);
    const hours = await this.#hours
      .find({ orgId, hour: { $gte: since } })
      .select({ calls: 1 })
      .lean();
    const byPurpose = Object.fromEntries(
      CALL_PURPOSES.map((purpose) => [purpose, hours.reduce((sum, { calls }) => sum + (calls[purpose] ?? 0), 0)]),
    ) as Record<CallPurpose, number>;
    return { total: Object.values(byPurpose).reduce((sum, calls) => sum + calls, 0), byPurpose };
  }

  /** Counts nothing of this org any more; what was counted and not written is dropped. */
  async eraseOrg(orgId: string): Promise<void> {
    this.#erased.set(orgId, true);
    this.#pending.delete(orgId);
    await this.#writing.catch(() => undefined);
  }

  /** Writes what is left. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#write().catch(() => undefined);
  }

  /** One after the other: a count is in memory or in the database, and never in both. */
  #write(): Promise<void> {
    this.#writing = this.#writing.catch(() => undefined).then(() => this.#writeOnce());
    return this.#writing;
  }

  async #writeOnce(): Promise<void> {
    const taken = this.#pending;
    if (taken.size === 0) return;
    this.#pending = new Map();
    const hour = new Date(Math.floor(Date.now() / HOUR_MS) * HOUR_MS);
    const deleteAt = new Date(hour.getTime() + KEEP_MS);
    for (const [orgId, counted] of taken) {
      const added = Object.fromEntries([...counted].map(([purpose, calls]) => [`calls.${purpose}`, calls]));
      try {
        await this.#hours.updateOne(
          { _id: `${orgId}/${hour.toISOString()}`, orgId },
          { $inc: added, $setOnInsert: { hour, deleteAt } },
          { upsert: true },
        );
        taken.delete(orgId);
      } catch (error) {
        for (const [left, counts] of taken) for (const [purpose, calls] of counts) this.count(left, purpose, calls);
        throw error;
      }
    }
  }
}
