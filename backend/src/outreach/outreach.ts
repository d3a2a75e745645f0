import type { KeptSend, SendRun, Sends } from '../activity/sends.ts';
import type { Rep } from '../auth/rep.ts';
import { ScopeRefused, TokenRefused, type ProviderTokens, type TokenPurpose } from '../connections/tokens.ts';
import { readContact } from '../contacts/contacts.ts';
import type { Cursors } from '../http/cursors.ts';
import type { ProblemError } from '../http/problem.ts';
import { DEFAULT_WAIT } from '../providers/retry-after.ts';
import type { ProviderTransport } from '../providers/transport.ts';
import type { OrgSettings } from '../settings/settings.ts';
import { OutreachClient } from './client.ts';
import { enrol, type ProspectState } from './enrol.ts';
import { readPerson } from './person.ts';
import {
  CannotEnrol,
  EnrolmentRefused,
  OutreachLimit,
  OutreachNotGranted,
  OutreachOff,
  OutreachUnavailable,
} from './problems.ts';
import { isOf, mailboxOf, sequenceOf, type Mailbox, type Sequence } from './resources.ts';

export interface EnrolmentRequest {
  readonly key: string;
  readonly contactId: string;
  readonly sequenceId: string;
  readonly mailboxId: string;
}

export interface OutreachParts {
  readonly sends: Sends;
  readonly tokens: ProviderTokens;
  readonly cursors: Cursors;
  readonly settingsOf: (orgId: string) => Promise<{ readonly settings: OrgSettings }>;
  readonly transport: ProviderTransport;
  /** Undefined where Outreach is not set up; without a slash at the end. */
  readonly api: string | undefined;
}

/** Outreach's largest page. */
const PAGE = '50';
/** Pages that one search looks through before it says where to go on. */
const SEARCH_PAGES = 10;
/** A rep has a handful of mailboxes. */
const MAILBOX_PAGES = 10;
/** Longest use of a token with its refresh and all calls of an enrolment, in milliseconds. */
const ENROL_MS = 60_000;

/** Sequences, mailboxes and enrolments, as the rep, live. */
export class Outreach {
  readonly #parts: OutreachParts;

  constructor(parts: OutreachParts) {
    this.#parts = parts;
  }

