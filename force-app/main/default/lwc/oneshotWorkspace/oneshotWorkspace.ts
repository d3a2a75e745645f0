import { api, LightningElement, wire } from 'lwc';
import { CurrentPageReference, NavigationMixin, type PageReference } from 'lightning/navigation';
import Toast from 'lightning/toast';
import { type FacetName, Problem } from 'c/oneshotApi';
import { copyText } from 'c/oneshotClipboard';
import ConnectionsModal from 'c/oneshotConnectionsModal';
import ContactChooser, { type ChooserAccount } from 'c/oneshotContactChooser';
import { type Column, type CustomerRow, hiddenBy, hideable, type RowAction, toRow } from 'c/oneshotCustomerColumns';
import { CustomerList, isFiltered, type ListView, type Sort } from 'c/oneshotCustomerList';
import { catchFocus } from 'c/oneshotFocus';
import { fill, formatClock, formatCount, formatNames } from 'c/oneshotFormat';
import LikeModal from 'c/oneshotLikeModal';
import { messageOf } from 'c/oneshotMessages';
import { isOn, wholeWithin } from 'c/oneshotPageSettings';
import { isBusy } from 'c/oneshotQueue';
import * as session from 'c/oneshotSession';
import StoredModal from 'c/oneshotStoredModal';
import { showWriting, writeToSeveral } from 'c/oneshotWriteTo';
import { label, signInAnd } from './labels';
import { newsOf } from './news';
import { sentenceOf } from './references';
import { filtersOf, type PageState, stateOf } from './viewLink';

/** Below this width of the component: tiles, and filters in a dialog. */
const NARROW_BELOW = 768;

/** What the API gives at most, and what still is a page. */
const PAGE_ROWS = { min: 10, max: 200, otherwise: 50 };

/** What the rep chose; kept while they go to another page and back. Until then the page says. */
let chosenHidden: readonly string[] | undefined;

/** My customers: the rep's paying customers, from the first click to a copied reference. */
export default class OneshotWorkspace extends NavigationMixin(LightningElement) {
  label = label;

  /** Set in App Builder, as all of these: rows a load. */
  @api pageSize: number | string = PAGE_ROWS.otherwise;
  /** Columns that are shown until the rep chooses, by name, commas between them. */
  @api columns = '';
  @api hideFilters = false;
  @api hideWriting = false;
  @api hideReferences = false;

  session!: session.SessionView;
  private chosenHidden = chosenHidden;
  isNarrow = false;
  selected: readonly string[] = [];
  announcement = '';
  /** Text that the browser would not copy: shown, to be copied by hand. */
  byHand = '';
  /** An org may record no products: then no column is kept free for them. */
  private hasProducts = false;
  private urls: Readonly<Record<string, string>> = {};
  private page: PageReference | undefined;
  private seenSignIns = 0;
  private unsubscribe: (() => void) | undefined;
  private resize: ResizeObserver | undefined;
  private isPressed = false;

  private customers = new CustomerList(
    {
      list: session.listAccounts,
      refresh: session.refreshAccounts,
      now: session.serverNow,
      isCacheOn: () => !this.isCacheOff,
      pageRows: () => wholeWithin(this.pageSize, PAGE_ROWS),
    },
    (view) => this.showList(view),
  );
  list: ListView = this.customers.view;

  @wire(CurrentPageReference)
  readPage(page: PageReference | undefined): void {
    this.page = page;
  }

  connectedCallback(): void {
    this.unsubscribe = session.subscribe((view) => this.showSession(view));
    document.addEventListener('visibilitychange', this.handleVisible);
  }

  renderedCallback(): void {
    const root = this.refs?.root as HTMLElement | undefined;
    // What was pressed may be gone: the button that signed in, a problem that was put away.
    if (this.isPressed) catchFocus(root);
    if (this.resize || !root || typeof ResizeObserver === 'undefined') return;
    this.resize = new ResizeObserver(([entry]) => {
      if (entry) this.isNarrow = entry.contentRect.width < NARROW_BELOW;
    });
    this.resize.observe(root);
  }

