import { emptyCounts, FACETS, type Facet, type FacetCounts } from './facets.ts';
import { searchWords } from './fold.ts';
import { RowSet } from './row-set.ts';
import type { RowStore } from './row-store.ts';
import { ownerStart, quoted } from './row-text.ts';
import { rowsWithWords } from './search.ts';
import { SEGMENT_ROWS, type Segment } from './segment.ts';

/** What a rep asks for: words that must all be found, and for each facet the values of which a row has one. */
export interface Filter {
  readonly search?: string;
  readonly industry?: readonly string[];
  readonly country?: readonly string[];
  readonly owner?: readonly string[];
  readonly product?: readonly string[];
}

/** A text for each filter, the same one for equal filters; empty for one that lets everything through. */
export function filterKey({ search, industry, country, owner, product }: Filter): string {
  const isOpen = (search ?? industry ?? country ?? owner ?? product) === undefined;
  return isOpen ? '' : JSON.stringify([search, industry, country, owner, product]);
}

export interface Match {
  readonly rows: RowSet;
  /** Each facet counted over the rows that pass the search and the other facets' filters. */
  readonly counts: FacetCounts;
}

/** The rows among `among` that pass. Without search and filters it is `among` itself. */
export function matchRows(store: RowStore, among: RowSet, filter: Filter): Match {
  const words = searchWords(filter.search ?? '');
  const searched = words.length === 0 ? among : rowsWithWords(store, among, words);
  const counts = emptyCounts(store);
  const allowed = FACETS.map((facet) => allowedCodes(store, facet, filter[facet]));
  const [industries, countries, owners, products] = allowed;
  const isFiltered = allowed.some((codes) => codes !== undefined);
  const passed = isFiltered ? new RowSet(among.segments) : searched;
  let segment: Segment | undefined;
  let number = -1;
  searched.forEach((slot) => {
    const place = slot & (SEGMENT_ROWS - 1);
    if (slot - place !== number) {
      number = slot - place;
      segment = store.segmentAt(slot);
    }
    if (segment === undefined) return;
    const industry = segment.industry[place]!;
    const country = segment.country[place]!;
    const owner = segment.owner[place]!;
    const product = segment.products[place]!;
    const fails =
      (industries?.[industry] === 0 ? FAILS.industry : 0) |
      (countries?.[country] === 0 ? FAILS.country : 0) |
      (owners?.[owner] === 0 ? FAILS.owner : 0) |
      (products?.[product] === 0 ? FAILS.product : 0);
    if (fails === 0 && isFiltered) passed.add(slot);
    if ((fails & ~FAILS.industry) === 0) counts.industry[industry] = counts.industry[industry]! + 1;
    if ((fails & ~FAILS.country) === 0) counts.country[country] = counts.country[country]! + 1;
    if ((fails & ~FAILS.owner) === 0) counts.owner[owner] = counts.owner[owner]! + 1;
    if ((fails & ~FAILS.product) === 0) counts.product[product] = counts.product[product]! + 1;
  });
  return { rows: passed, counts };
}

const FAILS = { industry: 1, country: 2, owner: 4, product: 8 } as const;

/** 1 at each code that the filter lets pass; undefined when there is no filter. */
function allowedCodes(store: RowStore, facet: Facet, values: readonly string[] | undefined): Uint8Array | undefined {
  if (values === undefined || values.length === 0) return undefined;
  switch (facet) {
    case 'industry':
      return marked(
        store.industries.end,
        values.map((value) => store.industries.find(bytesOf(value))),
      );
    case 'country':
      return marked(
        store.countries.end,
        values.map((value) => store.countries.find(bytesOf(value))),
      );
    case 'owner':
      return marked(store.owners.end, ownersWithId(store, values));
    case 'product':
      return marked(store.products.end, listsWithProduct(store, values));
  }
}

function marked(end: number, codes: readonly number[]): Uint8Array {
  const allowed = new Uint8Array(end);
  for (const code of codes) if (code !== 0) allowed[code] = 1;
  return allowed;
}

/** An owner's code is of id and name. */
function ownersWithId(store: RowStore, ids: readonly string[]): number[] {
  const starts = ids.map((id) => Buffer.from(ownerStart(id), 'utf8'));
  return codesBelow(store.owners.end).filter((code) => {
    const bytes = store.owners.bytes(code);
    return bytes !== undefined && starts.some((start) => bytes.subarray(0, start.length).equals(start));
  });
}

function listsWithProduct(store: RowStore, products: readonly string[]): number[] {
  const wanted = new Set(products.map((product) => store.products.products.find(bytesOf(product))));
  wanted.delete(0);
  return codesBelow(store.products.end).filter((list) => store.products.members(list).some((code) => wanted.has(code)));
}

function codesBelow(end: number): number[] {
  return Array.from({ length: Math.max(0, end - 1) }, (_, index) => index + 1);
}

/** A value as dictionaries hold it. */
function bytesOf(value: string): Buffer {
  return Buffer.from(quoted(value), 'utf8');
}
