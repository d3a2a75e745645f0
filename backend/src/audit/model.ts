import { Schema, type Connection, type Model } from 'mongoose';

/** One entry of an org's audit trail. Opaque ids and words of ours only. */
export interface AuditDocument {
  readonly orgId: string;
  /** 1, 2, 3, ... without a gap. */
  readonly seq: number;
  readonly at: Date;
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  /** SHA-256 (hex) over the entry and the hash of the one before. */
  readonly hash: string;
}

export function auditModel(main: Connection): Model<AuditDocument> {
  const schema = new Schema<AuditDocument>(
    {
      orgId: { type: String, required: true },
      seq: { type: Number, required: true },
      at: { type: Date, required: true },
      actor: { type: String, required: true },
      action: { type: String, required: true },
      target: { type: String, required: true },
      hash: { type: String, required: true },
    },
    { collection: 'auditEntries', versionKey: false, strict: 'throw', id: false },
  );
  // Of two processes that append at once one wins; the other takes the next number.
  schema.index({ orgId: 1, seq: 1 }, { unique: true });
  return main.model<AuditDocument>('AuditEntry', schema);
}
