import { BSONRegExp, MaxKey, MinKey } from 'bson';
import { compare, rankOf } from '../bson/compare.ts';
import { complement, encodePart } from '../bson/key.ts';
import { isDoc, isNumeric, type Doc, type Value } from '../bson/values.ts';
import { plain } from '../bson/decimal.ts';
import { after, type Interval } from '../storage/collection.ts';
import { clauses, holdsOperators } from './match.ts';
import { present } from '../present.ts';

type Limit = { value: Value; inclusive: boolean };
/** What a filter demands of one path: one of some values, or a range within one type. */
export type Demand = { points?: Value[]; low?: Limit; high?: Limit };

/** More points than this are not worth separate look-ups. */
const MAX_INTERVALS = 2_000;

/**
 * What the top level of a filter (with its $ands) demands of each path. Only demands that every matching document
 * meets through an index entry are listed; the filter itself is still applied to what they find.
 */
export function demandsOf(filter: Doc): Map<string, Demand[]> {
  const demands = new Map<string, Demand[]>();
  collect(filter, (path, demand) => demands.set(path, [...(demands.get(path) ?? []), demand]));
  return demands;
}

function collect(filter: Doc, add: (path: string, demand: Demand) => void): void {
  for (const [name, value] of filter) {
    if (name === '$and') for (const clause of clauses(name, value)) collect(clause, add);
    else if (name.startsWith('$')) continue;
    else if (!holdsOperators(value)) {
      if (isPoint(value)) add(name, { points: [value] });
    } else for (const [operator, argument] of value) collectOperator(name, operator, argument, add);
  }
}

function collectOperator(
  name: string,
  operator: string,
  argument: Value,
  add: (path: string, demand: Demand) => void,
): void {
  if (operator === '$eq' && (isPoint(argument) || argument instanceof BSONRegExp)) add(name, { points: [argument] });
  if (operator === '$in' && Array.isArray(argument) && argument.every(isPoint)) add(name, { points: argument });
  if (!isLimit(argument)) return;
  if (operator === '$gt' || operator === '$gte')
    add(name, { low: { value: argument, inclusive: operator === '$gte' } });
  if (operator === '$lt' || operator === '$lte')
    add(name, { high: { value: argument, inclusive: operator === '$lte' } });
}

/** An array equals an array as a whole, which has no index entry; a regular expression is no equality. */
const isPoint = (value: Value): boolean => !Array.isArray(value) && !(value instanceof BSONRegExp);

const isLimit = (value: Value): boolean =>
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof BSONRegExp || value instanceof MinKey || value instanceof MaxKey) &&
  !(isNumeric(value) && Number.isNaN(plain(value))) &&
  !(isDoc(value) && holdsOperators(value));

/** Joins the demands on one path. In an array different elements may meet different demands, so there only one counts. */
export function joinDemands(demands: readonly Demand[], multikey: boolean): Demand | undefined {
  const points = demands
    .filter((demand) => demand.points)
    .sort((a, b) => (a.points?.length ?? 0) - (b.points?.length ?? 0));
  if (points[0]) return points[0];
  if (multikey) return demands[0];
  const joined: Demand = {};
  for (const { low, high } of demands) {
    if (low && (!joined.low || isTighter(low, joined.low, 1))) joined.low = low;
    if (high && (!joined.high || isTighter(high, joined.high, -1))) joined.high = high;
  }
  if (joined.low && joined.high && rankOf(joined.low.value) !== rankOf(joined.high.value)) delete joined.high;
  return joined.low || joined.high ? joined : undefined;
}

function isTighter(limit: Limit, than: Limit, direction: 1 | -1): boolean {
  const order = compare(limit.value, than.value) * direction;
  return order > 0 || (order === 0 && !limit.inclusive);
}

/** Adds the points of the next field to each prefix; undefined when that would be too many. */
export function extendPrefixes(
  prefixes: readonly Buffer[],
  points: readonly Value[],
  descending: boolean,
): Buffer[] | undefined {
  if (prefixes.length * points.length > MAX_INTERVALS) return undefined;
  return prefixes.flatMap((prefix) =>
    points.map((point) => Buffer.concat([prefix, descending ? complement(encodePart(point)) : encodePart(point)])),
  );
}

/** The intervals of all entries that begin with one of the prefixes, in key order, each once. */
export function prefixIntervals(prefixes: readonly Buffer[]): Interval[] {
  const sorted = [...prefixes].sort((left, right) => Buffer.compare(left, right));
  return sorted
    .filter((prefix, at) => at === 0 || !prefix.equals(present(sorted[at - 1])))
    .map((prefix) => ({ low: prefix, high: after(prefix) }));
}

/** Narrows prefix intervals by a range on the next field. */
export function rangeIntervals(prefixes: readonly Interval[], { low, high }: Demand, descending: boolean): Interval[] {
  const rank = rankOf((low ?? high)?.value ?? null);
  const [lower, upper] = descending
    ? [
        high ? (high.inclusive ? flipped(high.value) : after(flipped(high.value))) : Buffer.from([255 - rank]),
        low ? (low.inclusive ? after(flipped(low.value)) : flipped(low.value)) : Buffer.from([256 - rank]),
      ]
    : [
        low ? (low.inclusive ? encodePart(low.value) : after(encodePart(low.value))) : Buffer.from([rank]),
        high ? (high.inclusive ? after(encodePart(high.value)) : encodePart(high.value)) : Buffer.from([rank + 1]),
      ];
  return prefixes.map((prefix) => ({
    low: Buffer.concat([prefix.low, lower]),
    high: Buffer.concat([prefix.low, upper]),
  }));
}

const flipped = (value: Value): Buffer => complement(encodePart(value));
