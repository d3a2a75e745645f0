import type { CrmConnection } from '../salesforce/connection.ts';
import { CrmSessionExpired, CrmLimitReached } from '../salesforce/errors.ts';
import { ProblemError } from '../http/problem.ts';

/** The org's API calls for 24 hours. Null: Salesforce did not say. */
export interface OrgLimit {
  readonly max: number | null;
  readonly remaining: number | null;
}

/**
 * Asks Salesforce for the org's limit. An org whose calls are used up answers nothing else, and that is known then.
 * @throws CrmSessionExpired; the signal's reason
 */
export async function orgLimit(crm: CrmConnection, signal: AbortSignal): Promise<OrgLimit> {
  try {
    return await crm.apiLimit(signal);
  } catch (error) {
    if (error instanceof CrmLimitReached) return { max: null, remaining: 0 };
    if (error instanceof CrmSessionExpired || !(error instanceof ProblemError)) throw error;
    return { max: null, remaining: null };
  }
}
