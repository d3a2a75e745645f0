import type { Connection, Model } from 'mongoose';
import type { OrgDocument } from '../database/org-model.ts';
import { DataKeys, type ReadWrappedKeys, type WrappedDataKey } from './data-keys.ts';
import type { KmsState } from './kms.ts';
import { MasterKeyMismatch, MasterKeyUnusable, type MasterKey, type MasterKeySettings } from './master-key.ts';
import { openMasterKey } from './open-master-key.ts';
import { ProofKeys } from './proof-keys.ts';
import { signingKeyModel } from './signing-key-model.ts';
import { SigningKeys } from './signing-keys.ts';
import { masterKeysInUse, wrappedBy, wrappedPlaces, type WrappedPlaces } from './wrapped-keys.ts';

export interface VaultOptions {
  readonly masterKey: MasterKeySettings;
  /** Where the key file lies or will lie. */
  readonly dataDir: string;
  readonly region: string;
  /** Connected. */
  readonly main: Connection;
  readonly orgs: Model<OrgDocument>;
  /** The wrapped data keys of an org. */
  readonly readKeys: ReadWrappedKeys;
  /** Any org that has keys, to try the master key on; undefined while there is none. */
  readonly anyOrg: () => Promise<{ readonly orgId: string; readonly dataKeys: readonly WrappedDataKey[] } | undefined>;
  /** The longest that a JWT can live, in milliseconds. */
  readonly longestTokenMs: number;
  /** Told when KMS stops answering and when it answers again. */
  readonly onKmsState?: (state: KmsState) => void;
}

/** The keys of one process. */
export interface Vault {
  readonly dataKeys: DataKeys;
  readonly signingKeys: SigningKeys;
  readonly proofKeys: ProofKeys;
  readonly masterKey: MasterKey;
  /** The master key before it, while keys are moved from there. */
  readonly previousMasterKey: MasterKey | undefined;
  /** Where everything lies that master keys wrapped. */
  readonly wrapped: WrappedPlaces;
  /** Overwrites them. */
  close(): void;
}

/**
 * Opens the vault: the master key, one data key per org, the keys that sign JWTs and proofs.
 * @throws MasterKeyUnusable no usable master key, or another one than wrapped what the database holds: one line that
 *   says so. Nothing was written then.
 * @throws KeysUnavailable KMS does not answer; trying again may help
 */
export async function openVault(options: VaultOptions): Promise<Vault> {
  const { dataDir, region, main, longestTokenMs } = options;
  const keys = signingKeyModel(main);
  await keys.createIndexes();
  const [org, signingKey] = await Promise.all([options.anyOrg(), keys.findOne().select({ _id: 1 }).lean()]);
  const wrapped = wrappedPlaces({ orgs: options.orgs, signingKeys: keys, region });
  const opened = await openMasterKey({
    settings: options.masterKey,
    dataDir,
    region,
    isEmpty: org === undefined && signingKey === null,
    wrappedBy: (id) => wrappedBy(wrapped, id),
    ...(options.onKmsState === undefined ? {} : { onState: options.onKmsState }),
  });
  const { masterKey, previous } = opened;
  const dataKeys = new DataKeys({ masterKey, region, read: options.readKeys });
  try {
    // Every key that lies there must open here: found out now, not by the org whose key it is.
    const opens = new Set([masterKey.id, previous?.id]);
    if ([...(await masterKeysInUse(wrapped))].some((id) => !opens.has(id))) throw new MasterKeyMismatch();
    const newest = org?.dataKeys.at(-1);
    if (org !== undefined && newest !== undefined) await dataKeys.check(org.orgId, newest);
    const proofKeys = await ProofKeys.open({ keys, masterKey, region });
    const signingKeys = await SigningKeys.open({ keys, masterKey, region, longestTokenMs });
    return {
      dataKeys,
      signingKeys,
      proofKeys,
      masterKey,
      previousMasterKey: previous,
      wrapped,
      close: () => {
        dataKeys.close();
        signingKeys.close();
        proofKeys.close();
        opened.close();
      },
    };
  } catch (error) {
    dataKeys.close();
    opened.close();
    if (!(error instanceof MasterKeyMismatch)) throw error;
    if (options.masterKey.kind === 'kms')
      throw new MasterKeyUnusable(
        `KMS_KEY_ID: this key did not wrap the keys in this database for region ${region}. Name the right key, or the one before it as KMS_PREVIOUS_KEY_ID while keys are moved.`,
      );
    throw new MasterKeyUnusable(
      `The master key in ${dataDir} is not the one that wrapped the keys in this database for region ${region}. Put the right key file back, or start with an empty database.`,
    );
  }
}
