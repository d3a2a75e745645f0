import LightningModal from 'lightning/modal';
import close from '@salesforce/label/c.Close';
import title from '@salesforce/label/c.Connections';

/** The connections panel in a dialog, from the workspace's menu. */
export default class OneshotConnectionsModal extends LightningModal {
  /** Inherited; @salesforce/lightning-types does not name it. `label` is read by screen readers. */
  declare static open: (options: { size: 'small'; label: string }) => Promise<undefined>;

  labels = { close, title };

  handleClose(): void {
    void this.close(undefined);
  }
}
