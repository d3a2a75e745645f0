import { api } from 'lwc';
import LightningModal from 'lightning/modal';
import close from '@salesforce/label/c.Close';
import list from '@salesforce/label/c.Stored_List';
import listOff from '@salesforce/label/c.Stored_List_Off';
import sends from '@salesforce/label/c.Stored_Sends';
import sessionText from '@salesforce/label/c.Stored_Session';
import title from '@salesforce/label/c.Stored_Title';

/** What OneShot keeps and what it never keeps, in the rep's own words. */
export default class OneshotStoredModal extends LightningModal {
  /** Inherited; @salesforce/lightning-types does not name it. `label` is read by screen readers. */
  declare static open: (options: { size: 'small'; label: string; isCacheOff: boolean }) => Promise<undefined>;

  /** True where the org keeps no copy of the list. */
  @api isCacheOff = false;

  labels = { close, sends, session: sessionText, title };

  get listText(): string {
    return this.isCacheOff ? listOff : list;
  }

  handleClose(): void {
    void this.close(undefined);
  }
}
