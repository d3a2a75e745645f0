import { join } from 'node:path';
import mongoose from 'mongoose';
import { Audit } from '../src/audit/audit.ts';
import { auditModels } from '../src/audit/model.ts';
import { FileLedger } from '../src/ledger/file-ledger.ts';
import { openKeyFile } from '../src/vault/key-file.ts';
import { ProofKeys } from '../src/vault/proof-keys.ts';
import { signingKeyModel } from '../src/vault/signing-key-model.ts';
import type { Stack } from './harness.ts';

/** What signs a stack's trails, and its trails as operators export them. */
export async function withProofKeys<T>(
  stack: Stack,
  use: (proofKeys: ProofKeys, exported: (orgId: string) => Promise<string>) => Promise<T>,
): Promise<T> {
  const connection = await mongoose.createConnection(stack.settings.MONGODB_URI ?? '').asPromise();
  try {
    const masterKey = await openKeyFile(stack.dataDir, false);
    const proofKeys = await ProofKeys.open({ keys: signingKeyModel(connection), masterKey, region: 'us' });
    const ledger = await FileLedger.open(join(stack.dataDir, 'ledger.jsonl'));
    const audit = new Audit({ ...auditModels(connection), proofKeys, ledger });
    const result = await use(proofKeys, (orgId) => audit.exported(orgId));
    await audit.close();
    return result;
  } finally {
    await connection.close();
  }
}
