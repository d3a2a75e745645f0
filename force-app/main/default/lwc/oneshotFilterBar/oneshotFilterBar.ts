import { api, LightningElement } from 'lwc';
import type { FacetName, Facets } from 'c/oneshotApi';
import type { Filters } from 'c/oneshotCustomerList';
import FiltersModal, { type FacetChoice } from 'c/oneshotFiltersModal';
import { fill } from 'c/oneshotFormat';
import clear from '@salesforce/label/c.Clear';
import country from '@salesforce/label/c.Country';
import filters from '@salesforce/label/c.Filters';
import filtersCount from '@salesforce/label/c.Filters_Count';
import industry from '@salesforce/label/c.Industry';
import owner from '@salesforce/label/c.Owner';
import product from '@salesforce/label/c.Product';
import search from '@salesforce/label/c.Search';
import searchHint from '@salesforce/label/c.Search_Placeholder';
import searchHintEnter from '@salesforce/label/c.Search_Placeholder_Enter';

const DEBOUNCE_MS = 250;
const facetLabels: [FacetName, string][] = [
  ['industry', industry],
  ['country', country],
  ['product', product],
  ['owner', owner],
];

interface Pill {
  key: string;
  facet: FacetName;
  value: string;
  label: string;
}

/** Search and filters. Fires `search` `{ text }` (typed, or Enter), `filter` `{ facet, values }` and `clear`. */
export default class OneshotFilterBar extends LightningElement {
  /** The search that is set; the rep may have typed on. */
  @api search = '';
  @api facets: Facets | undefined;
  @api filters: Filters | undefined;
  @api isSoFar = false;
  /** With the cache off each search asks Salesforce: it runs on Enter only. */
  @api isSearchOnEnter = false;
  @api isNarrow = false;
  /** Search only. Filters that came with a link are still shown, and can be taken away. */
  @api hideFilters = false;

  label = { clear, search };
  private timer: ReturnType<typeof setTimeout> | undefined;

  get placeholder(): string {
    return this.isSearchOnEnter ? searchHintEnter : searchHint;
  }

  /** Facets that have something to choose, or are chosen: a field that is hidden from the rep gets no menu. */
  get choices(): FacetChoice[] {
    return facetLabels
      .map(([name, label]) => ({
        name,
        label,
        options: this.facets?.[name] ?? [],
        values: this.filters?.[name] ?? [],
      }))
      .filter((choice) => choice.options.length > 0 || choice.values.length > 0);
  }

  get hasMenus(): boolean {
    return !this.hideFilters && !this.isNarrow;
  }

  get hasDialog(): boolean {
    return !this.hideFilters && this.isNarrow;
  }

  get pills(): Pill[] {
    return this.choices.flatMap(({ name, label, options, values }) =>
      values.map((value) => ({
        key: `${name}:${value}`,
        facet: name,
        value,
        label: `${label}: ${options.find((option) => option.value === value)?.label ?? value}`,
      })),
    );
  }

  get hasPills(): boolean {
    return this.pills.length > 0;
  }

  get canClear(): boolean {
    return this.hasPills || this.search !== '';
  }

  get filtersLabel(): string {
    return this.hasPills ? fill(filtersCount, this.pills.length) : filters;
  }

  @api focus(): void {
    this.template?.querySelector<HTMLElement>('lightning-input')?.focus();
  }

  disconnectedCallback(): void {
    clearTimeout(this.timer);
  }

  handleInput(event: CustomEvent<{ value: string }>): void {
    clearTimeout(this.timer);
    const text = event.detail.value;
    if (this.isSearchOnEnter && text !== '') return;
    this.timer = setTimeout(() => this.fireSearch(text), DEBOUNCE_MS);
  }

  /**
   * Enter searches now. Esc never discards what was typed, which a browser's search field would do. "/" is typed here;
   * outside it leads here.
   */
  handleKey(event: KeyboardEvent): void {
    if (event.key === '/') event.stopPropagation();
    if (event.key === 'Escape') event.preventDefault();
    if (event.key !== 'Enter') return;
    clearTimeout(this.timer);
    this.fireSearch((event.target as HTMLInputElement).value);
  }

  private fireSearch(text: string): void {
    this.dispatchEvent(new CustomEvent('search', { detail: { text } }));
  }

  handleFacet(event: CustomEvent<{ values: string[] }>): void {
    this.fireFilter((event.target as HTMLElement).dataset.facet as FacetName, event.detail.values);
  }

  handlePillRemove(event: CustomEvent): void {
    const { facet, value } = (event.target as HTMLElement).dataset as { facet: FacetName; value: string };
    event.preventDefault();
    this.fireFilter(
      facet,
      (this.filters?.[facet] ?? []).filter((other) => other !== value),
    );
    this.focus();
  }

  private fireFilter(facet: FacetName, values: readonly string[]): void {
    this.dispatchEvent(new CustomEvent('filter', { detail: { facet, values } }));
  }

  handleClear(): void {
    clearTimeout(this.timer);
    this.dispatchEvent(new CustomEvent('clear'));
    this.focus();
  }

  /** The dialog gives the focus back to this button by itself when it closes. */
  async handleFilters(): Promise<void> {
    await FiltersModal.open({
      size: 'small',
      label: filters,
      facets: this.choices,
      isSoFar: this.isSoFar,
      onfilter: (event: CustomEvent<{ facet: FacetName; values: string[] }>) => {
        this.fireFilter(event.detail.facet, event.detail.values);
      },
    });
  }
}
