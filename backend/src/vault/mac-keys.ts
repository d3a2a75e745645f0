import { createHmac, randomBytes } from 'node:crypto';
import type { Model } from 'mongoose';
import type { OrgDocument } from '../database/org-model.ts';
import { keyVersionOf } from './envelope.ts';
import { DataKeyMissing, type DataKeys, type OrgPlace } from './data-keys.ts';

const KEY_BYTES = 32;

/**
 * One key per org for values that must be found again and not known: HMAC-SHA-256. It is random, lies sealed in the org's
 * document, and stays the same when the data key is rotated; whoever erases the org's keys erases it, too.
 */
export class MacKeys {
  readonly #orgs: Model<OrgDocument>;
  readonly #dataKeys: DataKeys;

  constructor(orgs: Model<OrgDocument>, dataKeys: DataKeys) {
    this.#orgs = orgs;
    this.#dataKeys = dataKeys;
  }

  /**
   * @param purpose separates values of different kinds that read the same
   * @returns 43 base64url characters
   * @throws DataKeyMissing the org was erased; MasterKeyMismatch; EnvelopeUnreadable
   */
  async mac(orgId: string, purpose: string, value: string): Promise<string> {
    const key = await this.#key(orgId);
    const mac = createHmac('sha256', key)
      .update(JSON.stringify([purpose, value]))
      .digest('base64url');
    key.fill(0);
    return mac;
  }

  /** Under which version of the data key an org's key lies, for its rotation. */
  async dataKeyVersions(orgId: string): Promise<ReadonlyMap<string, number>> {
    const sealed = await this.#sealed(orgId);
    return new Map(sealed === undefined ? [] : [[keyVersionOf(sealed), 1]]);
  }

  /** Seals the key again where it lies under another version than `newest`. @returns how many were changed */
  async rewrap(orgId: string, newest: string): Promise<number> {
    const sealed = await this.#sealed(orgId);
    if (sealed === undefined || keyVersionOf(sealed) === newest) return 0;
    const key = await this.#dataKeys.open(orgId, macKeyPlace(orgId), sealed);
    const fresh = await this.#dataKeys.seal(orgId, macKeyPlace(orgId), key);
    key.fill(0);
    const changed = await this.#orgs.updateOne({ _id: orgId, macKey: sealed }, { $set: { macKey: fresh } });
    return changed.modifiedCount;
  }

  async #key(orgId: string): Promise<Buffer> {
    let sealed = await this.#sealed(orgId);
    if (sealed === undefined) {
      const fresh = await this.#dataKeys.seal(orgId, macKeyPlace(orgId), randomBytes(KEY_BYTES));
      // Of several that make one at once, the first stays.
      await this.#orgs.updateOne({ _id: orgId, macKey: { $exists: false } }, { $set: { macKey: fresh } });
      sealed = await this.#sealed(orgId);
    }
    if (sealed === undefined) throw new DataKeyMissing();
    return this.#dataKeys.open(orgId, macKeyPlace(orgId), sealed);
  }

  async #sealed(orgId: string): Promise<string | undefined> {
    return (await this.#orgs.findOne({ _id: orgId }).select({ macKey: 1 }).lean())?.macKey;
  }
}

/** Where the key lies; what rotates data keys opens and seals it there. */
export function macKeyPlace(orgId: string): OrgPlace {
  return { user: '', provider: '', collection: 'orgs', field: 'macKey', record: orgId };
}
