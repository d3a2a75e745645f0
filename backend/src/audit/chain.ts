import { createHash } from 'node:crypto';
import type { AuditDocument } from './model.ts';

/** Before the first entry. */
export const GENESIS = '0'.repeat(64);

/** How far a chain has come. */
export interface ChainEnd {
  readonly seq: number;
  readonly hash: string;
}

/** SHA-256 over a list with a fixed order, as JSON: no two entries give the same text. */
export function hashOf(entry: Omit<AuditDocument, 'hash' | 'signature'>, previousHash: string): string {
  const { orgId, seq, at, actor, action, target } = entry;
  return createHash('sha256')
    .update(JSON.stringify([previousHash, orgId, seq, at.toISOString(), actor, action, target]))
    .digest('hex');
}

/** What is signed of an entry, and of the head of a trail. */
export const entryText = (orgId: string, { seq, hash }: ChainEnd): string =>
  JSON.stringify(['oneshot audit entry 1', orgId, seq, hash]);
export const headText = (orgId: string, { seq, hash }: ChainEnd, at: Date): string =>
  JSON.stringify(['oneshot audit head 1', orgId, seq, hash, at.toISOString()]);
