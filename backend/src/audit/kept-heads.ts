import type { Rep } from '../auth/rep.ts';
import { NotFound } from '../http/problems.ts';
import type { CrmConnection, CrmRecord } from '../salesforce/connection.ts';
import { CrmAccessDenied, CrmDuplicate, CrmFieldHidden, CrmNotFound, CrmObjectHidden } from '../salesforce/errors.ts';
import { field, fields, number, soql, text, type Soql } from '../salesforce/soql.ts';
import { sha256Text } from '../vault/digest.ts';
import type { Audit } from './audit.ts';
import type { SignedHead } from './heads.ts';
import { HeadObjectMissing, KeptHeadUnreadable } from './problems.ts';

/** A head as it lies in the customer's Salesforce. */
export interface KeptHead extends SignedHead {
  /** When Salesforce took it, ISO 8601. */
  readonly keptAt: string;
  /** Whether the trail still has this very entry; null where the record is not what we signed. */
  readonly holds: boolean | null;
}

/** The same in numbers, for evidence. */
export interface KeptHeadsSummary {
  readonly heads: number;
  /** When the newest was kept, ISO 8601. */
  readonly newestAt: string | null;
  readonly contradicting: number;
}

/** More heads than a year has days say nothing more. */
const MOST = 400;

const OBJECT = 'OneShotAuditHead__c';
const FIELDS = {
  org: 'Trail__c',
  seq: 'Entries__c',
  hash: 'Hash__c',
  at: 'SignedAt__c',
  signature: 'Signature__c',
  request: 'Request__c',
} as const;

/**
 * Signed heads of an org's trail in the customer's own Salesforce, where we cannot reach: a trail that is cut off or
 * written anew later contradicts them. Written and read as the admin who asks, whose permission set may add such
 * records and neither change nor delete one, so that a stolen session cannot take them back.
 */
export class KeptHeads {
  readonly #audit: Audit;

  constructor(audit: Audit) {
    this.#audit = audit;
  }

  /**
   * Writes the head of now. The same key again: the same record, whichever process is asked, because Salesforce takes
   * its `Request__c` once.
   * @throws NotFound there is no trail yet; HeadObjectMissing; the Crm errors of CrmConnection: the same key tells
   */
  async keep(rep: Rep, key: string, signal: AbortSignal): Promise<KeptHead> {
    const { orgId, userId, crm } = rep;
    const request = sha256Text(`${orgId} ${userId} ${key}`);
    try {
      const known = await this.#find(crm, requested(crm, request), signal);
      if (known[0] !== undefined) return await this.#shown(orgId, known[0]);
      const head = await this.#audit.head(orgId);
      if (head === undefined) throw new NotFound();
      const values = { ...head, request };
      const record = Object.entries(FIELDS).map(([name, api]) => [
        crm.packaged(api),
        values[name as keyof typeof FIELDS],
      ]);
      try {
        await crm.create(crm.packaged(OBJECT), Object.fromEntries(record) as Record<string, unknown>, signal);
      } catch (error) {
        if (!(error instanceof CrmDuplicate)) throw error; // the same request, a moment earlier
      }
      const [kept] = await this.#find(crm, requested(crm, request), signal);
      if (kept === undefined) throw new KeptHeadUnreadable();
      await this.#audit.append({ orgId, actor: userId, action: 'audit_head_kept', target: 'salesforce' });
      return await this.#shown(orgId, kept);
    } catch (error) {
      throw isMissing(error) ? new HeadObjectMissing() : error;
    }
  }

  /** The heads that are kept of this trail, the newest first. @throws as `keep` */
  async list(rep: Rep, signal: AbortSignal): Promise<readonly KeptHead[]> {
    const { orgId, crm } = rep;
    try {
      const found = await this.#find(crm, keptOf(crm, orgId), signal);
      return await Promise.all(found.map((head) => this.#shown(orgId, head)));
    } catch (error) {
      throw isMissing(error) ? new HeadObjectMissing() : error;
    }
  }

  /** In numbers; undefined where Salesforce cannot be asked, or the object is not there. */
  async summary(rep: Rep, signal: AbortSignal): Promise<KeptHeadsSummary | undefined> {
    try {
      const heads = (await this.list(rep, signal)).filter(({ holds }) => holds !== null);
      return {
        heads: heads.length,
        newestAt: heads[0]?.keptAt ?? null,
        contradicting: heads.filter(({ holds }) => holds === false).length,
      };
    } catch {
      return undefined;
    }
  }

  async #find(crm: CrmConnection, query: Soql, signal: AbortSignal): Promise<readonly Omit<KeptHead, 'holds'>[]> {
    return (await crm.queryAll(query, signal, MOST)).flatMap((record) => headIn(crm, record) ?? []);
  }

  async #shown(orgId: string, { keptAt, ...head }: Omit<KeptHead, 'holds'>): Promise<KeptHead> {
    return { ...head, keptAt, holds: await this.#audit.agreesWith(orgId, head) };
  }
}

const columnsOf = (crm: CrmConnection) =>
  fields(['CreatedDate', ...Object.values(FIELDS).map((name) => crm.packaged(name))]);

const requested = (crm: CrmConnection, request: string): Soql =>
  soql`SELECT ${columnsOf(crm)} FROM ${field(crm.packaged(OBJECT))} WHERE ${field(crm.packaged(FIELDS.request))} = ${text(request)} LIMIT ${number(1)}`;

const keptOf = (crm: CrmConnection, orgId: string): Soql =>
  soql`SELECT ${columnsOf(crm)} FROM ${field(crm.packaged(OBJECT))} WHERE ${field(crm.packaged(FIELDS.org))} = ${text(orgId)} ORDER BY CreatedDate DESC, Id DESC LIMIT ${number(MOST)}`;

/** A record that somebody wrote by hand may hold anything. */
function headIn(crm: CrmConnection, record: CrmRecord): Omit<KeptHead, 'holds'> | undefined {
  const of = (name: keyof typeof FIELDS): unknown => record[crm.packaged(FIELDS[name])];
  const [org, seq, hash, at, signature, created] = [
    of('org'),
    of('seq'),
    of('hash'),
    of('at'),
    of('signature'),
    record.CreatedDate,
  ];
  if (typeof seq !== 'number' || !Number.isSafeInteger(seq)) return undefined;
  if (![org, hash, at, signature, created].every((value) => typeof value === 'string')) return undefined;
  const keptAt = new Date(created as string);
  if (Number.isNaN(keptAt.getTime())) return undefined;
  const texts = { org, hash, at, signature } as Record<'org' | 'hash' | 'at' | 'signature', string>;
  return { ...texts, seq, keptAt: keptAt.toISOString() };
}

/** The package is older than this object, or this admin lacks the permission set that has it. */
const isMissing = (error: unknown): boolean =>
  error instanceof CrmObjectHidden ||
  error instanceof CrmAccessDenied ||
  error instanceof CrmFieldHidden ||
  error instanceof CrmNotFound;
