import { setTimeout as delay } from 'node:timers/promises';
import type { Model } from 'mongoose';
import { isDuplicateKey } from '../database/duplicate-key.ts';
import type { Inventory } from '../database/inventory.ts';
import { newId } from '../database/new-id.ts';
import type { OrgDocument } from '../database/org-model.ts';
import { placeOf } from '../http/errors.ts';
import { events } from '../http/events.ts';
import type { Log } from '../http/log.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { DataKeys } from '../vault/data-keys.ts';
import type { HeldData, Revocation } from './held-data.ts';
import type { ErasureJobDocument } from './model.ts';
import { ErasureRunning } from './problems.ts';
import type { Receipt, Receipts } from './receipts.ts';

export interface ErasureParts {
  readonly jobs: Model<ErasureJobDocument>;
  readonly receipts: Receipts;
  readonly orgs: Model<OrgDocument>;
  readonly inventory: Inventory;
  readonly ledger: Ledger;
  readonly dataKeys: DataKeys;
  readonly rooms: readonly HeldData[];
  /** Ends sessions in every process, but one. */
  readonly endSessions: (orgId: string, userId?: string, except?: string) => Promise<unknown>;
  /** Destroys what opens a person's data: their record, with our half of their key in it. */
  readonly destroyUserKeys: (orgId: string, userId: string) => Promise<unknown>;
  readonly log: Log;
  /** Between two looks for jobs that are due, in milliseconds. Default 2 s. */
  readonly pollMs?: number;
  /** After which what requests wrote that were on their way is erased, too. Default 2 min: longer than any runs. */
  readonly sweepAfterMs?: number;
  /** For tests: called before each step. */
  readonly onStep?: (step: string) => void | Promise<void>;
}

/** Whose data. */
export interface Subject {
  readonly orgId: string;
  /** Absent: the whole org. */
  readonly userId?: string;
}

/** Documents by collection. */
export type Counts = Readonly<Record<string, number>>;

/** A process that died lets go of its job after so long, in milliseconds. A second one that begins does no harm. */
const LEASE_MS = 5_000;
const POLL_MS = 2_000;
const SWEEP_AFTER_MS = 2 * 60_000;
/** How long a request waits for an erasure that another process runs, in milliseconds. */
const WAIT_MS = 20_000;
/** Within this a browser repeats a request by itself, in milliseconds; at 421 it does at once (Fetch, "HTTP-network-or-cache fetch"). */
const REPEAT_MS = 2_000;

/**
 * Erases a person or an org: keys first, then sessions, then every document (DESIGN 2.11). It is a job in the database
 * before anything is destroyed, each of its steps may run again, and any process takes over where one was killed.
 */
export class Erasure {
  readonly #parts: ErasureParts;
  readonly #timer: NodeJS.Timeout;
  #working: Promise<void> | undefined;
  #isClosed = false;

  constructor(parts: ErasureParts) {
    this.#parts = parts;
    this.#timer = setInterval(() => this.#work(), parts.pollMs ?? POLL_MS).unref();
  }

  /** What there is to erase now, in documents by collection. */
  count({ orgId, userId }: Subject): Promise<Counts> {
    return this.#parts.inventory.count(orgId, userId);
  }

