import type { EnrolmentAnswer, Mailbox, Problem, Sequence } from 'c/oneshotApi';
import type { Choice } from 'c/oneshotChoices';
import { fill } from 'c/oneshotFormat';
import { messageOf } from 'c/oneshotMessages';
import added from '@salesforce/label/c.Sequence_Added';
import already from '@salesforce/label/c.Sequence_Already';
import bounced from '@salesforce/label/c.Sequence_Refused_Bounced';
import cannotSend from '@salesforce/label/c.Sequence_Mailbox_Cannot';
import consentHidden from '@salesforce/label/c.Sequence_Refused_Consent';
import doNotContact from '@salesforce/label/c.Sequence_Refused_Contact';
import locked from '@salesforce/label/c.Sequence_Locked';
import newProspect from '@salesforce/label/c.Sequence_New_Prospect';
import noEmail from '@salesforce/label/c.Sequence_Refused_Email';
import off from '@salesforce/label/c.Sequence_Off';
import optedOut from '@salesforce/label/c.Sequence_Refused_Opted_Out';
import state from '@salesforce/label/c.Sequence_State';
import stateActive from '@salesforce/label/c.Sequence_State_Active';
import statePaused from '@salesforce/label/c.Sequence_State_Paused';
import statePending from '@salesforce/label/c.Sequence_State_Pending';

/** Outreach locks sequences and switches them off; both stay in sight and cannot be chosen. */
export function toSequenceChoice({ id, name, enabled, locked: isLocked }: Sequence): Choice {
  const note = isLocked ? locked : enabled ? '' : off;
  return { value: id, label: name, note, isDisabled: note !== '' };
}

export function toMailboxChoice({ id, email, canSend }: Mailbox): Choice {
  return { value: id, label: email, note: canSend ? '' : cannotSend, isDisabled: !canSend };
}

/** Outreach's words for how a contact stands in a sequence, where a rep knows them by another one. */
const states = new Map(Object.entries({ active: stateActive, paused: statePaused, pending: statePending }));

/** What became of it, in a sentence or three. */
export function resultOf(answer: EnrolmentAnswer, contact: string, sequence: string): string {
  if (answer.alreadyInSequence === true) return fill(already, contact, sequence);
  const parts = [fill(added, contact, sequence)];
  if (answer.state !== null) parts.push(fill(state, states.get(answer.state) ?? answer.state));
  if (answer.prospect === 'created') parts.push(newProspect);
  return parts.join(' ');
}

const refusals = new Map(
  Object.entries({
    bounced,
    consent_hidden: consentHidden,
    do_not_contact: doNotContact,
    no_email: noEmail,
    opted_out: optedOut,
    sequence_locked: locked,
    sequence_disabled: off,
    mailbox_cannot_send: cannotSend,
  }),
);

/** Why it was not done. */
export function messageOfEnrolment(problem: Problem, contact: string): string {
  const words = refusals.get(problem.code);
  return words === undefined ? messageOf(problem) : fill(words, contact);
}
