import type { Model } from 'mongoose';
import type { OrgDocument } from '../database/org-model.ts';
import { dataKeyContext } from './data-keys.ts';
import type { MasterKey, WrapContext, WrapPurpose } from './master-key.ts';
import { signingKeyContext, type SigningKeyDocument } from './signing-key-model.ts';

/** A key that lies wrapped in the database. */
export interface WrappedKey {
  /** `MasterKey.id` of the key that wrapped it. */
  readonly masterKey: string;
  readonly wrapped: string;
  readonly context: WrapContext;
  /** Puts the same key back as another master key wrapped it. @returns false where somebody changed it meanwhile */
  readonly replace: (wrapped: string, masterKey: MasterKey) => Promise<boolean>;
}

/** Where keys of one kind lie. */
export interface WrappedPlace {
  readonly collection: string;
  /** Ids of the master keys that wrapped something there. */
  masterKeys(): Promise<readonly string[]>;
  /** All of them, in an order that stays. */
  all(): AsyncIterable<WrappedKey>;
}

/** Kinds of keys that are kept; a probe is thrown away. */
export type KeptPurpose = Exclude<WrapPurpose, 'probe'>;

/**
 * Everything that the master key wraps: what a move to another master key has to reach. A kind of key that comes new names
 * its purpose where it is wrapped, and does not compile until its place stands here.
 */
export type WrappedPlaces = Readonly<Record<KeptPurpose, WrappedPlace>>;

export interface WrappedKeyModels {
  readonly orgs: Model<OrgDocument>;
  readonly signingKeys: Model<SigningKeyDocument>;
  readonly region: string;
}

export function wrappedPlaces({ orgs, signingKeys, region }: WrappedKeyModels): WrappedPlaces {
  return {
    'data-key': {
      collection: 'orgs',
      masterKeys: async () => (await orgs.distinct('dataKeys.masterKey')) as string[],
      all: async function* () {
        for await (const { _id, dataKeys } of orgs.find().select({ dataKeys: 1 }).sort({ _id: 1 }).lean().cursor())
          for (const { version, masterKey, wrapped } of dataKeys)
            yield {
              masterKey,
              wrapped,
              context: dataKeyContext(region, _id, version),
              replace: async (anew, by) => {
                const { modifiedCount } = await orgs.updateOne(
                  { _id },
                  { $set: { 'dataKeys.$[key].wrapped': anew, 'dataKeys.$[key].masterKey': by.id } },
                  { arrayFilters: [{ 'key.version': version, 'key.wrapped': wrapped }] },
                );
                return modifiedCount === 1;
              },
            };
      },
    },
    // Those that sign JWTs, and with a negative sequence those that sign proofs.
    'signing-key': {
      collection: 'signingKeys',
      masterKeys: () => signingKeys.distinct('masterKey'),
      all: async function* () {
        for (const { _id, masterKey, wrapped } of await signingKeys.find().sort({ sequence: 1 }).lean())
          yield {
            masterKey,
            wrapped,
            context: signingKeyContext(region, _id),
            replace: async (anew, by) => {
              const change = { $set: { wrapped: anew, masterKey: by.id } };
              return (await signingKeys.updateOne({ _id, wrapped }, change)).modifiedCount === 1;
            },
          };
      },
    },
  };
}

/** Ids of all master keys that are needed to open what lies in the database. */
export async function masterKeysInUse(places: WrappedPlaces): Promise<ReadonlySet<string>> {
  const lists = await Promise.all(Object.values(places).map((place) => place.masterKeys()));
  return new Set(lists.flat());
}

/** Any key that this master key wrapped; undefined: nothing lies under it. */
export async function wrappedBy(places: WrappedPlaces, masterKey: string): Promise<WrappedKey | undefined> {
  for (const place of Object.values(places)) {
    if (!(await place.masterKeys()).includes(masterKey)) continue;
    for await (const key of place.all()) if (key.masterKey === masterKey) return key;
  }
  return undefined;
}
