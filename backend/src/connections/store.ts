import type { Model } from 'mongoose';
import { isDuplicateKey } from '../database/duplicate-key.ts';
import type { ConnectionDocument } from './model.ts';
import type { Reason } from './problems.ts';
import type { ProviderName } from './tokens.ts';

/** A rep, as the database knows them. */
export interface Owner {
  readonly orgId: string;
  readonly userId: string;
}

/** A connection whose tokens stand: all that opens and refreshes it is there. */
export type LiveConnection = ConnectionDocument &
  Required<
    Pick<
      ConnectionDocument,
      'sealed' | 'label' | 'halves' | 'account' | 'mark' | 'clientId' | 'since' | 'expiresAt' | 'refreshedAt'
    >
  >;

/** The fields of a grant as a connect or a refresh writes them. */
export type GrantFields = Omit<
  LiveConnection,
  | '_id'
  | 'orgId'
  | 'userId'
  | 'provider'
  | 'status'
  | 'reason'
  | 'lease'
  | 'fence'
  | 'isInDoubt'
  | 'failures'
  | 'retryAt'
>;

export const connectionId = ({ userId }: Owner, provider: ProviderName): string => `${userId}:${provider}`;

export const isLive = (connection: ConnectionDocument): connection is LiveConnection => connection.sealed !== undefined;

/** Whether two states of a connection hold the same tokens: a rotation of ours changes their version, and not them. */
export const hasSameTokens = (one: ConnectionDocument, other: ConnectionDocument): boolean =>
  one.refreshedAt !== undefined && one.refreshedAt.getTime() === other.refreshedAt?.getTime();

/**
 * Reads and writes of `connections`. Each write names the version that it changes, and one of the lease's holder its
 * fencing number: of two at once one wins, whichever process they come from.
 */
export class ConnectionStore {
  readonly #connections: Model<ConnectionDocument>;

  constructor(connections: Model<ConnectionDocument>) {
    this.#connections = connections;
  }

  async find(owner: Owner, provider: ProviderName): Promise<ConnectionDocument | undefined> {
    const { orgId, userId } = owner;
    return (await this.#connections.findOne({ orgId, userId, provider }).lean()) ?? undefined;
  }

  async ofRep({ orgId, userId }: Owner): Promise<readonly ConnectionDocument[]> {
    return this.#connections.find({ orgId, userId }).lean();
  }

  async ofOrg(orgId: string): Promise<readonly Pick<ConnectionDocument, 'userId' | 'provider' | 'status' | 'lease'>[]> {
    return this.#connections.find({ orgId }).select({ userId: 1, provider: 1, status: 1, lease: 1 }).lean();
  }

  /** Whose connections of an org lie under a key: a user id for each of them. */
  async sealedIn(orgId: string): Promise<readonly string[]> {
    const sealed = await this.#connections
      .find({ orgId, sealed: { $exists: true } })
      .select({ userId: 1 })
      .lean();
    return sealed.map(({ userId }) => userId);
  }

  /** Whether another connection than this one lives off the same account at the provider. */
  async isShared(mark: string, exceptId: string): Promise<boolean> {
    return (await this.#connections.exists({ mark, _id: { $ne: exceptId } })) !== null;
  }

  /**
   * Puts a fresh grant in the place of `before`, or where there was none.
   * @returns whether nobody was faster
   */
  async connect(
    owner: Owner,
    provider: ProviderName,
    before: ConnectionDocument | undefined,
    grant: GrantFields,
  ): Promise<boolean> {
    const _id = connectionId(owner, provider);
    const fresh = { ...grant, status: 'connected' as const };
    if (before === undefined) {
      try {
        const { orgId, userId } = owner;
        await this.#connections.create({ _id, orgId, userId, provider, ...fresh, fence: 0 });
        return true;
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        return false;
      }
    }
    // A refresh that still runs finds another version, and lets its tokens go.
    const changed = await this.#connections.updateOne(
      { _id, orgId: owner.orgId, version: before.version },
      { $set: fresh, $unset: { reason: 1, lease: 1, isInDoubt: 1, failures: 1, retryAt: 1 } },
    );
    return changed.modifiedCount === 1;
  }

  /** Says that an admin's approval is waited for; what was connected before stays as it is. */
  async waitForAdmin(owner: Owner, provider: ProviderName, reason: Reason): Promise<void> {
    const { orgId, userId } = owner;
    const _id = connectionId(owner, provider);
    const waiting = { status: 'waiting_for_admin' as const, reason };
    try {
      await this.#connections.create({ _id, orgId, userId, provider, ...waiting, scopes: [], version: 0, fence: 0 });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      await this.#connections.updateOne({ _id, orgId, status: { $ne: 'connected' } }, { $set: waiting });
    }
  }

  /** Ends the use of a connection in this state of it; the holder of a lease names its fencing number. */
  async end(
    connection: ConnectionDocument,
    status: 'reconnect' | 'waiting_for_admin',
    reason: Reason,
    fence?: number,
  ): Promise<boolean> {
    const { _id, orgId, version } = connection;
    const changed = await this.#connections.updateOne(
      { _id, orgId, version, status: 'connected', ...(fence === undefined ? {} : { 'lease.fence': fence }) },
      { $set: { status, reason }, $unset: { lease: 1, isInDoubt: 1, failures: 1, retryAt: 1 } },
    );
    return changed.modifiedCount === 1;
  }

