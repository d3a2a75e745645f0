/** A page of Salesforce's own that the preview does not stand in for, such as a list of accounts. */
import { LightningElement, api } from 'lwc';

export default class OtherPage extends LightningElement {
  @api objectApiName: string | undefined;
}
