import { api, LightningElement } from 'lwc';
import { NavigationMixin } from 'lightning/navigation';
import { type Activity, type ActivityRecord, isAborted, Problem } from 'c/oneshotApi';
import { catchFocus } from 'c/oneshotFocus';
import { fill, formatCount } from 'c/oneshotFormat';
import { messageOf } from 'c/oneshotMessages';
import * as session from 'c/oneshotSession';
import { label } from './labels';
import { type ActivityRow, toRow } from './rows';

/** Whom the rep wrote to, and how it went: read live, theirs alone, without a word of what they wrote. */
export default class OneshotActivityList extends NavigationMixin(LightningElement) {
  label = label;
  session!: session.SessionView;
  /** Undefined until the first answer. */
  activities: readonly Activity[] | undefined;
  problem: Problem | null = null;
  isLoading = false;
  announcement = '';
  private isPressed = false;
  private nextCursor: string | null = null;
  private urls: Readonly<Record<string, string>> = {};
  private ofAccount: string | undefined;
  private ofContact: string | undefined;
  private reading: AbortController | undefined;
  private unsubscribe: (() => void) | undefined;

  /** Only what was sent to this account's contacts. */
  @api get accountId(): string | undefined {
    return this.ofAccount;
  }
  set accountId(id: string | undefined) {
    if (id === this.ofAccount) return;
    this.ofAccount = id;
    this.restart();
  }

  /** Only what was sent to this contact. */
  @api get contactId(): string | undefined {
    return this.ofContact;
  }
  set contactId(id: string | undefined) {
    if (id === this.ofContact) return;
    this.ofContact = id;
    this.restart();
  }

  connectedCallback(): void {
    this.unsubscribe = session.subscribe((view) => this.showSession(view));
  }

  /** What was pressed may be gone: the button that signed in, Show more at the end of the list. */
  renderedCallback(): void {
    if (this.isPressed) catchFocus(this.refs?.root as HTMLElement | undefined);
  }

  disconnectedCallback(): void {
    this.unsubscribe?.();
    this.reading?.abort();
  }

  private showSession(view: session.SessionView): void {
    const before = this.session as session.SessionView | undefined;
    this.session = view;
    const isOther = before?.user && before.user.id !== view.user?.id;
    if (view.status === 'signedOut' || isOther) this.forget();
    if (view.status === 'signedIn' && (view.signIns !== before?.signIns || isOther)) void this.read();
  }

  /** Another record: nothing of the old one stays on the screen. */
  private restart(): void {
    if (!this.unsubscribe) return;
    this.forget();
    if (session.isSignedIn()) void this.read();
  }

  private forget(): void {
    this.reading?.abort();
    this.activities = undefined;
    this.nextCursor = null;
    this.urls = {};
    this.problem = null;
    this.isLoading = false;
  }

  /** Reads from the start, or on after what is shown. */
  private async read(cursor?: string): Promise<void> {
    this.reading?.abort();
    const controller = new AbortController();
    this.reading = controller;
    this.isLoading = true;
    this.problem = null;
    try {
      const query = { accountId: this.ofAccount, contactId: this.ofContact, cursor };
      const { rows, nextCursor } = await session.listActivity(query, controller.signal);
      if (controller.signal.aborted) return;
      this.activities = cursor === undefined ? rows : [...(this.activities ?? []), ...rows];
      this.nextCursor = nextCursor;
      this.announcement = fill(label.shown, formatCount(this.activities.length));
      void this.makeLinks(rows);
    } catch (error) {
      if (isAborted(error) || controller.signal.aborted) return;
      this.problem = error instanceof Problem ? error : new Problem({ code: 'bad_answer' });
      this.announcement = messageOf(this.problem);
    }
    this.isLoading = false;
  }

  private async makeLinks(activities: readonly Activity[]): Promise<void> {
    const records = activities.flatMap(({ account, contact }) => [
      ...this.unlinked(account, 'Account'),
      ...this.unlinked(contact, 'Contact'),
    ]);
    const made = await Promise.all(
      records.map(async ([recordId, objectApiName]) => {
        const attributes = { recordId, objectApiName, actionName: 'view' };
        return [
          recordId,
          await this[NavigationMixin.GenerateUrl]({ type: 'standard__recordPage', attributes }),
        ] as const;
      }),
    );
    if (this.activities) this.urls = { ...this.urls, ...Object.fromEntries(made) };
  }

  private unlinked(record: ActivityRecord | null, objectApiName: string): (readonly [string, string])[] {
    if (record?.id == null || record.deleted || this.urls[record.id] !== undefined) return [];
    return [[record.id, objectApiName]];
  }

  get rows(): ActivityRow[] {
    const now = session.serverNow();
    return (this.activities ?? []).map((activity) => toRow(activity, this.urls, now));
  }

  get hasRows(): boolean {
    return (this.activities?.length ?? 0) > 0;
  }

  get isStart(): boolean {
    return this.activities === undefined && this.session.status !== 'signedIn';
  }

  get isFirstLoad(): boolean {
    return this.activities === undefined && this.isLoading;
  }

  get isEmpty(): boolean {
    return this.activities?.length === 0;
  }

  get hasMore(): boolean {
    return this.nextCursor !== null;
  }

  get isRefreshable(): boolean {
    return this.activities !== undefined;
  }

  get retryLabel(): string | undefined {
    return this.problem?.needsSignIn ? label.signInAndShow : undefined;
  }

  handleClick(): void {
    this.isPressed = true;
  }

  /** Reads again, inside the click: signs in first where the session is over. */
  handleShow(): void {
    session.whenSignedIn(() => {
      // Signing in reads by itself.
      if (!this.isLoading) void this.read();
    });
  }

  handleMore(): void {
    const cursor = this.nextCursor;
    if (cursor !== null && !this.isLoading) session.whenSignedIn(() => void this.read(cursor));
  }

  handleDismiss(): void {
    this.problem = null;
  }

  handleContinue(): void {
    session.continueInHomeRegion();
  }

  handleDismissSession(): void {
    session.dismissProblem();
  }
}
