import type { OrgUser, SalesforceOrg } from '../org/org.ts';
import type { Row } from '../org/schema.ts';
import { SalesforceError } from '../error.ts';
import { evaluate } from '../soql/query.ts';
import type { Projection } from '../soql/select.ts';
import { invalidLocator, type Cursors } from './cursors.ts';

/** Records of a page when nothing else is asked for, which is also the most. */
const DEFAULT_PAGE = 2_000;
const LEAST_PAGE = 200;

/** The answer to a query, as FACTS B. */
export interface QueryAnswer {
  readonly totalSize: number;
  readonly done: boolean;
  readonly nextRecordsUrl?: string;
  readonly records: readonly Record<string, unknown>[];
}

/**
 * Page size from `Sforce-Query-Options: batchSize=200..2000`.
 * @returns undefined when the header says nothing
 * @throws SalesforceError for a size out of range
 */
export function pageSizeFrom(header: string | string[] | undefined): number | undefined {
  if (header === undefined) return undefined;
  const size = /^\s*batchSize\s*=\s*(\d+)\s*$/i.exec(String(header))?.[1];
  if (size === undefined)
    throw new SalesforceError(400, 'INVALID_QUERY_OPTIONS', 'invalid Sforce-Query-Options header');
  if (Number(size) < LEAST_PAGE || Number(size) > DEFAULT_PAGE) {
    throw new SalesforceError(400, 'INVALID_BATCH_SIZE', `batchSize must be between ${LEAST_PAGE} and ${DEFAULT_PAGE}`);
  }
  return Number(size);
}

interface QueryCall {
  readonly org: SalesforceOrg;
  readonly user: OrgUser;
  readonly cursors: Cursors;
  /** `/services/data/vNN.0`, as the caller named the version. */
  readonly base: string;
  readonly pageSize: number | undefined;
}

/**
 * Answers the first page of a query. URLs in it begin with `/services/data/`, as in Salesforce: jsforce puts its
 * instance URL, path prefix included, in front of them.
 */
export function firstPage(
  call: QueryCall,
  soql: string,
  { withDeleted = false, api = 'data' }: { withDeleted?: boolean; api?: 'data' | 'tooling' } = {},
): QueryAnswer {
  const { org, user, cursors, base } = call;
  const pageSize = call.pageSize ?? DEFAULT_PAGE;
  const keepRest = (rows: readonly Row[], project: Projection): string =>
    `${base}/query/${cursors.open(user, rows, project, pageSize)}-${pageSize}`;
  const result = evaluate(org, user, soql, { withDeleted, pageSize, keepRest, api });
  if (result.kind === 'count') return { totalSize: result.totalSize, done: true, records: [] };
  if (result.kind === 'aggregate') return { totalSize: result.records.length, done: true, records: result.records };
  const { rows, project } = result;
  const records = rows.slice(0, pageSize).map((row) => project(row, base));
  if (rows.length <= pageSize) return { totalSize: rows.length, done: true, records };
  return { totalSize: rows.length, done: false, nextRecordsUrl: keepRest(rows, project), records };
}

/**
 * Answers a further page. Records that were deleted meanwhile are left out, changed ones show what they hold now.
 * @param locator `<cursor>-<offset>`
 * @throws SalesforceError INVALID_QUERY_LOCATOR
 */
export function nextPage({ user, cursors, base, pageSize }: QueryCall, locator: string): QueryAnswer {
  const [, id = '', digits = ''] = /^([A-Za-z0-9]{18})-(\d{1,9})$/.exec(locator) ?? [];
  const cursor = cursors.use(user, id);
  const offset = Number(digits);
  if (offset >= cursor.rows.length) throw invalidLocator();
  const end = offset + (pageSize ?? cursor.pageSize);
  const records = cursor.rows
    .slice(offset, end)
    .filter((row) => row.IsDeleted !== true)
    .map((row) => cursor.project(row, base));
  const totalSize = cursor.rows.length;
  cursor.finished = end >= totalSize;
  if (cursor.finished) return { totalSize, done: true, records };
  return { totalSize, done: false, nextRecordsUrl: `${base}/query/${id}-${end}`, records };
}
