import {
  type AccountPage,
  type AccountQuery,
  type FacetName,
  type Freshness,
  isAborted,
  type ListAnswer,
  pause,
  Problem,
} from 'c/oneshotApi';
import { appended, biggestFirst, type Deed, emptyView, type Filters, type ListView, type Sort } from './view';

export { biggestFirst, isFiltered, noFilters } from './view';
export type { Deed, Filters, ListView, Sort } from './view';

/** Rows a load, where the page does not say. */
const PAGE = 50;
const LARGEST_PAGE = 200;
/** How often a running pull is asked about: soon at first, then less and less. */
const POLL_FIRST_MS = 400;
const POLL_GROWTH = 1.5;
const POLL_SLOWEST_MS = 4_000;
/** A pull that takes longer than this is given up on this screen; the backend goes on. */
const PULL_PATIENCE_MS = 10 * 60_000;

/** What the list needs from the session; times are the backend's, Unix milliseconds. */
export interface ListSource {
  list(query: AccountQuery, options: { etag?: string | undefined; signal: AbortSignal }): Promise<ListAnswer>;
  refresh(signal: AbortSignal): Promise<Freshness>;
  now(): number;
  /** False with the org's cache off: then nothing is polled, each list is one live answer. */
  isCacheOn(): boolean;
  /** Rows a load, 1-200; 50 where it is not said. */
  pageRows?(): number;
}

/**
 * The rep's paying customers in this tab's memory: search, filters, order, paging, the first pull, and forgetting.
 * Knows no component and no token. One request at a time decides what is shown: a newer one aborts the older.
 */
export class CustomerList {
  private source: ListSource;
  private notify: (view: ListView) => void;
  private current: ListView = emptyView;
  private etag: string | undefined;
  private nextOffset = 0;
  private request: AbortController | undefined;
  private watch: AbortController | undefined;
  private forgetTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(source: ListSource, onChange: (view: ListView) => void) {
    this.source = source;
    this.notify = onChange;
  }

  get view(): ListView {
    return this.current;
  }

  private get pageRows(): number {
    return this.source.pageRows?.() ?? PAGE;
  }

  /** Reads the list from its start, with the search, filters and order that are set. */
  open(filters: Filters = this.view.filters): Promise<void> {
    this.change({ filters });
    return this.load('open');
  }

  search(text: string): Promise<void> {
    this.change({ search: text.trim() });
    return this.load('search');
  }

  filter(facet: FacetName, values: readonly string[]): Promise<void> {
    this.change({ filters: { ...this.view.filters, [facet]: values } });
    return this.load('filter');
  }

  /** No search, no filters. */
  clear(): Promise<void> {
    this.change({ search: '', filters: emptyView.filters });
    return this.load('filter');
  }

  /** Another order; while the first pull runs it waits, because rows on screen are only ever appended to. */
  async sort(sort: Sort): Promise<void> {
    if (this.view.freshness?.complete === false) return this.change({ waitingSort: sort });
    this.change({ sort });
    return this.load('sort');
  }

  /** The next rows, appended. */
  async more(): Promise<void> {
    const { phase, hasMore, isLoadingMore, isChanging, isRenewing } = this.view;
    if (phase !== 'ready' || !hasMore || isLoadingMore || isChanging || isRenewing) return;
    this.change({ isLoadingMore: true, problem: null });
    await this.attempt('more', async (signal) => {
      const offset = this.nextOffset;
      const page = await this.page({ offset, limit: this.pageRows }, signal);
      if (page && !signal.aborted) this.append(page, offset);
    });
    this.change({ isLoadingMore: false });
  }

  /** Pulls again from Salesforce; the rows on screen stay until the new list is complete. */
  async refresh(): Promise<void> {
    if (!this.source.isCacheOn()) return this.load('refresh');
    if (this.view.phase !== 'ready') return this.load('open');
    const before = this.view.freshness?.fetchedAt;
    this.change({ isRenewing: true, problem: null });
    await this.attempt('refresh', async (signal) => {
      await this.source.refresh(signal);
      await this.untilNew(before, signal);
    });
    this.change({ isRenewing: false });
  }

