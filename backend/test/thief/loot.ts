import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mongoose from 'mongoose';
import type { UserDocument, SessionDocument } from '../../src/auth/model.ts';
import type { ConnectionDocument } from '../../src/connections/model.ts';
import type { OrgDocument } from '../../src/database/org-model.ts';
import { startChild } from '../child.ts';

/** All that lies in databases, every state of it that any copy holds. */
export interface Loot {
  readonly orgs: readonly OrgDocument[];
  readonly users: readonly UserDocument[];
  readonly connections: readonly ConnectionDocument[];
  readonly sessions: readonly SessionDocument[];
}

const COLLECTIONS = ['orgs', 'users', 'connections', 'sessions'] as const;

/** Reads stolen data folders with a database server of the thief's own, which writes to copies only. */
export async function readLoot(folders: readonly string[]): Promise<Loot> {
  const found = new Map<string, Map<string, object>>(COLLECTIONS.map((name) => [name, new Map()]));
  for (const folder of folders)
    await withDatabase(folder, async (uri) => {
      const connection = await mongoose.createConnection(uri).asPromise();
      try {
        for (const { name: database } of await connection.listDatabases().then(({ databases }) => databases))
          for (const name of COLLECTIONS)
            for (const document of await connection.useDb(database).collection(name).find().toArray())
              found.get(name)?.set(JSON.stringify(document), document);
      } finally {
        await connection.close();
      }
    });
  const all = (name: (typeof COLLECTIONS)[number]): unknown[] => [...(found.get(name)?.values() ?? [])];
  return {
    orgs: all('orgs') as OrgDocument[],
    users: all('users') as UserDocument[],
    connections: all('connections') as ConnectionDocument[],
    sessions: all('sessions') as SessionDocument[],
  };
}

async function withDatabase(folder: string, work: (uri: string) => Promise<void>): Promise<void> {
  const copy = await mkdtemp(join(tmpdir(), 'oneshot-thief-'));
  await cp(folder, copy, { recursive: true });
  const server = await startChild('embedded-mongodb/dist/main.js', { EMBEDDED_MONGODB_PORT: '0', DATA_DIR: copy });
  try {
    await work(server.url);
  } finally {
    await server.stop();
    await rm(copy, { recursive: true, force: true });
  }
}
