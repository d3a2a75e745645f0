import { api, LightningElement } from 'lwc';
import { fill, formatClock } from 'c/oneshotFormat';
import type { SessionView } from 'c/oneshotSession';
import forgotten from '@salesforce/label/c.Start_Forgotten';
import promise from '@salesforce/label/c.Start_Promise';
import showMyCustomers from '@salesforce/label/c.Show_My_Customers';
import signingIn from '@salesforce/label/c.Start_Signing_In';
import waiting from '@salesforce/label/c.Start_Waiting';

/** What stands where the list will be: one useful button, no wall. Fires `show`. */
export default class OneshotStart extends LightningElement {
  @api session: SessionView | undefined;
  /** When the rows that stood here were forgotten, ISO 8601. */
  @api forgottenAt: string | null = null;
  /** What the button does; "Show my customers" unless given. */
  @api actionLabel: string = showMyCustomers;

  label = { signingIn };

  get isExchanging(): boolean {
    return this.session?.signIn === 'exchanging';
  }

  get text(): string {
    if (this.session?.signIn === 'waiting') return waiting;
    if (this.forgottenAt !== null) return fill(forgotten, formatClock(Date.parse(this.forgottenAt)));
    return this.session?.status === 'signedIn' ? '' : promise;
  }

  @api focus(): void {
    this.template?.querySelector<HTMLElement>('lightning-button')?.focus();
  }

  handleShow(): void {
    this.dispatchEvent(new CustomEvent('show'));
  }
}
