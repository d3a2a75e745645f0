import type { Condition, ValueQueryCondition, WhereClause } from '@jetstreamapp/soql-parser-js';
import { malformed } from './refusal.ts';

/** One comparison as the parser read it, its parentheses taken off. */
export type Comparison = Exclude<Condition, { openParen: number }> | ValueQueryCondition;

/** WHERE as a tree. The parser gives a list with counts of parentheses. */
export type Tree =
  | { readonly op: 'and' | 'or'; readonly parts: readonly Tree[] }
  | { readonly op: 'not'; readonly part: Tree }
  | { readonly op: 'is'; readonly comparison: Comparison };

type Token = '(' | ')' | 'AND' | 'OR' | 'NOT' | Comparison;

/** Deeper nesting is refused: nobody writes it, and it would cost the stack. */
const MAX_DEPTH = 200;

/**
 * Builds the tree by Salesforce's grammar: AND and OR are not mixed without parentheses, and NOT stands alone or at
 * the beginning of a parenthesis. Source: Salesforce, "conditionExpression Syntax".
 * @throws SalesforceError MALFORMED_QUERY
 */
export function treeOf(where: WhereClause): Tree {
  const tokens = flatten(where);
  let at = 0;

  const group = (depth: number): Tree => {
    if (depth > MAX_DEPTH) throw malformed('The query is too complicated');
    if (tokens[at] === 'NOT') {
      at++;
      return { op: 'not', part: primary(depth) };
    }
    const parts = [primary(depth)];
    const operator = tokens[at];
    while (tokens[at] === 'AND' || tokens[at] === 'OR') {
      if (tokens[at] !== operator) throw unexpected(tokens[at]);
      at++;
      parts.push(primary(depth));
    }
    const [only] = parts;
    return parts.length === 1 && only !== undefined ? only : { op: operator === 'OR' ? 'or' : 'and', parts };
  };

  const primary = (depth: number): Tree => {
    const token = tokens[at++];
    if (token === '(') {
      const inner = group(depth + 1);
      if (tokens[at++] !== ')') throw unexpected(tokens[at - 1]);
      return inner;
    }
    if (token === undefined || typeof token === 'string') throw unexpected(token);
    return { op: 'is', comparison: token };
  };

  const tree = group(0);
  if (at < tokens.length) throw unexpected(tokens[at]);
  return tree;
}

function flatten(where: WhereClause): Token[] {
  const tokens: Token[] = [];
  let clause: WhereClause | undefined = where;
  while (clause !== undefined) {
    const { left } = clause;
    const operator: string | undefined = 'operator' in clause ? clause.operator : undefined;
    const right: WhereClause | undefined = 'right' in clause ? clause.right : undefined;
    if (operator === 'NOT') {
      push(tokens, '(', left !== null && 'openParen' in left ? left.openParen : 0);
      tokens.push('NOT');
    } else {
      if (left === null || !('operator' in left)) throw malformed('unexpected token: WHERE');
      push(tokens, '(', left.openParen);
      tokens.push(left);
      push(tokens, ')', left.closeParen);
      if (right !== undefined) {
        if (operator !== 'AND' && operator !== 'OR') throw malformed(`unexpected token: '${nameOf(right)}'`);
        tokens.push(operator);
      }
    }
    clause = right;
  }
  return tokens;
}

function push(tokens: Token[], token: '(' | ')', times = 0): void {
  for (let i = 0; i < times; i++) tokens.push(token);
}

function nameOf(clause: WhereClause): string {
  const { left } = clause;
  return left !== null && 'field' in left ? left.field : 'NOT';
}

function unexpected(token: Token | undefined): ReturnType<typeof malformed> {
  if (token === undefined) return malformed('unexpected token: <EOF>');
  if (typeof token === 'string') return malformed(`unexpected token: '${token}'`);
  return malformed(`unexpected token: '${'field' in token ? token.field : 'function'}'`);
}
