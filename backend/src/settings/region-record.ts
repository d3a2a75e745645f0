import type { Model } from 'mongoose';
import { readHomeRegion } from '../auth/home-region.ts';
import { RegionUnreadable, WrongRegion } from '../auth/problems.ts';
import type { OrgDocument } from '../database/org-model.ts';
import type { Region } from '../regions.ts';
import type { CrmConnection } from '../salesforce/connection.ts';
import { field, fields, number, soql } from '../salesforce/soql.ts';

/** Longer than the two calls to Salesforce can take, in milliseconds; a process that dies meanwhile blocks no longer. */
const CLAIM_MS = 4 * 60_000;

/** Writes the org's home region into the customer's own Salesforce at the admin's first save (DESIGN 5). */
export class RegionRecord {
  readonly #orgs: Model<OrgDocument>;
  readonly #regions: readonly Region[];
  readonly #here: Region;

  constructor(orgs: Model<OrgDocument>, regions: readonly Region[], here: Region) {
    this.#orgs = orgs;
    this.#regions = regions;
    this.#here = here;
  }

  /**
   * Makes sure that the record is there and names this region. Two records would lock every rep out, so one process at
   * a time may write one.
   * @throws RegionUnreadable; WrongRegion the record names another one; the Crm errors of CrmConnection
   */
  async ensure(orgId: string, crm: CrmConnection, signal: AbortSignal): Promise<void> {
    const region = await readHomeRegion(crm, this.#regions, this.#here, signal);
    if (region.name !== this.#here.name) throw new WrongRegion(region.label, region.backendUrl);
    if ((await this.#exists(crm, signal)) || !(await this.#claim(orgId))) return;
    try {
      if (!(await this.#exists(crm, signal)))
        await crm.create(crm.packaged('OneShotOrg__c'), { [crm.packaged('HomeRegion__c')]: region.name }, signal);
    } finally {
      await this.#orgs.updateOne({ _id: orgId }, { $unset: { regionClaimedAt: 1 } });
    }
  }

  /**
   * Makes the record name another region: from then on every rep is sent there. Made where it is missing.
   * @throws RegionUnreadable there are two records; the Crm errors of CrmConnection
   */
  async move(orgId: string, to: Region, crm: CrmConnection, signal: AbortSignal): Promise<void> {
    // Already there where a change was cut off before it was finished here.
    if ((await readHomeRegion(crm, this.#regions, this.#here, signal)).name === to.name) return;
    await this.ensure(orgId, crm, signal);
    const [record] = await crm.queryAll(
      soql`SELECT ${fields(['Id'])} FROM ${field('OneShotOrg__c')} LIMIT ${number(1)}`,
      signal,
    );
    if (typeof record?.Id !== 'string') throw new RegionUnreadable();
    await crm.update('OneShotOrg__c', record.Id, { HomeRegion__c: to.name }, signal);
  }

  async #exists(crm: CrmConnection, signal: AbortSignal): Promise<boolean> {
    const found = await crm.queryAll(
      soql`SELECT ${fields(['Id'])} FROM ${field(crm.packaged('OneShotOrg__c'))} LIMIT ${number(1)}`,
      signal,
    );
    return found.length > 0;
  }

  async #claim(orgId: string): Promise<boolean> {
    const now = new Date();
    const stale = new Date(now.getTime() - CLAIM_MS);
    const claimed = await this.#orgs.updateOne(
      { _id: orgId, $or: [{ regionClaimedAt: { $exists: false } }, { regionClaimedAt: { $lt: stale } }] },
      { $set: { regionClaimedAt: now } },
    );
    return claimed.matchedCount === 1;
  }
}
