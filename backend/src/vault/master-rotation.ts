import type { Model } from 'mongoose';
import type { OrgDocument } from '../database/org-model.ts';
import { dataKeyContext } from './data-keys.ts';
import type { MasterKey } from './master-key.ts';
import type { SigningKeyDocument } from './signing-key-model.ts';
import { signingKeyContext } from './signing-keys.ts';

export interface MasterRotationParts {
  readonly orgs: Model<OrgDocument>;
  readonly signingKeys: Model<SigningKeyDocument>;
  readonly region: string;
  /** Opens what was wrapped so far. */
  readonly from: MasterKey;
  readonly to: MasterKey;
}

/** What a run did. `left` 0: nothing names the old key any more, and it can be retired. */
export interface MasterRotation {
  readonly rewrapped: number;
  readonly left: number;
}

/**
 * Wraps every data key and signing key under another master key. Nothing is sealed anew and nobody is signed out. Each
 * key is one update that names what it replaces: the run can be killed anywhere and repeated, in several processes too.
 * Processes must be able to open both keys while it runs.
 * @throws MasterKeyMismatch a key that neither of the two wrapped
 */
export async function rotateMasterKey(parts: MasterRotationParts): Promise<MasterRotation> {
  const { orgs, signingKeys, region, from, to } = parts;
  let rewrapped = 0;
  const again = async (wrapped: string, context: ReturnType<typeof dataKeyContext>): Promise<string> => {
    const key = await from.unwrap(wrapped, context);
    const fresh = await to.wrap(key, context);
    key.fill(0);
    return fresh;
  };
  for await (const org of orgs.find({ 'dataKeys.masterKey': from.id }).select({ dataKeys: 1 }).lean()) {
    for (const { version, wrapped, masterKey } of org.dataKeys) {
      if (masterKey !== from.id) continue;
      const fresh = await again(wrapped, dataKeyContext(region, org._id, version));
      const changed = await orgs.updateOne(
        { _id: org._id, dataKeys: { $elemMatch: { version, wrapped } } },
        { $set: { 'dataKeys.$.wrapped': fresh, 'dataKeys.$.masterKey': to.id } },
      );
      rewrapped += changed.modifiedCount;
    }
  }
  for (const { _id, wrapped } of await signingKeys.find({ masterKey: from.id }).lean()) {
    const fresh = await again(wrapped, signingKeyContext(region, _id));
    const changed = await signingKeys.updateOne({ _id, wrapped }, { $set: { wrapped: fresh, masterKey: to.id } });
    rewrapped += changed.modifiedCount;
  }
  const [orgsLeft, signingLeft] = await Promise.all([
    orgs.countDocuments({ 'dataKeys.masterKey': from.id }),
    signingKeys.countDocuments({ masterKey: from.id }),
  ]);
  return { rewrapped, left: orgsLeft + signingLeft };
}
