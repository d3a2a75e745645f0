import { Schema, type Connection, type Model } from 'mongoose';

/** How often an org's Salesforce was called in one hour, by purpose. Numbers only. */
export interface ApiUsageDocument {
  /** `<orgId>/<hour>`. */
  readonly _id: string;
  readonly orgId: string;
  /** Its beginning, UTC. */
  readonly hour: Date;
  /** Purpose -> calls. */
  readonly calls: Readonly<Record<string, number>>;
  readonly deleteAt: Date;
}

export function apiUsageModel(main: Connection): Model<ApiUsageDocument> {
  const schema = new Schema<ApiUsageDocument>(
    {
      _id: { type: String, required: true },
      orgId: { type: String, required: true },
      hour: { type: Date, required: true },
      calls: Schema.Types.Mixed,
      deleteAt: { type: Date, required: true },
    },
    { collection: 'apiUsage', versionKey: false, strict: 'throw', id: false },
  );
  schema.index({ orgId: 1, hour: 1 });
  schema.index({ deleteAt: 1 }, { expireAfterSeconds: 0 });
  return main.model<ApiUsageDocument>('ApiUsage', schema);
}
