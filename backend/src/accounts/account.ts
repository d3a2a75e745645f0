/** A paying account as the API sends it (API.md, Row). What is unknown or hidden is null. */
export interface AccountRow {
  readonly id: string;
  readonly name: string | null;
  /** Value of the paying field, major units of `currency`. */
  readonly arr: number | null;
  /** ISO 4217; null in orgs with one currency, whose records name none. */
  readonly currency: string | null;
  /** `arr` in the rep's own currency, by the org's rates; null in orgs with one currency. */
  readonly arrConverted: number | null;
  readonly convertedCurrency: string | null;
  readonly industry: string | null;
  readonly country: string | null;
  readonly city: string | null;
  readonly website: string | null;
  readonly owner: { readonly id: string | null; readonly name: string | null };
  readonly products: readonly string[];
  /** ISO 8601, UTC. */
  readonly modifiedAt: string | null;
}
