import mongoose, { type mongo } from 'mongoose';
import type { Settings } from './harness.ts';

/** A stack's two databases, read and changed behind the backend's back. */
export interface TestDatabases {
  readonly main: mongo.Db;
  readonly sessions: mongo.Db;
  close(): Promise<void>;
}

export async function openDatabases(settings: Settings): Promise<TestDatabases> {
  const connections = await Promise.all(
    [settings.MONGODB_URI, settings.SESSIONS_MONGODB_URI].map((uri) =>
      mongoose.createConnection(uri ?? '').asPromise(),
    ),
  );
  const [main, sessions] = connections.map((connection) => connection.db);
  if (main === undefined || sessions === undefined) throw new Error('These databases cannot be reached');
  const close = async (): Promise<void> => {
    await Promise.all(connections.map((one) => one.close()));
  };
  return { main, sessions, close };
}
