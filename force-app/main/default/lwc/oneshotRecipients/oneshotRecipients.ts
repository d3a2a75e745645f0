import { api, LightningElement } from 'lwc';
import { shortRefusalOf } from 'c/oneshotContacts';
import { fill, formatNames } from 'c/oneshotFormat';
import { messageOf } from 'c/oneshotMessages';
import type { PersonalMail, Recipient, RecipientState } from 'c/oneshotQueue';
import accepted from '@salesforce/label/c.Recipient_Accepted';
import cancelled from '@salesforce/label/c.Recipient_Cancelled';
import missingText from '@salesforce/label/c.Template_Missing';
import name from '@salesforce/label/c.Recipient_Name';
import noSubject from '@salesforce/label/c.No_Subject';
import preview from '@salesforce/label/c.Preview';
import previewFor from '@salesforce/label/c.Preview_For';
import ready from '@salesforce/label/c.Recipient_Ready';
import refused from '@salesforce/label/c.Recipient_Refused';
import sending from '@salesforce/label/c.Recipient_Sending';
import skipped from '@salesforce/label/c.Recipient_Skipped';
import status from '@salesforce/label/c.Recipient_Status';
import title from '@salesforce/label/c.Recipients';
import unknown from '@salesforce/label/c.Recipient_Unknown';

const STATES: Record<RecipientState, { text: string; icon: string; variant: '' | 'success' | 'warning' | 'error' }> = {
  accepted: { text: accepted, icon: 'utility:success', variant: 'success' },
  cancelled: { text: cancelled, icon: 'utility:stop', variant: '' },
  ready: { text: ready, icon: 'utility:clock', variant: '' },
  refused: { text: refused, icon: 'utility:error', variant: 'error' },
  sending: { text: sending, icon: 'utility:email', variant: '' },
  skipped: { text: skipped, icon: 'utility:ban', variant: 'warning' },
  unknown: { text: unknown, icon: 'utility:question', variant: 'warning' },
};

interface Row {
  id: string;
  name: string;
  accountName: string;
  status: string;
  icon: string;
  variant: string;
  canPreview: boolean;
  previewLabel: string;
  isOpen: boolean;
  expanded: string;
  mailKey: string;
}

/**
 * Whom a mail to several goes to, one row each: what becomes of it, and the mail as that person gets it. Fires `preview`
 * `{ contactId }`.
 */
export default class OneshotRecipients extends LightningElement {
  @api recipients: readonly Recipient[] = [];
  /** Whose mail is shown, and the mail once it is there. */
  @api openId: string | undefined;
  @api mail: PersonalMail | undefined;

  label = { name, preview, status, title };

  get rows(): Row[] {
    return this.recipients.map((one) => {
      const { text, icon, variant } = STATES[one.state];
      const reason = one.problem ? messageOf(one.problem) : shortRefusalOf(one.reasons);
      return {
        id: one.contactId,
        name: one.name,
        accountName: one.accountName,
        status: fill(text, reason),
        icon,
        variant,
        canPreview: one.state === 'ready',
        previewLabel: fill(previewFor, one.name),
        isOpen: one.contactId === this.openId && this.mail !== undefined,
        expanded: String(one.contactId === this.openId),
        mailKey: `${one.contactId}-mail`,
      };
    });
  }

  get subject(): string {
    const subject = this.mail?.subject.trim() ?? '';
    return subject === '' ? noSubject : subject;
  }

  get missing(): string {
    const fields = this.mail?.missing ?? [];
    return fields.length === 0 ? '' : fill(missingText, formatNames([...fields]));
  }

  handlePreview(event: Event): void {
    const contactId = (event.currentTarget as HTMLElement).dataset.id;
    this.dispatchEvent(new CustomEvent('preview', { detail: { contactId } }));
  }
}
