import { api, LightningElement } from 'lwc';
import formFactor from '@salesforce/client/formFactor';
import { toHtml, toText } from 'c/oneshotMailText';
import designedNote from '@salesforce/label/c.Designed_Note';
import message from '@salesforce/label/c.Message';
import opening from '@salesforce/label/c.Opening_Line';
import removeTemplate from '@salesforce/label/c.Remove_Template';
import template from '@salesforce/label/c.Template';

/** What lightning-input-rich-text may do here: nothing that mail programs show differently. */
const FORMATS = ['bold', 'italic', 'underline', 'list', 'indent', 'link', 'clean'];

/**
 * The text of a mail. A designed template is shown as it is, with an editable line above it; on a phone the text is
 * plain. Fires `change` with `{ html }` or `{ opening }`, and `removetemplate`.
 */
export default class OneshotMailBody extends LightningElement {
  @api html = '';
  @api designed: string | null = null;
  @api opening = '';
  @api isLocked = false;

  label = { designedNote, message, opening, removeTemplate, template };
  formats = FORMATS;
  /** Plain text as it was typed: trailing blanks do not survive the way through HTML and back. */
  private typed = { html: '', text: '' };

  get isDesigned(): boolean {
    return this.designed !== null;
  }

  get isPlain(): boolean {
    return this.designed === null && formFactor === 'Small';
  }

  get isRich(): boolean {
    return this.designed === null && formFactor !== 'Small';
  }

  get plain(): string {
    return this.typed.html === this.html ? this.typed.text : toText(this.html);
  }

  @api focus(): void {
    this.template?.querySelector<HTMLElement>('.field')?.focus();
  }

  private change(detail: { html: string } | { opening: string }): void {
    this.dispatchEvent(new CustomEvent('change', { detail }));
  }

  handleRich(event: CustomEvent<{ value: string }>): void {
    event.stopPropagation();
    this.change({ html: event.detail.value });
  }

  handlePlain(event: CustomEvent<{ value: string }>): void {
    event.stopPropagation();
    const text = event.detail.value;
    this.typed = { html: toHtml(text), text };
    this.change({ html: this.typed.html });
  }

  handleOpening(event: CustomEvent<{ value: string }>): void {
    event.stopPropagation();
    this.change({ opening: event.detail.value });
  }

  handleRemove(): void {
    this.dispatchEvent(new CustomEvent('removetemplate'));
  }
}
