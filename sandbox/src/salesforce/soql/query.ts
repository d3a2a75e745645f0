import {
  parseQuery,
  type FieldType,
  type OrderByClause,
  type Query,
  type Subquery,
} from '@jetstreamapp/soql-parser-js';
import type { OrgUser, SalesforceOrg } from '../org/org.ts';
import type { ObjectSchema, Row } from '../org/schema.ts';
import { SalesforceError } from '../error.ts';
import { compileAggregate, isAggregate } from './aggregate.ts';
import { requireIdField } from './comparison.ts';
import { compileOrder } from './order.ts';
import { malformed } from './refusal.ts';
import { Scope } from './scope.ts';
import { compileSelect, writtenOf, type Children, type Projection } from './select.ts';
import { compileWhere } from './where.ts';

/** Salesforce's limit for one statement, characters. */
const MAX_LENGTH = 100_000;
const MAX_OFFSET = 2_000;

/** What a query gives: a number, finished records, or rows that are made into records page by page. */
export type QueryResult =
  | { readonly kind: 'count'; readonly totalSize: number }
  | { readonly kind: 'aggregate'; readonly records: readonly Record<string, unknown>[] }
  | { readonly kind: 'rows'; readonly object: string; readonly rows: readonly Row[]; readonly project: Projection };

/** Keeps what of a subquery's records does not fit a page. @returns the URL of the rest */
export type KeepRest = (rows: readonly Row[], project: Projection, base: string) => string;

export interface QueryOptions {
  /** `queryAll`: rows in the recycle bin too. */
  readonly withDeleted: boolean;
  /** Records of one subquery in one parent before the rest goes to a page of its own. */
  readonly pageSize: number;
  readonly keepRest: KeepRest;
  /** Which API is asked: the Tooling API has objects of its own. */
  readonly api?: 'data' | 'tooling';
}

/**
 * Parses and evaluates a SOQL query as a user. Sharing drops rows in silence, field-level security refuses fields.
 * What is not evaluated exactly is refused.
 * @throws SalesforceError MALFORMED_QUERY, INVALID_FIELD, INVALID_TYPE, INVALID_QUERY_FILTER_OPERATOR,
 *   NUMBER_OUTSIDE_VALID_RANGE, EXCEEDED_ID_LIMIT
 */
export function evaluate(org: SalesforceOrg, user: OrgUser, soql: string, options: QueryOptions): QueryResult {
  if (soql.length > MAX_LENGTH) throw malformed(`SOQL statements cannot be longer than ${MAX_LENGTH} characters.`);
  const query = parse(soql);
  requireKnownClauses(query);
  const scope = new Scope(org, user, soql, options.api);
  const object = scope.object(query.sObject ?? '');
  const { fields = [], sObjectAlias: alias } = query;

  if (isCount(fields)) {
    if (query.orderBy !== undefined || query.groupBy !== undefined) throw malformed("unexpected token: 'ORDER'");
    return { kind: 'count', totalSize: slice(matching(scope, object, query, alias, options), query).length };
  }
  if (isAggregate(query)) {
    const aggregate = compileAggregate(scope, object, query, alias);
    return { kind: 'aggregate', records: slice(aggregate(matching(scope, object, query, alias, options)), query) };
  }
  const project = compileSelect(scope, object, fields, alias, ({ subquery }) =>
    compileChildren(scope, object, subquery, options),
  );
  const sort = sorter(scope, object, query.orderBy, alias);
  const rows = matching(scope, object, query, alias, options);
  return { kind: 'rows', object: object.name, rows: slice(sort(rows), query), project };
}

