import { Schema, type Connection, type Model } from 'mongoose';
import type { ProviderName } from './tokens.ts';

/** A rep's connection to one provider. What opens the provider is sealed under both halves of the rep's key. */
export interface ConnectionDocument {
  /** `usr_...:gmail`: one for each rep and provider. */
  readonly _id: string;
  readonly orgId: string;
  readonly userId: string;
  readonly provider: ProviderName;
  readonly status: 'connected' | 'reconnect' | 'waiting_for_admin';
  readonly reason?: string;
  /** The token set; absent where only an admin's approval is waited for. */
  readonly sealed?: string;
  /** The account's address, for the rep's own eyes; sealed likewise. */
  readonly label?: string;
  /** Which halves seal it: `customers` names the customer's, `ours` is a version of ours. */
  readonly halves?: { readonly customers: string; readonly ours: string };
  /** HMAC of the account under a key of this rep's: tells the same account on a reconnect. */
  readonly account?: string;
  /** HMAC of the account under a key of the whole region's: tells whether ending this grant ends another's. */
  readonly mark?: string;
  /** Our client at the provider: a grant belongs to the one that asked for it. */
  readonly clientId?: string;
  readonly scopes: readonly string[];
  readonly since?: Date;
  /** End of the access token. */
  readonly expiresAt?: Date;
  /** When the provider last gave tokens: a grant ends that is not used for too long. */
  readonly refreshedAt?: Date;
  /** Counts up with each change of the tokens; every write names the one that it changes. */
  readonly version: number;
  /** Who refreshes now; absent: nobody. `fence` counts leases up and is never used twice. */
  readonly lease?: { readonly fence: number; readonly at: Date };
  readonly fence: number;
  /** A refresh was sent whose answer nobody saved: the refresh token may be used up. */
  readonly isInDoubt?: boolean;
  /** Transient failures in a row, and when to try again at the earliest. */
  readonly failures?: number;
  readonly retryAt?: Date;
}

const required = <T>(type: T): { readonly type: T; readonly required: true } => ({ type, required: true });

/**
 * Indexes: `orgId, userId, provider` leads to everything. `mark` is not led by org: the same mailbox may be connected in
 * two of them, and nobody's grant may end by another's refusal.
 */
export function connectionModel(main: Connection): Model<ConnectionDocument> {
  const schema = new Schema<ConnectionDocument>(
    {
      _id: required(String),
      orgId: required(String),
      userId: required(String),
      provider: required(String),
      status: required(String),
      reason: String,
      sealed: String,
      label: String,
      halves: { type: { _id: false, customers: required(String), ours: required(String) }, default: undefined },
      account: String,
      mark: String,
      clientId: String,
      scopes: { type: [String], required: true },
      since: Date,
      expiresAt: Date,
      refreshedAt: Date,
      version: required(Number),
      lease: { type: { _id: false, fence: required(Number), at: required(Date) }, default: undefined },
      fence: required(Number),
      isInDoubt: Boolean,
      failures: Number,
      retryAt: Date,
    },
    { collection: 'connections', versionKey: false, strict: 'throw', id: false },
  );
  schema.index({ orgId: 1, userId: 1, provider: 1 }, { unique: true });
  schema.index({ mark: 1 }, { partialFilterExpression: { mark: { $exists: true } } });
  return main.model<ConnectionDocument>('Connection', schema);
}
