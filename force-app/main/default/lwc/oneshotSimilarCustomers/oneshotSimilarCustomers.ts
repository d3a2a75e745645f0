import { api, LightningElement } from 'lwc';
import { NavigationMixin } from 'lightning/navigation';
import Toast from 'lightning/toast';
import type { Problem } from 'c/oneshotApi';
import { copyText } from 'c/oneshotClipboard';
import * as drafts from 'c/oneshotDrafts';
import { catchFocus } from 'c/oneshotFocus';
import { fill, formatCount, formatMoney } from 'c/oneshotFormat';
import { messageOf } from 'c/oneshotMessages';
import { reasonText, referenceSentence } from 'c/oneshotReferences';
import * as session from 'c/oneshotSession';
import { label } from './labels';
import { Matches, type MatchesView } from './matches';

interface Row {
  id: string;
  rank: number;
  name: string;
  url: string;
  arr: string;
  reasons: string;
  copyLabel: string;
  insertLabel: string;
  menuLabel: string;
  sentenceLabel: string;
}

/** A sentence names so many by itself: more is a list. */
const NAMED = 3;

/**
 * The customers most like an account, why, and a sentence that names them. Reads by itself once somebody is signed in.
 * Fires `ask` where the rep has to sign in first.
 */
export default class OneshotSimilarCustomers extends NavigationMixin(LightningElement) {
  label = label;
  sentence = '';
  byHand = '';
  announcement = '';
  canInsert = false;
  private urls: Readonly<Record<string, string>> = {};
  private named: readonly string[] = [];
  private isEdited = false;
  private isPressed = false;
  private shownId: string | undefined;
  private shownRows: number | undefined;
  private seenSignIns = -1;
  private unsubscribe: (() => void)[] = [];
  private matches = new Matches((view) => this.show(view));
  view: MatchesView = this.matches.view;

  /** Without the sentence that names them; a row's own Copy stays. */
  @api hideSentence = false;

  @api get rowsAtFirst(): number | undefined {
    return this.shownRows;
  }
  set rowsAtFirst(rows: number | undefined) {
    this.shownRows = rows;
    if (rows !== undefined) this.matches.step = rows;
  }

  @api get accountId(): string | undefined {
    return this.shownId;
  }
  set accountId(accountId: string | undefined) {
    if (accountId === this.shownId) return;
    this.shownId = accountId;
    this.matches.forAccount(accountId);
    if (this.unsubscribe.length > 0 && session.isSignedIn()) void this.matches.load();
  }

  connectedCallback(): void {
    this.unsubscribe = [
      session.subscribe((view) => this.showSession(view)),
      drafts.subscribe(({ openId }) => {
        this.canInsert = openId !== null && drafts.draftOf(openId)?.state === 'writing';
      }),
    ];
  }

  /** What was pressed may be gone: Show more at the end, Show largest. */
  renderedCallback(): void {
    if (this.isPressed) catchFocus(this.refs?.root as HTMLElement | undefined);
  }

  disconnectedCallback(): void {
    for (const end of this.unsubscribe) end();
    this.unsubscribe = [];
    this.matches.forAccount(undefined);
    this.shownId = undefined;
  }

  /** Reads again, inside the click. */
  @api refresh(): void {
    session.whenSignedIn(() => void this.matches.load());
  }

  private showSession(view: session.SessionView): void {
    if (view.status === 'signedOut' && this.view.phase !== 'empty') this.matches.forAccount(this.shownId);
    if (view.status !== 'signedIn' || view.signIns === this.seenSignIns) return;
    this.seenSignIns = view.signIns;
    if (this.view.phase !== 'ready') void this.matches.load();
  }

  private show(view: MatchesView): void {
    const before = this.view as MatchesView | undefined;
    this.view = view;
    if (view.problem && view.problem !== before?.problem) this.announcement = messageOf(view.problem);
    if (view.rows === before?.rows) return;
    if (view.rows.length === 0) {
      this.named = [];
      this.isEdited = false;
      this.byHand = '';
      this.urls = {};
    } else if (!before || before.rows.length === 0) {
      this.named = view.rows.slice(0, NAMED).map(({ account }) => account.id);
    }
    if (view.phase === 'ready') this.announcement = fill(label.list, formatCount(view.rows.length));
    this.retell();
    void this.makeLinks(view);
  }

