import { api, LightningElement } from 'lwc';
import type { SessionView } from 'c/oneshotSession';
import promise from '@salesforce/label/c.Start_Promise';
import signingIn from '@salesforce/label/c.Start_Signing_In';
import waiting from '@salesforce/label/c.Start_Waiting';

/** What stands on an admin's page before the sign-in: one button. Fires `start`. */
export default class OneshotAdminStart extends LightningElement {
  @api session: SessionView | undefined;
  /** The words of the button. */
  @api actionLabel = '';

  label = { signingIn };

  get isExchanging(): boolean {
    return this.session?.signIn === 'exchanging';
  }

  get text(): string {
    return this.session?.signIn === 'waiting' ? waiting : promise;
  }

  handleStart(): void {
    this.dispatchEvent(new CustomEvent('start'));
  }
}
