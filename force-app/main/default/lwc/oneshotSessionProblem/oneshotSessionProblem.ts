import { api, LightningElement } from 'lwc';
import type { Problem } from 'c/oneshotApi';
import * as session from 'c/oneshotSession';
import waiting from '@salesforce/label/c.Start_Waiting';
import signingIn from '@salesforce/label/c.Start_Signing_In';

/**
 * How signing in goes, beside the click that began it: several of our components share a page, and only one was clicked.
 */
export default class OneshotSessionProblem extends LightningElement {
  /** True in the component that was clicked last. */
  @api isAsking = false;

  private view: session.SessionView | undefined;
  private unsubscribe: (() => void) | undefined;

  connectedCallback(): void {
    this.unsubscribe = session.subscribe((view) => (this.view = view));
  }

  disconnectedCallback(): void {
    this.unsubscribe?.();
  }

  get problem(): Problem | undefined {
    return this.isAsking ? (this.view?.problem ?? undefined) : undefined;
  }

  get region(): string | null {
    return this.view?.continueIn ?? null;
  }

  get progress(): string {
    if (!this.isAsking || this.view?.signIn === 'idle') return '';
    return this.view?.signIn === 'exchanging' ? signingIn : waiting;
  }

  handleRetry(): void {
    session.signIn();
  }

  handleContinue(): void {
    session.continueInHomeRegion();
  }

  handleDismiss(): void {
    session.dismissProblem();
  }
}
