import { createHmac, randomBytes } from 'node:crypto';
import type { Model } from 'mongoose';
import type { DataKeys, OrgPlace } from '../vault/data-keys.ts';
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

  /** Deletes a half that seals nothing any more; never the newest. */
  async dropHalf(orgId: string, userId: string, version: string): Promise<void> {
    const stored = (await this.#read(orgId, userId)).halves ?? [];
    if (stored.at(-1)?.version === version) return;
    await this.#users.updateOne({ _id: userId, orgId }, { $pull: { halves: { version } } });
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
      { $push: { halves: { version, sealed } } },
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

/** Fields of `users` that lie under the org's data key, for its rotation. */
export function sealedUserFields(user: Pick<UserDocument, 'halves'>): readonly string[] {
  return ['email', 'username', 'accountKey', ...(user.halves ?? []).map(({ version }) => halfField(version))];
}

const halfField = (version: string): string => `half:${version}`;

const numberOf = (version: string | undefined): number => (version === undefined ? 0 : Number(version.slice(1)));

function placeOf(userId: string, field: string): OrgPlace {
  return { user: userId, provider: '', collection: 'users', field, record: userId };
}