function parse(soql: string): Query {
  try {
    return parseQuery(oneSpaced(soql));
  } catch (error) {
    // The parser's own sentence speaks of its tokens; what Salesforce would complain about is in there.
    const message = error instanceof Error ? error.message : '';
    const token =
      /but found:? ?(?:-->|')? ?'?([^'\s]+)'?/.exec(message.replace("''", '<EOF>'))?.[1] ??
      /unexpected character: ->(.)<-/.exec(message)?.[1];
    throw malformed(token === undefined ? 'unexpected token' : `unexpected token: '${token}'`);
  }
}

/** The parser knows `ORDER BY` and the like with one space only: runs of white space outside of strings become one. */
const oneSpaced = (soql: string): string =>
  soql.replace(/'(?:\\.|[^'\\])*'|\s+/g, (part) => (part.startsWith("'") ? part : ' '));

/** Clauses that are evaluated, with the parser's names. */
const CLAUSES = new Set(['fields', 'sObject', 'sObjectAlias', 'where', 'limit', 'offset', 'groupBy', 'orderBy']);
const CHILD_CLAUSES = new Set(['fields', 'relationshipName', 'where', 'limit', 'orderBy']);

/** Clauses that are refused, with their words in SOQL. */
const WORDS: Readonly<Record<string, string>> = {
  usingScope: 'USING',
  having: 'HAVING',
  withDataCategory: 'WITH',
  withSecurityEnforced: 'WITH',
  withAccessLevel: 'WITH',
  for: 'FOR',
  update: 'UPDATE',
};

function requireKnownClauses(query: Query | Subquery, known: ReadonlySet<string> = CLAUSES): void {
  for (const [clause, value] of Object.entries(query)) {
    if (value !== undefined && !known.has(clause)) throw malformed(`unexpected token: '${WORDS[clause] ?? clause}'`);
  }
  if ((query.offset ?? 0) > MAX_OFFSET) {
    throw new SalesforceError(400, 'NUMBER_OUTSIDE_VALID_RANGE', `Maximum SOQL offset allowed is ${MAX_OFFSET}`);
  }
}

function isCount(fields: readonly FieldType[]): boolean {
  const [first] = fields;
  return (
    fields.length === 1 &&
    first?.type === 'FieldFunctionExpression' &&
    first.functionName.toUpperCase() === 'COUNT' &&
    first.parameters.length === 0 &&
    first.alias === undefined
  );
}

const slice = <T>(list: readonly T[], { offset = 0, limit }: Query | Subquery): readonly T[] =>
  offset === 0 && limit === undefined ? list : list.slice(offset, limit === undefined ? undefined : offset + limit);

const listOf = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? (value as readonly T[]) : [value as T];

function sorter(
  scope: Scope,
  object: ObjectSchema,
  orderBy: OrderByClause | OrderByClause[] | undefined,
  alias?: string,
): (rows: Row[]) => Row[] {
  const clauses = listOf(orderBy);
  return clauses.length === 0 ? (rows) => rows : compileOrder(scope, object, clauses, alias);
}

/** The rows that the user sees and that pass WHERE, oldest first. */
function matching(
  scope: Scope,
  object: ObjectSchema,
  query: Query,
  alias: string | undefined,
  { withDeleted }: Pick<QueryOptions, 'withDeleted'>,
): Row[] {
  const where =
    query.where === undefined
      ? undefined
      : compileWhere(scope, object, query.where, alias, (inner) => semiJoin(scope, inner));
  const table = scope.org.table(object.name);
  const visible = scope.visible(object.name);
  const fits = (row: Row): boolean => visible(row) && (where === undefined || where.test(row));
  const found: Row[] = [];
  for (const row of where?.candidates?.() ?? table.rows()) if (fits(row)) found.push(row);
  if (withDeleted) for (const row of table.deletedRows()) if (fits(row)) found.push(row);
  return found;
}

/** The inner query of `IN (SELECT ...)`: one id field, no semi-join of its own. */
function semiJoin(scope: Scope, query: Query): ReadonlySet<string> {
  requireKnownClauses(query, new Set(['fields', 'sObject', 'sObjectAlias', 'where']));
  const object = scope.object(query.sObject ?? '');
  const { fields = [], sObjectAlias: alias } = query;
  const [field] = fields;
  if (fields.length !== 1 || (field?.type !== 'Field' && field?.type !== 'FieldRelationship')) {
    throw malformed('A semi-join selects exactly one field');
  }
  const path = scope.path(object, writtenOf(field), alias);
  requireIdField(path, object);
  const where = query.where === undefined ? undefined : compileWhere(scope, object, query.where, alias, undefined);
  const visible = scope.visible(object.name);
  const ids = new Set<string>();
  for (const row of where?.candidates?.() ?? scope.org.table(object.name).rows()) {
    const id = visible(row) && (where?.test(row) ?? true) ? path.get(row) : null;
    if (typeof id === 'string') ids.add(id);
  }
  return ids;
}

/** `(SELECT ... FROM Contacts)`: its records for one parent, in the shape of an answer of its own, or null. */
function compileChildren(scope: Scope, parent: ObjectSchema, query: Subquery, options: QueryOptions): Children {
  requireKnownClauses(query, CHILD_CLAUSES);
  const wanted = query.relationshipName.toLowerCase();
  const relationship = parent.children.find(({ relationshipName }) => relationshipName.toLowerCase() === wanted);
  const object = relationship && scope.org.objectFor(scope.user, relationship.childSObject);
  if (relationship === undefined || object === undefined) {
    const sentence =
      `Didn't understand relationship '${query.relationshipName}' in FROM part of query call. ` +
      `If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. ` +
      `Please reference your WSDL or the describe call for the appropriate names.`;
    throw scope.refuse(query.relationshipName, 'INVALID_TYPE', sentence);
  }
  const project = compileSelect(scope, object, query.fields ?? [], undefined, undefined);
  const where = query.where === undefined ? undefined : compileWhere(scope, object, query.where, undefined, undefined);
  const sort = sorter(scope, object, query.orderBy);
  const visible = scope.visible(object.name);
  const table = scope.org.table(object.name);
  const of = (row: Row, base: string): unknown => {
    const below = table
      .having(relationship.field, row.Id)
      .filter((child) => visible(child) && (where === undefined || where.test(child)));
    const rows = slice(sort(below), query);
    if (rows.length === 0) return null;
    const records = rows.slice(0, options.pageSize).map((child) => project(child, base));
    if (records.length === rows.length) return { totalSize: rows.length, done: true, records };
    return { totalSize: rows.length, done: false, nextRecordsUrl: options.keepRest(rows, project, base), records };
  };
  return { name: relationship.relationshipName, of };
}
