import { api, LightningElement } from 'lwc';
import type { FacetValue } from 'c/oneshotApi';
import { fill, formatCount } from 'c/oneshotFormat';
import find from '@salesforce/label/c.Filter_Find';
import none from '@salesforce/label/c.Filter_None';
import soFar from '@salesforce/label/c.Filter_So_Far';

/** From this many values on the list gets a search of its own. */
const FIND_FROM = 10;

interface Option {
  value: string;
  text: string;
  isChecked: boolean;
}

/** One facet as a menu of check boxes with counts. Fires `change` with `{ values: string[] }`, inside the click. */
export default class OneshotFacetFilter extends LightningElement {
  @api label = '';
  @api options: readonly FacetValue[] = [];
  @api values: readonly string[] = [];
  /** True while the first pull runs: counts grow. */
  @api isSoFar = false;

  labels = { find, none, soFar };
  isOpen = false;
  private text = '';

  get buttonLabel(): string {
    return this.values.length === 0 ? this.label : `${this.label} (${formatCount(this.values.length)})`;
  }

  get expanded(): string {
    return String(this.isOpen);
  }

  get hasFind(): boolean {
    return this.options.length >= FIND_FROM;
  }

  get findLabel(): string {
    return fill(find, this.label);
  }

  get shown(): Option[] {
    const wanted = this.text.toLocaleLowerCase();
    return this.options
      .filter((option) => option.label.toLocaleLowerCase().includes(wanted))
      .map(({ value, label, count }) => ({
        value,
        text: `${label} (${formatCount(count)})`,
        isChecked: this.values.includes(value),
      }));
  }

  get isNothingShown(): boolean {
    return this.shown.length === 0;
  }

  handleToggle(): void {
    this.isOpen = !this.isOpen;
    this.text = '';
    // Safari gives a clicked button no focus, and a menu that never had it would never lose it.
    this.template?.querySelector<HTMLElement>('button')?.focus();
  }

  handleFind(event: InputEvent): void {
    this.text = (event.target as HTMLInputElement).value;
  }

  handleCheck(event: Event): void {
    const box = event.target as HTMLInputElement;
    const value = box.dataset.value ?? '';
    const values = box.checked ? [...this.values, value] : this.values.filter((other) => other !== value);
    this.dispatchEvent(new CustomEvent('change', { detail: { values } }));
  }

  /** Esc closes and gives the focus back to the button; nothing chosen is undone. */
  handleKey(event: KeyboardEvent): void {
    if (event.key === '/' && (event.target as HTMLElement).matches('.slds-input')) event.stopPropagation();
    if (event.key !== 'Escape' || !this.isOpen) return;
    event.stopPropagation();
    event.preventDefault();
    this.isOpen = false;
    this.template?.querySelector<HTMLElement>('button')?.focus();
  }

  /** Closes when the focus goes elsewhere. */
  handleFocusOut(event: FocusEvent): void {
    const next = event.relatedTarget;
    const root = this.template?.querySelector('.facet');
    if (next instanceof Node && root?.contains(next)) return;
    this.isOpen = false;
  }

  /** Pressing the mouse on a label would first take the focus out of the menu, and close it under the pointer. */
  handleMouseDown(event: MouseEvent): void {
    if (!(event.target as HTMLElement).matches('input')) event.preventDefault();
  }
}
