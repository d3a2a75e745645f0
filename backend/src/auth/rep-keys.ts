import { createHmac, randomBytes } from 'node:crypto';
import type { Model } from 'mongoose';
import type { DataKeys, OrgPlace } from '../vault/data-keys.ts';
import { keyVersionOf } from '../vault/envelope.ts';
import type { UserDocument } from './model.ts';
import { SessionEnded } from './problems.ts';

/** One of our halves of a rep's key. */
export interface OurHalf {
  /** `h1`, `h2`, ... */
  readonly version: string;
  /** 32 random bytes. */
  readonly bytes: Buffer;
}

/** HMACs of the customer's key record as it was last accepted. */
export interface KnownKeyRecord {
  readonly record: string;
  readonly half: string;
}

const HALF_BYTES = 32;

/**
 * What of a rep's keys lies in `users`: our halves (DESIGN 6), and the key of the marks by which accounts and records
 * are told again. Each is wrapped under the org's data key; whoever erases the user erases them.
 */
export class RepKeys {
  readonly #users: Model<UserDocument>;
  readonly #dataKeys: DataKeys;

  constructor(users: Model<UserDocument>, dataKeys: DataKeys) {
    this.#users = users;
    this.#dataKeys = dataKeys;
  }

  /**
   * Our halves, the newest last; the first is made here. Of several that make it at once, the first stays.
   * @throws SessionEnded the user was erased
   */
  async halves(orgId: string, userId: string): Promise<readonly [OurHalf, ...OurHalf[]]> {
    let stored = (await this.#read(orgId, userId)).halves ?? [];
    if (stored.length === 0) {
      await this.#add(orgId, userId, 1);
      stored = (await this.#read(orgId, userId)).halves ?? [];
    }
    const opened = await Promise.all(
      stored.map(async ({ version, sealed }) => ({
        version,
        bytes: await this.#dataKeys.open(orgId, placeOf(userId, halfField(version)), sealed),
      })),
    );
    const [first, ...rest] = opened;
    if (first === undefined) throw new SessionEnded();
    return [first, ...rest];
  }

  /** Adds a half that seals from now on. @returns its version */
  async addHalf(orgId: string, userId: string): Promise<string> {
    const stored = (await this.#read(orgId, userId)).halves ?? [];
    return this.#add(orgId, userId, numberOf(stored.at(-1)?.version) + 1);
  }

  /**
   * Deletes halves that seal nothing any more, once whoever read them as the newest is done; never the newest.
   * @param inUse versions that connections name
   * @param graceMs how old the newest must be
   */
  async dropHalves(orgId: string, userId: string, inUse: ReadonlySet<string>, graceMs: number): Promise<void> {
    const stored = (await this.#read(orgId, userId)).halves ?? [];
    const newest = stored.at(-1);
    if (newest === undefined || newest.addedAt.getTime() + graceMs > Date.now()) return;
    const unused = stored
      .map(({ version }) => version)
      .filter((version) => version !== newest.version && !inUse.has(version));
    if (unused.length === 0) return;
    await this.#users.updateOne({ _id: userId, orgId }, { $pull: { halves: { version: { $in: unused } } } });
  }

  /** Adds a new half for each rep of an org that has one no newer than `before`: a repetition adds no more. */
  async rotateHalves(orgId: string, before: Date): Promise<number> {
    let rotated = 0;
    for await (const user of this.#users
      .find({ orgId, halves: { $exists: true } })
      .select({ halves: 1 })
      .lean()) {
      const newest = user.halves?.at(-1);
      if (newest === undefined || newest.addedAt >= before) continue;
      await this.addHalf(orgId, user._id);
      rotated += 1;
    }
    return rotated;
  }

  /** Under which versions of the data key how many envelopes of `users` lie. */
  async dataKeyVersions(orgId: string): Promise<ReadonlyMap<string, number>> {
    const counts = new Map<string, number>();
    for await (const user of this.#users.find({ orgId }).lean())
      for (const { sealed } of envelopesOf(user))
        counts.set(keyVersionOf(sealed), (counts.get(keyVersionOf(sealed)) ?? 0) + 1);
    return counts;
  }

  /**
   * Seals everything of an org's users under its newest data key that lies under another one. Each envelope is one
   * update that names what it replaces: it can be stopped anywhere, repeated, and run in two processes.
   * @returns how many envelopes were sealed again
   */
  async rewrap(orgId: string, newest: string): Promise<number> {
    let changed = 0;
    for await (const user of this.#users.find({ orgId }).lean()) {
      for (const { field, path, sealed } of envelopesOf(user)) {
        if (keyVersionOf(sealed) === newest) continue;
        const plaintext = await this.#dataKeys.open(orgId, placeOf(user._id, field), sealed);
        const fresh = await this.#dataKeys.seal(orgId, placeOf(user._id, field), plaintext);
        plaintext.fill(0);
        const done = await (path === 'halves.sealed'
          ? this.#users.updateOne(
              { _id: user._id, orgId },
              { $set: { 'halves.$[half].sealed': fresh } },
              { arrayFilters: [{ 'half.sealed': sealed }] },
            )
          : this.#users.updateOne({ _id: user._id, orgId, [path]: sealed }, { $set: { [path]: fresh } }));
        changed += done.modifiedCount;
      }
    }
    return changed;
  }

  /** An HMAC under a key of this rep's own: 43 base64url characters, equal for equal values, and telling nothing. */
  async mark(orgId: string, userId: string, purpose: string, value: string): Promise<string> {
    const key = await this.#accountKey(orgId, userId);
    const mac = createHmac('sha256', key)
      .update(JSON.stringify([purpose, value]))
      .digest('base64url');
    key.fill(0);
    return mac;
  }

  /** @returns undefined while no key record of this rep was accepted */
  async keyRecord(orgId: string, userId: string): Promise<KnownKeyRecord | undefined> {
    return (await this.#read(orgId, userId)).keyRecord;
  }

  async rememberKeyRecord(orgId: string, userId: string, keyRecord: KnownKeyRecord): Promise<void> {
    await this.#users.updateOne({ _id: userId, orgId }, { $set: { keyRecord } });
  }

  async #add(orgId: string, userId: string, number: number): Promise<string> {
    const version = `h${number}`;
    const bytes = randomBytes(HALF_BYTES);
    const sealed = await this.#dataKeys.seal(orgId, placeOf(userId, halfField(version)), bytes);
    bytes.fill(0);
    // Only if nobody else added this one meanwhile.
    await this.#users.updateOne(
      { _id: userId, orgId, 'halves.version': { $ne: version } },
      { $push: { halves: { version, sealed, addedAt: new Date() } } },
    );
    return version;
  }

  async #accountKey(orgId: string, userId: string): Promise<Buffer> {
    const place = placeOf(userId, 'accountKey');
    let sealed = (await this.#read(orgId, userId)).accountKey;
    if (sealed === undefined) {
      const fresh = await this.#dataKeys.seal(orgId, place, randomBytes(HALF_BYTES));
      const filter = { _id: userId, orgId, accountKey: { $exists: false } };
      await this.#users.updateOne(filter, { $set: { accountKey: fresh } });
      sealed = (await this.#read(orgId, userId)).accountKey;
    }
    if (sealed === undefined) throw new SessionEnded();
    return this.#dataKeys.open(orgId, place, sealed);
  }

  async #read(orgId: string, userId: string): Promise<Pick<UserDocument, 'halves' | 'accountKey' | 'keyRecord'>> {
    const user = await this.#users
      .findOne({ _id: userId, orgId })
      .select({ halves: 1, accountKey: 1, keyRecord: 1 })
      .lean();
    if (user === null) throw new SessionEnded();
    return user;
  }
}

/** Everything of a user that lies under the data key, and where. */
function envelopesOf(
  user: UserDocument,
): readonly { readonly field: string; readonly path: string; readonly sealed: string }[] {
  const { email, username, accountKey, halves = [] } = user;
  return [
    { field: 'email', path: 'email', sealed: email },
    { field: 'username', path: 'username', sealed: username },
    ...(accountKey === undefined ? [] : [{ field: 'accountKey', path: 'accountKey', sealed: accountKey }]),
    ...halves.map(({ version, sealed }) => ({ field: halfField(version), path: 'halves.sealed', sealed })),
  ];
}

const halfField = (version: string): string => `half:${version}`;

const numberOf = (version: string | undefined): number => (version === undefined ? 0 : Number(version.slice(1)));

function placeOf(userId: string, field: string): OrgPlace {
  return { user: userId, provider: '', collection: 'users', field, record: userId };
}
