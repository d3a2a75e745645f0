import { api } from 'lwc';
import LightningModal from 'lightning/modal';
import close from '@salesforce/label/c.Close';

/** The customers most like one of the list, in a dialog: for the row's menu, which has no record page beneath it. */
export default class OneshotLikeModal extends LightningModal {
  /** Inherited; @salesforce/lightning-types does not name it. `label` is read by screen readers. */
  declare static open: (options: { size: 'small'; label: string; accountId: string }) => Promise<undefined>;

  @api accountId: string | undefined;

  labels = { close };

  handleClose(): void {
    void this.close(undefined);
  }
}
