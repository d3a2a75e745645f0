import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { SessionEnded } from '../auth/problems.ts';
import type { Rep } from '../auth/rep.ts';
import { isDatabaseUnavailable } from '../database/unavailable.ts';
import { events } from '../http/events.ts';
import type { Log } from '../http/log.ts';
import type { Halves } from './halves.ts';
import { AnswerLost, TokenRefusal, type ProviderOAuth, type Tokens } from './oauth.ts';
import type { OpenConnection, Opener } from './opener.ts';
import { ConnectionUnusable, ProviderInvalid, ProviderUnavailable, type Reason } from './problems.ts';
import { hasRequiredScopes, providers } from './provider.ts';
import type { Refusal } from './provider-errors.ts';
import { hasSameTokens, isLive, type ConnectionStore, type LiveConnection } from './store.ts';
import { openLabel, sealTokens, type TokenSet } from './token-set.ts';

/** Durations in milliseconds. */
export interface RefreshPolicy {
  /** One refresh call; after it the answer counts as lost. Well inside the lease. */
  readonly callMs: number;
  /** From the beginning of the call until rotated tokens must be saved; still inside the lease. */
  readonly saveMs: number;
  /** A lease whose fencing number does not move for so long has lost its holder. */
  readonly leaseMs: number;
  /** How long a request waits for whoever refreshes. Longer than a lease, so that it may take over. */
  readonly waitMs: number;
  /** First pause after a transient failure; doubles each time, up to five minutes, with jitter. */
  readonly backoffMs: number;
}

export const defaultRefreshPolicy: RefreshPolicy = {
  callMs: 8_000,
  saveMs: 12_000,
  leaseMs: 15_000,
  waitMs: 20_000,
  backoffMs: 1_000,
};

/** Tokens are refreshed five to ten minutes before their end, or in the last fifth of a short life. */
const EARLY_MS = 5 * 60_000;
const MAX_BACKOFF_MS = 5 * 60_000;
/** A token that ends within this is not handed out any more. */
const TOO_LATE_MS = 5_000;
/** How far clocks of processes may differ. */
const SKEW_MS = 5 * 60_000;

export interface RefresherParts {
  readonly store: ConnectionStore;
  readonly opener: Opener;
  readonly halves: Halves;
  readonly oauth: ProviderOAuth;
  readonly log: Log;
  readonly policy?: RefreshPolicy;
}

/**
 * Refreshes tokens, one at a time for a connection: a single flight in the process, a lease with a fencing number across
 * processes. Whether a lease's holder is lost is told by watching that number with one's own monotonic clock, so that no
 * two clocks have to agree. A refresh is bound to no request: a rep who closes the tab must not lose a rotated token.
 */
export class Refresher {
  readonly #parts: RefresherParts;
  readonly #policy: RefreshPolicy;
  readonly #running = new Map<string, Promise<OpenConnection>>();

  constructor(parts: RefresherParts) {
    this.#parts = parts;
    this.#policy = parts.policy ?? defaultRefreshPolicy;
  }

  /** Whether a token is due to be refreshed: early, and not all of them at one moment. */
  isDue({ _id, version, expiresAt, refreshedAt }: LiveConnection): boolean {
    const lifeMs = Math.max(0, expiresAt.getTime() - refreshedAt.getTime());
    const jitter = createHash('sha256').update(`${_id} ${version}`).digest().readUInt16BE(0) / 65_536;
    return expiresAt.getTime() - Date.now() <= Math.min(EARLY_MS * (1 + jitter), (lifeMs * (1 + jitter)) / 10);
  }

  /** Whether a token is over, or so nearly that a call could arrive too late. */
  isOver({ expiresAt }: LiveConnection): boolean {
    return expiresAt.getTime() - Date.now() <= TOO_LATE_MS;
  }

  /** Whether the last refresh failed a moment ago, so that it is too early for another. */
  isBackingOff({ retryAt }: LiveConnection): boolean {
    // A clock that was wrong when it wrote this cannot hold a connection up for longer than any pause.
    const waitMs = (retryAt?.getTime() ?? 0) - Date.now();
    return waitMs > 0 && waitMs <= MAX_BACKOFF_MS + SKEW_MS;
  }

