import { api, LightningElement } from 'lwc';
import { fill } from 'c/oneshotFormat';
import choose from '@salesforce/label/c.Columns_Choose';
import columns from '@salesforce/label/c.Columns';
import columnsHidden from '@salesforce/label/c.Columns_Hidden';

export interface ColumnChoice {
  name: string;
  label: string;
}

/** Which columns the table shows. Fires `choose` with `{ hidden: string[] }`. */
export default class OneshotColumnChooser extends LightningElement {
  @api columns: readonly ColumnChoice[] = [];
  @api hiddenNames: readonly string[] = [];

  label = { choose };

  get buttonLabel(): string {
    return this.hiddenNames.length === 0 ? columns : fill(columnsHidden, this.hiddenNames.length);
  }

  get items(): (ColumnChoice & { isShown: boolean })[] {
    return this.columns.map((column) => ({ ...column, isShown: !this.hiddenNames.includes(column.name) }));
  }

  handleSelect(event: CustomEvent<{ value: string }>): void {
    const name = event.detail.value;
    const hidden = this.hiddenNames.includes(name)
      ? this.hiddenNames.filter((other) => other !== name)
      : [...this.hiddenNames, name];
    this.dispatchEvent(new CustomEvent('choose', { detail: { hidden } }));
  }
}