  disconnectedCallback(): void {
    document.removeEventListener('visibilitychange', this.handleVisible);
    this.resize?.disconnect();
    this.resize = undefined;
    this.unsubscribe?.();
    this.customers.close();
  }

  // What the session says

  private showSession(view: session.SessionView): void {
    const before = this.session as session.SessionView | undefined;
    this.session = view;
    const isOther = before?.user && view.user && before.user.id !== view.user.id;
    if ((before?.status !== 'signedOut' && view.status === 'signedOut') || isOther) this.customers.forget();
    if (view.status === 'signedIn' && view.signIns !== this.seenSignIns) {
      this.seenSignIns = view.signIns;
      void (this.hasRows ? this.customers.renew() : this.customers.open(filtersOf(this.page?.state as PageState)));
    }
    if (view.problem && view.problem !== before?.problem) this.announce(messageOf(view.problem, view.continueIn));
  }

  get isCacheOff(): boolean {
    return this.session.me?.settings.cache.enabled === false;
  }

  get isSignedOut(): boolean {
    return this.session.status === 'signedOut';
  }

  get mayStay(): boolean {
    return this.session.endsSoon && this.session.signIn === 'idle';
  }

  /** The session is over and rows are still there: they stay until their time. */
  get overText(): string {
    const { freshness, problem } = this.list;
    if (problem?.error.needsSignIn) return '';
    if (this.session.status !== 'expired' || !this.hasRows || !freshness || this.session.signIn !== 'idle') return '';
    return fill(label.sessionOver, formatClock(Date.parse(freshness.expiresAt)));
  }

  // What the list says

  get hideable(): readonly Column[] {
    return this.hasProducts ? hideable : hideable.filter(({ name }) => name !== 'products');
  }

  // What the page says

  get hiddenNames(): readonly string[] {
    return this.chosenHidden ?? hiddenBy(this.columns).hidden;
  }

  /** For the admin who made the page: what is wrong with it. */
  get pageText(): string {
    const { unknown } = hiddenBy(this.columns);
    if (unknown.length === 0) return '';
    return fill(label.columnsUnknown, formatNames(unknown), hideable.map(({ name }) => name).join(', '));
  }

  get isWithoutFilters(): boolean {
    return isOn(this.hideFilters);
  }

  get isWithoutWriting(): boolean {
    return isOn(this.hideWriting);
  }

  get isWithoutReferences(): boolean {
    return isOn(this.hideReferences);
  }

  get canWrite(): boolean {
    return !this.isWithoutWriting;
  }

  get canCopy(): boolean {
    return !this.isWithoutReferences;
  }

  get unusedColumns(): readonly string[] {
    return this.hasProducts ? this.hiddenNames : [...new Set([...this.hiddenNames, 'products'])];
  }

  private showList(view: ListView): void {
    const before = this.list;
    this.list = view;
    this.hasProducts ||= view.facets.product.length > 0;
    if (view.rows.length === 0) {
      this.urls = {};
      this.selected = [];
      this.byHand = '';
    }
    if (view.rows !== before.rows) void this.makeLinks(view);
    const isNewProblem = view.problem !== null && view.problem !== before.problem;
    this.announce(isNewProblem && this.problem ? messageOf(this.problem) : newsOf(before, view));
  }

  private announce(news: string): void {
    if (news !== '') this.announcement = news;
  }

  private async makeLinks(view: ListView): Promise<void> {
    const unknown = view.rows.filter((row) => this.urls[row.id] === undefined);
    const made = await Promise.all(
      unknown.map(async ({ id }) => [id, await this[NavigationMixin.GenerateUrl](recordPage(id))] as const),
    );
    if (this.list.rows.length > 0) this.urls = { ...this.urls, ...Object.fromEntries(made) };
  }

  get rows(): CustomerRow[] {
    const now = session.serverNow();
    // Salesforce leads "/<id>" to the record too; it stands there for the moment until Lightning made the link.
    return this.list.rows.map((row) => toRow(row, this.urls[row.id] ?? `/${row.id}`, now));
  }

  get hasRows(): boolean {
    return this.list.rows.length > 0;
  }

