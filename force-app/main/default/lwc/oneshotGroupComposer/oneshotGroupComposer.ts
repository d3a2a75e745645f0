import { api, LightningElement } from 'lwc';
import { type MailChannel, Problem } from 'c/oneshotApi';
import { fill, formatCount, formatDuration } from 'c/oneshotFormat';
import type { MailFields } from 'c/oneshotMailFields';
import { onMailKey } from 'c/oneshotMailKeys';
import { ACCOUNT_NAME, CONTACT_NAME, toText } from 'c/oneshotMailText';
import { messageOf } from 'c/oneshotMessages';
import * as queue from 'c/oneshotQueue';
import * as session from 'c/oneshotSession';
import { label } from './labels';

type Asked = 'nothing' | 'subject' | 'discard';

/**
 * One mail to several contacts: written once, filled in for each, sent one after the other in this tab. Fires `minimise`
 * and `done`.
 */
export default class OneshotGroupComposer extends LightningElement {
  label = label;
  view: queue.QueueView = queue.queueView();
  isAsking = false;
  asked: Asked = 'nothing';
  openId: string | undefined;
  mail: queue.PersonalMail | undefined;
  previewProblem: Problem | undefined;
  announcement = '';
  private unsubscribe: (() => void) | undefined;
  private focusNext: string | undefined;

  connectedCallback(): void {
    this.unsubscribe = queue.subscribe((view) => this.show(view));
  }

  renderedCallback(): void {
    if (this.focusNext === undefined) return;
    const element = this.template?.querySelector<HTMLElement>(this.focusNext);
    if (!element) return;
    this.focusNext = undefined;
    element.focus();
  }

  disconnectedCallback(): void {
    this.unsubscribe?.();
  }

  @api focus(): void {
    (this.fields ?? this.template?.querySelector<HTMLElement>('.first'))?.focus();
  }

  private get fields(): MailFields | null | undefined {
    return this.template?.querySelector<MailFields>('c-oneshot-mail-fields');
  }

  private show(view: queue.QueueView): void {
    const before = this.view;
    this.view = view;
    const isOpenThere = view.recipients.some(({ contactId, mail }) => contactId === this.openId && mail !== null);
    if (!isOpenThere) this.mail = undefined;
    if (view.phase === before.phase) return;
    if (view.phase === 'signIn') this.announcement = label.signInText;
    if (view.phase === 'paused') this.announcement = view.problem ? messageOf(view.problem) : label.paused;
    if (view.phase === 'finished') this.announcement = this.doneText;
    if (view.phase !== 'writing') this.focusNext = '.first';
  }

  private count(...states: queue.RecipientState[]): number {
    return this.view.recipients.filter(({ state }) => states.includes(state)).length;
  }

  private get toSend(): number {
    return this.count('ready', 'sending');
  }

  get title(): string {
    return fill(label.title, formatCount(this.view.recipients.length));
  }

  get isWriting(): boolean {
    return this.view.phase === 'writing';
  }

  get isRunning(): boolean {
    return this.view.phase === 'running';
  }

  get isPaused(): boolean {
    return this.view.phase === 'paused';
  }

  get isSignIn(): boolean {
    return this.view.phase === 'signIn';
  }

  get isFinished(): boolean {
    return this.view.phase === 'finished';
  }

  get isStarted(): boolean {
    return !this.isWriting;
  }

  get isUnderWay(): boolean {
    return this.isRunning || this.isPaused || this.isSignIn;
  }

  get isOwnText(): boolean {
    return this.isWriting && this.view.templateId === null;
  }

  get templateName(): string {
    return this.view.templateId === null ? '' : this.view.templateName;
  }

  get hasText(): boolean {
    return this.view.templateId !== null || this.view.subject.trim() !== '' || toText(this.view.html) !== '';
  }

  private get hasBody(): boolean {
    return this.view.templateId !== null || toText(this.view.html) !== '';
  }

  get isTextMissing(): boolean {
    return this.hasText && !this.hasBody;
  }

  get cannotSend(): boolean {
    return !this.hasBody || this.view.channel === null || this.toSend === 0;
  }

  get sendLabel(): string {
    return fill(label.send, formatCount(this.toSend));
  }

  get skippedText(): string {
    const skipped = this.count('skipped');
    if (this.isWriting && this.toSend === 0) return label.noneLeft;
    return skipped === 0 ? '' : fill(label.skipped, formatCount(skipped));
  }

  get lastsText(): string {
    return fill(label.lasts, formatDuration(this.view.leftMs));
  }

  get leftText(): string {
    return fill(label.left, formatDuration(this.view.leftMs));
  }

  private get finishedCount(): number {
    return this.count('accepted', 'unknown', 'refused');
  }

