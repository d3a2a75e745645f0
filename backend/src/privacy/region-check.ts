import type { Model } from 'mongoose';
import type { People, RegionNames, TriedElsewhere } from '../auth/people.ts';
import { isDuplicateKey } from '../database/duplicate-key.ts';
import type { OrgDocument } from '../database/org-model.ts';
import { placeOf } from '../http/errors.ts';
import { events } from '../http/events.ts';
import type { Log } from '../http/log.ts';
import { DataKeyMissing } from '../vault/data-keys.ts';
import type { RegionCheckJobDocument } from './model.ts';

export interface RegionCheckParts {
  readonly jobs: Model<RegionCheckJobDocument>;
  readonly orgs: Model<OrgDocument>;
  readonly people: Pick<People, 'triedElsewhere'>;
  readonly regions: RegionNames;
  readonly log: Log;
  /** Between two looks whether a check is due, in milliseconds. Default a minute. */
  readonly pollMs?: number;
  /** A process that died lets go of the job after so long, in milliseconds. Default 30 s. */
  readonly leaseMs?: number;
}

/** What the last check found about one org. */
export interface RegionChecked extends TriedElsewhere {
  readonly at: Date;
}

const ID = 'region_check';
const DAY_MS = 24 * 60 * 60_000;
const POLL_MS = 60_000;
const LEASE_MS = 30_000;
/** People of an org whose values are tried, who signed in last. */
const PEOPLE = 20;

/**
 * Once a day, in one process at a time: opens sealed values of every org as if they lay in another region, and writes
 * down with the org whether any did (DESIGN 2.8). Its first check is due when a database is new.
 */
export class RegionCheck {
  readonly #parts: RegionCheckParts;
  readonly #timer: NodeJS.Timeout;
  #working: Promise<unknown> | undefined;
  #isClosed = false;

  constructor(parts: RegionCheckParts) {
    this.#parts = parts;
    this.#timer = setInterval(() => this.#wake(), parts.pollMs ?? POLL_MS).unref();
  }

  /** What the last check found about an org; undefined where none has come to it yet. */
  async of(orgId: string): Promise<RegionChecked | undefined> {
    return (await this.#parts.orgs.findOne({ _id: orgId }).select({ regionCheck: 1 }).lean())?.regionCheck;
  }

  /** Checks, where a check is due and no other process has it. @returns whether it did */
  async work(): Promise<boolean> {
    const startedAt = new Date();
    if (!(await this.#lease(startedAt))) return false;
    const { jobs, log, leaseMs = LEASE_MS } = this.#parts;
    const renewal = setInterval(() => {
      const leasedUntil = new Date(Date.now() + leaseMs);
      void jobs.updateOne({ _id: ID }, { $set: { leasedUntil } }).catch(() => undefined);
    }, leaseMs / 3).unref();
    try {
      const found = await this.#check();
      if (found === undefined) return false;
      const ms = Date.now() - startedAt.getTime();
      log[found.opened === 0 ? 'info' : 'error'](events.regionsChecked, { ...found, ms });
      await jobs.updateOne({ _id: ID }, { $set: { nextAt: new Date(startedAt.getTime() + DAY_MS) } });
      return true;
    } finally {
      clearInterval(renewal);
      await jobs.updateOne({ _id: ID }, { $set: { leasedUntil: new Date(0) } }).catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    await this.#working;
  }

  #wake(): void {
    if (this.#isClosed) return;
    // What fails now, because database or keys are away, is due still.
    this.#working ??= this.work()
      .catch((error: unknown) => this.#parts.log.error(events.unexpectedError, placeOf(error)))
      .finally(() => (this.#working = undefined));
  }

  async #lease(now: Date): Promise<boolean> {
    const { jobs, leaseMs = LEASE_MS } = this.#parts;
    const never = new Date(0);
    try {
      await jobs.updateOne(
        { _id: ID },
        { $setOnInsert: { kind: 'check_regions', nextAt: never, leasedUntil: never } },
        { upsert: true },
      );
    } catch (error) {
      if (!isDuplicateKey(error)) throw error; // two processes at the very first start
    }
    const leased = await jobs.updateOne(
      { _id: ID, nextAt: { $lte: now }, leasedUntil: { $lt: now } },
      { $set: { leasedUntil: new Date(now.getTime() + leaseMs) } },
    );
    return leased.modifiedCount === 1;
  }

  /** @returns undefined where this process stops before all orgs were tried */
  async #check(): Promise<{ readonly orgs: number; readonly tried: number; readonly opened: number } | undefined> {
    const { orgs, people, regions } = this.#parts;
    const total = { orgs: 0, tried: 0, opened: 0 };
    for await (const { _id } of orgs.find().sort({ _id: 1 }).select({ _id: 1 }).lean().cursor()) {
      if (this.#isClosed) return undefined;
      try {
        const found = await people.triedElsewhere(_id, regions, { people: PEOPLE });
        // An org that was erased meanwhile is not made again.
        await orgs.updateOne({ _id }, { $set: { regionCheck: { at: new Date(), ...found } } });
        total.orgs += 1;
        total.tried += found.tried;
        total.opened += found.opened;
      } catch (error) {
        if (!(error instanceof DataKeyMissing)) throw error; // this org is being erased
      }
    }
    return total;
  }
}
