import { api, LightningElement } from 'lwc';
import type { Problem } from 'c/oneshotApi';
import { catchFocus } from 'c/oneshotFocus';
import * as session from 'c/oneshotSession';
import app from '@salesforce/label/c.Setup_App';

/**
 * What stands around each page of an admin: its head, one button before the sign-in, what went wrong, that it loads, and
 * what a screen reader is told. Slots: `actions` in the head, and the page itself.
 * Fires `signin` at each new sign-in and `signout` when it is another person or nobody any more; inside the click
 * `start` (signed in, nothing shown yet), `retry` and `dismiss`.
 */
export default class OneshotAdminFrame extends LightningElement {
  /** The page's title. */
  @api heading = '';
  @api iconName = '';
  /** What the page is for: stands above the button before the sign-in. */
  @api intro = '';
  /** The words of that button, and of the one beside a problem that a sign-in mends. */
  @api startLabel = '';
  @api loadingLabel = '';
  /** Whether there is something to show. */
  @api isReady = false;
  @api isLoading = false;
  /** What went wrong on the page; what went wrong with the sign-in is known here. */
  @api problem: Problem | null = null;
  @api announcement = '';

  label = { app };
  session!: session.SessionView;
  private unsubscribe: (() => void) | undefined;
  private seenSignIns = 0;
  private isPressed = false;

  connectedCallback(): void {
    this.unsubscribe = session.subscribe((view) => this.showSession(view));
  }

  /** What was pressed may be gone: the button that signed in, a problem that was put away. */
  renderedCallback(): void {
    if (this.isPressed) catchFocus(this.refs?.root as HTMLElement | undefined);
  }

  disconnectedCallback(): void {
    this.unsubscribe?.();
  }

  private showSession(view: session.SessionView): void {
    const before = this.session as session.SessionView | undefined;
    this.session = view;
    const isOther = before?.user && view.user && before.user.id !== view.user.id;
    if ((before?.status !== 'signedOut' && view.status === 'signedOut') || isOther) this.tell('signout');
    if (view.status !== 'signedIn' || view.signIns === this.seenSignIns) return;
    this.seenSignIns = view.signIns;
    this.tell('signin');
  }

  private tell(event: 'signin' | 'signout' | 'start' | 'retry' | 'dismiss'): void {
    this.dispatchEvent(new CustomEvent(event));
  }

  get showsStart(): boolean {
    return !this.isReady && !this.isLoading;
  }

  get retryLabel(): string | undefined {
    return this.problem?.needsSignIn || this.problem?.code === 'not_admin' ? this.startLabel : undefined;
  }

  handleClick(): void {
    this.isPressed = true;
  }

  handleStart(): void {
    session.whenSignedIn(() => this.tell('start'));
  }

  handleRetry(): void {
    this.tell('retry');
  }

  handleContinue(): void {
    session.continueInHomeRegion();
  }

  handleDismiss(): void {
    session.dismissProblem();
    this.tell('dismiss');
  }
}
