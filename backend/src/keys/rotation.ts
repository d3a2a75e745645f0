import type { Model } from 'mongoose';
import { isDuplicateKey } from '../database/duplicate-key.ts';
import { newId } from '../database/new-id.ts';
import type { OrgDocument } from '../database/org-model.ts';
import { events } from '../http/events.ts';
import type { Log } from '../http/log.ts';
import { MAX_LIFETIME_MS, type DataKeys } from '../vault/data-keys.ts';
import type { JobDocument } from './model.ts';

/** Other rooms keep jobs of other kinds in the same collection. */
const KIND = 'rotate_data_key';

/** A place where envelopes lie under orgs' data keys. Each room that seals there gives one. */
export interface SealedPlace {
  readonly collection: string;
  /** Under which versions of the org's data key how many envelopes lie. */
  dataKeyVersions(orgId: string): Promise<ReadonlyMap<string, number>>;
  /** Seals what lies under another version than `newest` again; resumable. @returns how many envelopes changed */
  rewrap(orgId: string, newest: string): Promise<number>;
}

export interface RotationParts {
  readonly jobs: Model<JobDocument>;
  readonly orgs: Model<OrgDocument>;
  readonly dataKeys: DataKeys;
  readonly places: readonly SealedPlace[];
  /** Gives each rep of the org a new half of ours; their tokens move to it when they sign in next. */
  readonly rotateHalves: (orgId: string, before: Date) => Promise<number>;
  readonly log: Log;
  /** From the new key's appearance until the old one may be deleted, in milliseconds. Default: a cached key's life, and a minute. */
  readonly graceMs?: number;
  /** How often unfinished work is looked for, in milliseconds. Default 15 s. */
  readonly pollMs?: number;
}

/** An admin's view of the keys (API.md, `GET /v1/admin/keys`). */
export interface KeysView {
  readonly rows: readonly {
    readonly kind: 'data_key';
    readonly version: string;
    readonly isNewest: boolean;
    readonly envelopes: number;
  }[];
  readonly job: {
    readonly id: string;
    readonly state: 'running' | 'done';
    readonly version: string;
    readonly changed: number;
    readonly startedAt: string;
    readonly finishedAt: string | null;
  } | null;
}

/** How far rotations went. */
export interface RotationProgress {
  readonly orgs: number;
  /** Of these, where the old key is still kept: processes may hold it in memory for some minutes. */
  readonly running: number;
  /** Sealed values that still lie under an old key. */
  readonly envelopesLeft: number;
}

/**
 * Rotates orgs' data keys: a new key appears, everything is sealed under it again, and the old one is deleted when
 * nothing lies under it and no process can still seal under it. It needs no rep. Every step can be repeated, so a process
 * that is killed leaves nothing but work for the next one.
 */
export class KeyRotation {
  readonly #parts: Required<RotationParts>;
  readonly #timer: NodeJS.Timeout;
  #working: Promise<void> | undefined;
  #isClosed = false;

  constructor(parts: RotationParts) {
    this.#parts = { graceMs: MAX_LIFETIME_MS + 60_000, pollMs: 15_000, ...parts };
    this.#timer = setInterval(() => this.#wake(), this.#parts.pollMs).unref();
  }

  /** Begins a rotation, where none runs already. */
  async start(orgId: string, actor: string): Promise<void> {
    await this.#begin(orgId, actor);
    this.#wake();
  }

  /**
   * Rotates the keys of one org or of all, as far as that goes now: all lies under the new keys when this returns, and the
   * old ones are deleted by whichever process looks when their time has come. Who is killed here is gone on for likewise.
   * @param onBegin called for each org before anything of it is changed
   */
  async startAll(
    orgId: string | undefined,
    actor: string,
    onBegin: (orgId: string) => Promise<void>,
  ): Promise<RotationProgress> {
    const { orgs } = this.#parts;
    const ids = await orgs.find(orgId === undefined ? {} : { _id: orgId }).distinct('_id');
    for (const id of ids) {
      await onBegin(id);
      await this.#begin(id, actor);
    }
    await this.#working;
    await this.work();
    const views = await Promise.all(ids.map((id) => this.view(id)));
    const running = views.filter(({ job }) => job?.state === 'running').length;
    const left = views.flatMap(({ rows }) => rows.filter(({ isNewest }) => !isNewest));
    return { orgs: ids.length, running, envelopesLeft: left.reduce((sum, { envelopes }) => sum + envelopes, 0) };
  }

