/** The dialog in which Lightning shows a record quick action. The action closes it with an event. */
import { api } from 'lwc';
import LightningModal from 'lightning/modal';
import type { LightningElement } from 'lwc';

export default class ActionDialog extends LightningModal {
  @api component: typeof LightningElement | undefined;
  @api recordId: string | undefined;
  @api objectApiName: string | undefined;

  get properties(): Record<string, unknown> {
    return { recordId: this.recordId, objectApiName: this.objectApiName };
  }

  override connectedCallback(): void {
    this.template?.addEventListener('close_action_screen', () => this.close());
  }
}