  /**
   * Sequences by Outreach's own order; a search looks for part of the name, accents and case ignored.
   * @throws Invalid the cursor is not of this list; OutreachOff; the Outreach problems; what `withToken` throws
   */
  async sequences(
    rep: Rep,
    { search, cursor }: { readonly search?: string | undefined; readonly cursor?: string | undefined },
    signal: AbortSignal,
  ): Promise<{ readonly rows: readonly Sequence[]; readonly nextCursor: string | null }> {
    const list = { orgId: rep.orgId, userId: rep.userId, list: `sequences ${search ?? ''}` };
    const [from] = cursor === undefined ? [] : await this.#parts.cursors.open(list, cursor);
    const { rows, next } = await this.#use(rep, 'list_sequences', signal, async (client) => {
      const found: Sequence[] = [];
      let following = from;
      for (let page = 1; ; page += 1) {
        const { resources, next } = await client.page('sequences', { 'page[size]': PAGE }, following, signal);
        found.push(...resources.map(sequenceOf).filter(({ name }) => matches(name, search)));
        following = next;
        const isEnough = search === undefined || found.length > 0 || page === SEARCH_PAGES;
        if (following === undefined || isEnough) return { rows: found, next: following };
      }
    });
    return { rows, nextCursor: next === undefined ? null : await this.#parts.cursors.seal(list, [next]) };
  }

  /** The mailboxes that the rep may send from. @throws as `sequences` */
  async mailboxes(rep: Rep, signal: AbortSignal): Promise<readonly Mailbox[]> {
    return this.#use(rep, 'list_mailboxes', signal, async (client) => {
      const userId = await client.ownUserId(signal);
      const query = { 'filter[userId]': userId, 'page[size]': PAGE };
      const found: Mailbox[] = [];
      let next: string | undefined;
      for (let page = 1; page <= MAILBOX_PAGES; page += 1) {
        const answer = await client.page('mailboxes', query, next, signal);
        found.push(...answer.resources.filter((mailbox) => isOf(mailbox, userId)).map(mailboxOf));
        next = answer.next;
        if (next === undefined) break;
      }
      return found;
    });
  }

  /**
   * Adds a contact to a sequence, at most once for a key; the prospect is found by the contact's address of this moment,
   * or made.
   * @param signal the client's: until Outreach is asked to change something it ends the attempt
   * @throws CannotEnrol, ProspectOptedOut, SequenceUnusable, MailboxUnusable; EnrolmentRefused; the Outreach problems;
   *   CrmNotFound; what `Sends.once`, `withToken` and reading the CRM throw
   */
  async enrol(rep: Rep, request: EnrolmentRequest, signal: AbortSignal): Promise<KeptSend> {
    const { key, contactId, sequenceId } = request;
    let problem: ProblemError | undefined;
    const kept = await this.#parts.sends.once(
      rep,
      { route: 'enrolments', key, channel: 'outreach', contactId, sequenceId },
      signal,
      async (run) => {
        problem = await this.#attempt(rep, request, run, signal);
      },
    );
    if (kept.outcome === 'accepted' || kept.outcome === 'unknown') return kept;
    throw problem ?? problemOf(kept.outcome, DEFAULT_WAIT);
  }

  async #attempt(
    rep: Rep,
    { contactId, sequenceId, mailboxId }: EnrolmentRequest,
    run: SendRun,
    signal: AbortSignal,
  ): Promise<ProblemError | undefined> {
    const [contact, name] = await Promise.all([
      readContact(rep.crm, contactId, signal),
      readPerson(rep.crm, contactId, signal),
    ]);
    if (!contact.canEmail || contact.email === null) throw new CannotEnrol(contact.reasons);
    const person = { ...name, email: contact.email, title: contact.title, fullName: contact.name };
    const asking = async (): Promise<void> => {
      if (!run.hasAsked) signal.throwIfAborted();
      await run.asking(contact.accountId);
    };
    const limit = AbortSignal.timeout(ENROL_MS);
    let prospect: ProspectState | undefined;
    const enrolment = await this.#use(rep, 'enrol', limit, async (client) => {
      try {
        return await enrol(client, { person, sequenceId, mailboxId }, asking, limit, (made) => (prospect = made));
      } catch (error) {
        // Who was not let in did nothing; a prospect that an earlier call made is found again.
        if ([TokenRefused, ScopeRefused, OutreachNotGranted].some((kind) => error instanceof kind))
          run.nothingHappened();
        throw error;
      }
    });
    const flags = prospect === undefined ? {} : { prospect };
    switch (enrolment.kind) {
      case 'enrolled':
        await run.settle('accepted', flags);
        return undefined;
      case 'already':
        await run.settle('accepted', { ...flags, alreadyInSequence: true });
        return undefined;
      case 'unknown':
        await run.settle('unknown', flags);
        return undefined;
      case 'refused':
      case 'limited':
      case 'failed': {
        await run.settle(enrolment.kind, flags);
        return problemOf(enrolment.kind, enrolment.kind === 'limited' ? enrolment.retryAfter : DEFAULT_WAIT);
      }
    }
  }

  async #use<T>(
    rep: Rep,
    purpose: TokenPurpose,
    signal: AbortSignal,
    use: (client: OutreachClient) => Promise<T>,
  ): Promise<T> {
    const { settingsOf, api, tokens, transport } = this.#parts;
    const { settings } = await settingsOf(rep.orgId);
    if (!settings.channels.outreach || api === undefined) throw new OutreachOff();
    return tokens.withToken(rep, 'outreach', purpose, signal, (token) =>
      use(new OutreachClient(transport, api, token)),
    );
  }
}

function problemOf(outcome: 'refused' | 'limited' | 'failed', retryAfter: number): ProblemError {
  switch (outcome) {
    case 'refused':
      return new EnrolmentRefused();
    case 'limited':
      return new OutreachLimit(retryAfter);
    case 'failed':
      return new OutreachUnavailable();
  }
}

function matches(name: string | null, search: string | undefined): boolean {
  return search === undefined || plain(name ?? '').includes(plain(search));
}

/** Without accents and case. */
function plain(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}
