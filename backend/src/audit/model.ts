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
  /** Ed25519 over the hash: who can write to the database alone cannot add an entry. */
  readonly signature: string;
}

/** How far a trail has come, signed: who cuts its end off must also take a head that says so. */
export interface AuditHeadDocument {
  /** The org. */
  readonly _id: string;
  readonly orgId: string;
  readonly seq: number;
  readonly hash: string;
  readonly at: Date;
  readonly signature: string;
}

export interface AuditModels {
  readonly entries: Model<AuditDocument>;
  readonly heads: Model<AuditHeadDocument>;
}

const required = <T>(type: T): { readonly type: T; readonly required: true } => ({ type, required: true });
const common = { versionKey: false, strict: 'throw', id: false } as const;

export function auditModels(main: Connection): AuditModels {
  const entries = new Schema<AuditDocument>(
    {
      orgId: required(String),
      seq: required(Number),
      at: required(Date),
      actor: required(String),
      action: required(String),
      target: required(String),
      hash: required(String),
      signature: required(String),
    },
    { ...common, collection: 'auditEntries' },
  );
  // Of two processes that append at once one wins; the other takes the next number.
  entries.index({ orgId: 1, seq: 1 }, { unique: true });
  const heads = new Schema<AuditHeadDocument>(
    {
      _id: required(String),
      orgId: required(String),
      seq: required(Number),
      hash: required(String),
      at: required(Date),
      signature: required(String),
    },
    { ...common, collection: 'auditHeads' },
  );
  heads.index({ orgId: 1 }, { unique: true });
  return {
    entries: main.model<AuditDocument>('AuditEntry', entries),
    heads: main.model<AuditHeadDocument>('AuditHead', heads),
  };
}
