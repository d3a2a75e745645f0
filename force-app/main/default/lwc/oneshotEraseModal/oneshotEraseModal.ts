import { api } from 'lwc';
import LightningModal from 'lightning/modal';
import { fill } from 'c/oneshotFormat';
import { texts } from './labels';

/** Asks for a name to be typed before somebody is erased: a slip of the hand erases nobody. */
export default class OneshotEraseModal extends LightningModal {
  /** Inherited; @salesforce/lightning-types does not name it. */
  declare static open: (options: {
    size: 'small';
    label: string;
    name: string;
    onconfirm: () => void;
  }) => Promise<boolean | undefined>;

  /** What has to be typed. */
  @api name = '';

  texts = texts;
  typed = '';

  get title(): string {
    return fill(texts.title, this.name);
  }

  get typeLabel(): string {
    return fill(texts.type, this.name);
  }

  get isLocked(): boolean {
    return this.typed.trim() !== this.name;
  }

  handleType(event: CustomEvent<{ value: string }>): void {
    this.typed = event.detail.value;
  }

  handleCancel(): void {
    void this.close(false);
  }

  /** Told inside the click, so that the window that signs in again may open. */
  handleErase(): void {
    this.dispatchEvent(new CustomEvent('confirm'));
    void this.close(true);
  }
}