  private async makeLinks(view: MatchesView): Promise<void> {
    const made = await Promise.all(
      view.rows.map(async ({ account: { id } }) => {
        const attributes = { recordId: id, objectApiName: 'Account', actionName: 'view' };
        return [id, await this[NavigationMixin.GenerateUrl]({ type: 'standard__recordPage', attributes })] as const;
      }),
    );
    if (this.view.rows === view.rows) this.urls = Object.fromEntries(made);
  }

  /** The sentence follows the rows until the rep wrote in it. */
  private retell(): void {
    if (!this.isEdited)
      this.sentence = referenceSentence(this.rows.filter(({ id }) => this.named.includes(id)).map(({ name }) => name));
  }

  get rows(): Row[] {
    return this.view.rows.map((match, index) => {
      const { account } = match;
      const name = account.name ?? label.noName;
      return {
        id: account.id,
        rank: index + 1,
        name,
        url: this.urls[account.id] ?? `/${account.id}`,
        arr: formatMoney(account.arr, account.currency),
        reasons: match.reasons.map((reason) => reasonText(reason, match)).join(' · '),
        copyLabel: fill(label.copyFor, name),
        insertLabel: fill(label.insertFor, name),
        menuLabel: fill(label.moreActions, name),
        sentenceLabel: this.named.includes(account.id) ? label.leaveOut : label.nameInSentence,
      };
    });
  }

  get isLoading(): boolean {
    return this.view.phase === 'loading';
  }

  get hasRows(): boolean {
    return this.view.rows.length > 0;
  }

  get hasSentence(): boolean {
    return this.hasRows && !this.hideSentence;
  }

  get isNone(): boolean {
    return this.view.phase === 'ready' && !this.hasRows;
  }

  get noneText(): string {
    return this.view.kind === 'similar' ? label.none : label.nonePay;
  }

  get mayShowLargest(): boolean {
    return this.isNone && this.view.kind === 'similar';
  }

  get isLargest(): boolean {
    return this.hasRows && this.view.kind === 'largest';
  }

  get problem(): Problem | undefined {
    return this.view.problem ?? undefined;
  }

  get retryLabel(): string | undefined {
    return this.view.problem?.needsSignIn ? label.signInAndShow : undefined;
  }

  private click(deed: () => void): void {
    this.dispatchEvent(new CustomEvent('ask'));
    session.whenSignedIn(deed);
  }

  handleClick(): void {
    this.isPressed = true;
  }

  handleRetry(): void {
    this.click(() => void this.matches.load());
  }

  handleDismiss(): void {
    this.matches.dismiss();
  }

  handleMore(): void {
    this.click(() => void this.matches.more());
  }

  handleLargest(): void {
    this.click(() => void this.matches.load('largest'));
  }

  private nameAt(event: Event): string {
    const { id } = (event.currentTarget as HTMLElement).dataset;
    return this.rows.find((row) => row.id === id)?.name ?? '';
  }

  handleCopyRow(event: Event): void {
    void this.copy(referenceSentence([this.nameAt(event)]));
  }

  handleInsertRow(event: Event): void {
    this.insert(referenceSentence([this.nameAt(event)]));
  }

  handleAction(event: CustomEvent<{ value: 'open' | 'openInNewTab' | 'sentence' }>): void {
    const { id } = (event.currentTarget as HTMLElement).dataset;
    if (id === undefined) return;
    if (event.detail.value === 'sentence') {
      this.named = this.named.includes(id) ? this.named.filter((other) => other !== id) : [...this.named, id];
      this.isEdited = false;
      this.retell();
    } else if (event.detail.value === 'openInNewTab') {
      window.open(this.urls[id] ?? `/${id}`, '_blank', 'noopener');
    } else {
      const attributes = { recordId: id, objectApiName: 'Account', actionName: 'view' };
      this[NavigationMixin.Navigate]({ type: 'standard__recordPage', attributes });
    }
  }

  handleSentence(event: CustomEvent<{ value: string }>): void {
    this.sentence = event.detail.value;
    this.isEdited = true;
  }

  handleCopySentence(): void {
    void this.copy(this.sentence);
  }

  handleInsertSentence(): void {
    this.insert(this.sentence);
  }

  private insert(text: string): void {
    const name = drafts.insertIntoOpen(text);
    if (name === undefined) return;
    this.toast(fill(label.inserted, name), text);
  }

  private async copy(text: string): Promise<void> {
    const isCopied = await copyText(text);
    this.byHand = isCopied ? '' : text;
    if (isCopied) this.toast(label.copied, text);
  }

  private toast(title: string, message: string): void {
    const toast = { label: title, message, variant: 'success', mode: 'dismissible' } as const;
    void Toast.show(toast, this as unknown as HTMLElement);
  }
}
