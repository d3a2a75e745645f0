import { api, LightningElement } from 'lwc';
import type { Problem } from 'c/oneshotApi';
import { fill } from 'c/oneshotFormat';
import { messageOf, referenceOf, regionLabel } from 'c/oneshotMessages';
import continueIn from '@salesforce/label/c.Continue_In';
import dismiss from '@salesforce/label/c.Dismiss';
import errorIcon from '@salesforce/label/c.Error';
import tryAgain from '@salesforce/label/c.Try_Again';

/**
 * A problem where it happened: what it is, who can do what, one button. Fires `retry`, `continue` (the right region)
 * and `dismiss`, all inside the click.
 */
export default class OneshotProblem extends LightningElement {
  /** The words of the button; "Try again" unless given. */
  @api actionLabel: string | undefined;
  /** Region to continue in, by name. */
  @api region: string | null = null;

  /** The words, where the place knows better ones than the code says. */
  @api words: string | undefined;

  label = { dismiss, errorIcon };
  isWaiting = false;
  private shown: Problem | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;

  @api get problem(): Problem | undefined {
    return this.shown;
  }
  set problem(problem: Problem | undefined) {
    this.shown = problem;
    clearTimeout(this.timer);
    // Retry-After is obeyed by the button too.
    const waitMs = (problem?.retryAfter ?? 0) * 1000;
    this.isWaiting = waitMs > 0;
    if (this.isWaiting) this.timer = setTimeout(() => (this.isWaiting = false), waitMs);
  }

  get text(): string {
    return this.words ?? (this.shown ? messageOf(this.shown, this.region) : '');
  }

  get reference(): string {
    return this.shown ? referenceOf(this.shown) : '';
  }

  get hasButton(): boolean {
    return this.shown?.code !== 'wrong_region' || this.region !== null;
  }

  get buttonLabel(): string {
    if (this.shown?.code === 'wrong_region') return fill(continueIn, regionLabel(this.region));
    return this.actionLabel ?? tryAgain;
  }

  disconnectedCallback(): void {
    clearTimeout(this.timer);
  }

  handleAction(): void {
    this.dispatchEvent(new CustomEvent(this.shown?.code === 'wrong_region' ? 'continue' : 'retry'));
  }

  handleDismiss(): void {
    this.dispatchEvent(new CustomEvent('dismiss'));
  }
}
