import { type MailChannel, pause as wait, Problem } from 'c/oneshotApi';
import { tell as signal } from 'c/oneshotChannel';
import { askBeforeLeaving, deliver } from 'c/oneshotDrafts';
import { personalise } from 'c/oneshotMailText';
import { isSignedIn, randomToken, renderTemplate, subscribe as subscribeSession, whenSignedIn } from 'c/oneshotSession';
import { type Chosen, type PersonalMail, type Recipient, recipientsOf } from './recipient';

export type { Chosen, PersonalMail, Recipient, RecipientState } from './recipient';

/**
 * One mail to several contacts, one after the other, in this tab: closing it stops what is left. Each is a send of its
 * own, with its own text and key; the backend checks session and consent anew at each.
 */

/** At most so many at once: more is a campaign, which other tools do better. */
export const MOST = 50;
/** Between two mails, so that a mailbox provider sees a person at work. */
const PACE_MS = 250;
/** What one mail is thought to take before there is a measure. */
const FIRST_GUESS_MS = 1_500;
/** A limit that ends sooner than this is waited for. */
const LONGEST_WAIT_MS = 60_000;
/** The shortest session is five minutes: no more can be asked of a fresh one. */
const LONGEST_CLAIM_MS = 4 * 60_000;

/** `signIn`: the session ended in the middle; nothing is lost. `paused`: by the rep, or because of `problem`. */
export type QueuePhase = 'none' | 'writing' | 'running' | 'paused' | 'signIn' | 'finished';

export interface Message {
  channel: MailChannel | null;
  subject: string;
  html: string;
  /** Rendered for each person in place of subject and html. */
  templateId: string | null;
  templateName: string;
  logToSalesforce: boolean | null;
}

export interface QueueView extends Message {
  readonly phase: QueuePhase;
  readonly recipients: readonly Recipient[];
  readonly problem: Problem | null;
  /** What is left, at the pace so far. */
  readonly leftMs: number;
}

const nothing: QueueView = {
  phase: 'none',
  recipients: [],
  channel: null,
  subject: '',
  html: '',
  templateId: null,
  templateName: '',
  logToSalesforce: null,
  problem: null,
  leftMs: 0,
};

let view: QueueView = nothing;
let repId: string | undefined;
/** Raised whenever the queue stops or begins: an older run then sends no more. */
let run = 0;
let sentCount = 0;
let sentMs = 0;
const listeners = new Set<(view: QueueView) => void>();

export function queueView(): QueueView {
  return view;
}

const isReady = ({ state }: Recipient): boolean => state === 'ready';

function change(next: Partial<QueueView>): void {
  view = { ...view, ...next };
  const left = view.recipients.filter(({ state }) => state === 'ready' || state === 'sending').length;
  view = { ...view, leftMs: left * (sentCount === 0 ? FIRST_GUESS_MS : sentMs / sentCount + PACE_MS) };
  askBeforeLeaving('queue', view.phase !== 'none' && view.phase !== 'finished');
  for (const listener of [...listeners]) listener(view);
}

function put(contactId: string, next: Partial<Recipient>): void {
  change({ recipients: view.recipients.map((one) => (one.contactId === contactId ? { ...one, ...next } : one)) });
}

/** Calls the listener at once and at each change; the returned function ends it. */
export function subscribe(listener: (view: QueueView) => void): () => void {
  listeners.add(listener);
  listener(view);
  return () => {
    listeners.delete(listener);
  };
}

/** True while a mail to several is being written or sent: another cannot be begun. */
export function isBusy(): boolean {
  return view.phase !== 'none' && view.phase !== 'finished';
}

/** @param chosen at most MOST; the rest is left out */
export function beginQueue(chosen: readonly Chosen[]): void {
  if (isBusy()) return;
  run += 1;
  sentCount = 0;
  sentMs = 0;
  change({ ...nothing, phase: 'writing', recipients: recipientsOf(chosen.slice(0, MOST)) });
}

/** Changes text and template while nothing was sent yet; the mailbox whenever nothing is on its way. */
export function changeQueue(next: Partial<Message>): void {
  const isText = 'subject' in next || 'html' in next || 'templateId' in next;
  const isStopped = view.phase === 'paused' || view.phase === 'signIn';
  if (view.phase !== 'writing' && (isText || !isStopped)) return;
  const recipients = isText ? view.recipients.map((one) => ({ ...one, mail: null })) : view.recipients;
  change({ ...next, recipients, problem: null });
}

/** The mail as one person gets it. A template is rendered once and then sent as it was seen. @throws Problem */
export async function mailFor(contactId: string): Promise<PersonalMail> {
  const one = view.recipients.find((recipient) => recipient.contactId === contactId);
  if (one?.mail) return one.mail;
  const names = { contact: one?.name ?? '', account: one?.accountName ?? '' };
  const { templateId, subject, html } = view;
  const mail =
    templateId === null
      ? { subject: personalise(subject, names, false), html: personalise(html, names, true), missing: [] }
      : await renderTemplate(templateId, contactId);
  if (view.templateId === templateId) put(contactId, { mail });
  return mail;
}