  get progressText(): string {
    return fill(label.progress, formatCount(this.finishedCount), formatCount(this.finishedCount + this.toSend));
  }

  get progressValue(): number {
    return Math.round((100 * this.finishedCount) / Math.max(1, this.finishedCount + this.toSend));
  }

  get doneText(): string {
    const others = this.view.recipients.length - this.count('accepted');
    if (others === 0) return fill(label.doneAll, formatCount(this.count('accepted')));
    return fill(label.done, formatCount(this.count('accepted')), formatCount(others));
  }

  get problem(): Problem | undefined {
    return this.isPaused ? (this.view.problem ?? undefined) : undefined;
  }

  get pausedText(): string {
    return this.isPaused && !this.view.problem ? label.paused : '';
  }

  get isAskingSubject(): boolean {
    return this.asked === 'subject';
  }

  get isAskingDiscard(): boolean {
    return this.asked === 'discard';
  }

  get canChangeMailbox(): boolean {
    return this.isWriting || this.isPaused || this.isSignIn;
  }

  handleMailbox(event: CustomEvent<{ channel: MailChannel | null }>): void {
    queue.changeQueue({ channel: event.detail.channel });
  }

  handleConnected(): void {
    this.focus();
  }

  handleChange(event: CustomEvent<Partial<Pick<queue.Message, 'subject' | 'html' | 'logToSalesforce'>>>): void {
    if (event.detail.subject !== undefined) this.asked = 'nothing';
    queue.changeQueue({ ...event.detail });
  }

  handleAsking(): void {
    this.isAsking = true;
  }

  handleName(): void {
    this.insertField(CONTACT_NAME);
  }

  handleCompany(): void {
    this.insertField(ACCOUNT_NAME);
  }

  private insertField(field: string): void {
    const { html } = this.view;
    const inside = html.endsWith('</p>') ? `${html.slice(0, -4)} ${field}</p>` : `${html}<p>${field}</p>`;
    queue.changeQueue({ html: inside });
    this.fields?.focusTextNext();
  }

  handleTemplate(event: CustomEvent<{ id: string; name: string }>): void {
    queue.changeQueue({ templateId: event.detail.id, templateName: event.detail.name });
  }

  /** What was written before the template is still there. */
  handleRemoveTemplate(): void {
    queue.changeQueue({ templateId: null, templateName: '' });
  }

  handlePreview(event: CustomEvent<{ contactId: string }>): void {
    const { contactId } = event.detail;
    this.mail = undefined;
    if (contactId === this.openId) {
      this.openId = undefined;
      return;
    }
    this.openId = contactId;
    this.isAsking = true;
    if (this.view.templateId === null) void this.read(contactId);
    else session.whenSignedIn(() => void this.read(contactId));
  }

  private async read(contactId: string): Promise<void> {
    this.previewProblem = undefined;
    try {
      const mail = await queue.mailFor(contactId);
      if (this.openId === contactId) this.mail = mail;
    } catch (error) {
      this.previewProblem = error instanceof Problem ? error : new Problem({ code: 'bad_answer' });
      this.announcement = messageOf(this.previewProblem);
    }
  }

  handleRetryPreview(): void {
    const contactId = this.openId;
    if (contactId !== undefined) session.whenSignedIn(() => void this.read(contactId));
  }

  handleDismissPreview(): void {
    this.previewProblem = undefined;
  }

  handleSend(): void {
    if (this.cannotSend) return;
    if (this.isOwnText && this.view.subject.trim() === '') {
      this.asked = 'subject';
      return;
    }
    this.start();
  }

  handleSendWithout(): void {
    this.asked = 'nothing';
    this.start();
  }

  handleWriteSubject(): void {
    this.asked = 'nothing';
    this.fields?.focusSubject();
  }

  /** Also resumes, after a pause or the session's end; inside the click. */
  private start(): void {
    this.isAsking = true;
    this.openId = undefined;
    queue.startQueue();
  }

  handleResume(): void {
    this.start();
  }

  handlePause(): void {
    queue.pauseQueue();
  }

  handleCancel(): void {
    queue.cancelQueue();
  }

  handleDiscard(): void {
    if (!this.hasText) return this.handleDiscardYes();
    this.asked = 'discard';
  }

  handleDiscardYes(): void {
    queue.cancelQueue();
    this.dispatchEvent(new CustomEvent('done'));
  }

  handleDiscardNo(): void {
    this.asked = 'nothing';
  }

  handleDone(): void {
    queue.closeQueue();
    this.dispatchEvent(new CustomEvent('done'));
  }

  handleKey(event: KeyboardEvent): void {
    onMailKey(event, {
      send: () => this.isWriting && this.handleSend(),
      leave: () => this.dispatchEvent(new CustomEvent('minimise')),
    });
  }
}
