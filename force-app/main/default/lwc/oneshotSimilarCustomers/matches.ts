import { type Account, isAborted, Problem } from 'c/oneshotApi';
import { listAccounts, listSimilar, readAccount } from 'c/oneshotSession';

/** A customer to name, and why. */
export interface Match {
  account: Account;
  reasons: readonly { code: string; text: string }[];
}

/** `similar`: the ones most like the account. `largest`: the largest, of its industry where it has one. */
export type MatchKind = 'similar' | 'largest';

export interface MatchesView {
  readonly phase: 'empty' | 'loading' | 'ready';
  readonly kind: MatchKind;
  readonly rows: readonly Match[];
  readonly hasMore: boolean;
  readonly problem: Problem | null;
}

/** Rows at first, and at each Show more, where the page does not say. */
const STEP = 5;
const MOST = 50;

const empty: MatchesView = { phase: 'empty', kind: 'similar', rows: [], hasMore: false, problem: null };

/** The customers to name to one account. One request at a time: a newer one, or another account, aborts it. */
export class Matches {
  private notify: (view: MatchesView) => void;
  private current = empty;
  private accountId: string | undefined;
  private request: AbortController | undefined;
  private limit = STEP;
  private stepRows = STEP;

  constructor(onChange: (view: MatchesView) => void) {
    this.notify = onChange;
  }

  /** Rows at first, and at each Show more: 1-50. Counts from the next account on. */
  set step(rows: number) {
    if (this.current.phase === 'empty') this.limit = rows;
    this.stepRows = rows;
  }

  get view(): MatchesView {
    return this.current;
  }

  /** Another account: nothing of the old one stays. */
  forAccount(accountId: string | undefined): void {
    this.request?.abort();
    this.accountId = accountId;
    this.limit = this.stepRows;
    this.change(empty);
  }

  load(kind: MatchKind = this.current.kind): Promise<void> {
    if (kind !== this.current.kind) this.limit = this.stepRows;
    return this.read(kind, this.limit);
  }

  more(): Promise<void> {
    return this.read(this.current.kind, Math.min(MOST, this.limit + this.stepRows));
  }

  dismiss(): void {
    this.change({ ...this.current, problem: null });
  }

  private change(next: MatchesView): void {
    this.current = next;
    this.notify(next);
  }

  private async read(kind: MatchKind, limit: number): Promise<void> {
    const { accountId } = this;
    if (accountId === undefined) return;
    this.request?.abort();
    const controller = new AbortController();
    this.request = controller;
    const { signal } = controller;
    const isFirst = this.current.phase !== 'ready' || kind !== this.current.kind;
    this.change({
      ...(isFirst ? { ...empty, kind } : this.current),
      phase: isFirst ? 'loading' : 'ready',
      problem: null,
    });
    try {
      const rows =
        kind === 'similar' ? await similar(accountId, limit, signal) : await largest(accountId, limit, signal);
      if (signal.aborted) return;
      this.limit = limit;
      this.change({ phase: 'ready', kind, rows, hasMore: rows.length === limit && limit < MOST, problem: null });
    } catch (error) {
      if (isAborted(error) || signal.aborted) return;
      const problem = error instanceof Problem ? error : new Problem({ code: 'bad_answer' });
      this.change({ ...this.current, phase: this.current.rows.length > 0 ? 'ready' : 'empty', problem });
    }
  }
}

async function similar(accountId: string, limit: number, signal: AbortSignal): Promise<Match[]> {
  return (await listSimilar(accountId, limit, signal)).rows;
}

async function largest(accountId: string, limit: number, signal: AbortSignal): Promise<Match[]> {
  const { industry } = await readAccount(accountId, signal);
  const filter = industry === null ? {} : { industry: [industry] };
  // One more than asked for, in case the account is itself among them.
  const { page } = await listAccounts({ ...filter, sort: 'arr', order: 'desc', limit: limit + 1 }, { signal });
  return (page?.rows ?? [])
    .filter(({ id }) => id !== accountId)
    .slice(0, limit)
    .map((account) => ({ account, reasons: [] }));
}