  /**
   * Takes the lease of a refresh, from nobody or from a holder that is lost. From here on the refresh token may be used
   * up by a call whose answer is never saved: the connection is in doubt until the lease ends well.
   * @returns the connection under the new fencing number; undefined when somebody was faster
   */
  async takeLease(connection: LiveConnection): Promise<LiveConnection | undefined> {
    const { _id, orgId, version, fence } = connection;
    const lease = { fence: fence + 1, at: new Date() };
    const changed = await this.#connections.updateOne(
      { _id, orgId, version, fence, status: 'connected' },
      { $set: { lease, fence: lease.fence, isInDoubt: true } },
    );
    return changed.modifiedCount === 1 ? { ...connection, lease, fence: lease.fence, isInDoubt: true } : undefined;
  }

  /** Gives the lease back after a refresh that changed nothing. */
  async giveBack(
    held: LiveConnection,
    { retryAt, isInDoubt }: { readonly retryAt: Date; readonly isInDoubt: boolean },
  ): Promise<void> {
    const { _id, orgId, fence } = held;
    await this.#connections.updateOne(
      { _id, orgId, 'lease.fence': fence },
      { $set: { retryAt, isInDoubt }, $inc: { failures: 1 }, $unset: { lease: 1 } },
    );
  }

  /** Saves refreshed tokens, as the holder of the lease. @returns false when it is not ours any more */
  async refreshed(held: LiveConnection, fields: Partial<GrantFields> & { readonly version: number }): Promise<boolean> {
    const { _id, orgId, version, fence } = held;
    const changed = await this.#connections.updateOne(
      { _id, orgId, version, 'lease.fence': fence },
      { $set: fields, $unset: { lease: 1, isInDoubt: 1, failures: 1, retryAt: 1 } },
    );
    return changed.modifiedCount === 1;
  }

  /** Puts the same tokens back under other halves, unless they changed meanwhile. */
  async reseal(
    connection: LiveConnection,
    fields: Pick<GrantFields, 'sealed' | 'label' | 'halves' | 'version'>,
  ): Promise<boolean> {
    const { _id, orgId, version } = connection;
    const filter = { _id, orgId, version, lease: { $exists: false } };
    return (await this.#connections.updateOne(filter, { $set: fields })).modifiedCount === 1;
  }

  async delete(owner: Owner, provider: ProviderName): Promise<boolean> {
    const _id = connectionId(owner, provider);
    return (await this.#connections.deleteOne({ _id, orgId: owner.orgId })).deletedCount === 1;
  }

  async deleteAll(orgId: string, userId?: string): Promise<number> {
    return (await this.#connections.deleteMany(userId === undefined ? { orgId } : { orgId, userId })).deletedCount;
  }

  /** Deletes a grant that was ended at `at`, unless another was made since. */
  async deleteEnded(orgId: string, userId: string, provider: string, at: Date): Promise<void> {
    await this.#connections.deleteOne({
      orgId,
      userId,
      provider: provider as ProviderName,
      $or: [{ refreshedAt: { $lte: at } }, { refreshedAt: { $exists: false } }],
    });
  }

  /** After a restore, in every org: what a rotating provider gave since is lost (DESIGN 6). */
  async endRestored(providers: readonly ProviderName[]): Promise<number> {
    let ended = 0;
    for (const orgId of await this.#connections.distinct('orgId')) {
      const changed = await this.#connections.updateMany(
        { orgId, provider: { $in: [...providers] }, status: 'connected' },
        { $set: { status: 'reconnect', reason: 'restored' }, $unset: { lease: 1, isInDoubt: 1 } },
      );
      ended += changed.modifiedCount;
    }
    return ended;
  }

  /** How many connections of a rep, or of an org, each of our halves seals. */
  async usesOfHalves(orgId: string, userId: string): Promise<ReadonlySet<string>> {
    const used = await this.#connections.find({ orgId, userId }).select({ halves: 1 }).lean();
    return new Set(used.flatMap(({ halves }) => (halves === undefined ? [] : [halves.ours])));
  }
}
