import type { CrmConnection } from '../salesforce/connection.ts';
import { CrmAccessDenied, CrmFieldHidden, CrmNotFound, CrmObjectHidden } from '../salesforce/errors.ts';
import { field, fields, soql, number } from '../salesforce/soql.ts';
import type { Region } from '../regions.ts';
import { RegionUnreadable } from './problems.ts';

/**
 * Where the customer's data lives, by the record in their own Salesforce, read live as the rep (DESIGN 5).
 * @returns the region their record names; `here` when the object is readable and holds no record
 * @throws RegionUnreadable the rep may not read it, there are two records, or it names no region of ours
 * @throws the Crm errors of CrmConnection for anything else
 */
export async function readHomeRegion(
  crm: CrmConnection,
  regions: readonly Region[],
  here: Region,
  signal: AbortSignal,
): Promise<Region> {
  const records = await homeRegionRecords(crm, signal);
  if (records.length === 0) return here;
  const name = records[0]?.[crm.packaged('HomeRegion__c')];
  const region = regions.find((known) => known.name === name);
  if (records.length > 1 || region === undefined) throw new RegionUnreadable();
  return region;
}

async function homeRegionRecords(
  crm: CrmConnection,
  signal: AbortSignal,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  try {
    // Two are enough to know that there is more than one.
    return await crm.queryAll(
      soql`SELECT ${fields(['Id', crm.packaged('HomeRegion__c')])} FROM ${field(crm.packaged('OneShotOrg__c'))} LIMIT ${number(2)}`,
      signal,
    );
  } catch (error) {
    const isHidden =
      error instanceof CrmFieldHidden ||
      error instanceof CrmObjectHidden ||
      error instanceof CrmAccessDenied ||
      error instanceof CrmNotFound;
    throw isHidden ? new RegionUnreadable() : error;
  }
}
