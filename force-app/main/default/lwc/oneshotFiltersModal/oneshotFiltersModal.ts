import { api } from 'lwc';
import LightningModal from 'lightning/modal';
import type { FacetName, FacetValue } from 'c/oneshotApi';
import done from '@salesforce/label/c.Done';
import soFar from '@salesforce/label/c.Filter_So_Far';
import title from '@salesforce/label/c.Filters';

/** A facet as the filter bar shows it. */
export interface FacetChoice {
  name: FacetName;
  label: string;
  options: readonly FacetValue[];
  values: readonly string[];
}

interface FiltersOptions {
  size: 'small';
  label: string;
  facets: readonly FacetChoice[];
  isSoFar: boolean;
  onfilter: (event: CustomEvent<{ facet: FacetName; values: string[] }>) => void;
}

/** All filters in one dialog, where the screen is too narrow for a row of menus. Fires `filter` at each change. */
export default class OneshotFiltersModal extends LightningModal {
  /** Inherited; @salesforce/lightning-types does not name it. `label` is read by screen readers. */
  declare static open: (options: FiltersOptions) => Promise<undefined>;

  @api facets: readonly FacetChoice[] = [];
  @api isSoFar = false;

  labels = { done, soFar, title };
  private chosen: Partial<Record<FacetName, readonly string[]>> = {};

  get groups(): FacetChoice[] {
    return this.facets.map((facet) => ({ ...facet, values: this.chosen[facet.name] ?? facet.values }));
  }

  handleChange(event: CustomEvent<{ values: string[] }>): void {
    const facet = (event.target as HTMLElement).dataset.facet as FacetName;
    const values = [...event.detail.values];
    this.chosen = { ...this.chosen, [facet]: values };
    this.dispatchEvent(new CustomEvent('filter', { detail: { facet, values } }));
  }

  handleDone(): void {
    void this.close(undefined);
  }
}
