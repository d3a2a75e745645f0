import { api, LightningElement, wire } from 'lwc';
import { getFieldValue, getRecord, type RecordResult } from 'lightning/uiRecordApi';
import CONTACT_NAME from '@salesforce/schema/Contact.Name';
import CONTACT_TITLE from '@salesforce/schema/Contact.Title';
import { type Contact, isAborted, Problem } from 'c/oneshotApi';
import { hear } from 'c/oneshotChannel';
import { mailStatusOf, type MailStatus, nameOf, refusalOf } from 'c/oneshotContacts';
import * as drafts from 'c/oneshotDrafts';
import { fill, formatAge, formatDate, formatMoment } from 'c/oneshotFormat';
import { messageOf } from 'c/oneshotMessages';
import { isOn } from 'c/oneshotPageSettings';
import SequenceModal from 'c/oneshotSequenceModal';
import * as session from 'c/oneshotSession';
import { writeTo } from 'c/oneshotWriteTo';
import addToSequence from '@salesforce/label/c.Sequence_Add';
import draftWaiting from '@salesforce/label/c.Draft_Waiting';
import goOn from '@salesforce/label/c.Write_Go_On';
import lastActivity from '@salesforce/label/c.Last_Activity';
import loading from '@salesforce/label/c.Loading';
import promise from '@salesforce/label/c.Start_Promise';
import sendUnknown from '@salesforce/label/c.Draft_Unknown';
import signIn from '@salesforce/label/c.Sign_In';
import signInAndWrite from '@salesforce/label/c.Sign_In_And_Write';
import title from '@salesforce/label/c.Contact_Panel';
import write from '@salesforce/label/c.Write';
import wrote from '@salesforce/label/c.You_Wrote';
import wroteNever from '@salesforce/label/c.You_Wrote_Never';

/** What the rep pressed, where reading the contact came of it. */
type Wanted = 'nothing' | 'write' | 'sequence';

/**
 * On a contact's page: whether they may be written to, what happened last, Write and Add to sequence. Name and title
 * come from Lightning before sign-in; the rest is read live once somebody is signed in.
 */
export default class OneshotContactPanel extends LightningElement {
  /** Set in App Builder, as both: for orgs without Outreach. */
  @api hideSequence = false;
  /** Without Salesforce's last activity, for pages that show it already. */
  @api hideActivity = false;

  label = { addToSequence, loading, promise, title, write };
  contact: Contact | undefined;
  problem: Problem | undefined;
  isAsking = false;
  isReading = false;
  announcement = '';
  private shownId: string | undefined;
  private recordName = '';
  private recordTitle = '';
  private draft: drafts.Draft | undefined;
  private status: session.SessionView['status'] = 'signedOut';
  private wanted: Wanted = 'nothing';
  private seenSignIns = -1;
  private request: AbortController | undefined;
  private ends: (() => void)[] = [];

  @api get recordId(): string | undefined {
    return this.shownId;
  }
  set recordId(recordId: string | undefined) {
    if (recordId === this.shownId) return;
    this.shownId = recordId;
    // Never the old record's name beside the new record.
    this.forget();
    this.recordName = '';
    this.recordTitle = '';
    this.isAsking = false;
    this.draft = recordId === undefined ? undefined : drafts.draftOf(recordId);
    if (this.ends.length > 0 && session.isSignedIn()) void this.read();
  }

  @wire(getRecord, { recordId: '$recordId', optionalFields: [CONTACT_NAME, CONTACT_TITLE] })
  readRecord({ data }: RecordResult): void {
    if (!data || (data.id !== undefined && data.id !== this.shownId)) return;
    this.recordName = (getFieldValue(data, CONTACT_NAME) as string | null | undefined) ?? '';
    this.recordTitle = (getFieldValue(data, CONTACT_TITLE) as string | null | undefined) ?? '';
  }

  connectedCallback(): void {
    this.ends = [
      session.subscribe((view) => this.showSession(view)),
      drafts.subscribe(() => {
        this.draft = this.shownId === undefined ? undefined : drafts.draftOf(this.shownId);
      }),
      hear(({ action, contactId }) => {
        if (action === 'wrote' && contactId === this.shownId && session.isSignedIn()) void this.read();
      }),
    ];
  }

  disconnectedCallback(): void {
    for (const end of this.ends) end();
    this.ends = [];
    this.forget();
    this.shownId = undefined;
  }

  private forget(): void {
    this.request?.abort();
    this.contact = undefined;
    this.problem = undefined;
    this.isReading = false;
  }

  private showSession(view: session.SessionView): void {
    this.status = view.status;
    if (view.status === 'signedOut') this.forget();
    if (view.status !== 'signedIn' || view.signIns === this.seenSignIns) return;
    this.seenSignIns = view.signIns;
    this.isAsking = false;
    if (this.contact === undefined) void this.read();
  }

