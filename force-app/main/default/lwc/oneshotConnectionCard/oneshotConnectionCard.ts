import { api, LightningElement } from 'lwc';
import { copyText } from 'c/oneshotClipboard';
import { type ConnectionView, isConnectable } from 'c/oneshotConnections';
import { clickAgainOf, doingOf, problemOf, providerOf, revocationOf, statusOf, whyOf } from 'c/oneshotConnectionWords';
import { isFocusLost } from 'c/oneshotFocus';
import { fill, formatDay } from 'c/oneshotFormat';
import { referenceOf } from 'c/oneshotMessages';
import { label } from './labels';

/**
 * One connection: whose account, how it is, what ends it, and the one thing to do about it. Fires `connect`,
 * `disconnect` (after asking), `signin` and `dismiss`, each with `{ provider }` and inside the click.
 */
export default class OneshotConnectionCard extends LightningElement {
  @api get view(): ConnectionView {
    return this.shown;
  }
  set view(view: ConnectionView) {
    this.shown = view;
    // A button that is disabled loses the focus: it gets it back as soon as it can be pressed again.
    if (this.isActionDisabled && this.template?.activeElement?.classList.contains('action')) this.focusNext = '.action';
  }
  /** False where a click signs in first. */
  @api isSignedIn = false;

  label = label;
  isAsking = false;
  copied = '';
  /** A link that the browser would not copy: shown, to be copied by hand. */
  byHand = '';
  private shown!: ConnectionView;
  private focusNext: string | undefined;

  renderedCallback(): void {
    const { focusNext } = this;
    if (focusNext === undefined || (focusNext === '.action' && this.hasAction && this.isActionDisabled)) return;
    this.focusNext = undefined;
    const isElsewhere = !isFocusLost() && !this.template?.activeElement;
    if (!isElsewhere) this.template?.querySelector<HTMLElement>(focusNext)?.focus();
  }

  /** Puts the focus on the one action. */
  @api focus(): void {
    this.template?.querySelector<HTMLElement>('.action')?.focus();
  }

  get provider(): ReturnType<typeof providerOf> {
    return providerOf(this.view.connection.provider);
  }

  get status(): (typeof statusOf)[keyof typeof statusOf] {
    return statusOf[this.view.connection.status];
  }

  get isLive(): boolean {
    return ['connected', 'refreshing'].includes(this.view.connection.status);
  }

  get facts(): string[] {
    const { since, expiresAt } = this.view.connection;
    if (!this.isLive) return [];
    return [
      ...(since === null ? [] : [fill(label.since, formatDay(Date.parse(since)))]),
      ...(expiresAt === null ? [] : [fill(label.ends, formatDay(Date.parse(expiresAt)))]),
    ];
  }

  get why(): string {
    return this.problem === '' ? whyOf(this.view.connection) : '';
  }

  get isWaitingForAdmin(): boolean {
    return this.view.connection.status === 'waiting_for_admin' && this.view.connection.adminUrl !== null;
  }

  /** What goes on right now. */
  get news(): string {
    const { doing, isReady, isClickAgain, connection } = this.view;
    if (doing !== 'nothing') return doingOf(doing, connection.provider);
    return isClickAgain && this.isSignedIn && this.canConnect ? clickAgainOf(isReady) : '';
  }

  get isBusy(): boolean {
    return ['finishing', 'disconnecting'].includes(this.view.doing);
  }

  get problem(): string {
    const { problem, connection } = this.view;
    // "Waiting for your admin" says all that this refusal says.
    if (problem === null || connection.status === 'waiting_for_admin') return '';
    return problemOf(problem, connection.provider);
  }

  get reference(): string {
    return this.view.problem === null ? '' : referenceOf(this.view.problem);
  }

  get revocation(): string {
    const { revocation, connection } = this.view;
    return revocation === null ? '' : revocationOf(revocation, connection.provider);
  }

  /** Where to end what OneShot could not end. */
  get grantsUrl(): string | undefined {
    return this.view.revocation === null || this.view.revocation === 'revoked' ? undefined : this.provider.grantsUrl;
  }

  get grantsLabel(): string {
    return fill(label.openGrants, this.provider.company);
  }

  get canConnect(): boolean {
    return isConnectable(this.view.connection);
  }

  /** What the org does not use, or OneShot does not offer here, is explained and cannot be connected. */
  get hasAction(): boolean {
    return this.isLive || this.canConnect || this.view.connection.status === 'blocked';
  }

  get actionLabel(): string {
    const { status } = this.view.connection;
    if (status === 'blocked') return label.signInAgain;
    if (status === 'waiting_for_admin') return label.checkAgain;
    const words = this.isLive ? label.disconnect : status === 'reconnect' ? label.reconnect : label.connect;
    return fill(words, this.provider.name);
  }

  get actionVariant(): string {
    return this.canConnect ? 'brand-outline' : 'neutral';
  }

  /** A click has to find the provider's address ready. While a window is open the button stays: it may be clicked again. */
  get isActionDisabled(): boolean {
    const { doing, isReady, isClickAgain, problem } = this.view;
    const isPreparing = this.canConnect && this.isSignedIn && !isReady && problem === null;
    return this.isBusy || (isPreparing && doing === 'nothing' && !isClickAgain);
  }

  get askText(): string {
    return fill(label.ask, this.provider.name);
  }

  handleAction(): void {
    if (this.isLive) this.ask();
    else if (this.canConnect) this.fire('connect');
    else this.fire('signin');
  }

  private ask(): void {
    this.isAsking = true;
    this.focusNext = '.confirm';
  }

  handleCancel(): void {
    this.isAsking = false;
    this.focusNext = '.action';
  }

  handleConfirm(): void {
    this.isAsking = false;
    this.focusNext = '.action';
    this.fire('disconnect');
  }

  /** Esc takes the question back, and closes nothing else. */
  handleKey(event: KeyboardEvent): void {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    this.handleCancel();
  }

  handleDismiss(): void {
    this.fire('dismiss');
    this.focusNext = '.action';
  }

  async handleCopy(): Promise<void> {
    const url = this.view.connection.adminUrl ?? '';
    const isCopied = await copyText(url);
    this.copied = isCopied ? label.copied : '';
    this.byHand = isCopied ? '' : url;
  }

  private fire(type: string): void {
    this.dispatchEvent(new CustomEvent(type, { detail: { provider: this.view.connection.provider } }));
  }
}
