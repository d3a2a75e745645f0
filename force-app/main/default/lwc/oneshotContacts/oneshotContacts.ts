import type { Contact, Refusal } from 'c/oneshotApi';
import { fill } from 'c/oneshotFormat';
import bounced from '@salesforce/label/c.Refused_Bounced';
import consentHidden from '@salesforce/label/c.Refused_Consent_Hidden';
import doNotContact from '@salesforce/label/c.Refused_Do_Not_Contact';
import noEmail from '@salesforce/label/c.Refused_No_Email';
import noName from '@salesforce/label/c.No_Name';
import optedOut from '@salesforce/label/c.Refused_Opted_Out';
import other from '@salesforce/label/c.Refused_Other';
import shortBounced from '@salesforce/label/c.Mail_Bounced';
import shortConsentHidden from '@salesforce/label/c.Mail_Consent_Hidden';
import shortDoNotContact from '@salesforce/label/c.Mail_Do_Not_Contact';
import shortFine from '@salesforce/label/c.Mail_Fine';
import shortNoEmail from '@salesforce/label/c.Mail_No_Email';
import shortOptedOut from '@salesforce/label/c.Mail_Opted_Out';
import shortOther from '@salesforce/label/c.Mail_Other';

/** Whether and why a contact can be written to, in words. */

const sentences = new Map<string, string>(
  Object.entries({
    bounced,
    consent_hidden: consentHidden,
    do_not_contact: doNotContact,
    no_email: noEmail,
    opted_out: optedOut,
  } satisfies Record<Refusal, string>),
);
const shorts = new Map<string, string>(
  Object.entries({
    bounced: shortBounced,
    consent_hidden: shortConsentHidden,
    do_not_contact: shortDoNotContact,
    no_email: shortNoEmail,
    opted_out: shortOptedOut,
  } satisfies Record<Refusal, string>),
);

export interface MailStatus {
  icon: string;
  variant: '' | 'success' | 'warning' | 'error';
  text: string;
}

export function nameOf(contact: Pick<Contact, 'name'>): string {
  return contact.name ?? noName;
}

/** "Ana Ruiz has opted out of email in Salesforce, ..."; empty where nothing stands in the way. */
export function refusalOf(name: string, reasons: readonly string[]): string {
  const [reason] = reasons;
  return reason === undefined ? '' : fill(sentences.get(reason) ?? other, name);
}

/** "opted out": as short as a row needs it. */
export function shortRefusalOf(reasons: readonly string[]): string {
  return reasons.map((reason) => shorts.get(reason) ?? shortOther).join(', ');
}

export function mailStatusOf(contact: Pick<Contact, 'canEmail' | 'reasons'>): MailStatus {
  if (contact.canEmail) return { icon: 'utility:success', variant: 'success', text: shortFine };
  const isUnknown = contact.reasons.every((reason) => reason === 'consent_hidden');
  const text = shortRefusalOf(contact.reasons);
  return {
    icon: isUnknown ? 'utility:question_mark' : 'utility:ban',
    variant: isUnknown ? 'warning' : 'error',
    text: text === '' ? shortOther : text,
  };
}
