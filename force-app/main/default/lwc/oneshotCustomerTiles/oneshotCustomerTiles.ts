import { api, LightningElement } from 'lwc';
import type { CustomerRow, RowAction } from 'c/oneshotCustomerColumns';
import { fill } from 'c/oneshotFormat';
import copyReference from '@salesforce/label/c.Copy_Reference';
import customersLike from '@salesforce/label/c.Customers_Like_This';
import moreActions from '@salesforce/label/c.Actions_For';
import open from '@salesforce/label/c.Open';
import openInNewTab from '@salesforce/label/c.Open_In_New_Tab';
import showMore from '@salesforce/label/c.Show_More';
import title from '@salesforce/label/c.My_Customers';
import write from '@salesforce/label/c.Write';

interface Tile {
  row: CustomerRow;
  line: string;
  menuLabel: string;
}

/** The customers as tiles, for narrow places. Fires `loadmore` and `rowaction` `{ action, id }`. */
export default class OneshotCustomerTiles extends LightningElement {
  @api rows: readonly CustomerRow[] = [];
  @api hideWriting = false;
  @api hideReferences = false;
  @api isLoading = false;
  @api hasMore = false;

  label = { copyReference, customersLike, open, openInNewTab, showMore, title, write };

  get tiles(): Tile[] {
    return this.rows.map((row) => ({
      row,
      line: [row.industry, row.country, row.owner].filter((text) => text !== '').join(' · '),
      menuLabel: fill(moreActions, row.name),
    }));
  }

  get canWrite(): boolean {
    return !this.hideWriting;
  }

  get canCopy(): boolean {
    return !this.hideReferences;
  }

  handleMore(): void {
    this.dispatchEvent(new CustomEvent('loadmore'));
  }

  handleAction(event: CustomEvent<{ value: RowAction }>): void {
    const id = (event.target as HTMLElement).dataset.id;
    this.dispatchEvent(new CustomEvent('rowaction', { detail: { action: event.detail.value, id } }));
  }
}
