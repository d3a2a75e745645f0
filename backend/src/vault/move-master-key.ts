import type { Model } from 'mongoose';
import type { OrgDocument } from '../database/org-model.ts';
import type { MasterKey } from './master-key.ts';
import type { SigningKeyDocument } from './signing-key-model.ts';

export interface MoveOptions {
  readonly orgs: Model<OrgDocument>;
  readonly signingKeys: Model<SigningKeyDocument>;
  readonly region: string;
  readonly from: MasterKey;
  readonly to: MasterKey;
  /** Ends the move between two keys; what is moved by then stays moved. */
  readonly signal?: AbortSignal;
}

/** How many keys were wrapped anew (`signingKeys`: those that sign proofs, too), and how many another process changed meanwhile: run again until that is 0. */
export interface Moved {
  readonly dataKeys: number;
  readonly signingKeys: number;
  readonly changedMeanwhile: number;
}

/**
 * Wraps every data key and signing key that `from` wrapped under `to`: from the key file to KMS, or from one key of KMS
 * to the next. No value is sealed anew and no rep is needed. Each key is one write, which happens only if nobody changed
 * that key meanwhile: so it can be ended at any moment and run again, by several at once, beside processes that serve
 * (they open both while `KMS_PREVIOUS_KEY_ID` is set). `from` is needed no more once a run finds nothing.
 * @throws MasterKeyMismatch a key that says `from` wrapped it does not open; KeysUnavailable KMS is away
 */
export async function moveMasterKey(options: MoveOptions): Promise<Moved> {
  const { orgs, signingKeys, region, from, to, signal } = options;
  const moved = { dataKeys: 0, signingKeys: 0, changedMeanwhile: 0 };
  const rewrap = async (wrapped: string, context: Readonly<Record<string, string>>): Promise<string> => {
    signal?.throwIfAborted();
    const key = await from.unwrap(wrapped, context);
    try {
      return await to.wrap(key, context);
    } finally {
      key.fill(0);
    }
  };

  for await (const org of orgs.find().select({ dataKeys: 1 }).sort({ _id: 1 }).lean().cursor()) {
    for (const { version, masterKey, wrapped } of org.dataKeys) {
      if (masterKey !== from.id) continue;
      const anew = await rewrap(wrapped, { app: 'oneshot', purpose: 'data-key', region, org: org._id, version });
      const { modifiedCount } = await orgs.updateOne(
        { _id: org._id },
        { $set: { 'dataKeys.$[key].wrapped': anew, 'dataKeys.$[key].masterKey': to.id } },
        { arrayFilters: [{ 'key.version': version, 'key.wrapped': wrapped }] },
      );
      moved[modifiedCount === 1 ? 'dataKeys' : 'changedMeanwhile'] += 1;
    }
  }
  for (const { _id, masterKey, wrapped } of await signingKeys.find().sort({ sequence: 1 }).lean()) {
    if (masterKey !== from.id) continue;
    const anew = await rewrap(wrapped, { app: 'oneshot', purpose: 'signing-key', region, kid: _id });
    const { modifiedCount } = await signingKeys.updateOne(
      { _id, wrapped },
      { $set: { wrapped: anew, masterKey: to.id } },
    );
    moved[modifiedCount === 1 ? 'signingKeys' : 'changedMeanwhile'] += 1;
  }
  return moved;
}
