import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { MongoClient, type Db } from 'mongodb';
import { startEmbeddedMongo, type EmbeddedMongo } from './index.ts';

/** The same tests run against a real MongoDB when this is set. */
export const REAL_URI = process.env.MONGODB_URI;

export type TestServer = {
  url: string;
  client: MongoClient;
  db: Db;
  dataDir: string | undefined;
  close(): Promise<void>;
};

/** A database of its own, on a server of its own unless a real one is given. */
export async function openTestServer(databaseName = `test_${randomUUID().slice(0, 8)}`): Promise<TestServer> {
  const dataDir = REAL_URI === undefined ? mkdtempSync(join(tmpdir(), 'embedded-mongodb-')) : undefined;
  const server: EmbeddedMongo | undefined =
    dataDir === undefined ? undefined : await startEmbeddedMongo({ dataDir, port: 0, ttlIntervalMs: 200 });
  const url = server?.url ?? REAL_URI ?? '';
  const client = await MongoClient.connect(url);
  const db = client.db(databaseName);
  return {
    url,
    client,
    db,
    dataDir,
    close: async () => {
      await db.dropDatabase();
      await client.close();
      await server?.close();
      if (dataDir !== undefined) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