  /**
   * Erases and waits for it.
   * @param revocations what the rep's own presence could end at the providers before
   * @param counts what there was before that, for the receipt; counted now when left out
   * @throws ErasureRunning another process has it and is not done within 20 s; what the database throws: it goes on by
   *   itself when the database is back
   */
  async erase(subject: Subject, revocations: readonly Revocation[] = [], counts?: Counts): Promise<Receipt> {
    const job = await this.#create(subject, 'asked', new Date(), revocations);
    if (counts !== undefined) await this.#parts.receipts.counted(job.receiptId, counts);
    if (await this.#lease(job._id)) await this.#run(job);
    const until = Date.now() + WAIT_MS;
    for (;;) {
      const receipt = await this.#parts.receipts.read(job.receiptId);
      if (receipt.state === 'complete') return receipt;
      if (Date.now() > until) throw new ErasureRunning();
      await delay(100);
    }
  }

  /**
   * Begins to erase. When it returns nobody of them is signed in any more: what is said to be erased shows nothing.
   * @param asker a session that ends only when the erasure comes to it, some seconds later: its browser may repeat the
   *   request by itself, and has to hear the same again
   * @returns the receipt's id: who has it sees how far it is
   */
  async begin(subject: Subject, asker?: string): Promise<string> {
    const { orgId, userId } = subject;
    const job = await this.#create(subject, 'asked', new Date(Date.now() + (asker === undefined ? 0 : REPEAT_MS)), []);
    // Counted before: the receipt tells of the sessions, too.
    await this.#parts.receipts.counted(job.receiptId, await this.count(subject));
    await this.#parts.endSessions(orgId, userId, asker);
    if (asker === undefined) this.#work();
    return job.receiptId;
  }

  /** The customer's own record names another region: erases what is here at `dueAt`, unless it is called off. */
  async schedule(orgId: string, dueAt: Date): Promise<void> {
    await this.#create({ orgId }, 'region', dueAt, []);
  }

  /** The record names this region again. Whether there was anything to call off. */
  async callOff(orgId: string): Promise<boolean> {
    const called = await this.#parts.jobs.findOneAndDelete({ subject: orgId, reason: 'region', phase: 'waiting' });
    return called !== null;
  }

  /** Erasures of an org that were to be done an hour ago. */
  async late(orgId: string): Promise<number> {
    const anHourAgo = new Date(Date.now() - 3_600_000);
    return this.#parts.jobs.countDocuments({ orgId, dueAt: { $lt: anHourAgo } });
  }

  /** Does what a ledger says that was done already, after a restore. No receipt: that was given the first time. */
  async repeat(subject: Subject): Promise<void> {
    await this.#destroy(subject);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    await this.#working;
  }

  /** The job of this subject; one that is there already is joined. */
  async #create(
    { orgId, userId }: Subject,
    reason: ErasureJobDocument['reason'],
    dueAt: Date,
    revocations: readonly Revocation[],
  ): Promise<ErasureJobDocument> {
    const { jobs, receipts } = this.#parts;
    const subject = userId === undefined ? orgId : `${orgId}/${userId}`;
    for (;;) {
      const running = await jobs.findOne({ subject }).lean();
      if (running !== null) return this.#hasten(running, dueAt);
      const needRep = await this.#grantsLeft(orgId, userId, revocations);
      const job: ErasureJobDocument = {
        _id: newId('job'),
        kind: userId === undefined ? 'erase_org' : 'erase_user',
        subject,
        orgId,
        ...(userId === undefined ? {} : { userId }),
        receiptId: await receipts.begin(),
        reason,
        phase: 'waiting',
        dueAt,
        leasedUntil: new Date(0),
        revocations: [...revocations, ...needRep],
        createdAt: new Date(),
      };
      try {
        await jobs.create(job);
        return job;
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
    }
  }

  /** Who asks outright does not wait for an erasure that was only scheduled. */
  async #hasten(job: ErasureJobDocument, dueAt: Date): Promise<ErasureJobDocument> {
    if (job.phase === 'waiting' && dueAt < job.dueAt)
      await this.#parts.jobs.updateOne({ _id: job._id, phase: 'waiting' }, { $set: { dueAt, reason: 'asked' } });
    return job;
  }

  async #grantsLeft(orgId: string, userId: string | undefined, ended: readonly Revocation[]): Promise<Revocation[]> {
    const granted = new Set<string>();
    for (const room of this.#parts.rooms)
      for (const provider of (await room.grantsOf?.(orgId, userId)) ?? []) granted.add(provider);
    for (const { provider } of ended) granted.delete(provider);
    return [...granted].sort().map((provider) => ({ provider, result: 'needs_rep' }));
  }

