import { api } from 'lwc';
import LightningModal from 'lightning/modal';
import type { PickerState } from 'c/oneshotSequencePicker';
import add from '@salesforce/label/c.Sequence_Add';
import adding from '@salesforce/label/c.Sequence_Adding';
import cancel from '@salesforce/label/c.Cancel';
import close from '@salesforce/label/c.Close';

/** "Add to sequence" in a dialog. Closes with `{ isAdded }`, so that the place that opened it can read anew. */
export default class OneshotSequenceModal extends LightningModal {
  /** Inherited; @salesforce/lightning-types does not name it. `label` is read by screen readers. */
  declare static open: (options: {
    size: 'small';
    label: string;
    contactId: string;
    contactName: string;
  }) => Promise<{ isAdded: boolean } | undefined>;

  @api contactId = '';
  @api contactName = '';

  labels = { add, adding, cancel, close };
  state: PickerState = { canAdd: false, isAdding: false, isDone: false };

  get isAddDisabled(): boolean {
    return !this.state.canAdd || this.state.isAdding;
  }

  get addLabel(): string {
    return this.state.isAdding ? adding : add;
  }

  handleChange(event: CustomEvent<PickerState>): void {
    this.state = { ...event.detail };
  }

  handleAdd(): void {
    this.template?.querySelector<HTMLElement & { add: () => void }>('c-oneshot-sequence-picker')?.add();
  }

  handleClose(): void {
    void this.close({ isAdded: this.state.isDone });
  }
}
