import { Schema, type Connection, type Model } from 'mongoose';
import type { Revocation } from './held-data.ts';

/** An erasure on its way. `_id` is `job_...`; it is deleted when nothing is left to do. */
export interface ErasureJobDocument {
  readonly _id: string;
  readonly kind: 'erase_org' | 'erase_user';
  /** The org, or the org and the user: one job at a time for each. */
  readonly subject: string;
  readonly orgId: string;
  readonly userId?: string;
  readonly receiptId: string;
  /** `region`: the customer's record names another region; called off when it names this one again. */
  readonly reason: 'asked' | 'region';
  readonly phase: 'waiting' | 'erasing' | 'sweeping';
  /** Not before. */
  readonly dueAt: Date;
  /** While a process works on it; another one takes over when this is past. */
  readonly leasedUntil: Date;
  readonly revocations: readonly Revocation[];
  readonly createdAt: Date;
}

/** What was erased, for whoever asked. `_id` is 256 random bits; nothing in it names anybody. */
export interface ReceiptDocument {
  readonly _id: string;
  readonly state: 'running' | 'complete';
  readonly counts?: Readonly<Record<string, number>>;
  readonly revocations: readonly Revocation[];
  readonly backupsGoneAt?: Date;
  readonly completedAt?: Date;
  readonly signature?: string;
  readonly createdAt: Date;
}

/** How far this database has come, and whether it was restored. One document. */
export interface DatabaseStateDocument {
  readonly _id: 'state';
  readonly beat: number;
  readonly restoredAt?: Date;
  /** Mail and enrolments wait until an operator resumes them. */
  readonly isSendingPaused: boolean;
}

/** A run of the canary job; the newest is shown to every admin of the region. Nothing in it names anybody. */
export interface CanaryRunDocument {
  /** `job_...` */
  readonly _id: string;
  readonly ranAt: Date;
  /** The signed document as it is shown. */
  readonly result: Readonly<Record<string, unknown>>;
}

/** Whose turn the daily region check is. One document of its own kind among the jobs. */
export interface RegionCheckJobDocument {
  readonly _id: 'region_check';
  readonly kind: 'check_regions';
  /** Not before; moved on by a day once a check is through. */
  readonly nextAt: Date;
  /** While a process works on it; another one takes over when this is past. */
  readonly leasedUntil: Date;
}

export interface PrivacyModels {
  readonly regionChecks: Model<RegionCheckJobDocument>;
  readonly canaryRuns: Model<CanaryRunDocument>;
  readonly jobs: Model<ErasureJobDocument>;
  readonly receipts: Model<ReceiptDocument>;
  readonly state: Model<DatabaseStateDocument>;
}

const required = <T>(type: T): { readonly type: T; readonly required: true } => ({ type, required: true });
const common = { versionKey: false, strict: 'throw', id: false, minimize: false } as const;
const revocation = { _id: false, provider: required(String), result: required(String) };

/** Not led by org: jobs are looked for by when they are due, receipts by their id, the newest canary run by its time; there is one state. */
export function privacyModels(main: Connection): PrivacyModels {
  const jobs = new Schema<ErasureJobDocument>(
    {
      _id: required(String),
      kind: required(String),
      subject: required(String),
      orgId: required(String),
      userId: String,
      receiptId: required(String),
      reason: required(String),
      phase: required(String),
      dueAt: required(Date),
      leasedUntil: required(Date),
      revocations: [revocation],
      createdAt: required(Date),
    },
    { ...common, collection: 'jobs' },
  );
  // Other rooms' jobs lie in the same collection and have neither.
  jobs.index({ subject: 1 }, { unique: true, partialFilterExpression: { subject: { $exists: true } } });
  jobs.index({ dueAt: 1 }, { partialFilterExpression: { dueAt: { $exists: true } } });
  const receipts = new Schema<ReceiptDocument>(
    {
      _id: required(String),
      state: required(String),
      counts: Schema.Types.Mixed,
      revocations: [revocation],
      backupsGoneAt: Date,
      completedAt: Date,
      signature: String,
      createdAt: required(Date),
    },
    { ...common, collection: 'receipts' },
  );
  const state = new Schema<DatabaseStateDocument>(
    { _id: required(String), beat: required(Number), restoredAt: Date, isSendingPaused: required(Boolean) },
    { ...common, collection: 'databaseState' },
  );
  const canaryRuns = new Schema<CanaryRunDocument>(
    { _id: required(String), ranAt: required(Date), result: required(Schema.Types.Mixed) },
    { ...common, collection: 'canaryRuns' },
  );
  canaryRuns.index({ ranAt: -1 });
  const regionChecks = new Schema<RegionCheckJobDocument>(
    { _id: required(String), kind: required(String), nextAt: required(Date), leasedUntil: required(Date) },
    { ...common, collection: 'jobs' },
  );
  return {
    regionChecks: main.model<RegionCheckJobDocument>('RegionCheckJob', regionChecks),
    canaryRuns: main.model<CanaryRunDocument>('CanaryRun', canaryRuns),
    jobs: main.model<ErasureJobDocument>('ErasureJob', jobs),
    receipts: main.model<ReceiptDocument>('Receipt', receipts),
    state: main.model<DatabaseStateDocument>('DatabaseState', state),
  };
}