  /** After a new sign-in: the backend pulls afresh; the rows on screen stay until that list is complete. */
  async renew(): Promise<void> {
    if (this.view.phase !== 'ready') return this.load('open');
    const before = this.view.freshness?.fetchedAt;
    this.change({ isRenewing: true, problem: null });
    await this.attempt('refresh', (signal) => this.untilNew(before, signal));
    this.change({ isRenewing: false });
  }

  /** Erases every row from this tab's memory. */
  forget(): void {
    this.stop();
    const { filters, sort } = this.view;
    this.etag = undefined;
    this.nextOffset = 0;
    this.change({ ...emptyView, filters, sort });
  }

  /** Puts a problem's message away. */
  dismiss(): void {
    this.change({ problem: null });
  }

  /** Stops all work; the object is not used again. */
  close(): void {
    this.stop();
    this.current = emptyView;
    this.notify = () => undefined;
  }

  /** Looks at the clock: for the moment when a laptop wakes up. */
  checkAge(): void {
    const expiresAt = this.view.freshness?.expiresAt;
    if (expiresAt === undefined || this.source.now() < Date.parse(expiresAt)) return;
    this.forget();
    this.change({ phase: 'forgotten', forgottenAt: expiresAt });
  }

  private stop(): void {
    clearTimeout(this.forgetTimer);
    this.request?.abort();
    this.watch?.abort();
  }

  private change(next: Partial<ListView>): void {
    this.current = { ...this.current, ...next };
    this.notify(this.current);
  }

  /** Runs one deed; a newer deed aborts it, and then it changes nothing any more. */
  private async attempt(deed: Deed, work: (signal: AbortSignal) => Promise<void>): Promise<boolean> {
    this.request?.abort();
    if (deed !== 'more') this.watch?.abort();
    const controller = new AbortController();
    this.request = controller;
    try {
      await work(controller.signal);
      return !controller.signal.aborted;
    } catch (error) {
      if (isAborted(error) || controller.signal.aborted) return false;
      this.change({ problem: { error: asProblem(error), deed } });
      return false;
    }
  }

  /** Reads from the start and replaces what is shown. */
  private async load(deed: Deed): Promise<void> {
    const isFirst = this.view.phase !== 'ready';
    this.change({ phase: isFirst ? 'loading' : 'ready', isChanging: true, problem: null, isRenewing: false });
    const mine = this.attempt(deed, async (signal) => {
      const page = await this.page({ offset: 0, limit: this.pageRows }, signal);
      if (page && !signal.aborted) this.replace(page);
    });
    const request = this.request;
    await mine;
    if (request !== this.request) return;
    if (this.view.phase === 'loading') this.change({ phase: 'empty' });
    this.change({ isChanging: false });
  }

  /** @returns undefined where nothing changed since the last answer to the same question */
  private async page(
    part: { offset: number; limit: number },
    signal: AbortSignal,
    etag?: string,
  ): Promise<AccountPage | undefined> {
    const { search, filters, sort } = this.view;
    const query: AccountQuery = { search, ...filters, sort: sort.key, order: sort.order, ...part };
    if (this.source.isCacheOn()) query.partial = true;
    const answer = await this.source.list(query, { etag, signal });
    if (answer.page && part.offset === 0) this.etag = answer.etag;
    return answer.page;
  }

  private replace(page: AccountPage): void {
    this.nextOffset = page.rows.length;
    this.change({
      ...facts(page),
      phase: 'ready',
      rows: page.rows,
      hasMore: this.nextOffset < page.matched,
      forgottenAt: null,
    });
    this.remember(page.freshness);
    if (!page.freshness.complete) this.watchPull();
  }

