import type { Rep } from '../auth/rep.ts';

/** What became of a grant at a provider (API.md, Receipt). */
export interface Revocation {
  readonly provider: string;
  /** `needs_rep`: nobody but the rep can open the token; they can end the grant at the provider themselves. */
  readonly result: 'revoked' | 'no_endpoint' | 'needs_rep';
}

/**
 * A room that holds something of orgs or people. Deleting the documents of its collections is no part of this: the
 * inventory does that for every collection whose schema names an org. A room says what it must do besides, each part only
 * where it has something to do. All of it may be called again after a crash, and must do no harm then.
 */
export interface HeldData {
  /** What the room holds of a person, without tokens, for their export. `part` is the name of the export's property. */
  readonly exportUser?: {
    readonly part: 'connections' | 'activity';
    rows(rep: Rep): Promise<readonly object[]>;
  };
  /** Revokes the rep's grants at the providers while the rep is there to open them. Never throws for a provider. */
  revokeGrants?(rep: Rep, signal: AbortSignal): Promise<readonly Revocation[]>;
  /** Providers that a person, or an org's people, have granted something. */
  grantsOf?(orgId: string, userId?: string): Promise<readonly string[]>;
  /** Before documents are deleted: destroys keys, forgets what is in memory. */
  eraseUser?(orgId: string, userId: string): Promise<unknown>;
  eraseOrg?(orgId: string): Promise<unknown>;
  /** A grant that was ended after the backup was taken must stay ended. @param at when it was ended */
  endedAgain?(orgId: string, userId: string, provider: string, at: Date): Promise<unknown>;
  /** The database was restored: tokens that rotate may have been used since and must not be used again. */
  restored?(): Promise<unknown>;
}
