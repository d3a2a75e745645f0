import { api, LightningElement } from 'lwc';
import formFactor from '@salesforce/client/formFactor';
import type { FacetValue } from 'c/oneshotApi';
import { fill, formatCount } from 'c/oneshotFormat';
import find from '@salesforce/label/c.Filter_Find';
import none from '@salesforce/label/c.Filter_None';

/** From this many values on the list gets a search of its own. */
const FIND_FROM = 10;

interface Option {
  value: string;
  text: string;
  isChecked: boolean;
}

/** The values of one facet as check boxes with counts. Fires `change` with `{ values: string[] }`, inside the click. */
export default class OneshotFacetValues extends LightningElement {
  @api label = '';
  @api options: readonly FacetValue[] = [];
  @api values: readonly string[] = [];
  /** True where the list stands under a heading of its own: then the label is shown. */
  @api isLabelled = false;

  labels = { none };
  private text = '';

  get hasFind(): boolean {
    return this.options.length >= FIND_FROM;
  }

  get findLabel(): string {
    return fill(find, this.label);
  }

  get legendClass(): string {
    return this.isLabelled ? 'legend' : 'slds-assistive-text';
  }

  /** A finger needs more room than a mouse. */
  get valueClass(): string {
    return formFactor === 'Small' ? 'value touch' : 'value';
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

  /** "/" is a letter here. */
  handleFindKey(event: KeyboardEvent): void {
    if (event.key === '/') event.stopPropagation();
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

  /** Pressing the mouse on a label would first take the focus out of a menu, and close it under the pointer. */
  handleMouseDown(event: MouseEvent): void {
    if (!(event.target as HTMLElement).matches('input')) event.preventDefault();
  }
}