  /**
   * Newer tokens than those of `seen`, made here or by whoever was faster.
   * @throws ConnectionUnusable the grant is over, and why; ProviderUnavailable; what `Opener.open` throws
   */
  refresh(rep: Rep, seen: LiveConnection): Promise<OpenConnection> {
    const name = `${seen._id} ${seen.version}`;
    const running = this.#running.get(name);
    // Another tab's session may end while ours lives.
    if (running !== undefined)
      return running.catch((error: unknown) => {
        if (error instanceof SessionEnded) return this.refresh(rep, seen);
        throw error;
      });
    const started = this.#refresh(rep, seen).finally(() => this.#running.delete(name));
    this.#running.set(name, started);
    return started;
  }

  /** Refreshes that run now, so that a stop can wait for what they save. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#running.values());
  }

  async #refresh(rep: Rep, seen: LiveConnection): Promise<OpenConnection> {
    const { store, opener } = this.#parts;
    const { provider } = seen;
    const until = performance.now() + this.#policy.waitMs;
    let watched: { readonly fence: number; readonly since: number } | undefined;
    for (;;) {
      const now = await store.find(rep, provider);
      if (now === undefined) throw new ConnectionUnusable(provider, 'not_connected');
      if (now.status !== 'connected' || !isLive(now) || !hasSameTokens(now, seen)) return opener.open(rep, now);
      const { lease } = now;
      if (lease === undefined && this.isBackingOff(now))
        throw new ProviderUnavailable(provider, secondsUntil(now.retryAt));
      if (lease !== undefined && watched?.fence !== lease.fence)
        watched = { fence: lease.fence, since: performance.now() };
      if (lease === undefined || this.#isLost(lease, watched?.since)) {
        const held = await store.takeLease(now);
        if (held !== undefined) return this.#asHolder(rep, held, now.isInDoubt === true);
        continue;
      }
      if (performance.now() > until) throw new ProviderUnavailable(provider);
      await delay(40 + Math.random() * 80);
    }
  }

  #isLost(lease: { readonly at: Date }, watchedSince: number | undefined): boolean {
    const { leaseMs } = this.#policy;
    if (watchedSince !== undefined && performance.now() - watchedSince > leaseMs) return true;
    return Date.now() - lease.at.getTime() > leaseMs + SKEW_MS;
  }

  async #asHolder(rep: Rep, held: LiveConnection, wasInDoubt: boolean): Promise<OpenConnection> {
    const { oauth, opener, store, log } = this.#parts;
    const { provider } = held;
    const startedAt = performance.now();
    const giveUp = async (retryAfterSeconds: number | undefined, isInDoubt: boolean): Promise<never> => {
      const pauseMs = this.#pauseMs(held.failures ?? 0, retryAfterSeconds);
      await store.giveBack(held, { retryAt: new Date(Date.now() + pauseMs), isInDoubt });
      throw new ProviderUnavailable(provider, Math.ceil(pauseMs / 1_000));
    };
    let open: OpenConnection;
    try {
      if (held.clientId !== oauth.clientId(provider)) return await this.#end(rep, held, 'reconnect', 'client_changed');
      open = await opener.open(rep, held);
    } catch (error) {
      // Nothing was sent.
      if (!(error instanceof ConnectionUnusable))
        await store.giveBack(held, { retryAt: new Date(), isInDoubt: wasInDoubt }).catch(() => undefined);
      throw error;
    }
    if (open.connection.version !== held.version) return open; // connected anew meanwhile
    let fresh: Tokens;
    try {
      fresh = await oauth.refresh(provider, open.tokens.refreshToken, AbortSignal.timeout(this.#policy.callMs));
    } catch (error) {
      if (error instanceof TokenRefusal) {
        const { refusal } = error;
        log.warn(events.tokenRefreshFailed, { org: rep.orgId, rep: rep.userId, provider, problem: refusal.kind });
        if (refusal.kind === 'reconnect') {
          return await this.#end(rep, held, 'reconnect', trueReason(held, refusal.reason, wasInDoubt));
        }
        if (refusal.kind === 'waiting_for_admin') return await this.#end(rep, held, refusal.kind, refusal.reason);
        return await giveUp(pauseAsked(refusal), wasInDoubt || refusal.kind === 'nonsense');
      }
      if (!(error instanceof AnswerLost) && !(error instanceof ProviderInvalid)) throw error;
      const problem = error instanceof AnswerLost ? 'answer_lost' : 'provider_invalid';
      log.warn(events.tokenRefreshFailed, { org: rep.orgId, rep: rep.userId, provider, problem });
      return await giveUp(undefined, true);
    }
    if (fresh.scopes !== undefined && !hasRequiredScopes(providers[provider], fresh.scopes))
      return await this.#end(rep, held, 'reconnect', 'scope_missing');
    const refreshed = await this.#save(rep, open, fresh, startedAt + this.#policy.saveMs);
    const ms = Math.round(performance.now() - startedAt);
    log.info(events.tokenRefreshed, { org: rep.orgId, rep: rep.userId, provider, ms });
    return refreshed;
  }

  /** Saves what the provider gave before anybody uses it. A database that is away for a moment must not lose it. */
  async #save(rep: Rep, open: OpenConnection, fresh: Tokens, until: number): Promise<OpenConnection> {
    const { store, opener, halves, oauth } = this.#parts;
    // The halves that opened it: whoever signs out meanwhile ends their session, and not this.
    const { connection: held, halves: old } = open;
    const { provider } = held;
    const tokens: TokenSet = {
      accessToken: fresh.accessToken,
      refreshToken: fresh.refreshToken ?? open.tokens.refreshToken,
    };
    for (;;) {
      try {
        const label = openLabel(old, opener.placeOf(held), held.label) ?? '';
        const ours = await halves.oursToSeal(rep);
        const version = held.version + 1;
        const both = { ...old, ours };
        const sealed = sealTokens(both, opener.placeOf({ ...held, version }), tokens, label);
        const now = Date.now();
        const fields = {
          version,
          sealed: sealed.tokens,
          label: sealed.label,
          halves: { customers: held.halves.customers, ours: ours.version },
          expiresAt: new Date(now + fresh.livesMs),
          refreshedAt: new Date(now),
          ...(fresh.scopes === undefined ? {} : { scopes: fresh.scopes }),
        };
        if (await store.refreshed(held, fields)) return { connection: { ...held, ...fields }, tokens, halves: both };
        break;
      } catch (error) {
        if (!isDatabaseUnavailable(error) || performance.now() > until) throw error;
        await delay(100);
      }
    }
    const now = await store.find(rep, provider);
    if (now !== undefined) return opener.open(rep, now);
    // Disconnected meanwhile: what was just given must not live on.
    await oauth.revoke(provider, tokens.refreshToken);
    throw new ConnectionUnusable(provider, 'not_connected');
  }

  async #end(
    rep: Rep,
    held: LiveConnection,
    status: 'reconnect' | 'waiting_for_admin',
    reason: Reason,
  ): Promise<OpenConnection> {
    const { store, opener, log } = this.#parts;
    const { provider } = held;
    const isEnded = await store.end(held, status, reason, held.fence);
    if (isEnded) log.warn(events.connectionEnded, { org: rep.orgId, rep: rep.userId, provider, problem: reason });
    else {
      // Somebody connected anew or saved other tokens meanwhile: theirs count.
      const now = await store.find(rep, provider);
      if (now !== undefined && now.version !== held.version) return opener.open(rep, now);
      if (now?.status === 'connected') throw new ProviderUnavailable(provider);
    }
    throw new ConnectionUnusable(provider, status === 'reconnect' ? 'reconnect_required' : 'waiting_for_admin', reason);
  }

  #pauseMs(failures: number, asked: number | undefined): number {
    if (asked !== undefined) return Math.min(asked * 1_000, MAX_BACKOFF_MS) * (1 + Math.random() / 10);
    return Math.min(this.#policy.backoffMs * 2 ** Math.min(failures, 12), MAX_BACKOFF_MS) * (0.75 + Math.random() / 2);
  }
}

/** Why the provider says that the grant is over, as far as we know more about it than it says. */
function trueReason({ provider, refreshedAt }: LiveConnection, reason: Reason, wasInDoubt: boolean): Reason {
  if (reason !== 'revoked') return reason;
  if (Date.now() - refreshedAt.getTime() > providers[provider].idleMs) return 'unused';
  return wasInDoubt ? 'refresh_interrupted' : reason;
}

function pauseAsked(refusal: Refusal): number | undefined {
  if (refusal.kind === 'transient') return refusal.retryAfterSeconds;
  // Nothing that a moment mends.
  return refusal.kind === 'misconfigured' ? 60 : undefined;
}

const secondsUntil = (at: Date | undefined): number =>
  Math.max(1, Math.ceil(((at?.getTime() ?? 0) - Date.now()) / 1_000));
