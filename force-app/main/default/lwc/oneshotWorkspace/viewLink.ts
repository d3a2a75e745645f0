import type { FacetName } from 'c/oneshotApi';
import { type Filters, noFilters } from 'c/oneshotCustomerList';

/** The state of a page's address; Lightning wants a namespace before the name (`c__` in any org). */
export type PageState = Record<string, string | undefined>;

const facets = Object.keys(noFilters) as FacetName[];
const parameter = (facet: FacetName): string => `c__${facet}`;

/** Facets as page state. The search text never goes into an address: it may be a person's or a company's name. */
export function stateOf(filters: Filters): PageState {
  const chosen = facets.filter((facet) => filters[facet].length > 0);
  return Object.fromEntries(chosen.map((facet) => [parameter(facet), JSON.stringify(filters[facet])]));
}

function values(text: string | undefined): readonly string[] {
  if (text === undefined) return [];
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) ? list.filter((value): value is string => typeof value === 'string') : [];
  } catch {
    // Somebody changed the address by hand: that facet is left out.
    return [];
  }
}

export function filtersOf(state: PageState | undefined): Filters {
  return Object.fromEntries(facets.map((facet) => [facet, values(state?.[parameter(facet)])])) as unknown as Filters;
}
