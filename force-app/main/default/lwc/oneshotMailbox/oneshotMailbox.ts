import { api, LightningElement } from 'lwc';
import { type Connection, isAborted, type MailChannel, Problem } from 'c/oneshotApi';
import ConnectionsModal from 'c/oneshotConnectionsModal';
import { isFocusLost } from 'c/oneshotFocus';
import { fill } from 'c/oneshotFormat';
import * as session from 'c/oneshotSession';
import connect from '@salesforce/label/c.Mail_Connect';
import connections from '@salesforce/label/c.Connections';
import from from '@salesforce/label/c.Mail_From';
import loading from '@salesforce/label/c.Loading';
import none from '@salesforce/label/c.Mail_From_None';
import optionText from '@salesforce/label/c.Mail_From_Option';
import switchedOff from '@salesforce/label/c.Mail_From_Off';

interface Option {
  value: MailChannel;
  label: string;
}

const NAMES: Record<MailChannel, string> = { gmail: 'Gmail', outlook: 'Outlook' };

function isUsable({ provider, status }: Connection): boolean {
  return provider !== 'outreach' && (status === 'connected' || status === 'refreshing');
}

/**
 * From: the rep's connected mailboxes that the org allows. Fires `choose` `{ channel }`, by itself where there is one
 * only, and with null where the chosen one is gone; `connect` when one was connected here and the button that had the
 * focus is gone with that.
 */
export default class OneshotMailbox extends LightningElement {
  @api channel: MailChannel | null = null;
  @api isLocked = false;

  label = { connect, from, loading };
  options: Option[] = [];
  problem: Problem | undefined;
  phase: 'idle' | 'loading' | 'ready' = 'idle';
  private connections: readonly Connection[] = [];
  private isSwitchedOff = false;
  private seenSignIns = -1;
  private reading: AbortController | undefined;
  private unsubscribe: (() => void) | undefined;
  private me: session.SessionView['me'] = null;

  connectedCallback(): void {
    this.unsubscribe = session.subscribe((view) => {
      const isNews = view.me !== this.me;
      this.me = view.me;
      // The org's settings may arrive after the connections.
      if (isNews && this.phase === 'ready' && !this.problem) this.show();
      if (view.status !== 'signedIn' || view.signIns === this.seenSignIns) return;
      this.seenSignIns = view.signIns;
      void this.read();
    });
  }

  disconnectedCallback(): void {
    this.unsubscribe?.();
    this.reading?.abort();
  }

  get isLoading(): boolean {
    return this.phase === 'loading' && this.options.length === 0;
  }

  get hasOne(): boolean {
    return this.options.length === 1;
  }

  get hasSeveral(): boolean {
    return this.options.length > 1;
  }

  get isMissing(): boolean {
    return this.phase === 'ready' && this.options.length === 0 && !this.problem;
  }

  get only(): string {
    return this.options[0]?.label ?? '';
  }

  get mayConnect(): boolean {
    return !this.isSwitchedOff;
  }

  get missingText(): string {
    return this.isSwitchedOff ? switchedOff : none;
  }

  private async read(): Promise<void> {
    this.reading?.abort();
    const controller = new AbortController();
    this.reading = controller;
    this.phase = 'loading';
    this.problem = undefined;
    try {
      const found = await session.listConnections(controller.signal);
      if (controller.signal.aborted) return;
      this.connections = found;
      this.phase = 'ready';
      this.show();
    } catch (error) {
      if (isAborted(error) || controller.signal.aborted) return;
      this.phase = 'ready';
      this.problem = error instanceof Problem ? error : new Problem({ code: 'bad_answer' });
    }
  }

  private show(): void {
    const allowed = this.me?.settings.channels;
    this.isSwitchedOff = allowed?.gmail === false && !allowed.outlook;
    this.options = this.connections.filter(isUsable).flatMap(({ provider, label }) => {
      if (provider === 'outreach' || allowed?.[provider] === false) return [];
      const name = NAMES[provider];
      return [{ value: provider, label: label === null ? name : fill(optionText, label, name) }];
    });
    const isThere = this.options.some(({ value }) => value === this.channel);
    if (!isThere) this.choose(this.options[0]?.value ?? null);
  }

  private choose(channel: MailChannel | null): void {
    if (channel !== this.channel) this.dispatchEvent(new CustomEvent('choose', { detail: { channel } }));
  }

  handleChange(event: CustomEvent<{ value: MailChannel }>): void {
    this.choose(event.detail.value);
  }

  handleConnect(): void {
    session.whenSignedIn(() => void this.connect());
  }

  /** Whatever was connected there is here as soon as the dialog is closed. */
  private async connect(): Promise<void> {
    await ConnectionsModal.open({ size: 'small', label: connections });
    if (session.isSignedIn()) await this.read();
    if (this.options.length > 0 && isFocusLost()) this.dispatchEvent(new CustomEvent('connect'));
  }

  /** Inside the click. */
  handleCheck(): void {
    session.whenSignedIn(() => void this.read());
  }
}
