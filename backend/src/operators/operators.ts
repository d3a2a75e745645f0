import type { Model } from 'mongoose';
import type { Audit } from '../audit/audit.ts';
import { isDuplicateKey } from '../database/duplicate-key.ts';
import type { OperatorRequestDocument } from './model.ts';
import { OperatorRefused } from './refused.ts';
import type { Action, ApprovedRequest } from './request.ts';

/** What an action gave; printed as JSON. Opaque ids, counts and times only. */
export type Outcome = Readonly<Record<string, unknown>>;
/** @param actor who asked for it, for entries of the trail */
export type Act = (target: string, actor: string) => Promise<Outcome>;

export interface OperatorsParts {
  readonly used: Model<OperatorRequestDocument>;
  readonly audit: Audit;
  readonly actions: Readonly<Record<Action, Act>>;
  /** The latest moment that the database or the ledger knows of, epoch milliseconds. */
  readonly lastKnownTime: () => Promise<number>;
}

/** Behind by more than this the clock was set back: what has expired would live again. */
const CLOCK_MS = 5 * 60_000;

/** Carries out what two operators stand behind, once, with an entry in the trail before and after. */
export class Operators {
  readonly #parts: OperatorsParts;

  constructor(parts: OperatorsParts) {
    this.#parts = parts;
  }

  /** @throws OperatorRefused replayed, or the clock was set back; what the action throws */
  async run({ request, requestedBy, approvedBy }: ApprovedRequest, now = Date.now()): Promise<Outcome> {
    const { used, actions, lastKnownTime } = this.#parts;
    const newest = await used.findOne().sort({ usedAt: -1 }).select({ usedAt: 1 }).lean();
    if (now + CLOCK_MS < Math.max(newest?.usedAt.getTime() ?? 0, await lastKnownTime()))
      throw new OperatorRefused('clock', "This machine's clock is behind what the database has seen.");
    const { nonce, action, target, reason, expiresAt } = request;
    try {
      await used.create({
        _id: nonce,
        action,
        target,
        reason,
        requestedBy: requestedBy.id,
        approvedBy: approvedBy.id,
        usedAt: new Date(now),
        expiresAt: new Date(expiresAt),
      });
    } catch (error) {
      if (isDuplicateKey(error)) throw new OperatorRefused('replayed', 'This request was carried out already.');
      throw error;
    }
    const word = action.replaceAll('-', '_');
    await this.#tell(target, requestedBy.id, `operator_${word}`);
    await this.#tell(target, approvedBy.id, 'operator_approved');
    try {
      const outcome = await actions[action](target, requestedBy.id);
      await used.updateOne({ _id: nonce }, { $set: { outcome: 'done' } });
      await this.#append('region', requestedBy.id, `operator_${word}_done`, target);
      return outcome;
    } catch (error) {
      await used.updateOne({ _id: nonce }, { $set: { outcome: 'failed' } });
      await this.#append('region', requestedBy.id, `operator_${word}_failed`, target);
      throw error;
    }
  }

  /** In the trail of the region, and in the org's own where it concerns one: its admin sees who did what. */
  async #tell(target: string, actor: string, action: string): Promise<void> {
    await this.#append('region', actor, action, target);
    const [org = ''] = target.split('/');
    if (org.startsWith('org_')) await this.#append(org, actor, action, target);
  }

  async #append(orgId: string, actor: string, action: string, target: string): Promise<void> {
    await this.#parts.audit.append({ orgId, actor, action, target: target.split('/').at(-1) ?? 'region' });
  }
}
