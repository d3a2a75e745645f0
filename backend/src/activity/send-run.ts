import { setTimeout as delay } from 'node:timers/promises';
import type { Model } from 'mongoose';
import type { ActivityDocument, StoredOutcome } from './model.ts';
import { InProgress } from './problems.ts';

/** The flags of an answer (DESIGN 2.5). */
export type SendFlags = Partial<Pick<ActivityDocument, 'task' | 'prospect' | 'alreadyInSequence'>>;

/** Signs of life for each lease. */
const BEATS = 3;
/** After the provider answered, its answer is stored with so many attempts: a database that steps down takes seconds. */
const ATTEMPTS = 6;
const BETWEEN_MS = 1_000;

/** One attempt at a send, fenced: once another process took the key over, nothing of this one is written any more. */
export class SendRun {
  readonly #activities: Model<ActivityDocument>;
  readonly #leaseMs: number;
  #document: ActivityDocument;
  #known: Partial<ActivityDocument> = {};
  /** The outcome that the database has for sure. */
  #kept: StoredOutcome = 'unknown';
  #hasAsked = false;
  #beat: NodeJS.Timeout | undefined;

  constructor(activities: Model<ActivityDocument>, document: ActivityDocument, leaseMs: number) {
    this.#activities = activities;
    this.#document = document;
    this.#leaseMs = leaseMs;
  }

  /** Whether the provider may have done something. */
  get hasAsked(): boolean {
    return this.#hasAsked;
  }

  /** When the provider was asked. */
  get at(): Date {
    return this.#document.at;
  }

  /**
   * To be called before each call with an effect at the provider. From here on there is an activity, unknown until told.
   * @param accountId the contact's account, as read live
   * @throws InProgress another process took over, because this one had stood still for too long
   */
  async asking(accountId: string | null): Promise<void> {
    if (this.#hasAsked) return;
    const asked = { accountId, at: new Date(), outcome: 'unknown' as const };
    const runningUntil = new Date(Date.now() + this.#leaseMs);
    const { matchedCount } = await this.#activities.updateOne(this.#own(), { $set: { ...asked, runningUntil } });
    if (matchedCount === 0) throw new InProgress();
    this.#document = { ...this.#document, ...asked };
    this.#hasAsked = true;
  }

  /** The provider answered so that it is certain that nothing happened there (401): the key may be free again. */
  nothingHappened(): void {
    this.#hasAsked = false;
  }

  /** What is known now, kept at once: if this process is lost, it was so. May be called again with more. */
  async settle(outcome: StoredOutcome, flags: SendFlags = {}): Promise<void> {
    const known = { outcome, ...flags };
    this.#document = { ...this.#document, ...known };
    this.#known = { ...this.#known, ...known };
    if (await this.#persist({ $set: known })) this.#kept = outcome;
  }

  begin(): void {
    this.#beat = setInterval(() => {
      this.#activities
        .updateOne(this.#own(), { $set: { runningUntil: new Date(Date.now() + this.#leaseMs) } })
        .catch(() => undefined); // the next beat tries again
    }, this.#leaseMs / BEATS).unref();
  }

  stop(): void {
    clearInterval(this.#beat);
  }

  /** Takes the claim back; if the database is away, it ends with its lease. */
  async giveBack(): Promise<void> {
    await this.#activities.deleteOne(this.#own()).catch(() => undefined);
  }

  /** Ends the run. @returns what is kept, as every repetition will read it */
  async finish(): Promise<ActivityDocument> {
    const isKept = await this.#persist({ $set: this.#known, $unset: { run: 1, runningUntil: 1 } });
    return isKept ? this.#document : { ...this.#document, outcome: this.#kept };
  }

  #own(): { readonly _id: string; readonly orgId: string; readonly run: string } {
    const { _id, orgId, run } = this.#document;
    return { _id, orgId, run: run ?? '' };
  }

  /** @returns false when another process declared it lost, or the database stayed away: unknown is what it says then */
  async #persist(change: object): Promise<boolean> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return (await this.#activities.updateOne(this.#own(), change)).matchedCount === 1;
      } catch {
        if (attempt === ATTEMPTS) return false;
        await delay(BETWEEN_MS);
      }
    }
  }
}
