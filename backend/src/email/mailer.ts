import type { DailySends } from '../activity/daily-sends.ts';
import type { KeptSend, SendRun, Sends } from '../activity/sends.ts';
import type { Rep } from '../auth/rep.ts';
import { ScopeRefused, TokenRefused, type ProviderTokens } from '../connections/tokens.ts';
import { readContact } from '../contacts/contacts.ts';
import type { Contact } from '../contacts/contact.ts';
import type { ProblemError } from '../http/problem.ts';
import { CrmNotFound } from '../salesforce/errors.ts';
import type { OrgSettings } from '../settings/settings.ts';
import type { DeliverMail, Delivery, OutgoingMail } from './delivery.ts';
import {
  AccountMismatch,
  CannotEmail,
  ChannelOff,
  FooterMissing,
  NoMailbox,
  ProviderFailed,
  ProviderLimit,
  ProviderRefused,
  SendingNotGranted,
} from './problems.ts';
import { DEFAULT_WAIT } from '../providers/retry-after.ts';
import { renderTemplate } from './render.ts';
import { checkedContent, headerName, type MailContent } from './send-input.ts';
import { logsToSalesforce, logTask } from './task.ts';

export type MailChannel = 'gmail' | 'outlook';

/** What a rep asks to be sent. Who it is from and to is not theirs to say. */
export interface MailRequest {
  readonly key: string;
  readonly contactId: string;
  readonly accountId?: string | undefined;
  readonly channel: MailChannel;
  readonly subject: string;
  readonly html: string;
  readonly text?: string | undefined;
  readonly logToSalesforce?: boolean | undefined;
}

export interface MailerParts {
  readonly sends: Sends;
  readonly dailySends: DailySends;
  readonly tokens: ProviderTokens;
  readonly settingsOf: (orgId: string) => Promise<{ readonly settings: OrgSettings }>;
  /** A channel whose provider is not set up has none. */
  readonly deliver: Readonly<Partial<Record<MailChannel, DeliverMail>>>;
}

/** Longest use of a token with its refresh, and longest writing of a Task, in milliseconds. */
const TOKEN_MS = 30_000;
const TASK_MS = 15_000;

/** Sends mails from the rep's own mailbox, at most once for a key (DESIGN 2.5, API.md). */
export class Mailer {
  readonly #parts: MailerParts;

  constructor(parts: MailerParts) {
    this.#parts = parts;
  }

  /**
   * @param signal the client's: until the provider is asked it ends the attempt
   * @returns what is kept: accepted by the provider, which is not delivered, or unknown
   * @throws Invalid; CannotEmail; AccountMismatch; ChannelOff; FooterMissing; DailyLimit; ProviderRefused, ProviderLimit,
   *   ProviderFailed; SendingNotGranted, NoMailbox; what `Sends.once`, `withToken` and reading the CRM throw
   */
  async send(rep: Rep, request: MailRequest, signal: AbortSignal): Promise<KeptSend> {
    const content = checkedContent(request);
    const { key, channel, contactId, accountId } = request;
    let problem: ProblemError | undefined;
    const kept = await this.#parts.sends.once(
      rep,
      { route: 'emails', key, channel, contactId, accountId },
      signal,
      async (run) => {
        problem = await this.#attempt(rep, request, content, run, signal);
      },
    );
    if (kept.outcome === 'accepted' || kept.outcome === 'unknown') return kept;
    throw problem ?? problemOf(kept.outcome, channel, DEFAULT_WAIT);
  }

  async #attempt(
    rep: Rep,
    request: MailRequest,
    content: MailContent,
    run: SendRun,
    signal: AbortSignal,
  ): Promise<ProblemError | undefined> {
    const { settings } = await this.#parts.settingsOf(rep.orgId);
    const deliver = settings.channels[request.channel] ? this.#parts.deliver[request.channel] : undefined;
    if (deliver === undefined) throw new ChannelOff(request.channel);
    const { contact, mail } = await prepared(rep, request, content, settings, signal);
    const giveBack = await this.#parts.dailySends.take(rep, settings.sendsPerRepAndDay);
    let delivery: Delivery;
    try {
      delivery = await this.#deliver(rep, request.channel, deliver, mail, run, contact, signal);
    } catch (error) {
      if (!run.hasAsked) await giveBack();
      throw error;
    }
    if (delivery.kind === 'unknown') return undefined; // as it is kept since the provider was asked
    if (delivery.kind === 'accepted') {
      await this.#accepted(rep, request, contact, mail, run, settings);
      return undefined;
    }
    await run.settle(delivery.kind === 'limited' || delivery.kind === 'refused' ? delivery.kind : 'failed');
    await giveBack();
    return refusalOf(delivery, request.channel);
  }

  /** From here on a client that goes away changes nothing. */
  async #deliver(
    rep: Rep,
    channel: MailChannel,
    deliver: DeliverMail,
    mail: OutgoingMail,
    run: SendRun,
    contact: Contact,
    signal: AbortSignal,
  ): Promise<Delivery> {
    const limit = AbortSignal.timeout(TOKEN_MS);
    return this.#parts.tokens.withToken(rep, channel, 'send_mail', limit, async (token) => {
      const delivery = await deliver(mail, token, async () => {
        signal.throwIfAborted();
        await run.asking(contact.accountId);
      });
      const problem = grantProblem(delivery, channel);
      if (problem !== undefined) run.nothingHappened();
      if (problem === undefined && run.hasAsked) return delivery;
      throw problem ?? refusalOf(delivery, channel);
    });
  }

  async #accepted(
    rep: Rep,
    { contactId, logToSalesforce }: MailRequest,
    { accountId }: Contact,
    { subject, text }: OutgoingMail,
    run: SendRun,
    settings: OrgSettings,
  ): Promise<void> {
    const isLogged = logsToSalesforce(settings.logSendsToSalesforce, logToSalesforce);
    await run.settle('accepted', { task: isLogged ? 'unknown' : 'none' });
    if (!isLogged) return;
    const sent = { contactId, accountId, subject, text, at: run.at };
    await run.settle('accepted', { task: await logTask(rep.crm, sent, AbortSignal.timeout(TASK_MS)) });
  }
}

