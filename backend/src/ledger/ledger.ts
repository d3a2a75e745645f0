/**
 * What must not come back when a database is restored from a backup: erasures, disconnects, ended sessions, and how far
 * each audit trail had come. It lies outside of the database and its backups (DESIGN 6).
 */
export type LedgerEntry = { readonly at: string; readonly beat: number } & LedgerEvent;

/** Opaque ids and digests only. */
export type LedgerEvent =
  | { readonly type: 'org_erased'; readonly org: string }
  | { readonly type: 'user_erased'; readonly org: string; readonly user: string }
  /** `contact`: an HMAC of the Contact Id, which is the customer's and not ours to write down outside. */
  | { readonly type: 'contact_erased'; readonly org: string; readonly contact: string }
  | { readonly type: 'disconnected'; readonly org: string; readonly user: string; readonly provider: string }
  | { readonly type: 'sessions_ended'; readonly org: string; readonly user?: string }
  | { readonly type: 'audit_head'; readonly org: string; readonly seq: number; readonly hash: string };

/** Written by every process of a region. */
export interface Ledger {
  /** When this returns the entry is durable. @throws LedgerUnavailable */
  append(event: LedgerEvent): Promise<void>;
  /** Entries that were written at this beat or later, the oldest first. @throws LedgerUnavailable */
  since(beat: number): Promise<readonly LedgerEntry[]>;
  /** The highest beat so far; 0 at the very first start. @throws LedgerUnavailable */
  beat(): Promise<number>;
  /** Raises the beat; a lower one than there is changes nothing. @throws LedgerUnavailable */
  raise(beat: number): Promise<void>;
  close(): Promise<void>;
}

/** The ledger cannot be read or written: nothing is erased or served that it would have to know of. */
export class LedgerUnavailable extends Error {
  /** Whether waiting may mend it: a server that is away, not a folder that is not ours. */
  readonly isTemporary: boolean;

  constructor(why: string, isTemporary = false) {
    super(`LEDGER_URI: the ledger ${why}`);
    this.name = 'LedgerUnavailable';
    this.isTemporary = isTemporary;
  }
}

/** The number of this minute: processes with clocks agree on it without asking each other. */
export const beatOf = (now: number): number => Math.floor(now / 60_000);

const TYPES = new Set(['org_erased', 'user_erased', 'contact_erased', 'disconnected', 'sessions_ended', 'audit_head']);

/** Whether a value that was read is an entry. */
export function isEntry(value: unknown): value is LedgerEntry {
  if (typeof value !== 'object' || value === null) return false;
  const { at, beat, type, org } = value as Readonly<Record<string, unknown>>;
  return (
    typeof at === 'string' &&
    Number.isSafeInteger(beat) &&
    typeof type === 'string' &&
    TYPES.has(type) &&
    typeof org === 'string'
  );
}
