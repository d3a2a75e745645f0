import type { MailChannel, Problem } from 'c/oneshotApi';
import { toText, withOpening } from 'c/oneshotMailText';

/** Whom a draft is for. The address is not among it: the backend reads it at sending. */
export interface Addressee {
  contactId: string;
  accountId: string | null;
  name: string;
}

/**
 * `writing`: open to changes. `undo`: sent, but still here until `leavesAtMs`. `sending`: on its way. `sent`: accepted,
 * text gone. `unknown`: it may have gone; locked. `unreached`: OneShot did not answer; locked until it does.
 */
export type DraftState = 'writing' | 'undo' | 'sending' | 'sent' | 'unknown' | 'unreached';

/** What the rep may change. */
export interface Content {
  channel: MailChannel | null;
  subject: string;
  /** Of the editor; ignored while `designed` is set. */
  html: string;
  /** A template whose layout an editor would break: sent as it is, below the opening line. */
  designed: string | null;
  opening: string;
  /** Null: not asked yet. */
  logToSalesforce: boolean | null;
}

/** One mail to one contact, in this tab's memory. Replaced at each change, never mutated. */
export interface Draft extends Addressee, Content {
  state: DraftState;
  /** Made at Send; survives signing in; a new one would be a new mail. */
  key: string | null;
  /** When the request leaves, on performance.now()'s clock. */
  leavesAtMs: number | null;
  /** Sending without a subject was confirmed. */
  isEmptySubjectFine: boolean;
  problem: Problem | null;
  /** Of an accepted mail: whether Salesforce took the log entry. */
  isLogFailed: boolean;
  /** `sent`, because the rep found it in the Sent folder; the provider's own answer never came. */
  isFoundSent: boolean;
}

export const emptyContent: Content = {
  channel: null,
  subject: '',
  html: '',
  designed: null,
  opening: '',
  logToSalesforce: null,
};

export function newDraft(addressee: Addressee): Draft {
  return {
    ...addressee,
    ...emptyContent,
    state: 'writing',
    key: null,
    leavesAtMs: null,
    isEmptySubjectFine: false,
    problem: null,
    isLogFailed: false,
    isFoundSent: false,
  };
}

/** The whole mail as it is sent. */
export function htmlOf({ html, designed, opening }: Pick<Content, 'html' | 'designed' | 'opening'>): string {
  return designed === null ? html : withOpening(designed, opening);
}

/** The whole mail as plain text. */
export function textOf(content: Pick<Content, 'html' | 'designed' | 'opening'>): string {
  return toText(htmlOf(content));
}

export function hasText(draft: Content): boolean {
  return draft.subject.trim() !== '' || draft.designed !== null || toText(draft.html) !== '';
}

/** True where leaving the page would lose something. */
export function isAtStake(draft: Draft): boolean {
  return draft.state !== 'sent' && (draft.state !== 'writing' || hasText(draft));
}
