import type { Model } from 'mongoose';
import { isDuplicateKey } from '../database/duplicate-key.ts';
import { newId } from '../database/new-id.ts';
import type { OrgDocument } from '../database/org-model.ts';
import type { DataKeys, OrgPlace } from '../vault/data-keys.ts';
import type { UserDocument } from './model.ts';
import type { SalesforceIdentity, SalesforceIds } from './salesforce-oauth.ts';

/** How to write to a rep; opened for the rep's own eyes and for their admins'. */
export interface Contact {
  readonly email: string;
  readonly username: string;
}

/** A rep as they see themselves in their export. */
export interface Profile extends Contact {
  readonly id: string;
  readonly salesforceUserId: string;
  readonly status: string;
  readonly isAdmin: boolean;
  readonly createdAt: Date;
  readonly lastSignInAt: Date;
}

/** A rep as the admin of their org sees them. */
export interface Person {
  readonly userId: string;
  readonly salesforceUserId: string;
  readonly isAdmin: boolean;
  readonly email: string;
  readonly lastSignInAt: Date;
}

export interface PersonPage {
  readonly rows: readonly Person[];
  /** Names the last row; null at the end. */
  readonly nextCursor: string | null;
}

/** Names of the regions: this one, and the others that there are. */
export interface RegionNames {
  readonly here: string;
  readonly others: readonly string[];
}

/** How many sealed values were tried, how many of them opened in another region, and how many did not even here. */
export interface TriedElsewhere {
  readonly tried: number;
  readonly opened: number;
  readonly unreadable: number;
}

/** The orgs and users of this region: what is kept of them is opaque or sealed under the org's own data key. */
export class People {
  readonly #orgs: Model<OrgDocument>;
  readonly #users: Model<UserDocument>;
  readonly #dataKeys: DataKeys;

  constructor(orgs: Model<OrgDocument>, users: Model<UserDocument>, dataKeys: DataKeys) {
    this.#orgs = orgs;
    this.#users = users;
    this.#dataKeys = dataKeys;
  }

