import { Schema, type Connection, type Model } from 'mongoose';

/** What this database is: one document. */
export interface DatabaseFormatDocument {
  readonly _id: 'database';
  /** Counts up with each change that older processes could not read. */
  readonly format: number;
  readonly region: string;
  /** Random: tells two databases apart, whatever address each process has for them. */
  readonly identity: string;
}

/** A process that runs on this database. */
export interface ProcessDocument {
  readonly _id: string;
  readonly format: number;
  /** Hashes of the settings that all processes of a database must share, by name. */
  readonly settings: Readonly<Record<string, string>>;
  /** Ids of the master keys that it opens; absent until it has opened them. */
  readonly masterKeys?: readonly string[];
  /** Counts up while the process runs. */
  readonly beat: number;
  readonly startedAt: Date;
  readonly deleteAt: Date;
}

const common = { versionKey: false, strict: 'throw', id: false } as const;

/** Not led by org: they belong to none. The TTL index removes processes that ended without a word. */
export function processModel(main: Connection): Model<ProcessDocument> {
  const schema = new Schema<ProcessDocument>(
    {
      _id: { type: String, required: true },
      format: { type: Number, required: true },
      settings: { type: Schema.Types.Mixed, required: true },
      masterKeys: { type: [String], default: undefined },
      beat: { type: Number, required: true },
      startedAt: { type: Date, required: true },
      deleteAt: { type: Date, required: true },
    },
    { ...common, collection: 'processes' },
  );
  schema.index({ deleteAt: 1 }, { expireAfterSeconds: 0 });
  return main.model<ProcessDocument>('Process', schema, undefined, { overwriteModels: true });
}

/** In each of the two databases. */
export function databaseFormatModel(connection: Connection): Model<DatabaseFormatDocument> {
  const schema = new Schema<DatabaseFormatDocument>(
    {
      _id: { type: String, required: true },
      format: { type: Number, required: true },
      region: { type: String, required: true },
      identity: { type: String, required: true },
    },
    { ...common, collection: 'databaseFormat' },
  );
  return connection.model<DatabaseFormatDocument>('DatabaseFormat', schema, undefined, { overwriteModels: true });
}
