import { Schema, type Connection, type Model } from 'mongoose';

/** A request of an operator that was carried out, or was begun. `_id` is its nonce: none is carried out twice. */
export interface OperatorRequestDocument {
  readonly _id: string;
  readonly action: string;
  readonly target: string;
  readonly reason: string;
  readonly requestedBy: string;
  readonly approvedBy: string;
  readonly usedAt: Date;
  readonly expiresAt: Date;
  readonly outcome?: 'done' | 'failed';
}

/** Not led by org: a request may be for the whole region. */
export function operatorModel(main: Connection): Model<OperatorRequestDocument> {
  const required = <T>(type: T): { readonly type: T; readonly required: true } => ({ type, required: true });
  const schema = new Schema<OperatorRequestDocument>(
    {
      _id: required(String),
      action: required(String),
      target: required(String),
      reason: required(String),
      requestedBy: required(String),
      approvedBy: required(String),
      usedAt: required(Date),
      expiresAt: required(Date),
      outcome: String,
    },
    { collection: 'operators', versionKey: false, strict: 'throw', id: false },
  );
  schema.index({ usedAt: 1 });
  return main.model<OperatorRequestDocument>('OperatorRequest', schema);
}
