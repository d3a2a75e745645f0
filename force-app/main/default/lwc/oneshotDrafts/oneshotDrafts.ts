import { type MailChannel, Problem } from 'c/oneshotApi';
import { tell as signal } from 'c/oneshotChannel';
import { escapeHtml } from 'c/oneshotMailText';
import { isSignedIn, randomToken, subscribe as subscribeSession, whenSignedIn } from 'c/oneshotSession';
import { deliver } from './delivery';
import { type Addressee, type Content, type Draft, emptyContent, hasText, htmlOf, isAtStake, newDraft } from './draft';
import { askBeforeLeaving } from './leaving';

export { deliver, type Outcome } from './delivery';
export { type Addressee, type Content, type Draft, type DraftState, hasText, htmlOf, isAtStake, textOf } from './draft';
export { askBeforeLeaving } from './leaving';

/**
 * The rep's drafts, one for a contact, in this tab's memory: nothing in web storage, nothing at a provider. Sending runs
 * here and not in a component, so that navigation neither loses nor repeats it.
 */

/** How long a sent mail stays here and can be called back. */
export const UNDO_MS = 10_000;
/** The request itself must also fit into the session. */
const REQUEST_MS = 20_000;

export interface DraftsView {
  readonly drafts: readonly Draft[];
  /** The draft that is being written; `Insert` goes there. */
  readonly openId: string | null;
}

const drafts = new Map<string, Draft>();
const timers = new Map<string, ReturnType<typeof setTimeout>>();
const listeners = new Set<(view: DraftsView) => void>();
let openId: string | null = null;
let lastChannel: MailChannel | null = null;
let lastLog: boolean | null = null;
let repId: string | undefined;

export function draftsView(): DraftsView {
  return { drafts: [...drafts.values()], openId };
}

function tell(): void {
  askBeforeLeaving('drafts', [...drafts.values()].some(isAtStake));
  const view = draftsView();
  for (const listener of [...listeners]) listener(view);
}

/** Calls the listener at once and at each change; the returned function ends it. */
export function subscribe(listener: (view: DraftsView) => void): () => void {
  listeners.add(listener);
  listener(draftsView());
  return () => {
    listeners.delete(listener);
  };
}

function put(contactId: string, next: Partial<Draft>): void {
  const draft = drafts.get(contactId);
  if (!draft) return;
  drafts.set(contactId, { ...draft, ...next });
  tell();
}

export function draftOf(contactId: string): Draft | undefined {
  return drafts.get(contactId);
}

/** Opens the draft for a contact: the one that is there, or a new one. */
export function openDraft(addressee: Addressee): void {
  const known = drafts.get(addressee.contactId);
  const isNew = !known || known.state === 'sent';
  const names = { ...addressee, accountId: addressee.accountId ?? known?.accountId ?? null };
  drafts.set(
    addressee.contactId,
    isNew ? { ...newDraft(names), channel: lastChannel, logToSalesforce: lastLog } : { ...known, ...names },
  );
  openId = addressee.contactId;
  tell();
}

/** Nothing is being written any more. A draft without text leaves nothing behind. */
export function closeDraft(contactId: string): void {
  const draft = drafts.get(contactId);
  if (draft && (draft.state === 'sent' || (draft.state === 'writing' && !hasText(draft)))) drafts.delete(contactId);
  if (openId === contactId) openId = null;
  tell();
}

/** Throws the text away, because the rep said so. What is on its way or may have gone stays. */
export function discardDraft(contactId: string): void {
  if (drafts.get(contactId)?.state === 'writing') drafts.delete(contactId);
  if (openId === contactId) openId = null;
  tell();
}

/** Changes the text; a draft that is locked stays as it is. */
export function changeDraft(contactId: string, next: Partial<Content>): void {
  if (drafts.get(contactId)?.state !== 'writing') return;
  if (next.channel !== undefined) lastChannel = next.channel;
  if (next.logToSalesforce !== undefined) lastLog = next.logToSalesforce;
  put(contactId, { ...next, problem: null });
}

/** Adds a sentence at the end of the draft that is open. @returns whom it is for; undefined where none can take it */
export function insertIntoOpen(sentence: string): string | undefined {
  const draft = openId === null ? undefined : drafts.get(openId);
  if (draft?.state !== 'writing') return undefined;
  const change =
    draft.designed === null
      ? { html: `${draft.html}<p>${escapeHtml(sentence)}</p>` }
      : { opening: draft.opening === '' ? sentence : `${draft.opening}\n${sentence}` };
  changeDraft(draft.contactId, change);
  return draft.name;
}

