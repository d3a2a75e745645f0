import { setTimeout as delay } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import { isDuplicateKey } from '../database/duplicate-key.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { canonicalJson } from '../vault/canonical-json.ts';
import type { ProofKeys } from '../vault/proof-keys.ts';
import { entryText, GENESIS, hashOf, type ChainEnd } from './chain.ts';
import { Heads, type SignedHead } from './heads.ts';
import type { AuditModels } from './model.ts';

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

export interface AuditParts extends AuditModels {
  readonly proofKeys: ProofKeys;
  readonly ledger: Ledger;
}

/** Appends that collide with other processes try again this often before they give up. */
const MAX_ATTEMPTS = 50;
const VERIFY_BATCH = 1_000;
/** Trails whose end is remembered, so that an append need not read it. */
const MAX_ENDS = 10_000;

const ID_OR_WORD = /^(?:(?:org|usr|ses|job|rcp|opr)_[A-Za-z0-9_-]{22}|[a-z][a-z0-9_]{0,80})$/;

/**
 * The audit trail: a hash chain for each org, appended to by any process. Each entry is signed, and a signed head says
 * how many there are: one that is changed, added, moved or taken away shows, wherever it stood.
 */
export class Audit {
  readonly #parts: AuditParts;
  readonly #heads: Heads;
  readonly #ends = new LRUCache<string, ChainEnd>({ max: MAX_ENDS });
  readonly #appending = new Map<string, Promise<void>>();

  constructor(parts: AuditParts) {
    this.#parts = parts;
    this.#heads = new Heads(parts);
  }

