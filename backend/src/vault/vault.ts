import type { Model } from 'mongoose';
import { DatabaseUnavailable } from '../http/problems.ts';
import { DataKeys, type ReadWrappedKeys, type WrappedDataKey } from './data-keys.ts';
import { openKeyFile } from './key-file.ts';
import { MasterKeyMismatch, MasterKeyUnusable, type MasterKey } from './master-key.ts';
import type { SigningKeyDocument } from './signing-key-model.ts';
import { SigningKeys } from './signing-keys.ts';

export interface VaultOptions {
  /** Where the key file lies or will lie. */
  readonly dataDir: string;
  readonly region: string;
  readonly signingKeys: Model<SigningKeyDocument>;
  /** The wrapped data keys of an org. */
  readonly readKeys: ReadWrappedKeys;
  /** Any org that has keys, to try the master key on; undefined while there is none. */
  readonly anyOrg: () => Promise<{ readonly orgId: string; readonly dataKeys: readonly WrappedDataKey[] } | undefined>;
  /** The longest that a JWT can live, in milliseconds. */
  readonly longestTokenMs: number;
}

/**
 * The keys of one process: the master key, one data key per org, the keys that sign JWTs. Until `open`, everything that
 * needs a key answers DatabaseUnavailable.
 */
export class Vault {
  readonly dataKeys: DataKeys;
  readonly signingKeys: SigningKeys;
  readonly #options: VaultOptions;
  #masterKey: MasterKey | undefined;

  constructor(options: VaultOptions) {
    const { region, readKeys, signingKeys, longestTokenMs } = options;
    this.#options = options;
    this.dataKeys = new DataKeys({ masterKey: () => this.#master(), region, read: readKeys });
    this.signingKeys = new SigningKeys({ keys: signingKeys, region, longestTokenMs });
  }

  /**
   * Opens the vault; the database must be there.
   * @throws MasterKeyUnusable no usable master key, or another one than wrapped what the database holds: one line that
   *   says so. Nothing was written then.
   */
  async open(): Promise<void> {
    const { dataDir, region, anyOrg, signingKeys } = this.#options;
    const [org, signingKey] = await Promise.all([anyOrg(), signingKeys.findOne().select({ _id: 1 }).lean()]);
    this.#masterKey = await openKeyFile(dataDir, org === undefined && signingKey === null);
    try {
      const newest = org?.dataKeys.at(-1);
      if (org !== undefined && newest !== undefined) await this.dataKeys.check(org.orgId, newest);
      await this.signingKeys.open(this.#masterKey);
    } catch (error) {
      if (!(error instanceof MasterKeyMismatch)) throw error;
      throw new MasterKeyUnusable(
        `The master key in ${dataDir} is not the one that wrapped the keys in this database for region ${region}. Put the right key file back, or start with an empty database.`,
      );
    }
  }

  close(): void {
    this.dataKeys.close();
    this.signingKeys.close();
    this.#masterKey = undefined;
  }

  #master(): MasterKey {
    if (this.#masterKey === undefined) throw new DatabaseUnavailable();
    return this.#masterKey;
  }
}
