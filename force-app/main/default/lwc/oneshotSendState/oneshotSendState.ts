import { api, LightningElement } from 'lwc';
import type { MailChannel, Problem } from 'c/oneshotApi';
import { refusalOf } from 'c/oneshotContacts';
import type { Draft } from 'c/oneshotDrafts';
import { fill } from 'c/oneshotFormat';
import askAgain from '@salesforce/label/c.Send_Ask_Again';
import close from '@salesforce/label/c.Close';
import found from '@salesforce/label/c.Sent_Found';
import itWasSent from '@salesforce/label/c.It_Was_Sent';
import leavesIn from '@salesforce/label/c.Send_Leaves_In';
import logFailed from '@salesforce/label/c.Sent_Log_Failed';
import openSent from '@salesforce/label/c.Open_Sent_Folder';
import sendAgain from '@salesforce/label/c.Send_Again_Anyway';
import sending from '@salesforce/label/c.Sending';
import sent from '@salesforce/label/c.Sent_Text';
import undo from '@salesforce/label/c.Undo';
import unknown from '@salesforce/label/c.Unknown_Text';
import unreached from '@salesforce/label/c.Unreached_Text';

const PROVIDERS: Record<MailChannel, { name: string; sentFolder: string }> = {
  gmail: { name: 'Gmail', sentFolder: 'https://mail.google.com/mail/#sent' },
  outlook: { name: 'Outlook', sentFolder: 'https://outlook.office.com/mail/sentitems' },
};

/**
 * What became of Send: the seconds of Undo, on its way, accepted, or nobody knows. Fires `undo`, `sent` (the rep found
 * it), `again` (a new mail), `ask` (the same mail), `dismiss` and `done`, all inside the click.
 */
export default class OneshotSendState extends LightningElement {
  label = { askAgain, close, itWasSent, logFailed, openSent, sendAgain, sending, undo };
  seconds = 0;
  private shown: Draft | undefined;
  private timer: ReturnType<typeof setInterval> | undefined;

  @api get draft(): Draft | undefined {
    return this.shown;
  }
  set draft(draft: Draft | undefined) {
    this.shown = draft;
    clearInterval(this.timer);
    if (draft?.state !== 'undo') return;
    this.count();
    this.timer = setInterval(() => this.count(), 250);
  }

  disconnectedCallback(): void {
    clearInterval(this.timer);
  }

  /** To the one button that matters now. */
  @api focus(): void {
    this.template?.querySelector<HTMLElement>('.first')?.focus();
  }

  private count(): void {
    const leftMs = (this.shown?.leavesAtMs ?? 0) - performance.now();
    this.seconds = Math.max(0, Math.ceil(leftMs / 1000));
  }

  private is(state: Draft['state']): boolean {
    return this.shown?.state === state;
  }

  get isUndo(): boolean {
    return this.is('undo');
  }

  get isSending(): boolean {
    return this.is('sending');
  }

  get isSent(): boolean {
    return this.is('sent');
  }

  get isUnknown(): boolean {
    return this.is('unknown');
  }

  get isUnreached(): boolean {
    return this.is('unreached');
  }

  private get provider(): { name: string; sentFolder: string } {
    return PROVIDERS[this.shown?.channel ?? 'gmail'];
  }

  private get name(): string {
    return this.shown?.name ?? '';
  }

  get undoText(): string {
    return fill(leavesIn, this.name, this.seconds);
  }

  get sentText(): string {
    return this.shown?.isFoundSent ? fill(found, this.name) : fill(sent, this.provider.name, this.name);
  }

  get isLogFailed(): boolean {
    return this.shown?.isLogFailed === true;
  }

  get unknownText(): string {
    return fill(unknown, this.provider.name);
  }

  get unreachedText(): string {
    return fill(unreached, this.name);
  }

  /** Opt-out and the like: the reason in words; anything else is a problem with a button. */
  get refusalText(): string {
    const problem = this.shown?.problem;
    return this.is('writing') && problem?.code === 'cannot_email' ? refusalOf(this.name, problem.reasons) : '';
  }

  get problem(): Problem | undefined {
    const problem = this.shown?.problem ?? undefined;
    return this.is('writing') && problem?.code !== 'cannot_email' && !problem?.needsSignIn ? problem : undefined;
  }

  private fire(name: string): void {
    this.dispatchEvent(new CustomEvent(name));
  }

  handleUndo(): void {
    this.fire('undo');
  }

  handleOpenSent(): void {
    window.open(this.provider.sentFolder, '_blank', 'noopener');
  }

  handleWasSent(): void {
    this.fire('sent');
  }

  handleAgain(): void {
    this.fire('again');
  }

  handleAsk(): void {
    this.fire('ask');
  }

  handleRetry(): void {
    this.fire('retry');
  }

  handleDismiss(): void {
    this.fire('dismiss');
  }

  handleDone(): void {
    this.fire('done');
  }
}
