/** An uncontended append to an audit trail against one bare insert of the same document: `node measure-audit.js`. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Audit } from '@oneshot/backend/dist/audit/audit.js';
import { auditModels } from '@oneshot/backend/dist/audit/model.js';
import { newId } from '@oneshot/backend/dist/database/new-id.js';
import { FileLedger } from '@oneshot/backend/dist/ledger/file-ledger.js';
import { openKeyFile } from '@oneshot/backend/dist/vault/key-file.js';
import { ProofKeys } from '@oneshot/backend/dist/vault/proof-keys.js';
import { signingKeyModel } from '@oneshot/backend/dist/vault/signing-key-model.js';
import mongoose from 'mongoose';
import { median } from './statistics.ts';

export interface AuditFigures {
  /** Medians, milliseconds. */
  readonly insertMs: number;
  readonly appendMs: number;
  /** Median of each round's own. */
  readonly ratio: number;
}

const ROUNDS = 9;
const PER_ROUND = 200;

const folder = mkdtempSync(join(tmpdir(), 'oneshot-bench-audit-'));
const database = spawn(
  process.execPath,
  [fileURLToPath(new URL('../../embedded-mongodb/dist/main.js', import.meta.url))],
  {
    env: { PATH: process.env.PATH, EMBEDDED_MONGODB_PORT: '0', DATA_DIR: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  },
);
try {
  const connection = await mongoose.createConnection(`${await listening()}/bench`).asPromise();
  const models = auditModels(connection);
  await Promise.all([models.entries.createIndexes(), models.heads.createIndexes()]);
  const masterKey = await openKeyFile(folder, true);
  const proofKeys = await ProofKeys.open({ keys: signingKeyModel(connection), masterKey, region: 'us' });
  const audit = new Audit({ ...models, proofKeys, ledger: await FileLedger.open(join(folder, 'ledger.jsonl')) });
  const rounds: { readonly insertMs: number; readonly appendMs: number }[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const [bare, ours] = [newId('org'), newId('org')];
    let seq = 0;
    const insert = (): Promise<unknown> =>
      models.entries.create({
        ...eventOf(bare),
        seq: (seq += 1),
        at: new Date(),
        hash: '0'.repeat(64),
        signature: 'x'.repeat(130),
      });
    const append = (): Promise<unknown> => audit.append(eventOf(ours));
    await append(); // the first of a trail also writes its head
    const figures = { insertMs: await timed(insert), appendMs: await timed(append) };
    if (round > 0) rounds.push(figures); // code is compiled in the first
  }
  const figures: AuditFigures = {
    insertMs: median(rounds.map(({ insertMs }) => insertMs)),
    appendMs: median(rounds.map(({ appendMs }) => appendMs)),
    ratio: median(rounds.map(({ insertMs, appendMs }) => appendMs / insertMs)),
  };
  await audit.close();
  await connection.close();
  process.stdout.write(`${JSON.stringify(figures)}\n`);
} finally {
  database.kill('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
}

function eventOf(orgId: string) {
  return { orgId, actor: 'usr_AAAAAAAAAAAAAAAAAAAAAA', action: 'signed_in', target: 'usr_AAAAAAAAAAAAAAAAAAAAAA' };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  for (let count = 0; count < PER_ROUND; count += 1) await work();
  return (performance.now() - startedAt) / PER_ROUND;
}

async function listening(): Promise<string> {
  for await (const line of createInterface({ input: database.stdout }))
    if (line.includes('"event":"listening"')) return (JSON.parse(line) as { url: string }).url;
  throw new Error('The database did not start');
}
