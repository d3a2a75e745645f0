import type { Rep } from '../auth/rep.ts';
import { events } from '../http/events.ts';
import type { Log } from '../http/log.ts';
import { ProblemError } from '../http/problem.ts';
import { unlessAborted } from '../http/unless-aborted.ts';
import type { Refresher } from './refresher.ts';
import { hasSameTokens, isLive, type ConnectionStore, type LiveConnection } from './store.ts';
import type { ScopeRefused } from './tokens.ts';

export interface GrantCheckParts {
  readonly store: ConnectionStore;
  readonly refresher: Pick<Refresher, 'refresh'>;
  readonly log: Log;
}

/** The scopes of a token that is younger than this are as the provider has them, in milliseconds. */
const FRESH_MS = 60_000;
/** How often a connection that changes under our hands is read anew. */
const TRIES = 3;

/** Ends a connection whose grant does not cover what it is for, once that is known and not only likely. */
export class GrantCheck {
  readonly #parts: GrantCheckParts;

  constructor(parts: GrantCheckParts) {
    this.#parts = parts;
  }

  /**
   * @param seen whose token was refused
   * @throws what the database throws; the signal's reason
   */
  async afterRefusal(
    rep: Rep,
    seen: LiveConnection,
    evidence: ScopeRefused['evidence'],
    signal: AbortSignal,
  ): Promise<void> {
    if (evidence === 'named') return this.#end(rep, seen);
    if (Date.now() - seen.refreshedAt.getTime() < FRESH_MS) return;
    // A fresh token comes with its scopes: where one is missing, the refresher ends the connection and says so.
    await unlessAborted(this.#parts.refresher.refresh(rep, seen), signal).catch((error: unknown) => {
      if (!(error instanceof ProblemError)) throw error;
    });
  }

  /** Unless other tokens took the place of those that were refused: they may cover it. */
  async #end(rep: Rep, seen: LiveConnection): Promise<void> {
    const { store, log } = this.#parts;
    const { provider } = seen;
    for (let attempt = 1; attempt <= TRIES; attempt += 1) {
      const now = await store.find(rep, provider);
      if (now?.status !== 'connected' || !isLive(now) || !hasSameTokens(now, seen)) return;
      if (!(await store.end(now, 'reconnect', 'scope_missing'))) continue;
      log.warn(events.connectionEnded, { org: rep.orgId, rep: rep.userId, provider, problem: 'scope_missing' });
      return;
    }
  }
}
