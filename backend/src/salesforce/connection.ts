import type { CallPurpose } from './call-purpose.ts';
import type { JsonBytes } from './json-bytes.ts';
import type { Soql } from './soql.ts';

/** One page of a query. `records` are fresh plain objects that nobody else holds. */
export interface QueryPage {
  readonly records: readonly CrmRecord[];
  /** Salesforce's count of the whole result, not of this page. */
  readonly totalSize: number;
  readonly isLast: boolean;
}

/** One page of a query as bytes, for lists so long that making objects of them would cost most of the time. */
export interface QueryBytes {
  /** At the array of records; its bytes are the caller's, who overwrites them when done. */
  readonly records: JsonBytes;
  readonly totalSize: number;
  readonly isLast: boolean;
}

/** A record as Salesforce sent it: `attributes`, fields, nested parents and child lists. */
export type CrmRecord = Readonly<Record<string, unknown>>;

/** The part of a describe that the product uses. Fields that the rep may not see are absent (FACTS B). */
export interface SObjectDescribe {
  readonly name: string;
  readonly fields: ReadonlyMap<string, FieldDescribe>;
}

export interface FieldDescribe {
  readonly name: string;
  readonly label: string;
  readonly type: string;
  readonly custom: boolean;
  readonly calculated: boolean;
  readonly filterable: boolean;
  readonly sortable: boolean;
  readonly encrypted: boolean;
  /** Whether field-level security applies to it; everybody who sees the record reads the others. */
  readonly permissionable: boolean;
  readonly createable: boolean;
  readonly updateable: boolean;
  readonly relationshipName: string | null;
  readonly referenceTo: readonly string[];
}

/**
 * The rep's own connection to the customer's Salesforce. Every call runs as the rep and ends by `signal`, by its
 * time-outs, or with a result. It never refreshes a token, never follows a redirect, never leaves the instance host.
 *
 * All methods throw
 * - CrmSessionExpired: 401, sign in again
 * - CrmFieldHidden: the rep may not see a field of the query
 * - CrmObjectHidden: the rep may not see the object
 * - CrmApiDisabled, CrmLimitReached: 403 with Salesforce's code
 * - CrmUnavailable: time-out, 5xx, cut connection, after the bounded retries of reads
 * - CrmInvalid: an answer that is not what Salesforce's documentation says
 */
export interface CrmConnection {
  /** Pages of 2,000, read one after the other; stop iterating and no further page is asked for. */
  queryPages(soql: Soql, signal: AbortSignal): AsyncGenerator<QueryPage, void, undefined>;
  /** The same pages, whose records are still JSON text. */
  queryBytes(soql: Soql, signal: AbortSignal): AsyncGenerator<QueryBytes, void, undefined>;
  /** All records of a small result; `limit` guards memory (default 2,000), more is CrmInvalid. */
  queryAll(soql: Soql, signal: AbortSignal, limit?: number): Promise<readonly CrmRecord[]>;
  describe(sObject: string, signal: AbortSignal): Promise<SObjectDescribe>;
  /** One record by id, the named fields only; `undefined` when it does not exist or the rep may not see it. */
  retrieve(sObject: string, id: string, fields: readonly string[], signal: AbortSignal): Promise<CrmRecord | undefined>;
  /** @throws CrmDuplicate a unique field holds that value already */
  create(
    sObject: string,
    fields: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
  ): Promise<{ readonly id: string }>;
  update(sObject: string, id: string, fields: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<void>;
  /** Of this package in the customer's org; undefined where it is installed without one. */
  readonly namespace: string | undefined;
  /**
   * API name of an object or field of this package in the customer's org: a managed package has its namespace in front
   * (`OneShotKey__c` -> `acme__OneShotKey__c`). Records hold the field under that name, too.
   */
  packaged(name: string): string;
  /** The same connection, its calls counted for another purpose. */
  countedAs(purpose: CallPurpose): CrmConnection;
  /** `DailyApiRequests` of `/limits`. */
  apiLimit(signal: AbortSignal): Promise<{ readonly max: number; readonly remaining: number }>;
}
