import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Model } from 'mongoose';
import type { Rep } from '../auth/rep.ts';
import { isDuplicateKey } from '../database/duplicate-key.ts';
import { newId } from '../database/new-id.ts';
import type { RepKeys } from '../auth/rep-keys.ts';
import type { ActivityDocument, Channel, StoredOutcome, TaskState } from './model.ts';
import { IdempotencyMismatch, InProgress } from './problems.ts';
import { SendRun } from './send-run.ts';

export type { Channel, StoredOutcome, TaskState } from './model.ts';
export type { SendRun } from './send-run.ts';

/** What somebody asks to be sent: everything that a repetition of the same key must repeat. */
export interface SendRequest {
  readonly route: 'emails' | 'enrolments';
  readonly key: string;
  readonly channel: Channel;
  readonly contactId: string;
  /** As the client named it. */
  readonly accountId?: string | undefined;
  readonly sequenceId?: string;
}

/** What is kept of a send, and what its answer is made of, now and at each repetition. */
export interface KeptSend {
  readonly id: string;
  readonly accountId: string | null;
  readonly contactId: string;
  readonly repId: string;
  readonly channel: Channel;
  readonly at: Date;
  readonly outcome: StoredOutcome;
  readonly task: TaskState;
  readonly prospect: 'found' | 'created' | undefined;
  readonly alreadyInSequence: boolean;
}

export interface SendsOptions {
  readonly activities: Model<ActivityDocument>;
  /** Makes HMACs under a key of the rep's own, which goes with the rep. */
  readonly repKeys: Pick<RepKeys, 'mark'>;
  /** How long a repetition waits for the first one, in milliseconds. Default 30 s (API.md). */
  readonly waitMs?: number;
  /** How long a run counts as alive after its last sign of life, in milliseconds. Default 15 s. */
  readonly leaseMs?: number;
}

const WAIT_MS = 30_000;
const LEASE_MS = 15_000;
const POLL_MS = 200;

/**
 * Sends that happen at most once for a key, in whichever process they arrive (API.md, Idempotency-Key). The first request
 * claims the key; others wait for it. Before the provider is asked the claim may vanish without a trace; from then on
 * there is an activity, whose outcome is unknown until the provider answered.
 */
export class Sends {
  readonly #options: SendsOptions;

  constructor(options: SendsOptions) {
    this.#options = options;
  }

  /**
   * Does the work, unless the key was used already.
   * @param signal ends the waiting for another request with this key; not the work
   * @param work calls `run.asking` before it asks the provider, then settles the run. What it throws before that, or
   *   after `run.nothingHappened`, leaves the key free; after that an error means that the outcome is unknown
   * @throws IdempotencyMismatch; InProgress; what `work` throws while nothing has happened; the signal's reason
   */
  async once(
    rep: Pick<Rep, 'orgId' | 'userId'>,
    request: SendRequest,
    signal: AbortSignal,
    work: (run: SendRun) => Promise<void>,
  ): Promise<KeptSend> {
    const { orgId, userId } = rep;
    const mark = (purpose: string, value: string): Promise<string> =>
      this.#options.repKeys.mark(orgId, userId, purpose, value);
    const keyMac = await mark(`idempotency ${request.route}`, request.key);
    const sequenceMac = request.sequenceId === undefined ? undefined : await mark('sequence', request.sequenceId);
    const deadline = Date.now() + (this.#options.waitMs ?? WAIT_MS);
    for (;;) {
      const run = await this.#claim(rep, request, keyMac, sequenceMac);
      if (run !== undefined) return this.#perform(run, work);
      const found = await this.#options.activities.findOne({ orgId, userId, keyMac }).lean();
      if (found === null) continue; // given back meanwhile
      assertSame(found, request, sequenceMac);
      if (found.runningUntil === undefined) return keptOf(found);
      if (found.runningUntil.getTime() <= Date.now()) {
        await this.#lost(found);
        continue;
      }
      if (Date.now() >= deadline) throw new InProgress();
      await delay(POLL_MS, undefined, { signal });
    }
  }

  /** Ends what lost processes left of an org's sends. */
  async settleLost(orgId: string): Promise<void> {
    const stale = { orgId, runningUntil: { $lte: new Date() } };
    await this.#options.activities.updateMany(
      { ...stale, outcome: { $exists: true } },
      { $unset: { run: 1, runningUntil: 1 } },
    );
    await this.#options.activities.deleteMany({ ...stale, outcome: { $exists: false } });
  }

  async #claim(
    { orgId, userId }: Pick<Rep, 'orgId' | 'userId'>,
    { channel, contactId, accountId }: SendRequest,
    keyMac: string,
    sequenceMac: string | undefined,
  ): Promise<SendRun | undefined> {
    const leaseMs = this.#options.leaseMs ?? LEASE_MS;
    const now = Date.now();
    const document = {
      _id: newId('act'),
      ...{ orgId, userId, channel, contactId, keyMac },
      ...(accountId === undefined ? {} : { accountId }),
      ...(sequenceMac === undefined ? {} : { sequenceMac }),
      at: new Date(now),
      run: randomBytes(16).toString('base64url'),
      runningUntil: new Date(now + leaseMs),
    };
    try {
      await this.#options.activities.create(document);
    } catch (error) {
      if (isDuplicateKey(error)) return undefined;
      throw error;
    }
    return new SendRun(this.#options.activities, document, leaseMs);
  }

  /** The process that worked on it is gone: without an answer if it had asked, without a trace if not. */
  async #lost({ _id, orgId, run, runningUntil, outcome }: ActivityDocument): Promise<void> {
    if (run === undefined || runningUntil === undefined) return;
    const same = { _id, orgId, run, runningUntil };
    if (outcome === undefined) await this.#options.activities.deleteOne(same);
    else await this.#options.activities.updateOne(same, { $unset: { run: 1, runningUntil: 1 } });
  }

  async #perform(run: SendRun, work: (run: SendRun) => Promise<void>): Promise<KeptSend> {
    run.begin();
    try {
      await work(run);
    } catch (error) {
      if (!run.hasAsked) {
        await run.giveBack();
        throw error;
      }
    } finally {
      run.stop();
    }
    return keptOf(await run.finish());
  }
}

/** @throws IdempotencyMismatch */
function assertSame(found: ActivityDocument, request: SendRequest, sequenceMac: string | undefined): void {
  const isSame =
    found.contactId === request.contactId &&
    found.channel === request.channel &&
    found.sequenceMac === sequenceMac &&
    (request.accountId === undefined || found.accountId === undefined || found.accountId === request.accountId);
  if (!isSame) throw new IdempotencyMismatch();
}

function keptOf(document: ActivityDocument): KeptSend {
  const { _id, accountId, contactId, userId, channel, at, outcome, task, prospect, alreadyInSequence } = document;
  return {
    id: _id,
    accountId: accountId ?? null,
    contactId,
    repId: userId,
    channel,
    at,
    outcome: outcome ?? 'unknown',
    task: task ?? 'none',
    prospect,
    alreadyInSequence: alreadyInSequence ?? false,
  };
}
