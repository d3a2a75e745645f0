import { LRUCache } from 'lru-cache';
import { SessionEnded } from '../auth/problems.ts';
import type { Rep } from '../auth/rep.ts';
import { events } from '../http/events.ts';
import type { Log } from '../http/log.ts';
import { ProblemError } from '../http/problem.ts';
import { CrmFieldHidden, CrmSessionExpired, CrmUnavailable } from '../salesforce/errors.ts';
import type { OrgSettings } from '../settings/settings.ts';
import type { AccountFields, PullSettings } from './account-fields.ts';
import type { ReadWith } from './currencies.ts';
import { freshnessOf, notPulled, type Freshness } from './freshness.ts';
import { KeptLists, type Reason } from './kept-lists.ts';
import { ListPull, PullEnded } from './list-pull.ts';
import type { AccountList, ListQuery } from './list/account-list.ts';
import { ErasableMemory } from './list/memory.ts';
import { PageBuffers } from './list/page-buffers.ts';
import { RowStore } from './list/row-store.ts';
import { unlessAborted } from '../http/unless-aborted.ts';

export interface PayingAccountsParts {
  /** At once where they are in memory: most lists are, and then nobody has to wait for anything. */
  readonly settingsOf: (orgId: string) => SavedSettings | Promise<SavedSettings>;
  readonly log: Log;
  /** Told of a rep who may not see the paying field (any more), so that the admin hears of it; must not throw. */
  readonly onPayingFieldHidden?: (orgId: string, userId: string) => void;
  /** For tests that read each buffer after its end. */
  readonly memory?: ErasableMemory;
  /** How long a pull goes on when nobody waits for it any more. Default 30 s. */
  readonly abandonedAfterMs?: number;
}

interface SavedSettings {
  readonly settings: OrgSettings;
  readonly isSaved: boolean;
}

/** A list as it is at this moment, to be used without awaiting anything. */
export interface TakenList {
  readonly list: AccountList;
  readonly freshness: Freshness;
}

/** What ended, as auth/ tells it. */
export interface EndedSessions {
  readonly scope: 'session' | 'rep' | 'org';
  readonly orgId: string;
  readonly userId?: string;
  readonly sessionIds: readonly string[];
}

/** What the component shows in Setup about lists in memory (API.md, evidence). */
export interface CachedList {
  readonly rep: string;
  readonly rows: number;
  readonly fetchedAt: string;
  readonly expiresAt: string;
}

/** A request begins again when the list went away under it, at most so often. */
const ATTEMPTS = 8;

/** After so many sortings the rows that came meanwhile are merged in however many they are. */
const SORT_ROUNDS = 3;

/** Requests of an ended session that were on their way are refused for so long, in milliseconds. */
const ENDED_MS = 10 * 60_000;

/** Whoever follows a pull asks every few seconds; later questions are new ones. Milliseconds. */
const BROKEN_MS = 15_000;

/**
 * The lists of paying accounts in memory: one for each rep, pulled as the rep, served to the sessions that signed in
 * before the pull began, erased in time (DESIGN 2.2 and 4).
 */
