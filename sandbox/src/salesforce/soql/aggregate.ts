import type { FieldFunctionExpression, OrderByClause, Query } from '@jetstreamapp/soql-parser-js';
import type { ObjectSchema, Row, Value } from '../org/schema.ts';
import { SalesforceError } from '../error.ts';
import { compareKeys, sortKey } from './order.ts';
import { malformed } from './refusal.ts';
import type { Scope } from './scope.ts';
import { writtenOf } from './select.ts';

/** Salesforce pages no aggregates: more groups than this are refused. */
const MAX_GROUPS = 2_000;

/** Whether SELECT groups or counts instead of listing records. */
export function isAggregate(query: Query): boolean {
  return (
    query.groupBy !== undefined ||
    (query.fields ?? []).some((field) => field.type === 'FieldFunctionExpression' && field.isAggregateFn === true)
  );
}

interface Column {
  readonly name: string;
  /** How ORDER BY may call it. */
  readonly written: string;
  readonly of: (rows: readonly Row[]) => Value;
}

/**
 * Compiles COUNT(F), COUNT_DISTINCT, SUM, AVG, MIN and MAX, with or without GROUP BY of fields. Money in several
 * currencies is added up in the corporate currency.
 * @throws SalesforceError MALFORMED_QUERY, INVALID_FIELD; the result throws EXCEEDED_ID_LIMIT for too many groups
 */
export function compileAggregate(
  scope: Scope,
  object: ObjectSchema,
  query: Query,
  alias: string | undefined,
): (rows: readonly Row[]) => Record<string, unknown>[] {
  const clauses = query.groupBy === undefined ? [] : [query.groupBy].flat();
  const groups = clauses.map((clause) => {
    if (!('field' in clause)) throw malformed(`unexpected token: '${clause.fn.functionName ?? '('}'`);
    const path = scope.path(object, clause.field, alias);
    if (!path.field.groupable) {
      throw scope.refuse(
        clause.field,
        'INVALID_FIELD',
        `field '${path.field.name}' can not be grouped in a query call`,
      );
    }
    return path;
  });
  const columns = columnsOf(
    scope,
    object,
    query,
    alias,
    new Map(groups.map((path) => [path.written.toLowerCase(), path.get])),
  );
  const sort = sorterOf(columns, query.orderBy === undefined ? [] : [query.orderBy].flat());
  return (rows) => {
    const sets = new Map<string, Row[]>();
    if (groups.length === 0) sets.set('', [...rows]);
    for (const row of groups.length === 0 ? [] : rows) {
      const key = JSON.stringify(groups.map(({ get }) => sortKey(get(row))));
      const set = sets.get(key);
      if (set === undefined) sets.set(key, [row]);
      else set.push(row);
    }
    if (Math.min(sets.size, query.limit ?? Infinity) <= MAX_GROUPS) {
      const lines = [...sets.values()].map((set) => columns.map((column) => column.of(set)));
      return sort(lines).map((line) => ({
        attributes: { type: 'AggregateResult' },
        ...Object.fromEntries(columns.map(({ name }, i) => [name, line[i] ?? null])),
      }));
    }
    throw new SalesforceError(
      400,
      'EXCEEDED_ID_LIMIT',
      'Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch',
    );
  };
}

function columnsOf(
  scope: Scope,
  object: ObjectSchema,
  query: Query,
  alias: string | undefined,
  groups: ReadonlyMap<string, (row: Row) => Value>,
): Column[] {
  let unnamed = 0;
  const columns = (query.fields ?? []).map((field): Column => {
    if (field.type === 'Field' || field.type === 'FieldRelationship') {
      const written = writtenOf(field);
      const get = groups.get(written.toLowerCase());
      const { field: schema } = scope.path(object, written, alias);
      if (get === undefined) {
        throw scope.refuse(written, 'MALFORMED_QUERY', `Field must be grouped or aggregated: ${schema.name}`);
      }
      const name = 'alias' in field && typeof field.alias === 'string' ? field.alias : schema.name;
      return { name, written, of: ([row]) => (row === undefined ? null : get(row)) };
    }
    if (field.type !== 'FieldFunctionExpression') throw malformed("unexpected token: '('");
    const name = field.alias ?? `expr${unnamed++}`;
    return { name, written: field.rawValue ?? name, of: functionOf(scope, object, field, alias) };
  });
  const names = new Set(columns.map(({ name }) => name.toLowerCase()));
  if (names.size < columns.length) throw malformed('duplicate alias');
  return columns;
}