  get isLoading(): boolean {
    return this.list.phase === 'loading';
  }

  get isStart(): boolean {
    return this.list.phase === 'empty' || this.list.phase === 'forgotten';
  }

  get isReady(): boolean {
    return this.list.phase === 'ready';
  }

  get isEmpty(): boolean {
    return this.isReady && !this.hasRows && !this.list.isChanging && this.list.freshness?.complete === true;
  }

  get isFiltered(): boolean {
    return isFiltered(this.list) && (this.list.total ?? 0) > 0;
  }

  get isPulling(): boolean {
    return this.isLoading || this.list.freshness?.complete === false;
  }

  /** Without a session the pull is not followed any more: no progress is claimed. */
  get isProgressing(): boolean {
    return this.isPulling && this.session.status === 'signedIn';
  }

  get isTable(): boolean {
    return this.hasRows && !this.isNarrow;
  }

  get isTiles(): boolean {
    return this.hasRows && this.isNarrow;
  }

  get isBusy(): boolean {
    return this.list.isChanging || this.list.isLoadingMore;
  }

  get isSortWaiting(): boolean {
    return this.list.waitingSort !== null;
  }

  get count(): string {
    const { total, matched, freshness } = this.list;
    if (total === null) return '';
    const all = formatCount(freshness?.complete === false ? Math.max(total, freshness.total) : total);
    return isFiltered(this.list) ? fill(label.countOf, formatCount(matched ?? 0), all) : all;
  }

  get problem(): Problem | undefined {
    return this.list.problem ? this.tellable(this.list.problem.error) : undefined;
  }

  /** Before set-up a rep is told that, and not about a field. */
  private tellable(error: Problem): Problem {
    const isSetUp = this.session.me?.setUp !== false;
    return isSetUp || error.code !== 'crm_field_hidden' ? error : new Problem({ code: 'setup_missing', status: 409 });
  }

  get retryLabel(): string | undefined {
    const { problem } = this.list;
    return problem?.error.needsSignIn ? signInAnd[problem.deed] : undefined;
  }

  // What the rep does

  handleShow(): void {
    session.whenSignedIn(() => {
      if (this.isStart) void this.customers.open();
    });
  }

  handleRefresh(): void {
    session.whenSignedIn(() => {
      if (!this.list.isRenewing) void this.customers.refresh();
    });
  }

  handleStay(): void {
    session.signIn();
  }

  handleContinue(): void {
    session.continueInHomeRegion();
  }

  handleDismissSession(): void {
    session.dismissProblem();
  }

  handleRetry(): void {
    const deed = this.list.problem?.deed;
    session.whenSignedIn(() => {
      if (deed === 'more') void this.customers.more();
      else if (deed === 'refresh') void this.customers.refresh();
      else void this.customers.open();
    });
  }

  handleDismiss(): void {
    this.customers.dismiss();
  }

  /** Typing opens no popup: without a session the list says so, with a button that searches. */
  handleSearch(event: CustomEvent<{ text: string }>): void {
    if (event.detail.text.trim() !== this.list.search) void this.customers.search(event.detail.text);
  }

  handleFilter(event: CustomEvent<{ facet: FacetName; values: readonly string[] }>): void {
    const { facet, values } = event.detail;
    session.whenSignedIn(() => void this.customers.filter(facet, [...values]));
  }

  handleClear(): void {
    session.whenSignedIn(() => void this.customers.clear());
  }

  handleSort(event: CustomEvent<Sort>): void {
    const sort = { ...event.detail };
    session.whenSignedIn(() => void this.customers.sort(sort));
  }

  /** Scrolling opens no popup either, and a failed load is not repeated by more scrolling. */
  handleMore(): void {
    if (this.list.problem === null) void this.customers.more();
  }

  handleSelect(event: CustomEvent<{ ids: readonly string[] }>): void {
    this.selected = [...event.detail.ids];
  }

  handleColumns(event: CustomEvent<{ hidden: readonly string[] }>): void {
    chosenHidden = [...event.detail.hidden];
    this.chosenHidden = chosenHidden;
  }

