import type { EnrolmentAnswer, Mailbox, Problem, Sequence } from 'c/oneshotApi';
import type { Choice } from 'c/oneshotChoices';
import { problemOf } from 'c/oneshotConnectionWords';
import { fill } from 'c/oneshotFormat';
import added from '@salesforce/label/c.Sequence_Added';
import already from '@salesforce/label/c.Sequence_Already';
import bounced from '@salesforce/label/c.Sequence_Refused_Bounced';
import cannotSend from '@salesforce/label/c.Sequence_Mailbox_Cannot';
import consentHidden from '@salesforce/label/c.Sequence_Refused_Consent';
import channelOff from '@salesforce/label/c.Connection_Channel_Off';
import doNotContact from '@salesforce/label/c.Sequence_Refused_Contact';
import limit from '@salesforce/label/c.Sequence_Limit';
import locked from '@salesforce/label/c.Sequence_Locked';
import hidden from '@salesforce/label/c.No_Name';
import newProspect from '@salesforce/label/c.Sequence_New_Prospect';
import mailboxGone from '@salesforce/label/c.Sequence_Mailbox_Gone';
import mayBe from '@salesforce/label/c.Sequence_May_Be_Added';
import noEmail from '@salesforce/label/c.Sequence_Refused_Email';
import off from '@salesforce/label/c.Sequence_Off';
import optedOut from '@salesforce/label/c.Sequence_Refused_Opted_Out';
import refused from '@salesforce/label/c.Sequence_Refused';
import sequenceGone from '@salesforce/label/c.Sequence_Gone';
import state from '@salesforce/label/c.Sequence_State';
import stateActive from '@salesforce/label/c.Sequence_State_Active';
import statePaused from '@salesforce/label/c.Sequence_State_Paused';
import statePending from '@salesforce/label/c.Sequence_State_Pending';

/** Outreach locks sequences and switches them off; both stay in sight and cannot be chosen. */
export function toSequenceChoice({ id, name, enabled, locked: isLocked }: Sequence): Choice {
  const note = isLocked ? locked : enabled ? '' : off;
  return { value: id, label: name ?? hidden, note, isDisabled: note !== '' };
}

export function toMailboxChoice({ id, email, canSend }: Mailbox): Choice {
  return { value: id, label: email ?? hidden, note: canSend ? '' : cannotSend, isDisabled: !canSend };
}

/** Words for how a contact stands in a sequence, where a rep knows them by another one. `accepted` says itself. */
const states = new Map(
  Object.entries({ accepted: '', active: stateActive, paused: statePaused, pending: statePending }),
);

/** True where nobody knows whether it was done: only Outreach itself can tell. */
export function isUnknown({ state: how, alreadyInSequence }: EnrolmentAnswer): boolean {
  return how === 'unknown' && alreadyInSequence !== true;
}

/** What became of it, in a sentence or three. */
export function resultOf(answer: EnrolmentAnswer, contact: string, sequence: string): string {
  if (answer.alreadyInSequence === true) return fill(already, contact, sequence);
  if (isUnknown(answer)) return fill(mayBe, contact, sequence);
  const how = states.get(answer.state ?? '') ?? answer.state ?? '';
  return [
    fill(added, contact, sequence),
    ...(how === '' ? [] : [fill(state, how)]),
    ...(answer.prospect === 'created' ? [newProspect] : []),
  ].join(' ');
}

const refusals = new Map(
  Object.entries({
    bounced,
    channel_off: channelOff,
    consent_hidden: consentHidden,
    do_not_contact: doNotContact,
    mailbox_cannot_send: cannotSend,
    mailbox_missing: mailboxGone,
    no_email: noEmail,
    opted_out: optedOut,
    provider_limit: limit,
    provider_refused: refused,
    sequence_disabled: off,
    sequence_locked: locked,
    sequence_missing: sequenceGone,
  }),
);

/** Why it was not done: what stands against this contact first, then what is the matter with Outreach. */
export function messageOfEnrolment(problem: Problem, contact: string): string {
  const words = [...problem.reasons, problem.code].map((code) => refusals.get(code)).find((text) => text !== undefined);
  return words === undefined ? problemOf(problem, 'outreach') : fill(words, contact);
}
