import type { Model } from 'mongoose';
import { isDuplicateKey } from '../database/duplicate-key.ts';
import type { Inventory } from '../database/inventory.ts';
import { placeOf } from '../http/errors.ts';
import { events } from '../http/events.ts';
import type { Log } from '../http/log.ts';
import { beatOf, type Ledger, type LedgerEntry } from '../ledger/ledger.ts';
import type { ProofKeys } from '../vault/proof-keys.ts';
import type { Erasure } from './erasure.ts';
import type { HeldData } from './held-data.ts';
import type { DatabaseStateDocument } from './model.ts';

export interface RestoreParts {
  readonly state: Model<DatabaseStateDocument>;
  readonly ledger: Ledger;
  readonly erasure: Erasure;
  readonly inventory: Inventory;
  readonly proofKeys: ProofKeys;
  readonly rooms: readonly HeldData[];
  readonly endAllSessions: () => Promise<unknown>;
  /** A database that holds nobody yet is new and not restored. */
  readonly isEmpty: () => Promise<boolean>;
  readonly log: Log;
  /** Between two beats, in milliseconds. Default a minute; the beat itself always counts minutes. */
  readonly beatMs?: number;
}

const BEAT_MS = 60_000;
/** A database that is further behind its ledger was restored from a backup (DESIGN 6). */
const MOST_BEATS_BEHIND = 2;
/** A pause is heard of so soon, in milliseconds. */
const PAUSE_KNOWN_MS = 2_000;

/**
 * Tells a database that was restored from a backup from one that was not, and does again what the backup does not know
 * of. Database and ledger carry a beat; the database's is raised first, so only a restore takes it back.
 */
export class Restore {
  readonly #parts: RestoreParts;
  #timer: NodeJS.Timeout | undefined;
  #beating: Promise<void> | undefined;
  #paused = { value: false, readAt: Number.NEGATIVE_INFINITY };

  constructor(parts: RestoreParts) {
    this.#parts = parts;
  }

  /**
   * Does again what the ledger knows and the database may not, then keeps the beat until `close`. Before this returned
   * no request may be served.
   * @throws LedgerUnavailable; what the database throws
   */
  async begin(): Promise<void> {
    await this.#beat();
    this.#timer = setInterval(() => {
      this.#beating ??= this.#beat()
        .catch((error: unknown) => this.#parts.log.error(events.unexpectedError, placeOf(error)))
        .finally(() => (this.#beating = undefined));
    }, this.#parts.beatMs ?? BEAT_MS).unref();
  }

  /** Whether sending waits for an operator, at most two seconds old. */
  async isSendingPaused(): Promise<boolean> {
    if (performance.now() - this.#paused.readAt > PAUSE_KNOWN_MS) {
      const stored = await this.#parts.state.findOne({ _id: 'state' }).select({ isSendingPaused: 1 }).lean();
      this.#paused = { value: stored?.isSendingPaused ?? false, readAt: performance.now() };
    }
    return this.#paused.value;
  }

  /** Whether there was a pause to end. */
  async resumeSending(): Promise<boolean> {
    const resumed = await this.#parts.state.updateOne(
      { _id: 'state', isSendingPaused: true },
      { $set: { isSendingPaused: false } },
    );
    this.#paused.readAt = Number.NEGATIVE_INFINITY;
    return resumed.modifiedCount === 1;
  }

  /** The minute of the newest beat that database or ledger had before this process began, epoch milliseconds. */
  async lastKnownTime(): Promise<number> {
    const stored = await this.#parts.state.findOne({ _id: 'state' }).select({ beat: 1 }).lean();
    return Math.max(stored?.beat ?? 0, await this.#parts.ledger.beat()) * BEAT_MS;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#beating;
  }

  async #beat(): Promise<void> {
    const { state, ledger, isEmpty } = this.#parts;
    const stored = await state.findOne({ _id: 'state' }).lean();
    const ours = stored?.beat ?? 0;
    const theirs = await ledger.beat();
    if (ours < theirs || this.#timer === undefined) await this.#replay(ours);
    if (theirs - ours > MOST_BEATS_BEHIND && !(stored === null && (await isEmpty())))
      await this.#restored(theirs - ours);
    const beat = beatOf(Date.now());
    try {
      await state.updateOne(
        { _id: 'state' },
        { $max: { beat: Math.max(beat, theirs) }, $setOnInsert: { isSendingPaused: false } },
        { upsert: true },
      );
    } catch (error) {
      if (!isDuplicateKey(error)) throw error; // two processes at the very first start
    }
    await ledger.raise(beat);
  }

  /** Entries near the border are done once more: each may be. */
  async #replay(beat: number): Promise<void> {
    const entries = await this.#parts.ledger.since(beat - MOST_BEATS_BEHIND - 1);
    for (const entry of entries) await this.#repeat(entry);
    if (entries.length > 0) this.#parts.log.info(events.ledgerReplayed, { entries: entries.length });
  }

  async #repeat(entry: LedgerEntry): Promise<void> {
    const { erasure, inventory, proofKeys, rooms } = this.#parts;
    switch (entry.type) {
      case 'org_erased':
        return erasure.repeat({ orgId: entry.org });
      case 'user_erased':
        return erasure.repeat({ orgId: entry.org, userId: entry.user });
      case 'contact_erased':
        for (const contactId of await inventory.contactsOf(entry.org))
          if (proofKeys.macs(`contact:${entry.org}`, contactId).includes(entry.contact))
            await inventory.eraseContact(entry.org, contactId);
        return;
      case 'disconnected':
        for (const room of rooms) await room.endedAgain?.(entry.org, entry.user, entry.provider, new Date(entry.at));
        return;
      case 'sessions_ended': // the sessions' own database is never restored, and a restore of this one ends them all
      case 'audit_head':
        return; // for whoever verifies the trail
    }
  }

  async #restored(beatsBehind: number): Promise<void> {
    const { state, rooms, endAllSessions, log } = this.#parts;
    log.error(events.databaseRestored, { beatsBehind });
    await state.updateOne(
      { _id: 'state' },
      { $set: { isSendingPaused: true, restoredAt: new Date() }, $setOnInsert: { beat: 0 } },
      { upsert: true },
    );
    await endAllSessions();
    for (const room of rooms) await room.restored?.();
    this.#paused.readAt = Number.NEGATIVE_INFINITY;
  }
}
