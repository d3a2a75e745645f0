import { ProblemError } from '../http/problem.ts';
import type { CrmConnection, CrmRecord, SObjectDescribe } from '../salesforce/connection.ts';
import {
  CrmAccessDenied,
  CrmFieldHidden,
  CrmNotFound,
  CrmObjectHidden,
  CrmSessionExpired,
} from '../salesforce/errors.ts';
import type { Soql } from '../salesforce/soql.ts';

const HIDDEN = [CrmFieldHidden, CrmObjectHidden, CrmAccessDenied, CrmNotFound];

/** Something in Salesforce that the admin may not read, or that did not answer: the check says so and guesses nothing. */
export class NotSeen {
  readonly sentence: 'unreadable' | 'away';
  readonly problem: ProblemError;

  constructor(problem: ProblemError) {
    this.problem = problem;
    const isHidden = HIDDEN.some((kind) => problem instanceof kind);
    this.sentence = isHidden ? 'unreadable' : 'away';
  }
}

/**
 * Looks something up, and comes back with NotSeen where that does not work.
 * @throws CrmSessionExpired, and what is no problem of Salesforce's
 */
export async function look<T>(read: () => Promise<T>): Promise<T | NotSeen> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof CrmSessionExpired || !(error instanceof ProblemError)) throw error;
    return new NotSeen(error);
  }
}

/** How many records a query counts. */
export async function countOf(crm: CrmConnection, query: Soql, signal: AbortSignal): Promise<number> {
  for await (const { totalSize } of crm.queryPages(query, signal)) return totalSize;
  return 0;
}

/** Describes an object; undefined where it is not there, or not for this admin. */
export async function describeIfThere(
  crm: CrmConnection,
  sObject: string,
  signal: AbortSignal,
): Promise<SObjectDescribe | undefined> {
  try {
    return await crm.describe(sObject, signal);
  } catch (error) {
    if (error instanceof CrmObjectHidden) return undefined;
    throw error;
  }
}

/** The text of a record's field, '' where it has none. */
export const textIn = (record: CrmRecord, name: string): string => {
  const value = record[name];
  return typeof value === 'string' ? value : '';
};