function functionOf(
  scope: Scope,
  object: ObjectSchema,
  { functionName, parameters }: FieldFunctionExpression,
  alias: string | undefined,
): (rows: readonly Row[]) => Value {
  const name = functionName.toUpperCase();
  const [written] = parameters;
  if (name === 'COUNT' && parameters.length === 0) throw malformed('COUNT() stands alone: name a field to count');
  if (typeof written !== 'string' || parameters.length !== 1) throw malformed(`unexpected token: '${functionName}'`);
  const path = scope.path(object, written, alias);
  const isMoney = path.field.type === 'currency' && scope.org.flags.multiCurrency;
  if (isMoney && path.hops.length > 0) throw malformed('Adding up money of a parent is not evaluated');
  const isNumber = ['int', 'double', 'currency', 'percent'].includes(path.field.type);
  const convert = isMoney ? scope.org.money.converter(scope.org.money.corporate()) : (amount: number): number => amount;
  const known = (rows: readonly Row[]): Value[] => rows.map(path.get).filter((value) => value !== null);
  const numbers = (rows: readonly Row[]): number[] =>
    rows.flatMap((row) => {
      const value = path.get(row);
      return typeof value === 'number' ? [convert(value, row)] : [];
    });
  const sum = (rows: readonly Row[]): number => round(numbers(rows).reduce((total, value) => total + value, 0));
  if (name === 'COUNT') return (rows) => known(rows).length;
  if (name === 'COUNT_DISTINCT') return (rows) => new Set(known(rows).map(sortKey)).size;
  if (isNumber && name === 'SUM') return (rows) => (numbers(rows).length === 0 ? null : sum(rows));
  if (isNumber && name === 'AVG')
    return (rows) => (numbers(rows).length === 0 ? null : round(sum(rows) / numbers(rows).length));
  if (isNumber && (name === 'MIN' || name === 'MAX')) {
    const sign = name === 'MIN' ? 1 : -1;
    return (rows) =>
      numbers(rows).reduce<number | null>(
        (best, value) => (best === null || (value - best) * sign < 0 ? value : best),
        null,
      );
  }
  if ((path.field.type === 'date' || path.field.type === 'datetime') && (name === 'MIN' || name === 'MAX')) {
    return (rows) => {
      const sorted = known(rows).sort();
      return (name === 'MIN' ? sorted[0] : sorted.at(-1)) ?? null;
    };
  }
  throw scope.refuse(written, 'INVALID_FIELD', `field ${path.field.name} does not support aggregate operator ${name}`);
}

/** Sums of decimals without the noise of binary fractions. */
const round = (value: number): number => Math.round(value * 1e6) / 1e6;

function sorterOf(columns: readonly Column[], clauses: readonly OrderByClause[]): (lines: Value[][]) => Value[][] {
  const orders = clauses.map((clause) => {
    const written = 'field' in clause ? clause.field : (clause.fn.rawValue ?? '');
    const place = columns.findIndex((column) => same(column.written, written) || same(column.name, written));
    if (place === -1) throw malformed(`Ordered field must be grouped or aggregated: ${written}`);
    return { place, sign: clause.order === 'DESC' ? -1 : 1, nullsFirst: clause.nulls !== 'LAST' } as const;
  });
  return (lines) =>
    lines.sort((a, b) => {
      for (const { place, sign, nullsFirst } of orders) {
        const difference = compareKeys(sortKey(a[place] ?? null), sortKey(b[place] ?? null), sign, nullsFirst);
        if (difference !== 0) return difference;
      }
      return 0;
    });
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
