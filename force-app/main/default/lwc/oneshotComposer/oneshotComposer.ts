import { api, LightningElement } from 'lwc';
import Toast from 'lightning/toast';
import formFactor from '@salesforce/client/formFactor';
import { isAborted, type MailChannel, Problem, type RenderedTemplate } from 'c/oneshotApi';
import { copyText } from 'c/oneshotClipboard';
import * as drafts from 'c/oneshotDrafts';
import { fill, formatNames } from 'c/oneshotFormat';
import type { MailFields } from 'c/oneshotMailFields';
import { onMailKey } from 'c/oneshotMailKeys';
import { isDesigned, toHtml } from 'c/oneshotMailText';
import { messageOf } from 'c/oneshotMessages';
import PreviewModal from 'c/oneshotPreviewModal';
import * as session from 'c/oneshotSession';
import { label } from './labels';

/** What a template took the place of, to be put back. */
type Before = Pick<drafts.Content, 'subject' | 'html' | 'designed' | 'opening'>;

/**
 * A mail to one contact. The draft lives in c/oneshotDrafts: this shows and changes it. Fires `minimise` (Esc, or the
 * button): the draft stays. Fires `done` when there is nothing left to do.
 */
export default class OneshotComposer extends LightningElement {
  label = label;
  draft: drafts.Draft | undefined;
  view: session.SessionView | undefined;
  isPickingReference = false;
  isAskingSubject = false;
  isAskingDiscard = false;
  isRendering = false;
  templateProblem: Problem | undefined;
  before: Before | undefined;
  missing: readonly string[] = [];
  byHand = '';
  announcement = '';
  isAsking = false;
  private shownId: string | undefined;
  private chosenTemplate: { id: string; name: string } | undefined;
  private rendering: AbortController | undefined;
  private unsubscribe: (() => void)[] = [];
  private focusNext: string | undefined;

  @api get contactId(): string | undefined {
    return this.shownId;
  }
  set contactId(contactId: string | undefined) {
    if (contactId === this.shownId) return;
    this.shownId = contactId;
    this.rendering?.abort();
    this.closePickers();
    this.isAskingSubject = false;
    this.isAskingDiscard = false;
    this.before = undefined;
    this.missing = [];
    this.byHand = '';
    this.draft = contactId === undefined ? undefined : drafts.draftOf(contactId);
  }

  connectedCallback(): void {
    this.unsubscribe = [
      drafts.subscribe(() => this.showDraft()),
      session.subscribe((view) => {
        if (view.signIns !== this.view?.signIns) this.isAsking = false;
        this.view = view;
      }),
    ];
  }

  renderedCallback(): void {
    if (this.focusNext === undefined) return;
    const element = this.template?.querySelector<HTMLElement>(this.focusNext);
    if (!element) return;
    this.focusNext = undefined;
    element.focus();
  }

  disconnectedCallback(): void {
    for (const end of this.unsubscribe) end();
    this.rendering?.abort();
  }

  /** To where writing goes on. */
  @api focus(): void {
    this.fields?.focus();
  }

  private get fields(): MailFields | null | undefined {
    return this.template?.querySelector<MailFields>('c-oneshot-mail-fields');
  }

  private closePickers(): void {
    this.isPickingReference = false;
    this.fields?.closePicker();
  }

  private showDraft(): void {
    const before = this.draft;
    this.draft = this.shownId === undefined ? undefined : drafts.draftOf(this.shownId);
    const { state, name = '' } = this.draft ?? {};
    if (before === undefined || state === undefined || state === before.state) return;
    if (state === 'undo') this.announce(label.announceUndo);
    if (state === 'sent' && this.draft?.isFoundSent === false) this.announce(fill(label.announceSent, name));
    if (state === 'undo' || state === 'sent' || state === 'unknown') this.focusNext = 'c-oneshot-send-state';
  }

  private announce(news: string): void {
    this.announcement = news;
  }

  private change(next: Partial<drafts.Content>): void {
    if (this.shownId !== undefined) drafts.changeDraft(this.shownId, next);
  }

