import { Schema, type Connection, type Model } from 'mongoose';
import type { WrapContext } from './master-key.ts';

/** A key that signs JWTs or proofs, wrapped under the master key. `_id` is the `kid`. */
export interface SigningKeyDocument {
  readonly _id: string;
  /**
   * 1, 2, 3, ... for keys that sign JWTs, -1, -2, -3, ... for keys that sign proofs (proof-keys.ts): unique, so that of
   * two processes that add a key at once one wins.
   */
  readonly sequence: number;
  readonly masterKey: string;
  readonly wrapped: string;
  /** Signs from here on, until the next key does. */
  readonly signsFrom: Date;
}

/** What a wrapped key of `signingKeys` is bound to, whatever it signs. */
export const signingKeyContext = (region: string, kid: string): WrapContext => ({
  app: 'oneshot',
  purpose: 'signing-key',
  region,
  kid,
});

/** Index by `sequence`, not led by org: signing keys belong to no org. */
export function signingKeyModel(connection: Connection): Model<SigningKeyDocument> {
  const schema = new Schema<SigningKeyDocument>(
    {
      _id: { type: String, required: true },
      sequence: { type: Number, required: true },
      masterKey: { type: String, required: true },
      wrapped: { type: String, required: true },
      signsFrom: { type: Date, required: true },
    },
    { collection: 'signingKeys', versionKey: false, strict: 'throw' },
  );
  schema.index({ sequence: 1 }, { unique: true });
  return connection.model<SigningKeyDocument>('SigningKey', schema);
}
