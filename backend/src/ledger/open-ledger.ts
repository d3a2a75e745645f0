import { fileURLToPath } from 'node:url';
import type { Secret } from '../vault/secret.ts';
import { FileLedger } from './file-ledger.ts';
import type { Ledger } from './ledger.ts';
import { MongodbLedger } from './mongodb-ledger.ts';

/** @param uri `file:` or `mongodb:`, as LEDGER_URI was checked @throws LedgerUnavailable */
export function openLedger(uri: Secret): Promise<Ledger> {
  const text = uri.reveal();
  return text.startsWith('file:') ? FileLedger.open(fileURLToPath(text)) : MongodbLedger.open(uri);
}