  // Derived

  get isLocked(): boolean {
    return this.draft?.state !== 'writing';
  }

  get isOpen(): boolean {
    return this.draft?.state === 'writing';
  }

  get isText(): boolean {
    return this.draft !== undefined && this.draft.state !== 'sent';
  }

  get isReference(): boolean {
    return this.isPickingReference && !this.isLocked;
  }

  get hasAccount(): boolean {
    return this.draft?.accountId !== null;
  }

  get hasText(): boolean {
    return this.draft !== undefined && drafts.hasText(this.draft);
  }

  private get hasBody(): boolean {
    return this.draft !== undefined && drafts.textOf(this.draft) !== '';
  }

  /** A subject without a text: why Send waits. */
  get isTextMissing(): boolean {
    return !this.isLocked && this.hasText && !this.hasBody;
  }

  get canSend(): boolean {
    return !this.isLocked && this.draft?.channel !== null && this.hasBody;
  }

  get cannotSend(): boolean {
    return !this.canSend;
  }

  get hasNoText(): boolean {
    return !this.hasText;
  }

  get missingText(): string {
    return this.missing.length === 0 ? '' : fill(label.missing, formatNames([...this.missing]));
  }

  /** The session is over and there is something to lose: it is not lost. */
  get endedText(): string {
    const isOver = this.view?.status === 'expired' || this.draft?.problem?.needsSignIn === true;
    if (!isOver || !this.hasText || this.isLocked || this.view?.signIn !== 'idle') return '';
    return fill(label.ended, this.draft?.name ?? '');
  }

  // What the rep does

  handleMailbox(event: CustomEvent<{ channel: MailChannel | null }>): void {
    this.change({ channel: event.detail.channel });
  }

  handleConnected(): void {
    this.focus();
  }

  handleChange(event: CustomEvent<Partial<drafts.Content>>): void {
    if (event.detail.subject !== undefined) this.isAskingSubject = false;
    this.change({ ...event.detail });
  }

  handleAsking(): void {
    this.isAsking = true;
  }

  /** One choice at a time: templates or references. */
  handlePick(): void {
    this.isPickingReference = false;
  }

  handleReferences(): void {
    this.click(() => {
      this.fields?.closePicker();
      this.isPickingReference = !this.isPickingReference;
    });
  }

  handleCloseReferences(): void {
    this.focusNext = '.references';
    this.isPickingReference = false;
  }

  private click(deed: () => void): void {
    this.isAsking = true;
    session.whenSignedIn(deed);
  }

  handleTemplate(event: CustomEvent<{ id: string; name: string }>): void {
    this.chosenTemplate = { ...event.detail };
    void this.fillIn();
  }

  handleRetryTemplate(): void {
    this.click(() => void this.fillIn());
  }

  handleDismissTemplate(): void {
    this.templateProblem = undefined;
  }

  private async fillIn(): Promise<void> {
    const contactId = this.shownId;
    if (contactId === undefined || !this.chosenTemplate) return;
    this.rendering?.abort();
    const controller = new AbortController();
    this.rendering = controller;
    this.isRendering = true;
    this.announce(label.loading);
    this.templateProblem = undefined;
    try {
      const rendered = await session.renderTemplate(this.chosenTemplate.id, contactId, controller.signal);
      if (!controller.signal.aborted && contactId === this.shownId) this.take(rendered);
    } catch (error) {
      if (isAborted(error) || controller.signal.aborted) return;
      this.templateProblem = error instanceof Problem ? error : new Problem({ code: 'bad_answer' });
      this.announce(messageOf(this.templateProblem));
    } finally {
      if (this.rendering === controller) this.isRendering = false;
    }
  }

  /** A template takes the place of what was written, which can be put back. */
  private take({ subject, html, text, missing }: RenderedTemplate): void {
    const draft = this.draft;
    if (draft?.state !== 'writing') return;
    const { subject: oldSubject, html: oldHtml, designed, opening } = draft;
    this.before = drafts.hasText(draft) ? { subject: oldSubject, html: oldHtml, designed, opening } : undefined;
    this.missing = missing;
    const isPhone = formFactor === 'Small';
    const isLayout = isDesigned(html);
    this.change(
      isLayout ? { subject, designed: html } : { subject, html: isPhone ? toHtml(text) : html, designed: null },
    );
  }

