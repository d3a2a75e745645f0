import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Model } from 'mongoose';
import { isDuplicateKey } from '../database/duplicate-key.ts';
import type { AuditDocument } from './model.ts';

/** What happened, in opaque ids and words of ours. */
export interface AuditEvent {
  /** The org whose trail it goes to. */
  readonly orgId: string;
  /** Who did it: `usr_...`, an operator's `opr_...`, or `system`. */
  readonly actor: string;
  /** snake_case, e.g. `signed_in`, `settings_saved`. */
  readonly action: string;
  /** What it was done to: an opaque id, or a word (`settings`). */
  readonly target: string;
}

/** An entry as `GET /v1/audit` shows it. */
export interface AuditRow {
  readonly seq: number;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly hash: string;
}

export interface AuditPage {
  /** Newest first. */
  readonly rows: readonly AuditRow[];
  /** Whether the org's whole trail is as it was written, whatever page this is. */
  readonly verified: boolean;
  /** `seq` of the first entry that is missing or was changed. */
  readonly brokenAt: number | null;
  readonly nextCursor: string | null;
}

/** Appends that collide with other processes try again this often before they give up. */
const MAX_ATTEMPTS = 50;
const VERIFY_BATCH = 1_000;
/** Before the first entry. */
const GENESIS = '0'.repeat(64);

const ID_OR_WORD = /^(?:(?:org|usr|ses|job|rcp|opr)_[A-Za-z0-9_-]{22}|[a-z][a-z_]{0,40})$/;

/** The audit trail: a hash chain for each org, appended to by any process. */
export class Audit {
  readonly #entries: Model<AuditDocument>;

  constructor(entries: Model<AuditDocument>) {
    this.#entries = entries;
  }

  /**
   * Appends one entry; when this returns it is stored.
   * @throws TypeError something other than an opaque id or a word of ours: names and addresses have no place here
   */
  async append({ orgId, actor, action, target }: AuditEvent): Promise<void> {
    for (const value of [orgId, actor, action, target])
      if (!ID_OR_WORD.test(value)) throw new TypeError('An audit entry takes opaque ids and words of ours only');
    for (let attempt = 1; ; attempt += 1) {
      const last = await this.#entries
        .findOne({ orgId })
        .sort({ orgId: -1, seq: -1 })
        .select({ seq: 1, hash: 1 })
        .lean();
      const entry = { orgId, seq: (last?.seq ?? 0) + 1, at: new Date(), actor, action, target };
      try {
        await this.#entries.create({ ...entry, hash: hashOf(entry, last?.hash ?? GENESIS) });
        return;
      } catch (error) {
        if (!isDuplicateKey(error) || attempt === MAX_ATTEMPTS) throw error;
        await delay(Math.random() * Math.min(5 * attempt, 100));
      }
    }
  }

  /**
   * One page of an org's trail, newest first, and whether the whole of it holds.
   * @param before only entries with a smaller `seq`
   */
  async page(orgId: string, limit: number, before?: number): Promise<AuditPage> {
    const filter = before === undefined ? { orgId } : { orgId, seq: { $lt: before } };
    const [found, brokenAt] = await Promise.all([
      this.#entries
        .find(filter)
        .sort({ orgId: -1, seq: -1 })
        .limit(limit + 1)
        .lean(),
      this.#firstBroken(orgId),
    ]);
    const rows = found.slice(0, limit).map(({ seq, at, actor, action, target, hash }) => ({
      seq,
      at: at.toISOString(),
      actor,
      action,
      target,
      hash,
    }));
    return {
      rows,
      verified: brokenAt === null,
      brokenAt,
      nextCursor: found.length > limit ? String(rows.at(-1)?.seq) : null,
    };
  }

  /** Walks the whole chain from its beginning, in batches. */
  async #firstBroken(orgId: string): Promise<number | null> {
    let previous = { seq: 0, hash: GENESIS };
    for (;;) {
      const batch = await this.#entries
        .find({ orgId, seq: { $gt: previous.seq } })
        .sort({ orgId: 1, seq: 1 })
        .limit(VERIFY_BATCH)
        .lean();
      for (const entry of batch) {
        if (entry.seq !== previous.seq + 1) return previous.seq + 1;
        if (entry.hash !== hashOf(entry, previous.hash)) return entry.seq;
        previous = entry;
      }
      if (batch.length < VERIFY_BATCH) return null;
    }
  }
}

/** SHA-256 over a list with a fixed order, as JSON: no two entries give the same text. */
function hashOf(entry: Omit<AuditDocument, 'hash'>, previousHash: string): string {
  const { orgId, seq, at, actor, action, target } = entry;
  return createHash('sha256')
    .update(JSON.stringify([previousHash, orgId, seq, at.toISOString(), actor, action, target]))
    .digest('hex');
}