/** Begins, or goes on, inside the click: signs in first where the session would not last. */
export function startQueue(): void {
  if (view.phase !== 'writing' && view.phase !== 'paused' && view.phase !== 'signIn') return;
  const isFirst = view.phase === 'writing';
  whenSignedIn(() => void sendAll(), isFirst ? Math.min(view.leftMs, LONGEST_CLAIM_MS) : 0);
}

/** Stops after the mail that is on its way. */
export function pauseQueue(): void {
  if (view.phase !== 'running') return;
  run += 1;
  change({ phase: 'paused', problem: null });
}

/** Sends nothing more. What was sent stays sent. */
export function cancelQueue(): void {
  if (!isBusy()) return;
  run += 1;
  if (view.phase === 'writing') return change(nothing);
  const recipients = view.recipients.map((one) => (isReady(one) ? { ...one, state: 'cancelled' as const } : one));
  change({ phase: 'finished', recipients, problem: null });
}

/** Puts a finished queue away. */
export function closeQueue(): void {
  if (view.phase === 'finished') change(nothing);
}

async function sendAll(): Promise<void> {
  if (view.phase === 'running' || view.channel === null || !isBusy()) return;
  run += 1;
  const mine = run;
  change({ phase: 'running', problem: null });
  for (let first = true; run === mine; first = false) {
    const next = view.recipients.find(isReady);
    if (!next) {
      // One that was on its way when the rep pressed Pause still brings its own outcome.
      return change({ phase: 'finished' });
    }
    if (!first) await wait(PACE_MS);
    if (run !== mine) return;
    if (!isSignedIn()) return change({ phase: 'signIn' });
    await sendOne(next.contactId, mine);
  }
}

/** Whether a problem is this person's alone: then the others go on. */
function isTheirs(problem: Problem): boolean {
  return problem.status === 404 || problem.status === 422 || problem.status === 400;
}

async function sendOne(contactId: string, mine: number): Promise<void> {
  const key = view.recipients.find((one) => one.contactId === contactId)?.key ?? randomToken();
  put(contactId, { state: 'sending', key, problem: null });
  const begunMs = performance.now();
  const outcome = await attempt(contactId, key);
  if (outcome.state === 'accepted' || outcome.state === 'unknown') {
    sentCount += 1;
    sentMs += performance.now() - begunMs;
    put(contactId, { state: outcome.state, key: null });
    return signal({ action: 'wrote', contactId });
  }
  const { problem } = outcome;
  if (outcome.state === 'refused' && problem.code === 'cannot_email') {
    return put(contactId, { state: 'skipped', reasons: problem.reasons, key: null });
  }
  if (outcome.state === 'refused' && isTheirs(problem)) return put(contactId, { state: 'refused', problem, key: null });
  // Everybody's problem: this one keeps its turn. It keeps its key only where it may have gone, or where nobody looked at
  // the key: what a provider answered is the key's answer for good, and the next attempt is a new one.
  const isSameAttempt = outcome.state === 'unreached' || problem.needsSignIn;
  put(contactId, { state: 'ready', ...(isSameAttempt ? {} : { key: null }) });
  if (run !== mine) return;
  if (problem.needsSignIn) return stop('signIn', null);
  const waitMs = (problem.retryAfter ?? Infinity) * 1000;
  if (problem.status === 429 && waitMs <= LONGEST_WAIT_MS) return wait(waitMs);
  return stop('paused', problem);
}

function stop(phase: 'paused' | 'signIn', problem: Problem | null): void {
  run += 1;
  change({ phase, problem });
}

async function attempt(contactId: string, key: string): ReturnType<typeof deliver> {
  const { channel, logToSalesforce, recipients } = view;
  const accountId = recipients.find((one) => one.contactId === contactId)?.accountId ?? null;
  try {
    const { subject, html } = await mailFor(contactId);
    const email = {
      contactId,
      ...(accountId === null ? {} : { accountId }),
      channel: channel ?? 'gmail',
      subject: subject.trim(),
      html,
      ...(logToSalesforce === null ? {} : { logToSalesforce }),
    };
    return await deliver(email, key);
  } catch (error) {
    // The template could not be rendered: nothing was sent.
    return { state: 'refused', problem: error instanceof Problem ? error : new Problem({ code: 'bad_answer' }) };
  }
}

/** A queue goes out from its writer's mailbox only. */
subscribeSession(({ user }) => {
  if (user === null || user.id === repId) return;
  const isOther = repId !== undefined;
  repId = user.id;
  if (!isOther || !isBusy()) return;
  run += 1;
  change({ phase: view.phase === 'writing' ? 'writing' : 'paused', channel: null });
});