  handlePutBack(): void {
    if (this.before) this.change({ ...this.before });
    this.before = undefined;
    this.missing = [];
    this.fields?.focusTextNext();
  }

  handleRemoveTemplate(): void {
    this.change({ designed: null, html: this.draft?.opening ? toHtml(this.draft.opening) : (this.draft?.html ?? '') });
    this.missing = [];
  }

  handleReference(event: CustomEvent<{ sentence: string }>): void {
    drafts.insertIntoOpen(event.detail.sentence);
    this.handleCloseReferences();
    this.announce(fill(label.announceInserted, this.draft?.name ?? ''));
  }

  async handlePreview(): Promise<void> {
    const { draft } = this;
    if (!draft) return;
    await PreviewModal.open({
      size: 'medium',
      label: label.preview,
      name: draft.name,
      subject: draft.subject,
      html: drafts.htmlOf(draft),
    });
  }

  /** Always there, also when nothing else works. */
  async handleCopy(): Promise<void> {
    const { draft } = this;
    if (!draft) return;
    const text = [draft.subject.trim(), drafts.textOf(draft)].filter((part) => part !== '').join('\n\n');
    const isCopied = await copyText(text);
    this.byHand = isCopied ? '' : text;
    if (isCopied)
      void Toast.show({ label: label.copied, variant: 'success', mode: 'dismissible' }, this as unknown as HTMLElement);
  }

  handleSend(): void {
    const { draft } = this;
    if (!draft || !this.canSend) return;
    if (draft.subject.trim() === '' && !draft.isEmptySubjectFine) {
      this.isAskingSubject = true;
      return;
    }
    this.isAsking = true;
    this.closePickers();
    drafts.sendDraft(draft.contactId);
  }

  handleSendWithout(): void {
    this.isAskingSubject = false;
    if (this.shownId === undefined) return;
    drafts.allowEmptySubject(this.shownId);
    this.draft = drafts.draftOf(this.shownId);
    this.handleSend();
  }

  handleWriteSubject(): void {
    this.isAskingSubject = false;
    this.fields?.focusSubject();
  }

  handleUndo(): void {
    if (this.shownId !== undefined) drafts.undoSend(this.shownId);
    this.focusNext = '.send';
  }

  handleWasSent(): void {
    if (this.shownId !== undefined) drafts.wasSent(this.shownId);
  }

  handleAgain(): void {
    this.isAsking = true;
    if (this.shownId !== undefined) drafts.sendAgainAnyway(this.shownId);
  }

  handleAsk(): void {
    this.isAsking = true;
    if (this.shownId !== undefined) drafts.askAgain(this.shownId);
  }

  handleDismiss(): void {
    this.change({});
  }

  handleDone(): void {
    if (this.shownId !== undefined) drafts.closeDraft(this.shownId);
    this.dispatchEvent(new CustomEvent('done'));
  }

  /** The one thing that throws text away: it asks. */
  handleDiscard(): void {
    if (!this.hasText || this.isAskingDiscard) return this.discard();
    this.isAskingDiscard = true;
  }

  handleDiscardYes(): void {
    this.discard();
  }

  handleDiscardNo(): void {
    this.isAskingDiscard = false;
    this.focusNext = '.discard';
  }

  private discard(): void {
    this.isAskingDiscard = false;
    if (this.shownId !== undefined) drafts.discardDraft(this.shownId);
    this.dispatchEvent(new CustomEvent('done'));
  }

  handleMinimise(): void {
    this.dispatchEvent(new CustomEvent('minimise'));
  }

  handleKey(event: KeyboardEvent): void {
    onMailKey(event, { send: () => this.handleSend(), leave: () => this.handleMinimise() });
  }
}
