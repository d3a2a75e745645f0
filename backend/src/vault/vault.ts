import type { Connection } from 'mongoose';
import { DataKeys, type ReadWrappedKeys, type WrappedDataKey } from './data-keys.ts';
import { openKeyFile } from './key-file.ts';
import { MasterKeyMismatch, MasterKeyUnusable } from './master-key.ts';
import { ProofKeys } from './proof-keys.ts';
import { signingKeyModel } from './signing-key-model.ts';
import { SigningKeys } from './signing-keys.ts';

export interface VaultOptions {
  /** Where the key file lies or will lie. */
  readonly dataDir: string;
  readonly region: string;
  /** Connected. */
  readonly main: Connection;
  /** The wrapped data keys of an org. */
  readonly readKeys: ReadWrappedKeys;
  /** Any org that has keys, to try the master key on; undefined while there is none. */
  readonly anyOrg: () => Promise<{ readonly orgId: string; readonly dataKeys: readonly WrappedDataKey[] } | undefined>;
  /** The longest that a JWT can live, in milliseconds. */
  readonly longestTokenMs: number;
}

/** The keys of one process. */
export interface Vault {
  readonly dataKeys: DataKeys;
  readonly signingKeys: SigningKeys;
  readonly proofKeys: ProofKeys;
  /** Overwrites them. */
  close(): void;
}

/**
 * Opens the vault: the master key, one data key per org, the keys that sign JWTs and proofs.
 * @throws MasterKeyUnusable no usable master key, or another one than wrapped what the database holds: one line that
 *   says so. Nothing was written then.
 */
export async function openVault(options: VaultOptions): Promise<Vault> {
  const { dataDir, region, main, longestTokenMs } = options;
  const keys = signingKeyModel(main);
  await keys.createIndexes();
  const [org, signingKey] = await Promise.all([options.anyOrg(), keys.findOne().select({ _id: 1 }).lean()]);
  const masterKey = await openKeyFile(dataDir, org === undefined && signingKey === null);
  const dataKeys = new DataKeys({ masterKey, region, read: options.readKeys });
  try {
    const newest = org?.dataKeys.at(-1);
    if (org !== undefined && newest !== undefined) await dataKeys.check(org.orgId, newest);
    const proofKeys = await ProofKeys.open({ keys, masterKey, region });
    const signingKeys = await SigningKeys.open({ keys, masterKey, region, longestTokenMs });
    return {
      dataKeys,
      signingKeys,
      proofKeys,
      close: () => {
        dataKeys.close();
        signingKeys.close();
        proofKeys.close();
      },
    };
  } catch (error) {
    dataKeys.close();
    if (!(error instanceof MasterKeyMismatch)) throw error;
    throw new MasterKeyUnusable(
      `The master key in ${dataDir} is not the one that wrapped the keys in this database for region ${region}. Put the right key file back, or start with an empty database.`,
    );
  }
}
