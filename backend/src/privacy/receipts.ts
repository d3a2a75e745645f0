import type { Model } from 'mongoose';
import { NotFound } from '../http/problems.ts';
import { randomToken } from '../vault/digest.ts';
import type { ProofKeys } from '../vault/proof-keys.ts';
import type { Revocation } from './held-data.ts';
import type { ReceiptDocument } from './model.ts';

/** What the person who asked gets and keeps (API.md). Times ISO 8601. */
export interface Receipt {
  readonly id: string;
  readonly state: 'running' | 'complete';
  /** Documents by collection. */
  readonly counts: Readonly<Record<string, number>>;
  readonly revocations: readonly Revocation[];
  /** When the last backup is deleted that still holds the keys; null while it runs. */
  readonly backupsGoneAt: string | null;
  readonly completedAt: string | null;
  /** Ed25519 over the rest of it in canonical JSON; `GET /v1/privacy/keys` has the public key. */
  readonly signature: string | null;
}

export interface ReceiptsParts {
  readonly receipts: Model<ReceiptDocument>;
  readonly proofKeys: ProofKeys;
  /** Days for which a backup of the database is kept. */
  readonly backupDays: number;
}

const DAY_MS = 24 * 60 * 60_000;

/** Receipts of erasures: written when one begins, signed when it is complete, kept for good. */
export class Receipts {
  readonly #parts: ReceiptsParts;

  constructor(parts: ReceiptsParts) {
    this.#parts = parts;
  }

  /** @returns the id */
  async begin(): Promise<string> {
    const _id = randomToken();
    await this.#parts.receipts.create({ _id, state: 'running', revocations: [], createdAt: new Date() });
    return _id;
  }

  /** What there was to erase; the first count stands, also after a crash in the middle. */
  async counted(id: string, counts: Readonly<Record<string, number>>): Promise<void> {
    await this.#parts.receipts.updateOne({ _id: id, counts: { $exists: false } }, { $set: { counts } });
  }

  /** Signs it. Repeating it changes nothing. */
  async complete(id: string, revocations: readonly Revocation[]): Promise<void> {
    const { receipts, proofKeys, backupDays } = this.#parts;
    const stored = await receipts.findOne({ _id: id, state: 'running' }).lean();
    if (stored === null) return;
    const completedAt = new Date();
    const done: ReceiptDocument = {
      ...stored,
      state: 'complete',
      revocations,
      completedAt,
      backupsGoneAt: new Date(completedAt.getTime() + backupDays * DAY_MS),
    };
    const signature = proofKeys.signDocument(shown(done));
    await receipts.updateOne(
      { _id: id, state: 'running' },
      { $set: { state: 'complete', revocations, completedAt, backupsGoneAt: done.backupsGoneAt, signature } },
    );
  }

  /** @throws NotFound */
  async read(id: string): Promise<Receipt> {
    const stored = await this.#parts.receipts.findOne({ _id: id }).lean();
    if (stored === null) throw new NotFound();
    return shown(stored);
  }
}

function shown(receipt: ReceiptDocument): Receipt {
  const { _id, state, counts, revocations, backupsGoneAt, completedAt, signature } = receipt;
  return {
    id: _id,
    state,
    counts: counts ?? {},
    revocations: revocations.map(({ provider, result }) => ({ provider, result })),
    backupsGoneAt: backupsGoneAt?.toISOString() ?? null,
    completedAt: completedAt?.toISOString() ?? null,
    signature: signature ?? null,
  };
}