  private append(page: AccountPage, offset: number): void {
    this.nextOffset = Math.max(this.nextOffset, offset + page.rows.length);
    this.change({
      ...facts(page),
      rows: appended(this.view.rows, page.rows),
      hasMore: this.nextOffset < page.matched && (page.rows.length > 0 || !page.freshness.complete),
    });
    this.remember(page.freshness);
  }

  /** Rows leave this tab's memory when the backend's copy ends. */
  private remember(freshness: Freshness): void {
    clearTimeout(this.forgetTimer);
    const leftMs = Math.max(0, Date.parse(freshness.expiresAt) - this.source.now());
    this.forgetTimer = setTimeout(() => this.checkAge(), leftMs);
  }

  /** Follows the first pull: counts, facets, and rows as long as the first page is not full. */
  private watchPull(): void {
    this.watch?.abort();
    const controller = new AbortController();
    this.watch = controller;
    void this.follow(controller.signal).catch((error: unknown) => {
      if (isAborted(error) || controller.signal.aborted) return;
      this.change({ problem: { error: asProblem(error), deed: 'open' } });
    });
  }

  /**
   * A pull that breaks off is told by the backend. Another pull than the one on screen (the rep signed in once more, in
   * another tab) is another list: it is shown from its start.
   */
  private async follow(signal: AbortSignal): Promise<void> {
    const followed = this.view.freshness?.fetchedAt;
    await this.poll(signal, async () => {
      const offset = this.nextOffset;
      const missing = this.pageRows - offset;
      const page = await this.page({ offset, limit: Math.max(missing, 1) }, signal);
      if (signal.aborted || !page) return false;
      if (page.freshness.fetchedAt !== followed) {
        const begun = await this.page({ offset: 0, limit: this.pageRows }, signal);
        if (begun && !signal.aborted) this.replace(begun);
        return true;
      }
      if (missing > 0) this.append(page, offset);
      else this.change({ ...facts(page), hasMore: this.nextOffset < page.matched });
      this.remember(page.freshness);
      return page.freshness.complete;
    });
    if (this.view.freshness?.complete !== false) this.pullEnded();
  }

  /** Asks again and again, slower and slower, until it is done or the patience is over. */
  private async poll(signal: AbortSignal, isDone: () => Promise<boolean>): Promise<void> {
    const begin = performance.now();
    for (let waitMs = POLL_FIRST_MS; ; waitMs = Math.min(waitMs * POLL_GROWTH, POLL_SLOWEST_MS)) {
      await pause(waitMs, signal);
      if (await isDone()) return;
      if (performance.now() - begin > PULL_PATIENCE_MS) throw new Problem({ code: 'timeout' });
    }
  }

  private pullEnded(): void {
    const { waitingSort } = this.view;
    if (!waitingSort) return;
    this.change({ waitingSort: null });
    void this.sort(waitingSort);
  }

  /** Waits for a complete list that was pulled after the one on screen, then shows as many rows of it as before. */
  private async untilNew(before: string | undefined, signal: AbortSignal): Promise<void> {
    const limit = Math.min(LARGEST_PAGE, Math.max(this.pageRows, this.view.rows.length));
    await this.poll(signal, async () => {
      const page = await this.page({ offset: 0, limit }, signal, this.etag);
      if (!page?.freshness.complete || page.freshness.fetchedAt === before) return false;
      if (!signal.aborted) this.replace(page);
      return true;
    });
  }
}

function facts({ total, matched, facets, freshness }: AccountPage): Partial<ListView> {
  return { total, matched, facets, freshness };
}

function asProblem(error: unknown): Problem {
  return error instanceof Problem ? error : new Problem({ code: 'bad_answer' });
}

/** True where the order is the one the first pull arrives in. */
export function isBiggestFirst(sort: Sort): boolean {
  return sort.key === biggestFirst.key && sort.order === biggestFirst.order;
}
