import { api, LightningElement } from 'lwc';
import type { Content } from 'c/oneshotDrafts';
import { fill } from 'c/oneshotFormat';
import * as session from 'c/oneshotSession';
import { label } from './labels';

/** As its parent holds it. */
export type MailFields = HTMLElement & Pick<OneshotMailFields, 'focusSubject' | 'focusTextNext' | 'closePicker'>;

/**
 * What a mail is made of, to one contact or to several: subject, template, text, the org's footer, the log entry. Slots:
 * `tools` beside the template's button; what belongs between them and the text goes into the other one.
 *
 * Fires `change` with what was changed, `template` `{ id, name }`, `removetemplate`, `pick` when the choice of templates
 * opens, and `ask` at a click that may have to sign in first.
 */
export default class OneshotMailFields extends LightningElement {
  @api subject = '';
  @api html = '';
  @api designed: string | null = null;
  @api opening = '';
  @api logToSalesforce: boolean | null = null;
  @api isLocked = false;
  /** A template that takes the place of subject and text, by name; empty for none. */
  @api templateName = '';
  /** Whether Send waits for a text. */
  @api isTextMissing = false;

  label = label;
  isPicking = false;
  private me: session.SessionView['me'] = null;
  private focusNext: string | undefined;
  private unsubscribe: (() => void) | undefined;

  connectedCallback(): void {
    this.unsubscribe = session.subscribe(({ me }) => (this.me = me));
  }

  disconnectedCallback(): void {
    this.unsubscribe?.();
  }

  renderedCallback(): void {
    if (this.focusNext === undefined) return;
    const element = this.template?.querySelector<HTMLElement>(this.focusNext);
    if (!element) return;
    this.focusNext = undefined;
    element.focus();
  }

  /** To where writing goes on. */
  @api focus(): void {
    this.template?.querySelector<HTMLElement>(this.subject === '' ? '.subject' : 'c-oneshot-mail-body')?.focus();
  }

  @api focusSubject(): void {
    this.template?.querySelector<HTMLElement>('.subject')?.focus();
  }

  /** To the text, once it shows what it is about to be given. */
  @api focusTextNext(): void {
    this.focusNext = 'c-oneshot-mail-body';
  }

  @api closePicker(): void {
    this.isPicking = false;
  }

  get isPicker(): boolean {
    return this.isPicking && !this.isLocked;
  }

  get isOwnText(): boolean {
    return this.templateName === '';
  }

  get templateText(): string {
    return this.isOwnText ? '' : fill(label.templateUsed, this.templateName);
  }

  private get logging(): 'never' | 'ask' | 'always' {
    return this.me?.settings.logSendsToSalesforce ?? 'ask';
  }

  get isLogAsked(): boolean {
    return this.logging === 'ask';
  }

  get isLogAlways(): boolean {
    return this.logging === 'always';
  }

  get isLogged(): boolean {
    return this.logToSalesforce === true;
  }

  private change(detail: Partial<Content>): void {
    this.dispatchEvent(new CustomEvent('change', { detail }));
  }

  handleSubject(event: CustomEvent<{ value: string }>): void {
    event.stopPropagation();
    this.change({ subject: event.detail.value });
  }

  handleBody(event: CustomEvent<Partial<Content>>): void {
    event.stopPropagation();
    this.change({ ...event.detail });
  }

  handleLog(event: CustomEvent<{ checked: boolean }>): void {
    event.stopPropagation();
    this.change({ logToSalesforce: event.detail.checked });
  }

  handleTemplates(): void {
    this.dispatchEvent(new CustomEvent('ask'));
    session.whenSignedIn(() => this.toggle());
  }

  private toggle(): void {
    this.isPicking = !this.isPicking;
    if (!this.isPicking) return;
    this.focusNext = 'c-oneshot-template-picker';
    this.dispatchEvent(new CustomEvent('pick'));
  }

  handleTemplate(event: CustomEvent<{ id: string; name: string }>): void {
    this.handleClosePicker();
    this.dispatchEvent(new CustomEvent('template', { detail: { ...event.detail } }));
  }

  handleClosePicker(): void {
    this.isPicking = false;
    this.focusNext = '.templates';
  }

  handleRemoveTemplate(): void {
    this.dispatchEvent(new CustomEvent('removetemplate'));
  }
}
