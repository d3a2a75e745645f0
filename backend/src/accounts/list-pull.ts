import type { Rep } from '../auth/rep.ts';
import { CrmUnavailable } from '../salesforce/errors.ts';
import type { AccountFields, PullSettings } from './account-fields.ts';
import { AccountList } from './list/account-list.ts';
import type { RowStore } from './list/row-store.ts';
import { pullAccounts } from './pull.ts';

/** Longest pull, in milliseconds: 500 pages at half a second. It never takes longer than the cache may keep its rows. */
export const PULL_LIMIT_MS = 5 * 60_000;

/** A pull that nobody waits for any more, or asked how far it is, goes on so long. Milliseconds. */
export const ABANDONED_AFTER_MS = 30_000;

/** The pull was given up for one that serves its callers as well, or what it read was erased. They ask again. */
export class PullEnded extends Error {}

/** One pull for a rep, and after it the list that it made. */
export class ListPull {
  readonly orgId: string;
  readonly userId: string;
  /** Whose session reads; another session of the rep may wait along. */
  readonly sessionId: string;
  /** Epoch milliseconds; the cache minutes count from here. */
  readonly startedAt: number;
  /** The same, and when the list expires: ISO 8601. */
  readonly fetchedAt: string;
  readonly expiry: string;
  readonly settings: PullSettings;
  readonly list: AccountList;
  /** Settles when rows are there, or none will come. */
  readonly firstPage: Promise<void>;
  /** Settles with the whole list. Rejects with what `pullAccounts` throws, or PullEnded. */
  readonly done: Promise<void>;
  /** Somebody was answered from it before it was complete, and will ask again. */
  isFollowed = false;
  readonly #stop = new AbortController();
  #isComplete = false;
  #hasFailed = false;
  #pages = 0;
  #total = 0;
  #hiddenFields: readonly string[] = [];
  #fields: AccountFields | undefined;
  #holders = 0;
  #isWanted = false;
  #abandoned: NodeJS.Timeout | undefined;
  readonly #abandonedAfterMs: number;

  /** @param abandonedAfterMs how long it goes on when nobody waits for it any more */
  constructor(
    rep: Rep,
    store: RowStore,
    settings: PullSettings,
    lastFields: AccountFields | undefined,
    abandonedAfterMs = ABANDONED_AFTER_MS,
  ) {
    this.#abandonedAfterMs = abandonedAfterMs;
    this.orgId = rep.orgId;
    this.userId = rep.userId;
    this.sessionId = rep.sessionId;
    this.startedAt = Date.now();
    this.settings = settings;
    this.fetchedAt = new Date(this.startedAt).toISOString();
    this.expiry = new Date(this.expiresAt).toISOString();
    this.list = new AccountList(store);
    let seen = (): void => undefined;
    this.firstPage = new Promise((resolve) => (seen = resolve));
    this.done = this.#run(rep, lastFields, seen);
    this.done.catch(() => undefined); // a refresh has nobody who waits
  }

  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** `done` rejects, or is about to. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  get pages(): number {
    return this.#pages;
  }

  /** Rows that Salesforce counted; once complete, rows that there are. */
  get total(): number {
    return this.#isComplete ? this.list.size : this.#total;
  }

  get hiddenFields(): readonly string[] {
    return this.#hiddenFields;
  }

  /** What the rep's describe allowed, once it is known. */
  get fields(): AccountFields | undefined {
    return this.#fields;
  }

  /** Epoch milliseconds. */
  get expiresAt(): number {
    return this.startedAt + this.settings.cache.minutes * 60_000;
  }

  /** Whether the list is one that these settings would make. */
  isOf(settings: PullSettings): boolean {
    const { payingField, products } = this.settings;
    return (
      settings.payingField === payingField &&
      settings.products.source === products.source &&
      settings.products.field === products.field &&
      settings.cache.minutes === this.settings.cache.minutes
    );
  }

  /** It runs to its end, also if nobody waits. */
  want(): void {
    this.#isWanted = true;
    clearTimeout(this.#abandoned);
  }

  /** Somebody waits for it or cuts a page from it, until they call what this returns. */
  hold(): () => void {
    this.#holders += 1;
    clearTimeout(this.#abandoned);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#holders -= 1;
      if (this.#holders === 0) this.#left();
    };
  }

  /** Ends the pull if it still runs, and erases what there is. @param reason what those who wait are told */
  erase(reason: Error): void {
    clearTimeout(this.#abandoned);
    this.#stop.abort(reason);
    this.list.erase();
  }

  /** The same for a list whose time is over, or that has a newer one: in slices. */
  eraseInSlices(): Promise<void> {
    clearTimeout(this.#abandoned);
    this.#stop.abort(new PullEnded());
    return this.list.eraseInSlices();
  }

  #left(): void {
    if (!this.settings.cache.enabled) this.erase(new PullEnded());
    else if (!this.#isComplete && !this.#isWanted)
      this.#abandoned = setTimeout(() => this.erase(new PullEnded()), this.#abandonedAfterMs).unref();
  }

  async #run(rep: Rep, lastFields: AccountFields | undefined, seen: () => void): Promise<void> {
    const limitMs = Math.min(PULL_LIMIT_MS, this.settings.cache.minutes * 60_000);
    const limit = setTimeout(() => this.#stop.abort(new CrmUnavailable()), limitMs).unref();
    try {
      await pullAccounts(
        {
          crm: rep.crm,
          salesforceUserId: rep.salesforceUserId,
          settings: this.settings,
          lastFields,
          list: this.list,
          onProgress: ({ pages, total, hiddenFields, fields }) => {
            this.#pages = pages;
            this.#total = total;
            this.#hiddenFields = hiddenFields;
            this.#fields = fields;
            seen();
          },
        },
        this.#stop.signal,
      );
      this.#stop.signal.throwIfAborted();
      this.#isComplete = true;
      clearTimeout(this.#abandoned);
    } catch (error) {
      this.#hasFailed = true;
      this.list.erase();
      throw error;
    } finally {
      clearTimeout(limit);
      seen();
    }
  }
}
