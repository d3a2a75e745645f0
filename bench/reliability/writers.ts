import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { connectGmail } from '../sign-in.ts';
import type { Cluster } from './cluster.ts';
import { ask, inTurn, type Rep } from './load.ts';

/** What came of the mails that reps wrote, held against the mailbox and the Tasks of the sandbox. */
export interface Written {
  readonly mails: number;
  /** Said to be accepted, and said to be unknown. */
  readonly accepted: number;
  readonly unknown: number;
  /** Neither, however often it was tried. */
  readonly failed: number;
  /** Requests that had to be repeated, with the same key, by what came of the first. */
  readonly repeated: Readonly<Record<string, number>>;
  /** Mails and Tasks that are there more than once, or that are missing though they were said to be accepted. */
  readonly twice: number;
  readonly missing: number;
}

interface Mail {
  readonly subject: string;
  outcome: 'accepted' | 'unknown' | 'failed';
}

/** A mail is tried so often, with so long between two tries, in milliseconds: as the component does for a person. */
const TRIES = 40;
const BETWEEN_MS = 500;

/** Reps who write mails until they are told to stop; each mail has one Idempotency-Key, whatever happens on the way. */
export class Writers {
  readonly #cluster: Cluster;
  readonly #mails: Mail[] = [];
  readonly #repeated = new Map<string, number>();
  #working: Promise<unknown> | undefined;
  #isOver = false;

  private constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** Connects these reps' mailboxes, finds each somebody to write to, and lets them begin. */
  static async begin(cluster: Cluster, reps: readonly Rep[]): Promise<Writers> {
    const writers = new Writers(cluster);
    const contacts = new Map<Rep, string>();
    await inTurn(reps, 4, async (rep) => {
      await connectGmail(cluster.url, cluster.origin, rep.username, rep.token);
      contacts.set(rep, await someContact(cluster, rep));
    });
    writers.#working = Promise.all(reps.map((rep) => writers.#write(rep, contacts.get(rep) ?? '')));
    return writers;
  }

  async stop(): Promise<Written> {
    this.#isOver = true;
    await this.#working;
    const mails = this.#mails;
    const count = (outcome: Mail['outcome']): number => mails.filter((mail) => mail.outcome === outcome).length;
    const { rows: sent } = (await this.#cluster.control('GET', 'mail')) as { rows: { raw: string }[] };
    const { rows: tasks } = (await this.#cluster.control('GET', 'records?object=Task')) as {
      rows: { Subject?: string }[];
    };
    let [twice, missing] = [0, 0];
    for (const { subject, outcome } of mails) {
      const inMailbox = sent.filter(({ raw }) => raw.includes(subject)).length;
      const inTasks = tasks.filter(({ Subject }) => Subject?.includes(subject) === true).length;
      if (inMailbox > 1 || inTasks > 1) twice += 1;
      if (outcome === 'accepted' && inMailbox === 0) missing += 1;
    }
    return {
      mails: mails.length,
      accepted: count('accepted'),
      unknown: count('unknown'),
      failed: count('failed'),
      repeated: Object.fromEntries([...this.#repeated].sort()),
      twice,
      missing,
    };
  }

  async #write(rep: Rep, contactId: string): Promise<void> {
    while (!this.#isOver) {
      const mail: Mail = { subject: `Chaos ${randomBytes(9).toString('hex')}`, outcome: 'failed' };
      this.#mails.push(mail);
      const key = randomBytes(24).toString('base64url');
      for (let tries = 0; tries < TRIES; tries += 1) {
        const said = await this.#post(rep, key, { contactId, subject: mail.subject });
        if (said === 'accepted' || said === 'unknown') {
          mail.outcome = said;
          break;
        }
        this.#repeated.set(said, (this.#repeated.get(said) ?? 0) + 1);
        await delay(BETWEEN_MS);
      }
      // A browser repeats a POST by itself: now and then what was answered is asked for once more, in any process.
      if (this.#mails.length % 5 === 0)
        await this.#post(rep, key, { contactId, subject: mail.subject }, randomBytes(8).toString('hex'));
      await delay(200);
    }
  }

  async #post(rep: Rep, key: string, what: { contactId: string; subject: string }, as = rep.id): Promise<string> {
    try {
      const answer = await fetch(`${this.#cluster.url}/v1/emails`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${rep.token}`,
          origin: this.#cluster.origin,
          'content-type': 'application/json',
          'idempotency-key': key,
          'x-oneshot-rep': as,
        },
        body: JSON.stringify({ ...what, channel: 'gmail', html: '<p>Hello</p>', logToSalesforce: true }),
        signal: AbortSignal.timeout(75_000),
      });
      const body = (await answer.json()) as { state?: string; error?: { code: string } };
      return body.state ?? `${answer.status} ${body.error?.code ?? ''}`;
    } catch {
      return 'cut';
    }
  }
}

/** Somebody whom this rep may write to. */
async function someContact(cluster: Cluster, rep: Rep): Promise<string> {
  const list = async <T>(path: string): Promise<readonly T[]> =>
    ((await (await ask(cluster.url, rep, path)).json()) as { rows?: readonly T[] }).rows ?? [];
  for (const { id } of await list<{ id: string }>('/v1/accounts?limit=50')) {
    const contacts = await list<{ id: string; canEmail: boolean }>(`/v1/accounts/${id}/contacts`);
    const found = contacts.find(({ canEmail }) => canEmail);
    if (found !== undefined) return found.id;
  }
  throw new Error('There is nobody to write to');
}
