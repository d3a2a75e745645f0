import { Schema, type Connection, type Model } from 'mongoose';

/** Work that outlives a process: whoever finds it unfinished goes on with it. */
export interface JobDocument {
  /** `job_...` */
  readonly _id: string;
  readonly kind: 'rotate_data_key';
  readonly orgId: string;
  /** Who asked: `usr_...`, or an operator. */
  readonly actor: string;
  readonly state: 'running' | 'done';
  /** The data key that everything is to lie under. */
  readonly version: string;
  /** Envelopes sealed again so far. */
  readonly changed: number;
  readonly startedAt: Date;
  /** When the new key was there for every process to read. */
  readonly addedAt?: Date;
  readonly finishedAt?: Date;
  /** When a process last worked on it. */
  readonly touchedAt: Date;
}

const required = <T>(type: T): { readonly type: T; readonly required: true } => ({ type, required: true });

/** Indexes: by org; and by state, not led by org: each process looks for unfinished work of all of them. */
export function jobModel(main: Connection): Model<JobDocument> {
  const schema = new Schema<JobDocument>(
    {
      _id: required(String),
      kind: required(String),
      orgId: required(String),
      actor: required(String),
      state: required(String),
      version: required(String),
      changed: required(Number),
      startedAt: required(Date),
      addedAt: Date,
      finishedAt: Date,
      touchedAt: required(Date),
    },
    { collection: 'jobs', versionKey: false, strict: 'throw', id: false },
  );
  // One at a time for an org, whichever process is asked.
  schema.index({ orgId: 1, kind: 1 }, { unique: true, partialFilterExpression: { state: 'running' } });
  schema.index({ orgId: 1, startedAt: 1 });
  schema.index({ state: 1, touchedAt: 1 });
  return main.model<JobDocument>('Job', schema);
}
