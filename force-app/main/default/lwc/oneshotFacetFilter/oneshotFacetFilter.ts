import { api, LightningElement } from 'lwc';
import type { FacetValue } from 'c/oneshotApi';
import { formatCount } from 'c/oneshotFormat';
import soFar from '@salesforce/label/c.Filter_So_Far';

/** One facet as a button with a menu of values. Fires `change` with `{ values: string[] }`, inside the click. */
export default class OneshotFacetFilter extends LightningElement {
  @api label = '';
  @api options: readonly FacetValue[] = [];
  @api values: readonly string[] = [];
  /** True while the first pull runs: counts grow. */
  @api isSoFar = false;

  labels = { soFar };
  isOpen = false;

  get buttonLabel(): string {
    return this.values.length === 0 ? this.label : `${this.label} (${formatCount(this.values.length)})`;
  }

  get expanded(): string {
    return String(this.isOpen);
  }

  handleToggle(): void {
    this.isOpen = !this.isOpen;
    // Safari gives a clicked button no focus, and a menu that never had it would never lose it.
    this.focusButton();
  }

  handleChange(event: CustomEvent<{ values: string[] }>): void {
    this.dispatchEvent(new CustomEvent('change', { detail: { values: [...event.detail.values] } }));
  }

  /** Esc closes and gives the focus back to the button; nothing chosen is undone. */
  handleKey(event: KeyboardEvent): void {
    if (event.key !== 'Escape' || !this.isOpen) return;
    event.stopPropagation();
    event.preventDefault();
    this.isOpen = false;
    this.focusButton();
  }

  /** Closes when the focus goes elsewhere. */
  handleFocusOut(event: FocusEvent): void {
    const next = event.relatedTarget;
    const root = this.template?.querySelector('.facet');
    if (next instanceof Node && root?.contains(next)) return;
    this.isOpen = false;
  }

  private focusButton(): void {
    this.template?.querySelector<HTMLElement>('button')?.focus();
  }
}
