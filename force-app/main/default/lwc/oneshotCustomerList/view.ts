import type { Account, FacetName, Facets, Freshness, Problem, SortKey, SortOrder } from 'c/oneshotApi';

export type Filters = Record<FacetName, readonly string[]>;

export interface Sort {
  key: SortKey;
  order: SortOrder;
}

/** What was being done when something went wrong: the button beside the message does it again. */
export type Deed = 'open' | 'search' | 'filter' | 'sort' | 'more' | 'refresh';

/** All that a screen needs to show the list. Replaced at each change, never mutated. */
export interface ListView {
  /** `loading`: the first rows are on their way. `forgotten`: the time of the rows is over, or they were erased. */
  readonly phase: 'empty' | 'loading' | 'ready' | 'forgotten';
  readonly rows: readonly Account[];
  /** Paying accounts of the rep, without search and filters; null until the first answer. */
  readonly total: number | null;
  readonly matched: number | null;
  readonly facets: Facets;
  readonly freshness: Freshness | null;
  readonly search: string;
  readonly filters: Filters;
  readonly sort: Sort;
  /** Chosen while the first pull ran: applied when it is complete. */
  readonly waitingSort: Sort | null;
  /** Another search, filter or order is on its way; the rows shown are the old ones. */
  readonly isChanging: boolean;
  readonly isLoadingMore: boolean;
  /** A new pull runs; the rows shown are the old ones. */
  readonly isRenewing: boolean;
  readonly hasMore: boolean;
  readonly problem: { readonly error: Problem; readonly deed: Deed } | null;
  /** When the rows were forgotten because their time was over, ISO 8601. */
  readonly forgottenAt: string | null;
}

export const noFilters: Filters = { industry: [], country: [], product: [], owner: [] };
export const noFacets: Facets = { industry: [], country: [], product: [], owner: [] };
export const biggestFirst: Sort = { key: 'arr', order: 'desc' };

export const emptyView: ListView = {
  phase: 'empty',
  rows: [],
  total: null,
  matched: null,
  facets: noFacets,
  freshness: null,
  search: '',
  filters: noFilters,
  sort: biggestFirst,
  waitingSort: null,
  isChanging: false,
  isLoadingMore: false,
  isRenewing: false,
  hasMore: false,
  problem: null,
  forgottenAt: null,
};

/** Rows appended to those on screen: a row that is there already is not shown twice. */
export function appended(rows: readonly Account[], next: readonly Account[]): readonly Account[] {
  const known = new Set(rows.map((row) => row.id));
  return [...rows, ...next.filter((row) => !known.has(row.id))];
}

export function isFiltered(view: Pick<ListView, 'search' | 'filters'>): boolean {
  return view.search !== '' || Object.values(view.filters).some((values) => values.length > 0);
}
