import { api, LightningElement } from 'lwc';
import { NavigationMixin } from 'lightning/navigation';
import { type Contact, isAborted, Problem } from 'c/oneshotApi';
import { nameOf, shortRefusalOf } from 'c/oneshotContacts';
import { fill, formatCount } from 'c/oneshotFormat';
import * as session from 'c/oneshotSession';
import { writeTo } from 'c/oneshotWriteTo';
import loading from '@salesforce/label/c.Loading';
import none from '@salesforce/label/c.Contacts_None';
import showMore from '@salesforce/label/c.Show_More';
import signInAndShow from '@salesforce/label/c.Sign_In_And_Show_Contacts';
import title from '@salesforce/label/c.Contacts';
import titleCount from '@salesforce/label/c.Contacts_Count';
import write from '@salesforce/label/c.Write';
import writeToLabel from '@salesforce/label/c.Write_To';

interface Row {
  id: string;
  name: string;
  title: string;
  url: string;
  reason: string;
  writeLabel: string;
}

/** The contacts of an account: write to one, or why not. Reads by itself once somebody is signed in. Fires `ask`. */
export default class OneshotAccountContacts extends NavigationMixin(LightningElement) {
  label = { loading, none, showMore, signInAndShow, write };
  contacts: readonly Contact[] = [];
  phase: 'empty' | 'loading' | 'ready' = 'empty';
  problem: Problem | undefined;
  private cursor: string | null = null;
  private urls: Readonly<Record<string, string>> = {};
  private shownId: string | undefined;
  private request: AbortController | undefined;
  private seenSignIns = -1;
  private unsubscribe: (() => void) | undefined;

  @api get accountId(): string | undefined {
    return this.shownId;
  }
  set accountId(accountId: string | undefined) {
    if (accountId === this.shownId) return;
    this.shownId = accountId;
    this.forget();
    if (this.unsubscribe && session.isSignedIn()) void this.read();
  }

  connectedCallback(): void {
    this.unsubscribe = session.subscribe((view) => {
      if (view.status === 'signedOut') this.forget();
      if (view.status !== 'signedIn' || view.signIns === this.seenSignIns) return;
      this.seenSignIns = view.signIns;
      if (this.phase !== 'ready') void this.read();
    });
  }

  disconnectedCallback(): void {
    this.unsubscribe?.();
    this.unsubscribe = undefined;
    this.forget();
    this.shownId = undefined;
  }

  /** Reads again, inside the click. */
  @api refresh(): void {
    session.whenSignedIn(() => void this.read());
  }

  private forget(): void {
    this.request?.abort();
    this.contacts = [];
    this.cursor = null;
    this.urls = {};
    this.problem = undefined;
    this.phase = 'empty';
  }

  private async read(cursor: string | null = null): Promise<void> {
    const accountId = this.shownId;
    if (accountId === undefined) return;
    this.request?.abort();
    const controller = new AbortController();
    this.request = controller;
    if (this.contacts.length === 0) this.phase = 'loading';
    this.problem = undefined;
    try {
      const page = await session.listContacts(accountId, cursor, controller.signal);
      if (controller.signal.aborted) return;
      this.contacts = cursor === null ? page.rows : [...this.contacts, ...page.rows];
      this.cursor = page.nextCursor;
      this.phase = 'ready';
      void this.makeLinks(this.contacts);
    } catch (error) {
      if (isAborted(error) || controller.signal.aborted) return;
      if (this.contacts.length === 0) this.phase = 'empty';
      this.problem = error instanceof Problem ? error : new Problem({ code: 'bad_answer' });
    }
  }

  private async makeLinks(contacts: readonly Contact[]): Promise<void> {
    const made = await Promise.all(
      contacts.map(async ({ id }) => {
        const attributes = { recordId: id, objectApiName: 'Contact', actionName: 'view' };
        return [id, await this[NavigationMixin.GenerateUrl]({ type: 'standard__recordPage', attributes })] as const;
      }),
    );
    if (this.contacts === contacts) this.urls = Object.fromEntries(made);
  }

  get isLoading(): boolean {
    return this.phase === 'loading';
  }

  get isShown(): boolean {
    return this.phase !== 'empty' || this.problem !== undefined;
  }

  get isNone(): boolean {
    return this.phase === 'ready' && this.contacts.length === 0;
  }

  get hasMore(): boolean {
    return this.cursor !== null;
  }

  get title(): string {
    if (this.phase !== 'ready') return title;
    return fill(titleCount, formatCount(this.contacts.length) + (this.hasMore ? '+' : ''));
  }

  get rows(): Row[] {
    return this.contacts.map((contact) => ({
      id: contact.id,
      name: nameOf(contact),
      title: contact.title ?? '',
      url: this.urls[contact.id] ?? `/${contact.id}`,
      reason: contact.canEmail ? '' : shortRefusalOf(contact.reasons),
      writeLabel: fill(writeToLabel, nameOf(contact)),
    }));
  }

  get retryLabel(): string | undefined {
    return this.problem?.needsSignIn ? signInAndShow : undefined;
  }

  handleRetry(): void {
    this.click(() => void this.read());
  }

  handleDismiss(): void {
    this.problem = undefined;
  }

  handleMore(): void {
    this.click(() => void this.read(this.cursor));
  }

  handleWrite(event: Event): void {
    const { id } = (event.currentTarget as HTMLElement).dataset;
    const contact = this.contacts.find((one) => one.id === id);
    if (!contact) return;
    const addressee = { contactId: contact.id, accountId: contact.accountId, name: nameOf(contact) };
    const back = (): void => this.template?.querySelector<HTMLElement>(`button[data-id="${contact.id}"]`)?.focus();
    this.click(() => writeTo(addressee, back));
  }

  private click(deed: () => void): void {
    this.dispatchEvent(new CustomEvent('ask'));
    session.whenSignedIn(deed);
  }
}
