import type { OutreachClient, Resource, Written } from './client.ts';
import { isOf, mailboxOf, sequenceOf } from './resources.ts';
import type { PersonName } from './person.ts';
import { MailboxUnusable, OutreachUnavailable, ProspectOptedOut, SequenceUnusable } from './problems.ts';

/** Who is added to what. */
export interface EnrolmentPlan {
  readonly person: PersonName & {
    readonly email: string;
    readonly title: string | null;
    readonly fullName: string | null;
  };
  readonly sequenceId: string;
  readonly mailboxId: string;
}

/** Whether the person was in Outreach before. */
export type ProspectState = 'found' | 'created';

/** What became of it. */
export type Result =
  | { readonly kind: 'enrolled' | 'already' | 'refused' | 'failed' | 'unknown' }
  | { readonly kind: 'limited'; readonly retryAfter: number };

/**
 * Looks at sequence, mailbox and prospect first, and changes something only when all is well.
 * @param asking called before the first call that changes something
 * @param onProspect told whether the prospect was there
 * @throws SequenceUnusable, MailboxUnusable, ProspectOptedOut: nothing was changed; TokenRefused; the Outreach problems
 */
export async function enrol(
  client: OutreachClient,
  { person, sequenceId, mailboxId }: EnrolmentPlan,
  asking: () => Promise<void>,
  signal: AbortSignal,
  onProspect: (prospect: ProspectState) => void,
): Promise<Result> {
  const [userId, sequence, mailbox, found] = await Promise.all([
    client.ownUserId(signal),
    client.one('sequences', sequenceId, signal),
    client.one('mailboxes', mailboxId, signal),
    findProspect(client, person.email, signal),
  ]);
  assertUsable(sequence, mailbox, userId);
  if (found !== undefined && hasOptedOut(found)) throw new ProspectOptedOut();
  await asking();
  const prospect = found ?? (await makeProspect(client, person, signal));
  if ('kind' in prospect) return prospect;
  onProspect(found === undefined ? 'created' : 'found');
  return resultOf(
    await client.create('sequenceStates', {
      type: 'sequenceState',
      relationships: {
        prospect: { data: { type: 'prospect', id: Number(prospect.id) } },
        sequence: { data: { type: 'sequence', id: Number(sequenceId) } },
        mailbox: { data: { type: 'mailbox', id: Number(mailboxId) } },
      },
    }),
  );
}

function assertUsable(sequence: Resource | undefined, mailbox: Resource | undefined, userId: string): void {
  if (sequence === undefined) throw new SequenceUnusable('exists');
  const { enabled, locked } = sequenceOf(sequence);
  if (locked) throw new SequenceUnusable('unlocked');
  if (!enabled) throw new SequenceUnusable('enabled');
  if (mailbox === undefined || !isOf(mailbox, userId)) throw new MailboxUnusable('exists');
  if (!mailboxOf(mailbox).canSend) throw new MailboxUnusable('can_send');
}

async function findProspect(client: OutreachClient, email: string, signal: AbortSignal): Promise<Resource | undefined> {
  const { resources } = await client.page(
    'prospects',
    { 'filter[emails]': email, 'page[size]': '2' },
    undefined,
    signal,
  );
  return resources[0];
}

/** @returns why there is none, where Outreach would not make it: the person is in no sequence then */
async function makeProspect(
  client: OutreachClient,
  { email, title, firstName, lastName, fullName }: EnrolmentPlan['person'],
  signal: AbortSignal,
): Promise<Resource | Result> {
  const written = await client.create('prospects', {
    type: 'prospect',
    attributes: {
      emails: [email],
      ...(firstName === null ? {} : { firstName }),
      ...(lastName === null ? (fullName === null ? {} : { lastName: fullName }) : { lastName }),
      ...(title === null ? {} : { title }),
    },
  });
  switch (written.kind) {
    case 'created':
      return written.resource;
    case 'duplicate': {
      // Somebody else made it at the same moment.
      const found = await findProspect(client, email, signal).catch((error: unknown) => {
        if (error instanceof OutreachUnavailable) return undefined;
        throw error;
      });
      return found ?? { kind: 'refused' };
    }
    case 'unknown':
      return { kind: 'failed' }; // a prospect at most; whoever tries again finds it
    case 'opted_out':
    case 'refused':
      return { kind: 'refused' };
    case 'limited':
    case 'failed':
      return written;
  }
}

function resultOf(written: Written): Result {
  switch (written.kind) {
    case 'created':
      return { kind: 'enrolled' };
    case 'duplicate':
      return { kind: 'already' };
    case 'opted_out':
    case 'refused':
      return { kind: 'refused' };
    case 'limited':
    case 'failed':
    case 'unknown':
      return written;
  }
}

/** Outreach says it in several ways (FACTS D). */
function hasOptedOut({ attributes }: Resource): boolean {
  const { optedOut, emailOptedOut, optedOutAt, emailsOptStatus } = attributes;
  const status = typeof emailsOptStatus === 'string' ? emailsOptStatus.toLowerCase().replaceAll(/[^a-z]/g, '') : '';
  return optedOut === true || emailOptedOut === true || typeof optedOutAt === 'string' || status === 'optedout';
}