  /**
   * Appends one entry; when this returns it is stored. Within a process appends to a trail wait for each other.
   * @throws TypeError something other than an opaque id or a word of ours: names and addresses have no place here
   */
  async append(event: AuditEvent): Promise<void> {
    const { orgId, actor, action, target } = event;
    for (const value of [orgId, actor, action, target])
      if (!ID_OR_WORD.test(value)) throw new TypeError('An audit entry takes opaque ids and words of ours only');
    const before = this.#appending.get(orgId) ?? Promise.resolve();
    const appended = before.catch(() => undefined).then(() => this.#append(event));
    this.#appending.set(orgId, appended);
    try {
      await appended;
    } finally {
      if (this.#appending.get(orgId) === appended) this.#appending.delete(orgId);
    }
  }

  /**
   * One page of an org's trail, newest first, and whether the whole of it holds.
   * @param before only entries with a smaller `seq`
   */
  async page(orgId: string, limit: number, before?: number): Promise<AuditPage> {
    const filter = before === undefined ? { orgId } : { orgId, seq: { $lt: before } };
    const [found, brokenAt] = await Promise.all([
      this.#parts.entries
        .find(filter)
        .sort({ orgId: -1, seq: -1 })
        .limit(limit + 1)
        .lean(),
      this.firstBroken(orgId),
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

  /** What a person did, and what was done to them, the oldest first. */
  async of(orgId: string, userId: string): Promise<readonly AuditRow[]> {
    const found = await this.#parts.entries
      .find({ orgId, $or: [{ actor: userId }, { target: userId }] })
      .sort({ orgId: 1, seq: 1 })
      .lean();
    return found.map(({ seq, at, actor, action, target, hash }) => ({
      seq,
      at: at.toISOString(),
      actor,
      action,
      target,
      hash,
    }));
  }

  /** The signed head of a trail, for whoever wants to keep it elsewhere; undefined where there is no trail. */
  async head(orgId: string): Promise<SignedHead | undefined> {
    await this.#heads.flush();
    const head = await this.#heads.read(orgId);
    return head === false ? undefined : head;
  }

  /**
   * Whether a head that was kept elsewhere is the trail's: its entry is there and is the same one.
   * @returns null where the head is not what we signed for this trail
   */
  async agreesWith(orgId: string, head: SignedHead): Promise<boolean | null> {
    if (head.org !== orgId || !(await this.#heads.isSigned(head))) return null;
    const entry = await this.#parts.entries.findOne({ orgId, seq: head.seq }).select({ hash: 1 }).lean();
    return entry?.hash === head.hash;
  }

  /** The newest entry of an action, or of those whose word this matches. */
  async newest(
    orgId: string,
    action: string | RegExp,
  ): Promise<{ readonly at: string; readonly actor: string } | undefined> {
    const found = await this.#parts.entries.findOne({ orgId, action }).sort({ orgId: -1, seq: -1 }).lean();
    return found === null ? undefined : { at: found.at.toISOString(), actor: found.actor };
  }

  async countOf(orgId: string, action: string): Promise<number> {
    return this.#parts.entries.countDocuments({ orgId, action });
  }

  /** Every trail that there is: orgs, and the region's own. */
  async trails(): Promise<readonly string[]> {
    return this.#parts.entries.distinct('orgId');
  }

  /** A trail as `scripts/verify.mjs` reads it: a line for each entry, the oldest first, then its signed head. */
  async exported(orgId: string): Promise<string> {
    const head = await this.head(orgId);
    const lines: string[] = [];
    for await (const entry of this.#parts.entries.find({ orgId }).sort({ orgId: 1, seq: 1 }).lean().cursor()) {
      const { seq, at, actor, action, target, hash, signature } = entry;
      lines.push(canonicalJson({ orgId, seq, at, actor, action, target, hash, signature }));
    }
    return `${[...lines, canonicalJson(head ?? {})].join('\n')}\n`;
  }

  /** An org whose trail is erased begins anew. To be waited for before its documents go. */
  async forget(orgId: string): Promise<void> {
    this.#ends.delete(orgId);
    await this.#heads.forget(orgId);
  }

  /**
   * Walks the whole chain from its beginning and holds its end against the signed head and against the heads in the
   * ledger. What a head covers is held by that one signature; where that does not hold, each entry's own says where.
   * @returns `seq` of the first entry that is missing or was changed; null where there is none
   */
  async firstBroken(orgId: string): Promise<number | null> {
    await this.#heads.flush();
    const head = await this.#heads.read(orgId);
    const known = new Map<number, string>();
    for (const entry of await this.#parts.ledger.since(0))
      if (entry.type === 'audit_head' && entry.org === orgId) known.set(entry.seq, entry.hash);
    if (head !== false && head !== undefined && !known.has(head.seq)) known.set(head.seq, head.hash);
    const covered = head === false || head === undefined ? 0 : head.seq;
    const { end, brokenAt } = await this.#walk(orgId, known, covered);
    if (brokenAt !== null) return Math.min(brokenAt, (await this.#walk(orgId, new Map(), 0)).brokenAt ?? brokenAt);
    if (end < Math.max(0, ...known.keys())) return end + 1;
    // A head that somebody took away or made up: the trail itself cannot say how long it was.
    return head === false || (head === undefined && end > 0) ? end + 1 : null;
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#appending.values());
    await this.#heads.close();
  }

  /** @param known hashes that entries must have @param covered up to where no entry's own signature is checked */
  async #walk(
    orgId: string,
    known: ReadonlyMap<number, string>,
    covered: number,
  ): Promise<{ readonly end: number; readonly brokenAt: number | null }> {
    const { entries, proofKeys } = this.#parts;
    let previous: ChainEnd = { seq: 0, hash: GENESIS };
    for (;;) {
      const batch = await entries
        .find({ orgId, seq: { $gt: previous.seq } })
        .sort({ orgId: 1, seq: 1 })
        .limit(VERIFY_BATCH)
        .lean();
      for (const entry of batch) {
        const brokenAt = entry.seq === previous.seq + 1 ? entry.seq : previous.seq + 1;
        const holds =
          brokenAt === entry.seq &&
          entry.hash === hashOf(entry, previous.hash) &&
          entry.hash === (known.get(entry.seq) ?? entry.hash) &&
          (entry.seq <= covered || (await proofKeys.verify(entryText(orgId, entry), entry.signature)));
        if (!holds) return { end: previous.seq, brokenAt };
        previous = entry;
      }
      if (batch.length < VERIFY_BATCH) return { end: previous.seq, brokenAt: null };
    }
  }

  async #append({ orgId, actor, action, target }: AuditEvent): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const last = this.#ends.get(orgId) ?? (await this.#lastOf(orgId));
      const entry = { orgId, seq: last.seq + 1, at: new Date(), actor, action, target };
      const hash = hashOf(entry, last.hash);
      const end = { seq: entry.seq, hash };
      try {
        await this.#parts.entries.create({
          ...entry,
          hash,
          signature: this.#parts.proofKeys.sign(entryText(orgId, end)),
        });
        this.#ends.set(orgId, end);
        await this.#heads.reached(orgId, end);
        return;
      } catch (error) {
        this.#ends.delete(orgId);
        if (!isDuplicateKey(error) || attempt === MAX_ATTEMPTS) throw error;
        await delay(Math.random() * Math.min(5 * attempt, 100));
      }
    }
  }

  async #lastOf(orgId: string): Promise<ChainEnd> {
    const last = await this.#parts.entries
      .findOne({ orgId })
      .sort({ orgId: -1, seq: -1 })
      .select({ seq: 1, hash: 1 })
      .lean();
    return last ?? { seq: 0, hash: GENESIS };
  }
}
