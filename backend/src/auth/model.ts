import { Schema, type Connection, type Model } from 'mongoose';
import type { Problem } from '../http/problem.ts';

/**
 * One trip through a provider's sign-in. `_id` is SHA-256 of `state`. Everything readable about it is sealed: under
 * `state` until the callback, under the one-time code after it, and gone once the code was used. A ticket, from which up
 * to three trips of a connection start, lies here too: `_id` is its SHA-256, which also stands for a challenge.
 */
export interface SignInDocument {
  readonly _id: string;
  /** SHA-256 of the challenge: finds the trips of one click. */
  readonly challengeHash: string;
  /** 0, 1, 2: with the unique index the limit of three trips for a challenge, whichever process they reach. */
  readonly slot: number;
  readonly phase: 'ticket' | 'started' | 'called_back' | 'exchanging' | 'redeemed' | 'ended';
  readonly sealed?: string;
  /** SHA-256 of the one-time code, from the callback on. */
  readonly codeHash?: string;
  /** End of the present phase; checked on every read, the TTL index only cleans up. */
  readonly validUntil: Date;
  /** HMAC, under the code, of the Idempotency-Key that the redeeming request carried; '' when it carried none. */
  readonly keyHash?: string;
  readonly redeemedAt?: Date;
  /** What the exchange made: a session, or the user whose connection it is. */
  readonly madeId?: string;
  /** Why the exchange was refused, for the browser's repetition of the same request. Our own words, nothing of anyone. */
  readonly refusal?: Problem;
  readonly deleteAt: Date;
}

/** A session. Who it is for stands here; what opens the customer's Salesforce is sealed under the JWT's `key`. */
export interface SessionDocument {
  readonly _id: string;
  readonly orgId: string;
  readonly userId: string;
  readonly isAdmin: boolean;
  /** Whether Salesforce was asked to make the person log in again. */
  readonly isReauthenticated: boolean;
  readonly signedInAt: Date;
  readonly expiresAt: Date;
  /** SHA-256 of the JWT's `key`. */
  readonly keyHash: string;
  /** Salt of the HKDF that makes `key` of the verifier. */
  readonly keySalt: string;
  readonly sealed: string;
}

/** A rep. Email and username are sealed under their org's data key. */
export interface UserDocument {
  readonly _id: string;
  readonly orgId: string;
  readonly salesforceUserId: string;
  readonly email: string;
  readonly username: string;
  readonly status: 'active';
  readonly isAdmin: boolean;
  /** Our halves of the keys of this rep's tokens, the newest last, each sealed under the org's data key. */
  readonly halves?: readonly { readonly version: string; readonly sealed: string; readonly addedAt: Date }[];
  /** Key of the HMACs by which a reconnect tells the same account again; sealed under the org's data key. */
  readonly accountKey?: string;
  /** HMACs, under `accountKey`, of the customer's key record as it was last accepted: which record, and its half. */
  readonly keyRecord?: { readonly record: string; readonly half: string };
  readonly createdAt: Date;
  readonly lastSignInAt: Date;
}

/** Sessions that ended before their time. `_id` counts up by one without a gap, so that a poll misses none. */
export interface RevocationDocument {
  readonly _id: number;
  readonly scope: 'session' | 'rep' | 'org';
  readonly orgId: string;
  readonly userId?: string;
  readonly sessionIds: string[];
  /** From then on no session that this ended could live. */
  readonly deleteAt: Date;
}

export interface AuthModels {
  readonly signIns: Model<SignInDocument>;
  readonly sessions: Model<SessionDocument>;
  readonly users: Model<UserDocument>;
  readonly revocations: Model<RevocationDocument>;
}

const required = <T>(type: T): { readonly type: T; readonly required: true } => ({ type, required: true });
const common = { versionKey: false, strict: 'throw', id: false } as const;

/**
 * @param main what is kept and backed up
 * @param sessions the database that is never backed up (DESIGN 6)
 */
export function authModels(main: Connection, sessions: Connection): AuthModels {
  return {
    signIns: sessions.model<SignInDocument>('SignIn', signInSchema()),
    sessions: sessions.model<SessionDocument>('Session', sessionSchema()),
    users: main.model<UserDocument>('User', userSchema()),
    revocations: main.model<RevocationDocument>('Revocation', revocationSchema()),
  };
}

/** Indexes not led by org: a sign-in knows no org before it ends. */
function signInSchema(): Schema<SignInDocument> {
  const schema = new Schema<SignInDocument>(
    {
      _id: required(String),
      challengeHash: required(String),
      slot: required(Number),
      phase: required(String),
      sealed: String,
      codeHash: String,
      validUntil: required(Date),
      keyHash: String,
      redeemedAt: Date,
      madeId: String,
      refusal: Schema.Types.Mixed,
      deleteAt: required(Date),
    },
    { ...common, collection: 'signIns' },
  );
  schema.index({ challengeHash: 1, slot: 1 }, { unique: true });
  schema.index({ codeHash: 1 }, { unique: true, partialFilterExpression: { codeHash: { $exists: true } } });
  // One code for a click: of several trips that come back at once, one finishes.
  schema.index(
    { challengeHash: 1 },
    { unique: true, partialFilterExpression: { codeHash: { $exists: true } }, name: 'one_code_for_a_click' },
  );
  schema.index({ deleteAt: 1 }, { expireAfterSeconds: 0 });
  return schema;
}

/** Read by `_id` on the way in (a JWT names the session only); the TTL index is not led by org either. */
function sessionSchema(): Schema<SessionDocument> {
  const schema = new Schema<SessionDocument>(
    {
      _id: required(String),
      orgId: required(String),
      userId: required(String),
      isAdmin: required(Boolean),
      isReauthenticated: required(Boolean),
      signedInAt: required(Date),
      expiresAt: required(Date),
      keyHash: required(String),
      keySalt: required(String),
      sealed: required(String),
    },
    { ...common, collection: 'sessions' },
  );
  schema.index({ orgId: 1, userId: 1 });
  schema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });
  return schema;
}

function userSchema(): Schema<UserDocument> {
  const schema = new Schema<UserDocument>(
    {
      _id: required(String),
      orgId: required(String),
      salesforceUserId: required(String),
      email: required(String),
      username: required(String),
      status: required(String),
      isAdmin: required(Boolean),
      halves: {
        type: [{ _id: false, version: required(String), sealed: required(String), addedAt: required(Date) }],
        default: undefined,
      },
      accountKey: String,
      keyRecord: { type: { _id: false, record: required(String), half: required(String) }, default: undefined },
      createdAt: required(Date),
      lastSignInAt: required(Date),
    },
    { ...common, collection: 'users' },
  );
  schema.index({ orgId: 1, salesforceUserId: 1 }, { unique: true });
  schema.index({ orgId: 1, lastSignInAt: -1, _id: -1 });
  return schema;
}

/** Polled by `_id`, across orgs: every process must see every revocation. */
function revocationSchema(): Schema<RevocationDocument> {
  return new Schema<RevocationDocument>(
    {
      _id: required(Number),
      scope: required(String),
      orgId: required(String),
      userId: String,
      sessionIds: { type: [String], required: true },
      deleteAt: required(Date),
    },
    { ...common, collection: 'revocations' },
  );
}
