import { Schema, type Connection, type Model } from 'mongoose';

/** A customer. Shared by the rooms that each own a part of it: vault (keys), settings, auth (who signs in). */
export interface OrgDocument {
  /** Opaque, `org_...`. */
  readonly _id: string;
  readonly salesforceOrgId: string;
  /** Wrapped data keys, the newest last (vault/data-keys.ts). */
  readonly dataKeys: readonly { readonly version: string; readonly masterKey: string; readonly wrapped: string }[];
  /** What the admin saved; undefined: the defaults. Its shape is settings/settings.ts; names of fields, no CRM value. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Counts saves from 0; a save names the version that it changes. */
  readonly settingsVersion: number;
  /** Since when a process writes the home region's record in the customer's Salesforce; absent: none does. */
  readonly regionClaimedAt?: Date;
  /** The rep whose pull met a hidden or deleted paying field last, and when; absent since the next save. */
  readonly fieldHidden?: { readonly userId: string; readonly at: Date };
  /** What the daily region check found (privacy/region-check.ts); absent until its first. */
  readonly regionCheck?: {
    readonly at: Date;
    readonly tried: number;
    readonly opened: number;
    readonly unreadable: number;
  };
  readonly createdAt: Date;
}

/** Indexes: `_id` and `salesforceOrgId`, which are the org. */
export function orgModel(main: Connection): Model<OrgDocument> {
  const schema = new Schema<OrgDocument>(
    {
      _id: { type: String, required: true },
      salesforceOrgId: { type: String, required: true },
      dataKeys: [
        {
          _id: false,
          version: { type: String, required: true },
          masterKey: { type: String, required: true },
          wrapped: { type: String, required: true },
        },
      ],
      settings: Schema.Types.Mixed,
      settingsVersion: { type: Number, required: true, default: 0 },
      regionClaimedAt: Date,
      fieldHidden: { type: { _id: false, userId: String, at: Date }, required: false },
      regionCheck: {
        type: { _id: false, at: Date, tried: Number, opened: Number, unreadable: Number },
        required: false,
      },
      createdAt: { type: Date, required: true },
    },
    { collection: 'orgs', versionKey: false, strict: 'throw', id: false },
  );
  schema.index({ salesforceOrgId: 1 }, { unique: true });
  return main.model<OrgDocument>('Org', schema);
}
