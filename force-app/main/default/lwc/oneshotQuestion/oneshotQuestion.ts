import { api, LightningElement } from 'lwc';

/**
 * Asks before something that cannot be taken back, beside the click and not above everything. The harmless answer gets
 * the focus. Fires `stay` and `go`.
 */
export default class OneshotQuestion extends LightningElement {
  @api words = '';
  /** The harmless answer. */
  @api stayLabel = '';
  @api goLabel = '';
  /** Whether `go` throws something away. */
  @api isDestructive = false;
  private isAsked = false;

  get goVariant(): string {
    return this.isDestructive ? 'destructive-text' : 'neutral';
  }

  renderedCallback(): void {
    if (this.isAsked) return;
    this.isAsked = true;
    this.template?.querySelector<HTMLElement>('lightning-button')?.focus();
  }

  handleStay(): void {
    this.dispatchEvent(new CustomEvent('stay'));
  }

  /** Esc is the harmless answer, and closes nothing around. */
  handleKey(event: KeyboardEvent): void {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    this.handleStay();
  }

  handleGo(): void {
    this.dispatchEvent(new CustomEvent('go'));
  }
}
