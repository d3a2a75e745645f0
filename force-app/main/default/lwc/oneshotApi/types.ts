import type { Connection, ProviderName } from './connections';

/** Shapes of the HTTP contract (docs: OpenAPI at GET /openapi.json). Times are ISO 8601 UTC; unknown or hidden is null. */

export interface User {
  id: string;
  name: string;
  email: string;
  isAdmin: boolean;
}

export interface Org {
  id: string;
  region: string;
}

export interface TokenAnswer {
  token: string;
  expiresAt: string;
  user: User;
  org: Org;
}

export interface Me {
  user: User;
  org: Org;
  settings: {
    sessionMinutes: number;
    cache: { enabled: boolean; minutes: number };
    channels?: Record<ProviderName, boolean>;
    logSendsToSalesforce?: 'never' | 'ask' | 'always';
  };
  connections?: Connection[];
  /** False until the admin saved how customers are told: a rep is told so, never shown a field error. */
  setUp: boolean;
  expiresAt: string;
}

/** A paying account. Money in major units of `currency`. */
export interface Account {
  id: string;
  name: string | null;
  arr: number | null;
  currency: string | null;
  arrConverted: number | null;
  convertedCurrency: string | null;
  industry: string | null;
  country: string | null;
  city: string | null;
  website: string | null;
  owner: { id: string; name: string | null } | null;
  products: string[] | null;
  modifiedAt: string | null;
}

export interface Opportunity {
  id: string;
  name: string | null;
  stage: string | null;
  amount: number | null;
  currency: string | null;
  closeDate: string | null;
}

export interface AccountDetail extends Account {
  isPaying: boolean;
  lastActivityDate: string | null;
  openOpportunities: Opportunity[];
}

/** The facets of the list, by the name of their query parameter. */
export type FacetName = 'industry' | 'country' | 'product' | 'owner';

export interface FacetValue {
  value: string;
  label: string;
  count: number;
}

export type Facets = Record<FacetName, FacetValue[]>;

export interface Freshness {
  /** `live` only with the cache off or in the answer that waited for the pull. */
  source: 'live' | 'memory';
  complete: boolean;
  fetched: number;
  total: number;
  /** When the pull began. */
  fetchedAt: string;
  /** When the backend forgets this list. */
  expiresAt: string;
  hiddenFields: string[];
}

export interface AccountPage {
  total: number;
  matched: number;
  rows: Account[];
  facets: Facets;
  freshness: Freshness;
}

export type SortKey = 'arr' | 'name' | 'industry' | 'country' | 'modified';
export type SortOrder = 'asc' | 'desc';

export interface AccountQuery {
  search?: string;
  industry?: readonly string[];
  country?: readonly string[];
  owner?: readonly string[];
  product?: readonly string[];
  sort?: SortKey;
  order?: SortOrder;
  offset?: number;
  /** 1-200. */
  limit?: number;
  /** True: answered from the first page of a running pull on. False: waits for the whole pull. */
  partial?: boolean;
}