  async #begin(orgId: string, actor: string): Promise<void> {
    const { jobs, orgs } = this.#parts;
    const org = await orgs.findOne({ _id: orgId }).select({ dataKeys: 1 }).lean();
    const newest = org?.dataKeys.at(-1)?.version ?? 'd0';
    const now = new Date();
    try {
      await jobs.create({
        _id: newId('job'),
        kind: KIND,
        orgId,
        actor,
        state: 'running',
        version: `d${Number(newest.slice(1)) + 1}`,
        changed: 0,
        startedAt: now,
        touchedAt: now,
      });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
  }

  async view(orgId: string): Promise<KeysView> {
    const { jobs, orgs } = this.#parts;
    const [org, counts, job] = await Promise.all([
      orgs.findOne({ _id: orgId }).select({ dataKeys: 1 }).lean(),
      this.#counts(orgId),
      jobs.findOne({ orgId, kind: KIND }).sort({ orgId: -1, startedAt: -1 }).lean(),
    ]);
    const versions = (org?.dataKeys ?? []).map(({ version }) => version);
    return {
      rows: versions.map((version, index) => ({
        kind: 'data_key',
        version,
        isNewest: index === versions.length - 1,
        envelopes: counts.get(version) ?? 0,
      })),
      job:
        job === null
          ? null
          : {
              id: job._id,
              state: job.state,
              version: job.version,
              changed: job.changed,
              startedAt: job.startedAt.toISOString(),
              finishedAt: job.finishedAt?.toISOString() ?? null,
            },
    };
  }

  /** Goes on with all unfinished work that nobody has touched for a moment. */
  async work(): Promise<void> {
    const { jobs } = this.#parts;
    for (const job of await jobs.find({ kind: KIND, state: 'running' }).lean()) {
      if (this.#isClosed) return;
      const filter = { _id: job._id, orgId: job.orgId, state: 'running' as const, touchedAt: job.touchedAt };
      // Of several that look at once one takes it. Two would do no harm: each step names what it replaces.
      if ((await jobs.updateOne(filter, { $set: { touchedAt: new Date() } })).modifiedCount === 0) continue;
      await this.#advance(job);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    await this.#working;
  }

  #wake(): void {
    if (this.#isClosed) return;
    this.#working ??= this.work()
      .catch(() => undefined) // the database is away: the next look goes on
      .finally(() => (this.#working = undefined));
  }

  async #advance({ _id, orgId, version, startedAt, addedAt: known }: JobDocument): Promise<void> {
    const { jobs, dataKeys, places, rotateHalves, graceMs, log } = this.#parts;
    await this.#addKey(orgId, version);
    const addedAt = known ?? new Date();
    if (known === undefined) await jobs.updateOne({ _id, orgId, addedAt: { $exists: false } }, { $set: { addedAt } });
    dataKeys.forget(orgId);
    let changed = 0;
    for (const place of places) changed += await place.rewrap(orgId, version);
    await rotateHalves(orgId, startedAt);
    await jobs.updateOne({ _id, orgId }, { $inc: { changed }, $set: { touchedAt: new Date() } });
    if (addedAt.getTime() + graceMs > Date.now()) return;
    if (!(await this.#retire(orgId, version))) return;
    const done = { state: 'done' as const, finishedAt: new Date() };
    const finished = await jobs.findOneAndUpdate({ _id, orgId, state: 'running' }, { $set: done }).lean();
    if (finished !== null) log.info(events.keysRotated, { org: orgId, job: _id, rows: finished.changed + changed });
  }

  async #addKey(orgId: string, version: string): Promise<void> {
    const { orgs, dataKeys } = this.#parts;
    const hasIt = { _id: orgId, 'dataKeys.version': version };
    if ((await orgs.exists(hasIt)) !== null) return;
    const key = await dataKeys.createWrapped(orgId, version);
    await orgs.updateOne({ _id: orgId, 'dataKeys.version': { $ne: version } }, { $push: { dataKeys: key } });
  }

  /** @returns whether no other key than `version` is left */
  async #retire(orgId: string, version: string): Promise<boolean> {
    const { orgs, dataKeys } = this.#parts;
    const counts = await this.#counts(orgId);
    const org = await orgs.findOne({ _id: orgId }).select({ dataKeys: 1 }).lean();
    const others = (org?.dataKeys ?? []).map((key) => key.version).filter((other) => other !== version);
    const unused = others.filter((other) => (counts.get(other) ?? 0) === 0);
    if (unused.length > 0) {
      await orgs.updateOne({ _id: orgId }, { $pull: { dataKeys: { version: { $in: unused } } } });
      dataKeys.forget(orgId);
    }
    return unused.length === others.length;
  }

  async #counts(orgId: string): Promise<ReadonlyMap<string, number>> {
    const total = new Map<string, number>();
    for (const place of this.#parts.places)
      for (const [version, count] of await place.dataKeyVersions(orgId))
        total.set(version, (total.get(version) ?? 0) + count);
    return total;
  }
}
