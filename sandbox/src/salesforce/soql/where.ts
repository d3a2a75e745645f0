import type { Query, WhereClause } from '@jetstreamapp/soql-parser-js';
import type { ObjectSchema, Row } from '../org/schema.ts';
import { normaliseId } from '../org/ids.ts';
import { comparisonTest, moneyTest, requireFilterable, requireIdField } from './comparison.ts';
import { treeOf, type Comparison, type Tree } from './conditions.ts';
import { unescapeText } from './literal.ts';
import { malformed } from './refusal.ts';
import type { Path, Scope } from './scope.ts';

export type RowTest = (row: Row) => boolean;

export interface Where {
  readonly test: RowTest;
  /** Rows that alone can pass, where ids or lookups narrow it down; undefined when all must be looked at. */
  readonly candidates: (() => Iterable<Row>) | undefined;
}

/** Answers the inner query of a semi-join: the ids that it selects. */
export type SemiJoin = (query: Query) => ReadonlySet<string>;

/**
 * Compiles WHERE.
 * @param semiJoin undefined inside a semi-join, where another is not allowed
 * @throws SalesforceError MALFORMED_QUERY, INVALID_FIELD, INVALID_QUERY_FILTER_OPERATOR
 */
export function compileWhere(
  scope: Scope,
  object: ObjectSchema,
  where: WhereClause,
  alias: string | undefined,
  semiJoin: SemiJoin | undefined,
): Where {
  const tree = treeOf(where);
  const compile = (part: Tree, top: boolean): RowTest => {
    switch (part.op) {
      case 'not': {
        const test = compile(part.part, false);
        return (row) => !test(row);
      }
      case 'and': {
        const tests = part.parts.map((one) => compile(one, top));
        return (row) => tests.every((test) => test(row));
      }
      case 'or': {
        const tests = part.parts.map((one) => compile(one, false));
        return (row) => tests.some((test) => test(row));
      }
      case 'is':
        return compileOne(scope, object, part.comparison, alias, top ? semiJoin : undefined);
    }
  };
  return { test: compile(tree, true), candidates: candidatesOf(scope, object, tree, alias) };
}

function compileOne(
  scope: Scope,
  object: ObjectSchema,
  comparison: Comparison,
  alias: string | undefined,
  semiJoin: SemiJoin | undefined,
): RowTest {
  if (!('field' in comparison)) throw malformed(`unexpected token: '('`);
  const path = scope.path(object, comparison.field, alias);
  if ('valueQuery' in comparison) {
    if (semiJoin === undefined) {
      throw malformed(
        'Semi join sub-selects are only allowed at the top level WHERE expressions and not in nested WHERE expressions.',
      );
    }
    requireIdField(path, object);
    return semiJoinTest(path, comparison.operator, semiJoin(comparison.valueQuery));
  }
  requireFilterable(scope, path);
  const money = moneyTest(scope, path, comparison);
  if (money !== undefined) {
    if (path.hops.length > 0) throw malformed('A currency code is not evaluated on a parent');
    const convert = scope.org.money.converter(scope.org.money.corporate());
    return (row) => {
      const amount = path.get(row);
      return typeof amount === 'number' && money(convert(amount, row));
    };
  }
  const test = comparisonTest(scope, path, comparison);
  return (row) => test(path.get(row));
}

function semiJoinTest(path: Path, operator: string, ids: ReadonlySet<string>): RowTest {
  const isIn = operator.toUpperCase() === 'IN';
  if (!isIn && operator.toUpperCase() !== 'NOT IN') throw malformed(`unexpected token: '${operator}'`);
  return (row) => {
    const id = path.get(row);
    return (typeof id === 'string' && ids.has(id)) === isIn;
  };
}

/** Looks for `Id = ..`, `Id IN (..)` and lookups alike among the conditions that all rows must pass. */
function candidatesOf(
  scope: Scope,
  object: ObjectSchema,
  tree: Tree,
  alias: string | undefined,
): (() => Iterable<Row>) | undefined {
  const parts = tree.op === 'and' ? tree.parts : [tree];
  for (const part of parts) {
    if (part.op !== 'is' || !('value' in part.comparison) || !('field' in part.comparison)) continue;
    const { field: written, operator, value } = part.comparison;
    if (operator !== '=' && operator.toUpperCase() !== 'IN') continue;
    const { field, hops } = scope.path(object, written, alias);
    if (hops.length > 0 || (field.type !== 'id' && field.type !== 'reference')) continue;
    const raws = typeof value === 'string' ? [value] : value;
    const ids = raws.map((raw) => (raw.startsWith("'") ? normaliseId(unescapeText(raw, false)) : undefined));
    if (ids.some((id) => id === undefined)) continue;
    const known = new Set(ids.filter((id) => id !== undefined));
    const table = scope.org.table(object.name);
    if (field.type === 'id') return () => [...known].map((id) => table.get(id)).filter((row) => row !== undefined);
    return () => [...known].flatMap((id) => table.having(field.name, id));
  }
  return undefined;
}