/** Reads who is written to and the org's footer, live, as late as possible. */
async function prepared(
  rep: Rep,
  { contactId, accountId }: MailRequest,
  content: MailContent,
  { mailFooterTemplateId }: OrgSettings,
  signal: AbortSignal,
): Promise<{ readonly contact: Contact; readonly mail: OutgoingMail }> {
  const [contact, sender, footer] = await Promise.all([
    readContact(rep.crm, contactId, signal),
    ownName(rep, signal),
    mailFooterTemplateId === null ? undefined : readFooter(rep, mailFooterTemplateId, contactId, signal),
  ]);
  if (accountId !== undefined && contact.accountId !== accountId) throw new AccountMismatch();
  if (!contact.canEmail || contact.email === null) throw new CannotEmail(contact.reasons);
  const { subject, html, text } = content;
  return {
    contact,
    mail: {
      senderName: headerName(sender),
      to: { name: headerName(contact.name), address: contact.email },
      subject,
      html: footer === undefined ? html : `${html}\n<br />\n${footer.html}`,
      text: footer === undefined ? text : `${text}\n\n${footer.text}`,
    },
  };
}

/** The rep's name as Salesforce has it; null where it may not be read. */
async function ownName({ crm, salesforceUserId }: Rep, signal: AbortSignal): Promise<string | null> {
  const record = await crm.retrieve('User', salesforceUserId, ['Name'], signal);
  return typeof record?.Name === 'string' ? record.Name : null;
}

/** @throws FooterMissing; CrmNotFound is the contact's, which is read beside it */
async function readFooter(
  rep: Rep,
  templateId: string,
  contactId: string,
  signal: AbortSignal,
): Promise<{ readonly html: string; readonly text: string }> {
  try {
    return await renderTemplate(rep, templateId, contactId, signal);
  } catch (error) {
    throw error instanceof CrmNotFound ? new FooterMissing() : error;
  }
}

/** The token or the grant is no good: nothing happened at the provider, and reconnecting mends it. */
function grantProblem({ kind }: Delivery, channel: MailChannel): Error | undefined {
  switch (kind) {
    case 'token_refused':
      return new TokenRefused();
    case 'scope_missing':
      return new ScopeRefused(new SendingNotGranted(channel), 'named');
    case 'access_denied':
      return new ScopeRefused(new SendingNotGranted(channel, true), 'likely');
    case 'no_mailbox':
      return new NoMailbox(channel);
    case 'accepted':
    case 'refused':
    case 'limited':
    case 'failed':
    case 'unknown':
      return undefined;
  }
}

/** The problem of a delivery that was none. */
function refusalOf(delivery: Delivery, channel: MailChannel): ProblemError {
  const outcome = delivery.kind === 'limited' || delivery.kind === 'refused' ? delivery.kind : 'failed';
  return problemOf(outcome, channel, delivery.kind === 'limited' ? delivery.retryAfter : DEFAULT_WAIT);
}

/** The answer to a refusal, the first time and at each repetition of its key. */
function problemOf(outcome: 'refused' | 'limited' | 'failed', channel: MailChannel, retryAfter: number): ProblemError {
  switch (outcome) {
    case 'refused':
      return new ProviderRefused(channel);
    case 'limited':
      return new ProviderLimit(channel, retryAfter);
    case 'failed':
      return new ProviderFailed(channel);
  }
}