  /** @param wanted what the rep pressed, where that is why */
  private async read(wanted: Wanted = 'nothing'): Promise<void> {
    const contactId = this.shownId;
    if (contactId === undefined) return;
    this.wanted = wanted;
    this.request?.abort();
    const controller = new AbortController();
    this.request = controller;
    this.isReading = true;
    this.problem = undefined;
    try {
      const contact = await session.readContact(contactId, controller.signal);
      if (!controller.signal.aborted) this.contact = contact;
    } catch (error) {
      if (isAborted(error) || controller.signal.aborted) return;
      this.problem = error instanceof Problem ? error : new Problem({ code: 'bad_answer' });
      this.announcement = messageOf(this.problem);
    } finally {
      if (this.request === controller) this.isReading = false;
    }
  }

  get name(): string {
    return this.contact?.name ?? this.recordName;
  }

  get jobTitle(): string {
    return this.contact?.title ?? this.recordTitle;
  }

  get isLoading(): boolean {
    return this.isReading && this.contact === undefined;
  }

  get isSignedOut(): boolean {
    return this.status === 'signedOut';
  }

  get mail(): MailStatus | undefined {
    return this.contact && mailStatusOf(this.contact);
  }

  get wroteText(): string {
    if (!this.contact) return '';
    const { lastSentAt } = this.contact;
    return lastSentAt === null ? wroteNever : fill(wrote, formatAge(session.serverNow() - Date.parse(lastSentAt)));
  }

  get wroteTitle(): string {
    const at = this.contact?.lastSentAt ?? null;
    return at === null ? '' : formatMoment(Date.parse(at));
  }

  get activityText(): string {
    const date = this.contact?.lastActivityDate ?? null;
    return date === null || isOn(this.hideActivity) ? '' : fill(lastActivity, formatDate(date));
  }

  get hasSequence(): boolean {
    return !isOn(this.hideSequence);
  }

  get refusal(): string {
    const { contact } = this;
    return contact && !contact.canEmail ? refusalOf(nameOf(contact), contact.reasons) : '';
  }

  get isBlocked(): string {
    return String(this.refusal !== '');
  }

  /** What was written before stays within reach, to be copied: sending asks again anyway. */
  get isWriteBlocked(): string {
    return String(this.refusal !== '' && !this.hasDraft);
  }

  private get hasDraft(): boolean {
    return (
      this.draft !== undefined &&
      this.draft.state !== 'sent' &&
      (this.draft.state !== 'writing' || drafts.hasText(this.draft))
    );
  }

  get draftText(): string {
    if (!this.hasDraft) return '';
    return this.draft?.state === 'unknown' ? sendUnknown : draftWaiting;
  }

  get writeLabel(): string {
    return this.hasDraft ? goOn : write;
  }

  get retryLabel(): string | undefined {
    if (!this.problem?.needsSignIn) return undefined;
    return this.wanted === 'write' ? signInAndWrite : signIn;
  }

  /** The button stays focusable where writing is refused: the reason is beneath it. */
  handleWrite(): void {
    if (this.refusal !== '' && !this.hasDraft) {
      this.announcement = this.refusal;
      return;
    }
    const contactId = this.shownId;
    this.isAsking = true;
    session.whenSignedIn(() => void this.write(contactId));
  }

  private async write(contactId: string | undefined): Promise<void> {
    if (this.contact === undefined) await this.read('write');
    const { contact } = this;
    // The rep went on to another record meanwhile, or reading failed and says so here.
    if (!contact || contact.id !== contactId || contact.id !== this.shownId) return;
    if (!contact.canEmail && !this.hasDraft) {
      this.announcement = this.refusal;
      return;
    }
    writeTo({ contactId: contact.id, accountId: contact.accountId, name: nameOf(contact) }, () => {
      this.template?.querySelector<HTMLElement>('.write')?.focus();
    });
  }

  handleSequence(): void {
    if (this.refusal !== '') {
      this.announcement = this.refusal;
      return;
    }
    const contactId = this.shownId;
    this.isAsking = true;
    session.whenSignedIn(() => void this.addToSequence(contactId));
  }

  private async addToSequence(contactId: string | undefined): Promise<void> {
    if (this.contact === undefined) await this.read('sequence');
    const { contact } = this;
    if (!contact || contact.id !== contactId || contact.id !== this.shownId) return;
    if (!contact.canEmail) {
      this.announcement = this.refusal;
      return;
    }
    await SequenceModal.open({
      size: 'small',
      label: addToSequence,
      contactId: contact.id,
      contactName: nameOf(contact),
    });
  }

  /** Does again what failed: nobody who only looked is taken to a mail. */
  handleRetry(): void {
    if (this.wanted === 'write') return this.handleWrite();
    if (this.wanted === 'sequence') return this.handleSequence();
    this.isAsking = true;
    session.whenSignedIn(() => void this.read());
  }

  handleDismiss(): void {
    this.problem = undefined;
  }
}
