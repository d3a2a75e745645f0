import { Schema, type Connection, type Model } from 'mongoose';

export const CHANNELS = ['gmail', 'outlook', 'outreach'] as const;
export type Channel = (typeof CHANNELS)[number];

/** How a send ended. `limited`: refused because of the provider's own limit; the API says `refused` for it. */
export type StoredOutcome = 'accepted' | 'refused' | 'limited' | 'failed' | 'unknown';
/** What became of the Task in the customer's Salesforce. */
export type TaskState = 'created' | 'failed' | 'unknown' | 'none';

/** What is kept of a send: exactly DESIGN 2.5. It is the activity and the record of its Idempotency-Key at once. */
export interface ActivityDocument {
  readonly _id: string;
  readonly orgId: string;
  readonly userId: string;
  readonly channel: Channel;
  readonly contactId: string;
  /** Known from the contact, once it was read; null for a contact without an account. */
  readonly accountId?: string | null;
  readonly at: Date;
  /** Absent: the provider was not asked yet, so this is no activity. */
  readonly outcome?: StoredOutcome;
  /** HMAC of the route and the Idempotency-Key, under a key of the rep's. */
  readonly keyMac: string;
  /** HMAC of the Outreach sequence's id, likewise. */
  readonly sequenceMac?: string;
  readonly task?: TaskState;
  readonly prospect?: 'found' | 'created';
  readonly alreadyInSequence?: boolean;
  /** Only while a process works on it: names that run, and until when nobody else may take over. */
  readonly run?: string;
  readonly runningUntil?: Date;
}

/** How many mails a rep sent on a day; for the daily limit across processes, gone two days later. */
export interface SendCountDocument {
  /** `org/rep/2026-11-24`. */
  readonly _id: string;
  readonly orgId: string;
  readonly userId: string;
  readonly count: number;
  readonly deleteAt: Date;
}

export interface ActivityModels {
  readonly activities: Model<ActivityDocument>;
  readonly sendCounts: Model<SendCountDocument>;
}

const required = <T>(type: T): { readonly type: T; readonly required: true } => ({ type, required: true });
const common = { versionKey: false, strict: 'throw', id: false } as const;

export function activityModels(main: Connection): ActivityModels {
  return {
    activities: main.model<ActivityDocument>('Activity', activitySchema()),
    sendCounts: main.model<SendCountDocument>('SendCount', sendCountSchema()),
  };
}

/** Every index is led by the org. */
function activitySchema(): Schema<ActivityDocument> {
  const schema = new Schema<ActivityDocument>(
    {
      _id: required(String),
      orgId: required(String),
      userId: required(String),
      channel: required(String),
      contactId: required(String),
      accountId: String,
      at: required(Date),
      outcome: String,
      keyMac: required(String),
      sequenceMac: String,
      task: String,
      prospect: String,
      alreadyInSequence: Boolean,
      run: String,
      runningUntil: Date,
    },
    { ...common, collection: 'activities' },
  );
  schema.index({ orgId: 1, userId: 1, keyMac: 1 }, { unique: true });
  schema.index({ orgId: 1, userId: 1, at: -1, _id: -1 });
  schema.index({ orgId: 1, userId: 1, contactId: 1, at: -1, _id: -1 });
  schema.index({ orgId: 1, userId: 1, accountId: 1, at: -1, _id: -1 });
  schema.index({ orgId: 1, contactId: 1 });
  schema.index({ orgId: 1, at: 1 });
  schema.index({ orgId: 1, runningUntil: 1 }, { partialFilterExpression: { runningUntil: { $exists: true } } });
  return schema;
}

/** The TTL index is not led by org: MongoDB cleans up by it, no query uses it. */
function sendCountSchema(): Schema<SendCountDocument> {
  const schema = new Schema<SendCountDocument>(
    {
      _id: required(String),
      orgId: required(String),
      userId: required(String),
      count: required(Number),
      deleteAt: required(Date),
    },
    { ...common, collection: 'sendCounts' },
  );
  schema.index({ orgId: 1, userId: 1 });
  schema.index({ deleteAt: 1 }, { expireAfterSeconds: 0 });
  return schema;
}
