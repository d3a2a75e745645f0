/** Stand-in for `lightning-quick-action-panel`: header, body and footer of a record quick action. */
import { LightningElement, api } from 'lwc';

export default class QuickActionPanel extends LightningElement {
  @api header = '';
}
