import { api, LightningElement } from 'lwc';
import type { ProviderName } from 'c/oneshotApi';
import * as connections from 'c/oneshotConnections';
import { catchFocus } from 'c/oneshotFocus';
import * as session from 'c/oneshotSession';
import loading from '@salesforce/label/c.Connections_Loading';
import show from '@salesforce/label/c.Connections_Show';
import { newsOf } from './news';

/**
 * The rep's own accounts at Gmail, Outlook and Outreach: a card each. It signs in, connects and disconnects by itself;
 * other screens place it where they need one of them.
 */
export default class OneshotConnectionsPanel extends LightningElement {
  /** Only these, where the place needs no others. */
  @api providers: readonly ProviderName[] | undefined;

  /** What the button says that signs in. */
  @api startLabel: string = show;

  label = { loading };
  session!: session.SessionView;
  view!: connections.ConnectionsView;
  announcement = '';
  private isPressed = false;
  private leave: (() => void)[] = [];

  connectedCallback(): void {
    this.leave = [
      session.subscribe((view) => (this.session = view)),
      connections.subscribe((view) => this.show(view)),
      connections.open(),
    ];
  }

  /** What was pressed may be gone; without a focus inside, Esc would not close the dialog around. */
  renderedCallback(): void {
    if (this.isPressed) catchFocus(this.refs?.root as HTMLElement | undefined);
  }

  disconnectedCallback(): void {
    for (const stop of this.leave) stop();
  }

  private show(view: connections.ConnectionsView): void {
    const news = this.view ? newsOf(this.view, view) : '';
    if (news !== '') this.announcement = news;
    this.view = view;
  }

  get isSignedIn(): boolean {
    return this.session.status === 'signedIn';
  }

  get isStart(): boolean {
    return this.view.phase === 'unknown' && this.view.problem === null && !this.isSignedIn;
  }

  get isLoading(): boolean {
    return this.view.rows.length === 0 && this.view.problem === null && this.isSignedIn;
  }

  get cards(): readonly connections.ConnectionView[] {
    return this.view.rows.filter(
      ({ connection }) => this.providers === undefined || this.providers.includes(connection.provider),
    );
  }

  handleClick(): void {
    this.isPressed = true;
  }

  handleShow(): void {
    connections.signIn();
  }

  handleContinue(): void {
    session.continueInHomeRegion();
  }

  handleDismissSession(): void {
    session.dismissProblem();
  }

  handleConnect(event: CustomEvent<{ provider: ProviderName }>): void {
    connections.connect(event.detail.provider);
  }

  handleDisconnect(event: CustomEvent<{ provider: ProviderName }>): void {
    const { provider } = event.detail;
    session.whenSignedIn(() => void connections.disconnect(provider));
  }

  /** A key in Salesforce is read at sign-in: only a new one sees that it was put right. */
  handleSignIn(): void {
    session.signIn(() => void connections.read());
  }

  handleDismiss(): void {
    connections.dismissProblem();
  }

  handleDismissCard(event: CustomEvent<{ provider: ProviderName }>): void {
    connections.dismiss(event.detail.provider);
  }
}