export class PayingAccounts {
  readonly memory: ErasableMemory;
  /** What answers are written into. */
  readonly pages: PageBuffers;
  readonly #parts: PayingAccountsParts;
  readonly #kept: KeptLists;
  readonly #pulls = new Map<string, ListPull>();
  readonly #stores = new Map<string, RowStore>();
  readonly #lastFields = new LRUCache<string, AccountFields>({ max: 20_000 });
  readonly #ended = new LRUCache<string, true>({ max: 100_000, ttl: ENDED_MS });
  /** Why a pull broke off that somebody was following page by page: what they ask next is answered with it. */
  readonly #broken = new LRUCache<string, { readonly error: ProblemError; readonly startedAt: number }>({
    max: 20_000,
    ttl: BROKEN_MS,
  });
  #isClosed = false;

  constructor(parts: PayingAccountsParts) {
    this.#parts = parts;
    this.memory = parts.memory ?? new ErasableMemory();
    this.pages = new PageBuffers(this.memory);
    this.#kept = new KeptLists(parts.log, (orgId) => this.#tidy(orgId));
  }

  /**
   * Takes the rep's list and calls `use` with it, without a pause in between. Waits for the pull where there is none
   * that may serve this session; with `isPartial` only for its first page.
   * @param use what it returns must not refer to the list. Where it awaits, the list can be erased meanwhile: then it
   *   throws PullEnded, and is called again with another one
   * @throws SessionEnded the session ended meanwhile; what `pullAccounts` throws; the signal's reason
   */
  async withList<T>(rep: Rep, options: TakeOptions, use: (taken: TakenList) => T | Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      const saved = this.#parts.settingsOf(rep.orgId);
      const settings = this.#openFor(rep, saved instanceof Promise ? await saved : saved);
      if (options.isPartial === true) this.#tellBroken(rep, options.isContinued === true);
      const { pull, mustWait } = this.#pullFor(rep, settings);
      const letGo = pull.hold();
      try {
        if (mustWait) await this.#wait(pull, options, settings);
        if (!isSorted(pull.list, options)) await this.#sorted(pull.list, options);
        this.#assertOpen(rep);
        if (pull.list.isErased) {
          if (pull.hasFailed) await pull.done;
          throw new PullEnded();
        }
        const waitedForAll = mustWait && pull.isComplete;
        if (!pull.isComplete) pull.isFollowed = true;
        const used = use({ list: pull.list, freshness: freshnessOf(pull, waitedForAll || !settings.cache.enabled) });
        if (!(used instanceof Promise)) return used;
        const result = await used;
        this.#assertOpen(rep);
        return result;
      } catch (error) {
        this.#askAgainAfter(error, pull, rep, attempt);
      } finally {
        letGo();
        this.#tidy(rep.orgId);
      }
    }
  }

  /**
   * Pulls again; the list that is there serves until the new one is complete. Returns once Salesforce has answered with
   * a first page, so that whoever clicked hears of what stands in the way. With the cache off there is nothing to renew.
   * @throws what `pullAccounts` throws before its first page; SessionEnded; the signal's reason
   */
  async refresh(rep: Rep, signal: AbortSignal): Promise<Freshness> {
    for (let attempt = 1; ; attempt += 1) {
      const settings = await this.#settingsOf(rep);
      if (!settings.cache.enabled) return notPulled(settings);
      const key = keyOf(rep);
      const running = this.#pulls.get(key);
      const pull = running !== undefined && this.#serves(running, rep, settings) ? running : this.#start(rep, settings);
      pull.want();
      try {
        await unlessAborted(pull.firstPage, signal);
        if (pull.hasFailed) await pull.done;
        this.#assertOpen(rep);
        if (pull.list.isErased) throw new PullEnded();
        const current = this.#kept.get(key);
        const isServing = current !== undefined && this.#serves(current, rep, settings);
        return freshnessOf(isServing ? current : pull, false);
      } catch (error) {
        this.#askAgainAfter(error, pull, rep, attempt);
      }
    }
  }

  /** To be called for each ending of sessions, in whichever process: erases at once. */
  sessionsEnded({ scope, orgId, userId, sessionIds }: EndedSessions): void {
    for (const sessionId of sessionIds) this.#ended.set(sessionId, true);
    const reason = scope === 'session' ? 'signed_out' : 'revoked';
    if (userId !== undefined) this.erase(orgId, userId, reason);
    else this.eraseOrg(orgId, reason);
  }

  /** To be called when an org's settings changed: a list of another field, or of a cache that is off, goes at once. */
  settingsChanged(orgId: string, now: OrgSettings): void {
    const keeps = (pull: ListPull): boolean => now.cache.enabled && pull.isOf({ ...now, isSaved: true });
    for (const pull of this.#ofOrg(orgId)) {
      if (!keeps(pull)) this.erase(orgId, pull.userId, now.cache.enabled ? 'replaced' : 'cache_off');
    }
  }

  /** Ends a rep's pull and erases their list. */
  erase(orgId: string, userId: string, reason: Reason): void {
    const key = keyOf({ orgId, userId });
    const pull = this.#pulls.get(key);
    this.#pulls.delete(key);
    pull?.erase(new PullEnded());
    this.#kept.drop(key, reason);
    this.#tidy(orgId);
  }

  /** Ends all pulls of an org and erases its lists. */
  eraseOrg(orgId: string, reason: Reason): void {
    for (const { userId } of this.#ofOrg(orgId)) this.erase(orgId, userId, reason);
    for (const key of this.#lastFields.keys()) if (key.startsWith(`${orgId}/`)) this.#lastFields.delete(key);
  }

  /** The lists of an org in memory. */
  cached(orgId: string): CachedList[] {
    return this.#ofOrg(orgId).map((pull) => ({
      rep: pull.userId,
      rows: pull.list.size,
      fetchedAt: pull.fetchedAt,
      expiresAt: pull.expiry,
    }));
  }

  /** Ends all pulls and erases everything; no list is served any more. */
  close(): void {
    this.#isClosed = true;
    for (const orgId of [...this.#stores.keys()]) this.eraseOrg(orgId, 'stopping');
    this.#kept.close();
    this.pages.close();
  }

  /** What decides how this rep's accounts are read one by one. @throws SessionEnded the session ended meanwhile */
  async readWith(rep: Rep): Promise<ReadWith> {
    return { settings: await this.#settingsOf(rep), lastFields: this.#lastFields.get(keyOf(rep)) };
  }

  async #settingsOf(rep: Rep): Promise<PullSettings> {
    return this.#openFor(rep, await this.#parts.settingsOf(rep.orgId));
  }

  #openFor(rep: Rep, { settings, isSaved }: SavedSettings): PullSettings {
    this.#assertOpen(rep);
    const { payingField, products, cache } = settings;
    return { payingField, products, cache, isSaved };
  }

  /** A request that passed the session check before its session ended must not pull again behind the erasure. */
  #assertOpen(rep: Rep): void {
    if (this.#ended.has(rep.sessionId)) throw new SessionEnded();
    if (this.#isClosed) throw new CrmUnavailable();
  }

  /** Returns where another attempt may help: the pull went away, or it read as a session of the rep that ended. @throws */
  #askAgainAfter(error: unknown, pull: ListPull, rep: Rep, attempt: number): void {
    const ownFault = pull.sessionId === rep.sessionId || !(error instanceof CrmSessionExpired);
    this.#assertOpen(rep);
    if (ownFault && !(error instanceof PullEnded)) throw error;
    if (attempt === ATTEMPTS) throw new CrmUnavailable();
  }

  /**
   * Without this each question of a client that follows a pull would begin another one, and none would say why. Whoever
   * goes on with a list is told each time, for clients repeat a 503 by themselves; whoever begins anew is told once.
   */
  #tellBroken(rep: Rep, isContinued: boolean): void {
    const key = keyOf(rep);
    const broken = this.#broken.get(key);
    if (broken === undefined || broken.startedAt < rep.signedInAt) return;
    if (!isContinued) this.#broken.delete(key);
    throw broken.error;
  }

  #pullFor(rep: Rep, settings: PullSettings): { readonly pull: ListPull; readonly mustWait: boolean } {
    const key = keyOf(rep);
    const held = this.#kept.get(key);
    if (held !== undefined && settings.cache.enabled && this.#serves(held, rep, settings))
      return { pull: held, mustWait: false };
    const running = this.#pulls.get(key);
    if (running !== undefined && this.#serves(running, rep, settings)) return { pull: running, mustWait: true };
    return { pull: this.#start(rep, settings), mustWait: true };
  }

  #serves(pull: ListPull, rep: Rep, settings: PullSettings): boolean {
    return pull.startedAt >= rep.signedInAt && pull.isOf(settings) && !pull.list.isErased;
  }

  /** The pull that runs, if any, began before this session signed in: its callers get the new one's list, too. */
  #start(rep: Rep, settings: PullSettings): ListPull {
    const key = keyOf(rep);
    this.#pulls.get(key)?.erase(new PullEnded());
    this.#broken.delete(key);
    const { abandonedAfterMs } = this.#parts;
    const last = this.#lastFields.get(key);
    const pull = new ListPull(rep, this.#storeOf(rep.orgId), settings, last, abandonedAfterMs);
    this.#pulls.set(key, pull);
    pull.done.then(
      () => this.#finished(key, pull),
      (error: unknown) => this.#failed(key, pull, error),
    );
    return pull;
  }

  #finished(key: string, pull: ListPull): void {
    const ms = Date.now() - pull.startedAt;
    const { orgId: org, userId: rep, pages } = pull;
    this.#parts.log.info(events.accountsPulled, { org, rep, rows: pull.list.size, pages, ms });
    if (pull.fields !== undefined) this.#lastFields.set(key, pull.fields);
    if (this.#pulls.get(key) !== pull) return;
    this.#pulls.delete(key);
    if (!pull.settings.cache.enabled) return; // those who wait cut their pages; the last one to let go erases
    this.#kept.keep(key, pull);
  }

  #failed(key: string, pull: ListPull, error: unknown): void {
    if (this.#pulls.get(key) === pull) this.#pulls.delete(key);
    this.#tidy(pull.orgId);
    if (error instanceof PullEnded) return;
    if (pull.isFollowed && error instanceof ProblemError && !(error instanceof CrmSessionExpired))
      this.#broken.set(key, { error, startedAt: pull.startedAt });
    const problem = error instanceof ProblemError ? error.problem.code : 'internal';
    const { orgId: org, userId: rep } = pull;
    if (error instanceof CrmFieldHidden && error.problem.field === pull.settings.payingField)
      this.#parts.onPayingFieldHidden?.(org, rep);
    this.#parts.log.warn(events.accountsPullFailed, { org, rep, problem, ms: Date.now() - pull.startedAt });
  }

  async #wait(pull: ListPull, { isPartial, signal }: TakeOptions, settings: PullSettings): Promise<void> {
    if (isPartial !== true || !settings.cache.enabled) {
      await unlessAborted(pull.done, signal());
      return;
    }
    if (pull.list.size > 0) return;
    await unlessAborted(pull.firstPage, signal());
    if (pull.list.size === 0) await unlessAborted(pull.done, signal());
  }

  /** Waits until the list can be walked in its order. Other reps' pulls may add rows all the time: not for ever. */
  async #sorted(list: AccountList, { order: by, signal }: TakeOptions): Promise<void> {
    if (by === undefined) return;
    for (let round = 1; !list.isErased && !list.isReady(by.sort, by.order, round > SORT_ROUNDS); round += 1) {
      await unlessAborted(list.prepare(by.sort, by.order), signal());
    }
  }

  #ofOrg(orgId: string): ListPull[] {
    return [...this.#kept.all(), ...this.#pulls.values()].filter((pull) => pull.orgId === orgId);
  }

  #storeOf(orgId: string): RowStore {
    let store = this.#stores.get(orgId);
    if (store === undefined) this.#stores.set(orgId, (store = new RowStore(this.memory)));
    return store;
  }

  /** An org without lists leaves nothing. */
  #tidy(orgId: string): void {
    if (this.#stores.get(orgId)?.rows === 0 && this.#ofOrg(orgId).length === 0) this.#stores.delete(orgId);
  }
}

export interface TakeOptions {
  /** Ends the waiting, for instance because the client went away; asked for when there is something to wait for. */
  readonly signal: () => AbortSignal;
  readonly isPartial?: boolean;
  /** Whether rows behind the first ones are asked for: the client goes on with a list that it has. */
  readonly isContinued?: boolean;
  /** The order that the list is used in. */
  readonly order?: Pick<ListQuery, 'sort' | 'order'>;
}

function isSorted(list: AccountList, { order }: TakeOptions): boolean {
  return order === undefined || list.isReady(order.sort, order.order, false);
}

/** Keys are prefixed by the org: no key is ever the name of a property of an object. */
function keyOf({ orgId, userId }: Pick<Rep, 'orgId' | 'userId'>): string {
  return `${orgId}/${userId}`;
}