  handleRowAction(event: CustomEvent<{ action: RowAction; id: string }>): void {
    const { action, id } = event.detail;
    if (action === 'open') this[NavigationMixin.Navigate](recordPage(id));
    else if (action === 'openInNewTab') window.open(this.urls[id] ?? `/${id}`, '_blank', 'noopener');
    else if (action === 'customersLike') session.whenSignedIn(() => void this.showLike(id));
    else if (action === 'write') this.chooseContacts([id]);
    else void this.copy(sentenceOf(this.rows, [id]), label.copied);
  }

  handleCopySelected(): void {
    void this.copy(sentenceOf(this.rows, this.selected), label.copied);
  }

  handleWriteSelected(): void {
    this.chooseContacts(this.selected);
  }

  /** Names are taken at the click: rows may be forgotten while the rep signs in. */
  private chooseContacts(ids: readonly string[]): void {
    const accounts = this.rows.filter(({ id }) => ids.includes(id)).map(({ id, name }) => ({ id, name }));
    session.whenSignedIn(() => void this.writeTo(accounts));
  }

  private async writeTo(accounts: readonly ChooserAccount[]): Promise<void> {
    if (isBusy()) {
      this.announce(label.writingAlready);
      await showWriting();
      return;
    }
    const chosen = await ContactChooser.open({ size: 'medium', label: label.chooseContacts, accounts });
    if (!chosen || chosen.length === 0) return;
    await ContactChooser.left;
    writeToSeveral(chosen, () => (this.refs?.root as HTMLElement | undefined)?.focus());
  }

  private async showLike(id: string): Promise<void> {
    const name = this.rows.find((row) => row.id === id)?.name ?? '';
    await LikeModal.open({ size: 'small', label: fill(label.customersLike, name), accountId: id });
  }

  get selectedText(): string {
    return this.selected.length === 0 ? '' : fill(label.selected, formatCount(this.selected.length));
  }

  private async copy(text: string, done: string): Promise<void> {
    const isCopied = await copyText(text);
    this.byHand = isCopied ? '' : text;
    if (isCopied)
      void Toast.show(
        { label: done, message: text, variant: 'success', mode: 'dismissible' },
        this as unknown as HTMLElement,
      );
  }

  handleMenu(event: CustomEvent<{ value: 'link' | 'connections' | 'stored' | 'signOut' }>): void {
    if (event.detail.value === 'link') void this.copyLink();
    else if (event.detail.value === 'connections') void this.showConnections();
    else if (event.detail.value === 'stored') void this.showStored();
    else void this.signOut();
  }

  /** Facets only: what was searched for never goes into an address. */
  private async copyLink(): Promise<void> {
    const { type = 'standard__navItemPage', attributes = {} } = this.page ?? {};
    const url = await this[NavigationMixin.GenerateUrl]({ type, attributes, state: stateOf(this.list.filters) });
    await this.copy(new URL(url, window.location.origin).href, label.copiedLink);
  }

  private async showConnections(): Promise<void> {
    await ConnectionsModal.open({ size: 'small', label: label.connections });
  }

  private async showStored(): Promise<void> {
    await StoredModal.open({ size: 'small', label: label.stored, isCacheOff: this.isCacheOff });
  }

  private async signOut(): Promise<void> {
    this.announce(label.signedOut);
    if (!(await session.signOut())) this.announce(label.notTold);
  }

  handleClick(): void {
    this.isPressed = true;
  }

  /** `/` goes to the search from anywhere in the component; fields in which it is typed keep it to themselves. */
  handleKey(event: KeyboardEvent): void {
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
    const bar = this.template?.querySelector<HTMLElement>('c-oneshot-filter-bar');
    if (!bar) return;
    event.preventDefault();
    event.stopPropagation();
    bar.focus();
  }

  private handleVisible = (): void => {
    if (document.visibilityState === 'visible') this.customers.checkAge();
  };
}

function recordPage(recordId: string): Pick<PageReference, 'type' | 'attributes'> {
  return { type: 'standard__recordPage', attributes: { recordId, objectApiName: 'Account', actionName: 'view' } };
}
