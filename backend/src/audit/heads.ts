import type { Model } from 'mongoose';
import { isDuplicateKey } from '../database/duplicate-key.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { ProofKeys } from '../vault/proof-keys.ts';
import { headText, type ChainEnd } from './chain.ts';
import type { AuditHeadDocument } from './model.ts';

/** A head as an admin can take it away and keep it. */
export interface SignedHead extends ChainEnd {
  readonly org: string;
  readonly at: string;
  readonly signature: string;
}

export interface HeadsParts {
  readonly heads: Model<AuditHeadDocument>;
  readonly proofKeys: ProofKeys;
  readonly ledger: Ledger;
  /** From an entry until a head says that it is there, in milliseconds. Default 1 s. */
  readonly delayMs?: number;
}

const DAY_MS = 24 * 60 * 60_000;

/**
 * The signed heads of the trails. They follow the entries by a second at most, so that an append costs no second write;
 * an entry that no head covers yet is held by its own signature. Once a day, and at the first entry of a process, a
 * head also goes to the ledger, which no restore of the database takes back.
 */
export class Heads {
  readonly #parts: HeadsParts;
  readonly #due = new Map<string, ChainEnd>();
  readonly #anchored = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(parts: HeadsParts) {
    this.#parts = parts;
  }

  /** An entry was stored. The first one of a trail is covered before this returns: without a head there is no trail. */
  async reached(orgId: string, end: ChainEnd): Promise<void> {
    this.#due.set(orgId, end);
    if (end.seq === 1) await this.flush();
    else
      this.#timer ??= setTimeout(() => void this.flush().catch(() => undefined), this.#parts.delayMs ?? 1_000).unref();
  }

  /** No head of a trail that is being erased, and none on its way when this returns: it would come behind the erasure. */
  async forget(orgId: string): Promise<void> {
    this.#due.delete(orgId);
    await this.#writing.catch(() => undefined);
  }

  /** Writes what is due. What cannot be written stays due. @throws what the database throws */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing.catch(() => undefined).then(() => this.#write());
    await this.#writing;
  }

  /** The head as it is stored; undefined where there is none, false where its signature does not hold. */
  async read(orgId: string): Promise<SignedHead | undefined | false> {
    const stored = await this.#parts.heads.findOne({ _id: orgId, orgId }).lean();
    if (stored === null) return undefined;
    const { seq, hash, at, signature } = stored;
    if (!(await this.#parts.proofKeys.verify(headText(orgId, stored, at), signature))) return false;
    return { org: orgId, seq, hash, at: at.toISOString(), signature };
  }

  /** Whether we signed it, whenever that was. */
  async isSigned({ org, seq, hash, at, signature }: SignedHead): Promise<boolean> {
    const moment = new Date(at);
    if (Number.isNaN(moment.getTime()) || moment.toISOString() !== at) return false;
    return this.#parts.proofKeys.verify(headText(org, { seq, hash }, moment), signature);
  }

  async close(): Promise<void> {
    await this.flush().catch(() => undefined);
  }

  async #write(): Promise<void> {
    for (const orgId of [...this.#due.keys()]) {
      const end = this.#due.get(orgId);
      if (end === undefined) continue; // forgotten meanwhile
      await this.#store(orgId, end);
      if (this.#due.get(orgId) === end) this.#due.delete(orgId);
      await this.#anchor(orgId, end);
    }
  }

  async #store(orgId: string, { seq, hash }: ChainEnd): Promise<void> {
    const { heads, proofKeys } = this.#parts;
    const at = new Date();
    const signature = proofKeys.sign(headText(orgId, { seq, hash }, at));
    try {
      await heads.updateOne(
        { _id: orgId, orgId, seq: { $lt: seq } },
        { $set: { seq, hash, at, signature } },
        { upsert: true },
      );
    } catch (error) {
      if (!isDuplicateKey(error)) throw error; // another process' head is further already
    }
  }

  async #anchor(orgId: string, { seq, hash }: ChainEnd): Promise<void> {
    const now = Date.now();
    if ((this.#anchored.get(orgId) ?? 0) + DAY_MS > now) return;
    this.#anchored.set(orgId, now);
    await this.#parts.ledger.append({ type: 'audit_head', org: orgId, seq, hash }).catch(() => undefined);
  }
}
