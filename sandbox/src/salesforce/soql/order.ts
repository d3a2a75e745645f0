import type { OrderByClause } from '@jetstreamapp/soql-parser-js';
import type { ObjectSchema, Row, Value } from '../org/schema.ts';
import { collator, fold } from './compare.ts';
import { malformed } from './refusal.ts';
import type { Scope } from './scope.ts';

type Key = string | number | null;

interface Order {
  readonly key: (row: Row) => Key;
  readonly sign: 1 | -1;
  readonly nullsFirst: boolean;
}

/** Puts rows into order; equal ones stay as they came. */
export type Sorter = (rows: Row[]) => Row[];

/**
 * Compiles ORDER BY. Nulls come first unless NULLS LAST is said (Salesforce, "ORDER BY": "by default, null values are
 * sorted first"); money in several currencies is compared converted; a picklist sorts as its values are set up.
 * @throws SalesforceError INVALID_FIELD for fields that cannot be sorted by, MALFORMED_QUERY for functions
 */
export function compileOrder(
  scope: Scope,
  object: ObjectSchema,
  clauses: readonly OrderByClause[],
  alias: string | undefined,
): Sorter {
  const orders = clauses.map((clause): Order => {
    if (!('field' in clause)) throw malformed(`unexpected token: '${clause.fn.rawValue ?? '('}'`);
    const sign = clause.order === 'DESC' ? -1 : 1;
    return { key: keyOf(scope, object, clause.field, alias), sign, nullsFirst: clause.nulls !== 'LAST' };
  });
  return (rows) => {
    const columns = orders.map(({ key }) => rows.map(key));
    const places = Uint32Array.from(rows.keys()).sort((a, b) => {
      for (const [i, { sign, nullsFirst }] of orders.entries()) {
        const difference = compareKeys(columns[i]?.[a] ?? null, columns[i]?.[b] ?? null, sign, nullsFirst);
        if (difference !== 0) return difference;
      }
      return a - b;
    });
    return Array.from(places, (place) => rows[place]).filter((row) => row !== undefined);
  };
}

/** Compares two keys: nulls at their end whatever the direction. */
export function compareKeys(a: Key, b: Key, sign: 1 | -1, nullsFirst: boolean): number {
  if (a === null || b === null) return a === b ? 0 : (a === null) === nullsFirst ? -1 : 1;
  const difference = typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b));
  return difference * sign;
}

function keyOf(scope: Scope, object: ObjectSchema, written: string, alias: string | undefined): (row: Row) => Key {
  const path = scope.path(object, written, alias);
  const { field, get } = path;
  if (!field.sortable) {
    throw scope.refuse(written, 'INVALID_FIELD', `field '${field.name}' can not be sorted in a query call`);
  }
  if (field.type === 'currency' && scope.org.flags.multiCurrency) {
    if (path.hops.length > 0) throw malformed('Sorting by money of a parent is not evaluated');
    const convert = scope.org.money.converter(scope.org.money.corporate());
    return (row) => {
      const amount = get(row);
      return typeof amount === 'number' ? convert(amount, row) : null;
    };
  }
  if (field.type === 'picklist' && field.picklistValues.length > 0) {
    const places = new Map(field.picklistValues.map((value, place) => [value, place]));
    return (row) => {
      const value = get(row);
      return typeof value === 'string' ? (places.get(value) ?? places.size) : null;
    };
  }
  if (field.type === 'id' || field.type === 'reference') return (row) => codeKey(get(row));
  return (row) => sortKey(get(row));
}

/** What a value is sorted by. */
export function sortKey(value: Value): Key {
  if (typeof value === 'boolean') return value ? 1 : 0;
  return typeof value === 'string' ? fold(value) : value;
}

/** Ids sort by character code, as their sequence does: each becomes a text that the language's order leaves alone. */
function codeKey(value: Value): Key {
  if (typeof value !== 'string') return null;
  let key = '';
  for (let i = 0; i < value.length; i++) key += String(value.charCodeAt(i)).padStart(3, '0');
  return key;
}
