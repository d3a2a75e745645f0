import type { FieldFunctionExpression, FieldType } from '@jetstreamapp/soql-parser-js';
import type { ObjectSchema, Row } from '../org/schema.ts';
import { malformed } from './refusal.ts';
import type { Hop, Path, Scope } from './scope.ts';

/** Makes the JSON of a row. @param base `/services/data/vNN.0`, for the records' own URLs */
export type Projection = (row: Row, base: string) => Record<string, unknown>;

/** A child subquery, ready to be asked for one parent. */
export interface Children {
  readonly name: string;
  readonly of: (parent: Row, base: string) => unknown;
}

interface Node {
  readonly values: Map<string, (row: Row, base: string) => unknown>;
  readonly parents: Map<string, { readonly hop: Hop; readonly node: Node }>;
}

const emptyNode = (): Node => ({ values: new Map(), parents: new Map() });

/**
 * Compiles SELECT for records: fields, paths through parents, convertCurrency, child subqueries.
 * @param children compiles one subquery; undefined where none is allowed
 * @throws SalesforceError INVALID_FIELD, MALFORMED_QUERY
 */
export function compileSelect(
  scope: Scope,
  object: ObjectSchema,
  fields: readonly FieldType[],
  alias: string | undefined,
  children: ((field: Extract<FieldType, { type: 'FieldSubquery' }>) => Children) | undefined,
): Projection {
  const root = emptyNode();
  for (const field of fields) {
    switch (field.type) {
      case 'Field':
        if (field.alias !== undefined) throw malformed('only aggregate expressions use field aliasing');
        addPath(scope, root, scope.path(object, writtenOf(field), alias));
        break;
      case 'FieldRelationship':
        if ('alias' in field) throw malformed('only aggregate expressions use field aliasing');
        addPath(scope, root, scope.path(object, writtenOf(field), alias));
        break;
      case 'FieldFunctionExpression':
        addConverted(scope, root, object, field, alias);
        break;
      case 'FieldSubquery': {
        if (children === undefined) throw malformed("unexpected token: '('");
        const child = children(field);
        addValue(scope, root, child.name, child.name, child.of);
        break;
      }
      case 'FieldTypeof':
        throw malformed("unexpected token: 'TYPEOF'");
    }
  }
  return projection(object.name, root);
}

/** A field as the query writes it, alias included. */
export function writtenOf(field: Extract<FieldType, { type: 'Field' | 'FieldRelationship' }>): string {
  if ('rawValue' in field && typeof field.rawValue === 'string') return field.rawValue;
  return field.type === 'Field' ? field.field : [...field.relationships, field.field].join('.');
}

function addPath(scope: Scope, root: Node, path: Path): void {
  let node = root;
  for (const hop of path.hops) {
    let next = node.parents.get(hop.name);
    if (next === undefined) {
      next = { hop, node: emptyNode() };
      node.parents.set(hop.name, next);
      const { node: below } = next;
      node.values.set(hop.name, parentValue(hop, below));
    }
    node = next.node;
  }
  const { name } = path.field;
  addValue(scope, node, name, path.written, path.read);
}

function addValue(
  scope: Scope,
  node: Node,
  key: string,
  written: string,
  get: (row: Row, base: string) => unknown,
): void {
  if (node.values.has(key)) throw scope.refuse(written, 'INVALID_FIELD', `duplicate field selected: ${key}`);
  node.values.set(key, get);
}

function addConverted(
  scope: Scope,
  root: Node,
  object: ObjectSchema,
  { functionName, parameters, alias: resultName }: FieldFunctionExpression,
  alias: string | undefined,
): void {
  const [written] = parameters;
  if (functionName.toLowerCase() !== 'convertcurrency' || typeof written !== 'string' || parameters.length !== 1) {
    throw malformed(`unexpected token: '${functionName}'`);
  }
  const path = scope.path(object, written, alias);
  if (path.field.type !== 'currency' || !scope.org.flags.multiCurrency) {
    const sentence = `The field ${path.field.name} does not support the function convertCurrency`;
    throw scope.refuse(written, 'INVALID_FIELD', sentence);
  }
  if (path.hops.length > 0) throw malformed('convertCurrency is not evaluated on a parent');
  const convert = scope.org.money.converter(scope.user.currency);
  addValue(scope, root, resultName ?? path.field.name, written, (row) => {
    const amount = path.get(row);
    return typeof amount === 'number' ? Math.round(convert(amount, row) * 100) / 100 : null;
  });
}

function parentValue(hop: Hop, node: Node): (row: Row, base: string) => unknown {
  return (row, base) => {
    const parent = hop.follow(row);
    return parent === undefined ? null : record(hop.typeOf(parent), parent, node, base);
  };
}

function projection(object: string, root: Node): Projection {
  return (row, base) => record(object, row, root, base);
}

function record(type: string, row: Row, node: Node, base: string): Record<string, unknown> {
  const made: Record<string, unknown> = { attributes: { type, url: `${base}/sobjects/${type}/${row.Id}` } };
  for (const [key, get] of node.values) made[key] = get(row, base);
  return made;
}
