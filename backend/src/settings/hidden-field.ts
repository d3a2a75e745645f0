import type { Model } from 'mongoose';
import { LRUCache } from 'lru-cache';
import type { OrgDocument } from '../database/org-model.ts';

/** A rep who could not see the paying field. */
export interface HiddenField {
  readonly userId: string;
  readonly at: Date;
}

/** One note for an org in this time, in milliseconds: a hidden field stops every rep's list at once. */
const ONCE_IN_MS = 60_000;
/** What is older has been seen to, or says nothing any more. */
const TOLD_FOR_MS = 30 * 24 * 60 * 60_000;

/** Notes that reps may not see the paying field (any more), so that their admin is told in Setup. */
export class HiddenFieldNotice {
  readonly #orgs: Model<OrgDocument>;
  readonly #lately = new LRUCache<string, true>({ max: 10_000, ttl: ONCE_IN_MS });

  constructor(orgs: Model<OrgDocument>) {
    this.#orgs = orgs;
  }

  /** Never throws: the next pull notes it again. */
  note(orgId: string, userId: string): void {
    if (this.#lately.has(orgId)) return;
    this.#lately.set(orgId, true);
    this.#orgs
      .updateOne({ _id: orgId }, { $set: { fieldHidden: { userId, at: new Date() } } })
      .catch(() => this.#lately.delete(orgId));
  }

  async of(orgId: string): Promise<HiddenField | undefined> {
    const org = await this.#orgs.findOne({ _id: orgId }).select({ fieldHidden: 1 }).lean();
    const told = org?.fieldHidden;
    return told === undefined || told.at.getTime() + TOLD_FOR_MS < Date.now() ? undefined : told;
  }
}
