import { LightningElement } from 'lwc';
import activity from '@salesforce/label/c.Tab_Activity';
import customers from '@salesforce/label/c.Tab_Customers';
import nothing from '@salesforce/label/c.Write_Nothing';
import write from '@salesforce/label/c.Tab_Write';

/** OneShot in the utility bar: customers, the mail that is being written, and what was sent. */
export default class OneshotUtility extends LightningElement {
  label = { activity, customers, nothing, write };
  tab = 'customers';

  handleActive(event: Event): void {
    this.tab = (event.target as HTMLElement & { value: string }).value;
  }
}
