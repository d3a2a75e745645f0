import { api, LightningElement } from 'lwc';
import { columns, type CustomerRow, datatableColumns, hiddenAtFirst, type RowAction } from 'c/oneshotCustomerColumns';
import type { Sort } from 'c/oneshotCustomerList';
import title from '@salesforce/label/c.My_Customers';

/**
 * The customers as a table in a fixed height. Fires `sortchange` (a Sort), `loadmore`, `select` `{ ids }` and
 * `rowaction` `{ action, id }`.
 */
export default class OneshotCustomerTable extends LightningElement {
  @api rows: readonly CustomerRow[] = [];
  @api sort: Sort | undefined;
  @api hiddenNames: readonly string[] = hiddenAtFirst;
  @api hideWriting = false;
  @api hideReferences = false;
  @api selected: readonly string[] = [];
  @api isLoading = false;
  @api hasMore = false;

  label = { title };

  get columns(): object[] {
    return datatableColumns(this.hiddenNames, { writing: this.hideWriting, references: this.hideReferences });
  }

  /** Rows are chosen to write to or to name them: without both there is nothing to choose them for. */
  get hasNoChoice(): boolean {
    return this.hideWriting && this.hideReferences;
  }

  get sortedBy(): string | undefined {
    return columns.find((column) => column.sortKey === this.sort?.key)?.name;
  }

  get sortedDirection(): string | undefined {
    return this.sort?.order;
  }

  handleSort(event: CustomEvent<{ columnKey?: string; fieldName: string; sortDirection: 'asc' | 'desc' }>): void {
    const name = event.detail.columnKey ?? (event.detail.fieldName === 'url' ? 'name' : event.detail.fieldName);
    const key = columns.find((column) => column.name === name)?.sortKey;
    if (key === undefined) return;
    const isNew = key !== this.sort?.key;
    // Money and dates are asked for from the top; a second click turns the order round.
    const order = isNew && (key === 'arr' || key === 'modified') ? 'desc' : event.detail.sortDirection;
    this.dispatchEvent(new CustomEvent<Sort>('sortchange', { detail: { key, order } }));
  }

  handleLoadMore(): void {
    this.dispatchEvent(new CustomEvent('loadmore'));
  }

  handleSelection(event: CustomEvent<{ selectedRows: { id: string }[] }>): void {
    const ids = event.detail.selectedRows.map((row) => row.id);
    this.dispatchEvent(new CustomEvent('select', { detail: { ids } }));
  }

  handleRowAction(event: CustomEvent<{ action: { name: RowAction }; row: { id: string } }>): void {
    const { action, row } = event.detail;
    this.dispatchEvent(new CustomEvent('rowaction', { detail: { action: action.name, id: row.id } }));
  }
}
