import { api } from 'lwc';
import LightningModal from 'lightning/modal';
import type { Difference } from 'c/oneshotSettingNames';
import { label as texts } from './labels';

export type Decision = 'save' | 'useTheirs' | 'keepMine' | undefined;

/** What a save would change; after a conflict, what somebody else saved beside one's own. */
export default class OneshotChangesModal extends LightningModal {
  /** Inherited; @salesforce/lightning-types does not name it. */
  declare static open: (options: {
    size: 'small' | 'medium';
    label: string;
    differences: readonly Difference[];
    isConflict: boolean;
  }) => Promise<Decision>;

  @api differences: readonly Difference[] = [];
  @api isConflict = false;

  texts = texts;

  get title(): string {
    return this.isConflict ? texts.conflictTitle : texts.title;
  }

  get hasRows(): boolean {
    return this.differences.length > 0;
  }

  get firstHeading(): string {
    return this.isConflict ? texts.theirs : texts.now;
  }

  get secondHeading(): string {
    return this.isConflict ? texts.yours : texts.after;
  }

  handleCancel(): void {
    void this.close(undefined);
  }

  handleSave(): void {
    void this.close('save');
  }

  handleTheirs(): void {
    void this.close('useTheirs');
  }

  handleMine(): void {
    void this.close('keepMine');
  }
}
