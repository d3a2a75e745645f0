import { api, LightningElement, wire } from 'lwc';
import { getFieldValue, getRecord, type RecordResult } from 'lightning/uiRecordApi';
import ACCOUNT_NAME from '@salesforce/schema/Account.Name';
import CONTACT_ACCOUNT from '@salesforce/schema/Contact.AccountId';
import CONTACT_ACCOUNT_NAME from '@salesforce/schema/Contact.Account.Name';
import OPPORTUNITY_ACCOUNT from '@salesforce/schema/Opportunity.AccountId';
import OPPORTUNITY_ACCOUNT_NAME from '@salesforce/schema/Opportunity.Account.Name';
import { catchFocus } from 'c/oneshotFocus';
import { fill } from 'c/oneshotFormat';
import { isOn, wholeWithin } from 'c/oneshotPageSettings';
import * as session from 'c/oneshotSession';
import like from '@salesforce/label/c.Customers_Like';
import likeThis from '@salesforce/label/c.Customers_Like_This';
import noAccount from '@salesforce/label/c.No_Account';
import promise from '@salesforce/label/c.Start_Promise';
import refresh from '@salesforce/label/c.Refresh';

type Field = typeof ACCOUNT_NAME;

const SIMILAR_ROWS = { min: 1, max: 50, otherwise: 5 };

/** Where each kind of record says which account it belongs to. */
const FIELDS: Record<string, { id?: Field; name: Field } | undefined> = {
  Account: { name: ACCOUNT_NAME },
  Contact: { id: CONTACT_ACCOUNT, name: CONTACT_ACCOUNT_NAME },
  Opportunity: { id: OPPORTUNITY_ACCOUNT, name: OPPORTUNITY_ACCOUNT_NAME },
};

/**
 * On the page of an account, opportunity or contact: the customers most like its account, and whom to write to. Before
 * sign-in the account's name comes from Lightning's own data service.
 */
export default class OneshotAccountPanel extends LightningElement {
  @api objectApiName: string | undefined;
  /** Set in App Builder, as all of these: a page that lists contacts already needs no second list. */
  @api hideContacts = false;
  /** Without the sentence that names the customers. */
  @api hideSentence = false;
  /** Customers at first, and at each Show more. */
  @api rows: number | string = SIMILAR_ROWS.otherwise;

  label = { noAccount, promise, refresh };
  accountId: string | undefined;
  isAsking = false;
  isSignedIn = false;
  private accountName = '';
  private isRead = false;
  private isPressed = false;
  private shownId: string | undefined;
  private unsubscribe: (() => void) | undefined;

  @api get recordId(): string | undefined {
    return this.shownId;
  }
  set recordId(recordId: string | undefined) {
    if (recordId === this.shownId) return;
    this.shownId = recordId;
    // Never the old record's name beside the new record.
    this.accountId = undefined;
    this.accountName = '';
    this.isRead = false;
    this.isAsking = false;
  }

  get fields(): Field[] {
    const { id, name } = FIELDS[this.objectApiName ?? ''] ?? {};
    return [id, name].filter((field) => field !== undefined);
  }

  @wire(getRecord, { recordId: '$recordId', optionalFields: '$fields' })
  readRecord({ data, error }: RecordResult): void {
    if (!data && !error) return;
    // An answer for the record that was shown before is nobody's.
    if (data?.id !== undefined && data.id !== this.shownId) return;
    const { id, name } = FIELDS[this.objectApiName ?? ''] ?? {};
    const value = (field: Field | undefined): string | undefined => {
      if (!field || !data) return undefined;
      return (getFieldValue(data, field) as string | null | undefined) ?? undefined;
    };
    this.accountName = value(name) ?? '';
    this.accountId = id === undefined ? this.shownId : value(id);
    this.isRead = true;
  }

  connectedCallback(): void {
    this.unsubscribe = session.subscribe((view) => {
      this.isSignedIn = view.status !== 'signedOut';
      if (view.status === 'signedIn') this.isAsking = false;
    });
  }

  /** The button that signed in is gone then. */
  renderedCallback(): void {
    if (this.isPressed) catchFocus(this.refs?.root as HTMLElement | undefined);
  }

  disconnectedCallback(): void {
    this.unsubscribe?.();
  }

  get title(): string {
    return this.accountName === '' ? likeThis : fill(like, this.accountName);
  }

  /** The button says the same. */
  get titleClass(): string {
    return this.isStart ? 'slds-assistive-text' : 'title';
  }

  get hasNoAccount(): boolean {
    return this.isRead && this.accountId === undefined;
  }

  /** One useful button; with a session the list comes by itself. */
  get isStart(): boolean {
    return this.accountId !== undefined && !this.isSignedIn;
  }

  get isShown(): boolean {
    return this.accountId !== undefined && this.isSignedIn;
  }

  get hasContacts(): boolean {
    return !isOn(this.hideContacts);
  }

  get isWithoutSentence(): boolean {
    return isOn(this.hideSentence);
  }

  get similarRows(): number {
    return wholeWithin(this.rows, SIMILAR_ROWS);
  }

  handleClick(): void {
    this.isPressed = true;
  }

  /** Signing in makes the lists below read by themselves. */
  handleStart(): void {
    this.isAsking = true;
    session.whenSignedIn(() => undefined);
  }

  handleRefresh(): void {
    this.isAsking = true;
    for (const list of this.template?.querySelectorAll<HTMLElement & { refresh(): void }>('.list') ?? [])
      list.refresh();
  }

  handleAsk(): void {
    this.isAsking = true;
  }
}