export function allowEmptySubject(contactId: string): void {
  put(contactId, { isEmptySubjectFine: true });
}

/**
 * Send, inside the click: signs in first where the session would not last, then waits for Undo, then sends. The key is
 * made here, once, so that whatever happens on the way, it is one mail.
 */
export function sendDraft(contactId: string): void {
  const draft = drafts.get(contactId);
  if (draft?.state !== 'writing' || draft.channel === null) return;
  put(contactId, { key: draft.key ?? randomToken(), problem: null });
  whenSignedIn(() => wait(contactId), UNDO_MS + REQUEST_MS);
}

function wait(contactId: string): void {
  const draft = drafts.get(contactId);
  // Signed in as somebody else: that rep has to choose a mailbox of their own first.
  if (draft?.state !== 'writing' || draft.channel === null || draft.key === null) return;
  put(contactId, { state: 'undo', leavesAtMs: performance.now() + UNDO_MS });
  timers.set(
    contactId,
    setTimeout(() => void leave(contactId), UNDO_MS),
  );
}

/** Calls a mail back that has not left yet. */
export function undoSend(contactId: string): void {
  if (drafts.get(contactId)?.state !== 'undo') return;
  clearTimeout(timers.get(contactId));
  put(contactId, { state: 'writing', leavesAtMs: null, key: null });
}

/** Asks again with the same key, inside the click, after no answer came: the mail goes once, whatever happened before. */
export function askAgain(contactId: string): void {
  if (drafts.get(contactId)?.state === 'unreached') whenSignedIn(() => void leave(contactId), REQUEST_MS);
}

/** The rep found it in the Sent folder. */
export function wasSent(contactId: string): void {
  if (drafts.get(contactId)?.state === 'unknown')
    put(contactId, { ...emptyContent, state: 'sent', isFoundSent: true, key: null });
}

/** The rep looked and it is not there: a new key, a new mail. Inside the click. */
export function sendAgainAnyway(contactId: string): void {
  if (drafts.get(contactId)?.state !== 'unknown') return;
  put(contactId, { state: 'writing', key: randomToken() });
  whenSignedIn(() => wait(contactId), UNDO_MS + REQUEST_MS);
}

async function leave(contactId: string): Promise<void> {
  timers.delete(contactId);
  const draft = drafts.get(contactId);
  if (!draft || draft.key === null || draft.channel === null) return;
  if (draft.state !== 'undo' && draft.state !== 'unreached') return;
  if (!isSignedIn()) {
    const problem = new Problem({ code: 'session_ended', status: 401 });
    return put(contactId, { state: draft.state === 'undo' ? 'writing' : 'unreached', leavesAtMs: null, problem });
  }
  put(contactId, { state: 'sending', leavesAtMs: null, problem: null });
  const outcome = await deliver(
    {
      contactId,
      ...(draft.accountId === null ? {} : { accountId: draft.accountId }),
      channel: draft.channel,
      subject: draft.subject.trim(),
      html: htmlOf(draft),
      ...(draft.logToSalesforce === null ? {} : { logToSalesforce: draft.logToSalesforce }),
    },
    draft.key,
  );
  if (outcome.state === 'accepted') {
    const { channel, logToSalesforce } = draft;
    const { isLogFailed } = outcome;
    put(contactId, { ...emptyContent, channel, logToSalesforce, isLogFailed, state: 'sent', key: null });
    return signal({ action: 'wrote', contactId });
  }
  if (outcome.state === 'unknown') return put(contactId, { state: 'unknown' });
  const { problem } = outcome;
  if (outcome.state === 'unreached') return put(contactId, { state: 'unreached', problem });
  // Nothing was sent. After signing in it is still the same Send; anything else is decided anew.
  return put(contactId, { state: 'writing', problem, key: problem.needsSignIn ? draft.key : null });
}

/** A draft goes out from its writer's mailbox only: after another rep signed in, From has to be chosen again. */
function whoever(next: string | undefined): void {
  if (next === undefined || next === repId) return;
  const isOther = repId !== undefined;
  repId = next;
  if (!isOther) return;
  lastChannel = null;
  for (const { contactId, state } of [...drafts.values()]) {
    undoSend(contactId);
    if (state === 'undo' || state === 'writing') put(contactId, { channel: null, key: null });
  }
}

subscribeSession(({ user }) => whoever(user?.id));
