import LightningModal from 'lightning/modal';
import close from '@salesforce/label/c.Close';
import kept from '@salesforce/label/c.Draft_Kept';
import title from '@salesforce/label/c.Write';

/** Writing in a dialog, where the app has no utility of ours. Closing it keeps every draft. */
export default class OneshotWriteModal extends LightningModal {
  /** Inherited; @salesforce/lightning-types does not name it. `label` is read by screen readers. */
  declare static open: (options: { size: 'medium'; label: string }) => Promise<undefined>;

  labels = { close, kept, title };

  handleClose(): void {
    void this.close(undefined);
  }
}
