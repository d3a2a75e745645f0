import { api, LightningElement } from 'lwc';

/** sfdx-lwc-jest brings no stub of lightning/modal: what it opens with is kept, what it closes with is an event. */
export default class LightningModal extends LightningElement {
  static open = jest.fn(() => Promise.resolve(undefined));

  @api size = 'medium';
  @api label = '';
  @api description = '';

  @api close(result: unknown): Promise<void> {
    this.dispatchEvent(new CustomEvent('privateclose', { detail: { result } }));
    return Promise.resolve();
  }
}
