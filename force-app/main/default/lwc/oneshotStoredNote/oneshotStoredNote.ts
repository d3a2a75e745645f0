import { LightningElement } from 'lwc';
import storedShort from '@salesforce/label/c.Stored_Sends';
import stored from '@salesforce/label/c.Stored_Title';

/** What OneShot keeps of a send, beside where it is sent. */
export default class OneshotStoredNote extends LightningElement {
  label = { stored, storedShort };
}
