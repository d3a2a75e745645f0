import type { Model } from 'mongoose';
import type { Audit } from '../audit/audit.ts';
import type { Auth } from '../auth/auth.ts';
import type { Inventory } from '../database/inventory.ts';
import type { OrgDocument } from '../database/org-model.ts';
import type { Log } from '../http/log.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Vault } from '../vault/vault.ts';
import { Erasure } from './erasure.ts';
import type { HeldData } from './held-data.ts';
import type { PrivacyModels } from './model.ts';
import { Receipts } from './receipts.ts';
import { Restore } from './restore.ts';

export interface PrivacyParts {
  /** Of `privacyModels`; their indexes are made. */
  readonly models: PrivacyModels;
  readonly orgs: Model<OrgDocument>;
  readonly inventory: Inventory;
  readonly ledger: Ledger;
  readonly vault: Vault;
  readonly audit: Audit;
  readonly auth: Pick<Auth, 'sessions' | 'people'>;
  /** Every room that holds something and must do more than lose its documents. */
  readonly rooms: readonly HeldData[];
  readonly backupDays: number;
  readonly log: Log;
  readonly timing?: { readonly pollMs?: number; readonly sweepAfterMs?: number; readonly beatMs?: number };
}

/** What other rooms, and operators, may ask of privacy. */
export interface Privacy {
  readonly erasure: Erasure;
  readonly receipts: Receipts;
  readonly restore: Restore;
  readonly inventory: Inventory;
  /** Erases what is held about a contact, and keeps it so. Returns how many documents went. */
  eraseContact(orgId: string, contactId: string): Promise<number>;
  close(): Promise<void>;
}

/** Puts erasure and restore together. `restore.begin()` is to be called before a request is served. */
export function openPrivacy(parts: PrivacyParts): Privacy {
  const { models, orgs, inventory, ledger, vault, audit, auth, rooms, log, timing } = parts;
  const receipts = new Receipts({
    receipts: models.receipts,
    proofKeys: vault.proofKeys,
    backupDays: parts.backupDays,
  });
  const erasure = new Erasure({
    jobs: models.jobs,
    receipts,
    orgs,
    inventory,
    ledger,
    dataKeys: vault.dataKeys,
    rooms: [...rooms, { eraseOrg: (orgId) => audit.forget(orgId) }],
    endSessions: (orgId, userId, except) => auth.sessions.endAll(orgId, userId, except),
    destroyUserKeys: (orgId, userId) => auth.people.destroy(orgId, userId),
    log,
    ...timing,
  });
  const restore = new Restore({
    state: models.state,
    ledger,
    erasure,
    inventory,
    proofKeys: vault.proofKeys,
    rooms,
    endAllSessions: () => auth.sessions.endEverything(),
    isEmpty: async () => (await orgs.exists({})) === null,
    log,
    ...timing,
  });
  return {
    erasure,
    receipts,
    restore,
    inventory,
    eraseContact: async (orgId, contactId) => {
      const [contact = ''] = vault.proofKeys.macs(`contact:${orgId}`, contactId);
      await ledger.append({ type: 'contact_erased', org: orgId, contact });
      return inventory.eraseContact(orgId, contactId);
    },
    close: async () => {
      await restore.close();
      await erasure.close();
    },
  };
}