  /** @returns the opaque id of an org that has signed in here before */
  async findOrg(salesforceOrgId: string): Promise<string | undefined> {
    return (await this.#orgs.findOne({ salesforceOrgId }).select({ _id: 1 }).lean())?._id;
  }

  /**
   * The org, made with its data key where it is new. Of several sign-ins at once one makes it.
   * @returns the opaque org id
   */
  async welcomeOrg(salesforceOrgId: string): Promise<string> {
    const found = await this.findOrg(salesforceOrgId);
    if (found !== undefined) return found;
    const _id = newId('org');
    const dataKeys = [await this.#dataKeys.createWrapped(_id)];
    try {
      await this.#orgs.create({ _id, salesforceOrgId, dataKeys, createdAt: new Date() });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
    const stored = await this.findOrg(salesforceOrgId);
    if (stored === undefined) throw new Error('An org vanished while it signed in');
    return stored;
  }

  /**
   * The rep, made where new; email, username and rights are brought up to date. The same Salesforce user id in two orgs
   * is two users.
   * @returns the opaque user id
   */
  async welcomeUser(orgId: string, ids: SalesforceIds, identity: SalesforceIdentity): Promise<string> {
    const { salesforceUserId } = ids;
    const who = { orgId, salesforceUserId };
    for (let attempt = 0; ; attempt += 1) {
      const known = await this.#users.findOne(who).select({ _id: 1 }).lean();
      const _id = known?._id ?? newId('usr');
      const now = new Date();
      const fresh = {
        ...(await this.#sealContact(orgId, _id, identity)),
        status: 'active' as const,
        isAdmin: identity.isAdmin,
        lastSignInAt: now,
      };
      if (known !== null) {
        const changed = await this.#users.updateOne({ _id, orgId }, { $set: fresh });
        if (changed.matchedCount === 1) return _id;
      } else {
        try {
          await this.#users.create({ _id, ...who, ...fresh, createdAt: now });
          return _id;
        } catch (error) {
          if (!isDuplicateKey(error)) throw error;
        }
      }
      if (attempt === 3) throw new Error('A user changed again and again while it signed in');
    }
  }

  /** What is held about a rep, opened, for their own export. @returns undefined when the user was erased */
  async profileOf(orgId: string, userId: string): Promise<Profile | undefined> {
    const [user, contact] = await Promise.all([
      this.#users.findOne({ _id: userId, orgId }).lean(),
      this.contactOf(orgId, userId),
    ]);
    if (user === null || contact === undefined) return undefined;
    const { salesforceUserId, status, isAdmin, createdAt, lastSignInAt } = user;
    return { id: userId, salesforceUserId, ...contact, status, isAdmin, createdAt, lastSignInAt };
  }

  /**
   * Opens what is sealed of an org's people as if it lay in another region: none of it may open (DESIGN 2.8).
   * @param wanted this person's; or of so many people, who signed in last first
   * @throws DataKeyMissing the org is being erased
   */
  async triedElsewhere(
    orgId: string,
    { here, others }: RegionNames,
    wanted: { readonly userId: string } | { readonly people: number },
  ): Promise<TriedElsewhere> {
    const isOne = 'userId' in wanted;
    const users = await this.#users
      .find(isOne ? { _id: wanted.userId, orgId } : { orgId })
      .sort(isOne ? {} : { lastSignInAt: -1, _id: -1 })
      .limit(isOne ? 1 : wanted.people)
      .select({ email: 1, username: 1 })
      .lean();
    const tried = { tried: 0, opened: 0, unreadable: 0 };
    for (const user of users)
      for (const field of ['email', 'username'] as const) {
        const place = userPlace(user._id, field);
        const opening = await this.#dataKeys.regionsThatOpen(orgId, place, user[field], [here, ...others]);
        tried.tried += 1;
        if (!opening.includes(here)) tried.unreadable += 1;
        if (opening.some((region) => region !== here)) tried.opened += 1;
      }
    return tried;
  }

  async exists(orgId: string, userId: string): Promise<boolean> {
    const [user, org] = await Promise.all([
      this.#users.exists({ _id: userId, orgId }),
      this.#orgs.exists({ _id: orgId, salesforceOrgId: { $ne: orgId } }),
    ]);
    return user !== null && org !== null;
  }

  /** The first thing that an erasure does: with the record goes all that opens what is the rep's. */
  async destroy(orgId: string, userId: string): Promise<void> {
    await this.#users.deleteOne({ _id: userId, orgId });
  }

  /** @returns undefined when the user was erased */
  async contactOf(orgId: string, userId: string): Promise<Contact | undefined> {
    const user = await this.#users.findOne({ _id: userId, orgId }).select({ email: 1, username: 1 }).lean();
    if (user === null) return undefined;
    const [email, username] = await Promise.all([
      this.#dataKeys.open(orgId, userPlace(userId, 'email'), user.email),
      this.#dataKeys.open(orgId, userPlace(userId, 'username'), user.username),
    ]);
    return { email: email.toString('utf8'), username: username.toString('utf8') };
  }

  /**
   * One page of an org's people, who signed in last first.
   * @param cursor `<epoch ms>.<user id>` of the last row of the page before
   */
  async page(orgId: string, limit: number, cursor: string | undefined): Promise<PersonPage> {
    const [ms, id] = cursor?.split('.') ?? [];
    const at = new Date(Number(ms));
    const after =
      ms === undefined ? {} : { $or: [{ lastSignInAt: { $lt: at } }, { lastSignInAt: at, _id: { $lt: id ?? '' } }] };
    const found = await this.#users
      .find({ orgId, ...after })
      .sort({ lastSignInAt: -1, _id: -1 })
      .limit(limit + 1)
      .lean();
    const users = found.slice(0, limit);
    const rows = await Promise.all(
      users.map(async ({ _id: userId, salesforceUserId, isAdmin, email, lastSignInAt }): Promise<Person> => {
        const opened = await this.#dataKeys.open(orgId, userPlace(userId, 'email'), email);
        return { userId, salesforceUserId, isAdmin, email: opened.toString('utf8'), lastSignInAt };
      }),
    );
    const last = rows.at(-1);
    const hasMore = found.length > limit && last !== undefined;
    return { rows, nextCursor: hasMore ? `${last.lastSignInAt.getTime()}.${last.userId}` : null };
  }

  /** Whether a user is one of this org. */
  async isOf(orgId: string, userId: string): Promise<boolean> {
    return (await this.#users.exists({ _id: userId, orgId })) !== null;
  }

  /** The Salesforce id of one of this org's people; never logged. */
  async salesforceIdOf(orgId: string, userId: string): Promise<string | undefined> {
    return (await this.#users.findOne({ _id: userId, orgId }).select({ salesforceUserId: 1 }).lean())?.salesforceUserId;
  }

  /** How many of an org have signed in who are no admins. */
  async countReps(orgId: string): Promise<number> {
    return this.#users.countDocuments({ orgId, isAdmin: false });
  }

  async #sealContact(orgId: string, userId: string, contact: Contact): Promise<Contact> {
    const [email, username] = await Promise.all([
      this.#dataKeys.seal(orgId, userPlace(userId, 'email'), contact.email),
      this.#dataKeys.seal(orgId, userPlace(userId, 'username'), contact.username),
    ]);
    return { email, username };
  }
}

function userPlace(userId: string, field: 'email' | 'username'): OrgPlace {
  return { user: userId, provider: '', collection: 'users', field, record: userId };
}