  /** Takes the job for this process. */
  async #lease(jobId: string): Promise<boolean> {
    const now = new Date();
    const leased = await this.#parts.jobs.updateOne(
      { _id: jobId, leasedUntil: { $lt: now }, phase: { $ne: 'sweeping' } },
      { $set: { leasedUntil: new Date(now.getTime() + LEASE_MS) } },
    );
    return leased.matchedCount === 1;
  }

  #work(): void {
    if (this.#isClosed) return;
    this.#working ??= this.#workOff()
      .catch((error: unknown) => this.#parts.log.error(events.unexpectedError, placeOf(error)))
      .finally(() => (this.#working = undefined));
  }

  async #workOff(): Promise<void> {
    const { jobs } = this.#parts;
    for (;;) {
      if (this.#isClosed) return;
      const now = new Date();
      const job = await jobs
        .findOneAndUpdate(
          { dueAt: { $lte: now }, leasedUntil: { $lt: now } },
          { $set: { leasedUntil: new Date(now.getTime() + LEASE_MS) } },
          { sort: { dueAt: 1 }, returnDocument: 'after' },
        )
        .lean();
      if (job === null) return;
      await this.#run(job);
    }
  }

  async #run(job: ErasureJobDocument): Promise<void> {
    const { jobs, receipts, inventory, ledger, log, onStep } = this.#parts;
    const { _id, orgId, userId, receiptId } = job;
    const subject: Subject = userId === undefined ? { orgId } : { orgId, userId };
    const renewal = setInterval(() => {
      void jobs.updateOne({ _id }, { $set: { leasedUntil: new Date(Date.now() + LEASE_MS) } }).catch(() => undefined);
    }, LEASE_MS / 3).unref();
    try {
      if (job.phase === 'sweeping') {
        await this.#destroy(subject);
        // With an org also what else was to be done for it.
        await (userId === undefined ? jobs.collection.deleteMany({ orgId }) : jobs.deleteOne({ _id }));
        return;
      }
      const startedAt = performance.now();
      await onStep?.('count');
      await receipts.counted(receiptId, await inventory.count(orgId, userId));
      await jobs.updateOne({ _id }, { $set: { phase: 'erasing' } });
      await onStep?.('ledger');
      await ledger.append(
        userId === undefined ? { type: 'org_erased', org: orgId } : { type: 'user_erased', org: orgId, user: userId },
      );
      await this.#destroy(subject);
      await onStep?.('receipt');
      await receipts.complete(receiptId, job.revocations);
      await onStep?.('done');
      const sweepAt = new Date(Date.now() + (this.#parts.sweepAfterMs ?? SWEEP_AFTER_MS));
      await jobs.updateOne({ _id }, { $set: { phase: 'sweeping', dueAt: sweepAt, leasedUntil: new Date(0) } });
      log.info(events.erased, { org: orgId, rep: userId, job: _id, ms: Math.round(performance.now() - startedAt) });
    } finally {
      clearInterval(renewal);
    }
  }

  /** Keys first: from then on nobody reads what is left, whenever the rest goes. */
  async #destroy({ orgId, userId }: Subject): Promise<void> {
    const { orgs, inventory, dataKeys, rooms, endSessions, destroyUserKeys, onStep } = this.#parts;
    await onStep?.('keys');
    if (userId === undefined) {
      // Another name, too: the customer may sign in again at once, as somebody new.
      await orgs.updateOne({ _id: orgId }, { $set: { dataKeys: [], salesforceOrgId: orgId }, $unset: { settings: 1 } });
      dataKeys.forget(orgId);
    } else await destroyUserKeys(orgId, userId);
    await onStep?.('sessions');
    await endSessions(orgId, userId);
    await onStep?.('rooms');
    for (const room of rooms) await (userId === undefined ? room.eraseOrg?.(orgId) : room.eraseUser?.(orgId, userId));
    await onStep?.('documents');
    await inventory.erase(orgId, userId);
  }
}
