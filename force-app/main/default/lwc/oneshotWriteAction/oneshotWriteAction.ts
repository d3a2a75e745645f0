import { api, LightningElement, wire } from 'lwc';
import { CloseActionScreenEvent } from 'lightning/actions';
import { getFieldValue, getRecord, type RecordResult } from 'lightning/uiRecordApi';
import CONTACT_ACCOUNT from '@salesforce/schema/Contact.AccountId';
import CONTACT_NAME from '@salesforce/schema/Contact.Name';
import { type Contact, isAborted, Problem } from 'c/oneshotApi';
import { nameOf, refusalOf } from 'c/oneshotContacts';
import { draftOf, openDraft } from 'c/oneshotDrafts';
import { fill } from 'c/oneshotFormat';
import * as session from 'c/oneshotSession';
import close from '@salesforce/label/c.Close';
import kept from '@salesforce/label/c.Draft_Kept';
import loading from '@salesforce/label/c.Loading';
import promise from '@salesforce/label/c.Start_Promise';
import title from '@salesforce/label/c.Write';
import writeTo from '@salesforce/label/c.Write_To';

/** The record quick action "Write" of a contact: the composer in Lightning's own action panel. Closing keeps the draft. */
export default class OneshotWriteAction extends LightningElement {
  label = { close, kept, loading, promise, title };
  contact: Contact | undefined;
  problem: Problem | undefined;
  isAsking = false;
  private shownId: string | undefined;
  private name = '';
  private accountId: string | null = null;
  private reading: AbortController | undefined;
  private unsubscribe: (() => void) | undefined;
  private seenSignIns = -1;

  @api get recordId(): string | undefined {
    return this.shownId;
  }
  set recordId(recordId: string | undefined) {
    if (recordId === this.shownId) return;
    this.shownId = recordId;
    this.contact = undefined;
    // Before it is on the page, the session's own news makes it read.
    if (this.unsubscribe && session.isSignedIn()) void this.read();
  }

  @wire(getRecord, { recordId: '$recordId', optionalFields: [CONTACT_NAME, CONTACT_ACCOUNT] })
  readRecord({ data }: RecordResult): void {
    this.name = (getFieldValue(data, CONTACT_NAME) as string | null | undefined) ?? '';
    this.accountId = (getFieldValue(data, CONTACT_ACCOUNT) as string | null | undefined) ?? null;
  }

  connectedCallback(): void {
    this.unsubscribe = session.subscribe((view) => {
      if (view.status !== 'signedIn' || view.signIns === this.seenSignIns) return;
      this.seenSignIns = view.signIns;
      if (this.contact === undefined) void this.read();
    });
  }

  disconnectedCallback(): void {
    this.unsubscribe?.();
    this.reading?.abort();
  }

  get isStart(): boolean {
    return this.contact === undefined && !this.isReading && !this.problem;
  }

  isReading = false;

  get startLabel(): string {
    return this.name === '' ? title : fill(writeTo, this.name);
  }

  get refusal(): string {
    const { contact } = this;
    return contact && !contact.canEmail && !this.hasDraft ? refusalOf(nameOf(contact), contact.reasons) : '';
  }

  private get hasDraft(): boolean {
    return this.shownId !== undefined && draftOf(this.shownId) !== undefined;
  }

  get composing(): string | undefined {
    return this.contact && this.hasDraft ? this.shownId : undefined;
  }

  private async read(): Promise<void> {
    const contactId = this.shownId;
    if (contactId === undefined) return;
    this.reading?.abort();
    const controller = new AbortController();
    this.reading = controller;
    this.isReading = true;
    this.problem = undefined;
    try {
      const contact = await session.readContact(contactId, controller.signal);
      if (controller.signal.aborted) return;
      if (contact.canEmail || draftOf(contactId)) {
        openDraft({ contactId, accountId: contact.accountId ?? this.accountId, name: nameOf(contact) });
      }
      this.contact = contact;
    } catch (error) {
      if (isAborted(error) || controller.signal.aborted) return;
      this.problem = error instanceof Problem ? error : new Problem({ code: 'bad_answer' });
    } finally {
      if (this.reading === controller) this.isReading = false;
    }
  }

  handleStart(): void {
    this.isAsking = true;
    // Signing in makes this component read by itself; a session that is there needs to be asked.
    session.whenSignedIn(() => {
      if (!this.isReading) void this.read();
    });
  }

  handleDismiss(): void {
    this.problem = undefined;
  }

  handleClose(): void {
    this.dispatchEvent(new CloseActionScreenEvent());
  }
}
