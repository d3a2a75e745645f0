import type { Doc, Value } from '../bson/values.ts';
import { isDoc } from '../bson/values.ts';
import { encode } from '../bson/encode.ts';
import { doc } from '../bson/values.ts';
import { badValue, unsupported } from '../errors.ts';
import type { Collection, Index, Interval } from '../storage/collection.ts';
import { after } from '../storage/collection.ts';
import { placeOf } from '../update/paths.ts';
import { demandsOf, extendPrefixes, joinDemands, prefixIntervals, rangeIntervals, type Demand } from './bounds.ts';
import { clauses, compileFilter, holdsOperators } from './match.ts';
import { parseSort, type Pattern } from './sort.ts';
import { wholeNumber } from './leaf.ts';

/** How documents are found. `sorted`: they come in the order of the sort without sorting. */
export type Plan =
  | { kind: 'scan'; reverse: boolean; sorted: boolean }
  | { kind: 'index'; index: Index; intervals: Interval[]; reverse: boolean; sorted: boolean };

/** What is asked: a filter, a sort, and perhaps which index to use. */
export type Question = { filter: Doc; sort?: Doc | undefined; hint?: string | Doc | undefined };

/**
 * Chooses how to find the documents: the index that pins down most leading fields, else a scan.
 * @throws MongoError 2 for a hint that names no index, or one that would leave documents out
 */
export function planFor(collection: Collection, { filter, sort, hint }: Question): Plan {
  const natural = naturalOrder(sort) ?? (isDoc(hint) ? naturalOrder(hint) : undefined);
  const isNaturalSort = sort !== undefined && naturalOrder(sort) !== undefined;
  const pattern = isNaturalSort ? [] : parseSort(sort ?? new Map<string, Value>());
  if (natural !== undefined) return { kind: 'scan', reverse: natural === -1, sorted: pattern.length === 0 };
  const demands = demandsOf(filter);
  const wanted = hint === undefined ? undefined : hintedIndex(collection, hint);
  let best: { plan: Plan; score: number } = {
    plan: { kind: 'scan', reverse: false, sorted: pattern.length === 0 },
    score: 0,
  };
  for (const index of wanted ? [wanted] : collection.indexes) {
    const candidate = consider(index, filter, demands, pattern, wanted !== undefined);
    if (candidate && (candidate.score > best.score || wanted)) best = candidate;
  }
  if (wanted && best.plan.kind === 'scan') throw unsupported('A hint to an index that would leave documents out');
  return best.plan;
}

/** 1 or -1 for `{ $natural: ... }`. */
function naturalOrder(sort: Doc | undefined): number | undefined {
  const value = sort?.get('$natural');
  if (value === undefined) return undefined;
  const direction = wholeNumber(value);
  if (sort?.size !== 1 || (direction !== 1 && direction !== -1))
    throw badValue('$natural sort cannot be set to a value other than -1 or 1.');
  return direction;
}

function hintedIndex(collection: Collection, hint: string | Doc): Index {
  const bytes = isDoc(hint) ? encode(withPlainDirections(hint)) : undefined;
  const found = collection.indexes.find(({ spec }) =>
    bytes ? encode(withPlainDirections(spec.keyPattern)).equals(bytes) : spec.name === hint,
  );
  if (!found)
    throw badValue(
      'error processing query: planner returned error :: caused by :: hint provided does not correspond to an existing index',
    );
  return found;
}

const withPlainDirections = (pattern: Doc): Doc =>
  new Map([...pattern].map(([name, direction]): [string, Value] => [name, Number(direction?.valueOf())]));

function consider(
  index: Index,
  filter: Doc,
  demands: Map<string, Demand[]>,
  sort: Pattern,
  forced: boolean,
): { plan: Plan; score: number } | undefined {
  const { spec, multikey } = index;
  if (spec.partialFilter && !implies(filter, demands, spec.partialFilter)) return undefined;
  let prefixes: Buffer[] = [Buffer.alloc(0)];
  let range: Interval[] | undefined;
  let pinned = 0;
  let excludesMissing = false;
  for (const { name, descending } of spec.pattern) {
    // With several entries per document, one entry need not hold what the filter asks of two fields.
    if (multikey && pinned > 0) break;
    const demand = joinDemands(demands.get(name) ?? [], multikey);
    if (!demand) break;
    const extended = demand.points && extendPrefixes(prefixes, demand.points, descending);
    if (demand.points && !extended) break;
    excludesMissing ||= !demand.points?.includes(null);
    if (extended) {
      prefixes = extended;
      pinned++;
      continue;
    }
    range = rangeIntervals(prefixIntervals(prefixes), demand, descending);
    break;
  }
  const isWhole = pinned === 0 && !range;
  if (spec.isSparse && (isWhole || !excludesMissing)) return undefined;
  const order = multikey || prefixes.length > 1 ? undefined : sortOrder(spec.pattern, pinned, sort);
  const sorted = sort.length === 0 || order !== undefined;
  if (isWhole && !forced && order === undefined) return undefined;
  const score =
    pinned * 4 + (range ? 2 : 0) + (order ? 1 : 0) + (pinned === spec.pattern.length && spec.isUnique ? 8 : 0);
  const intervals =
    range ?? (isWhole ? [{ low: Buffer.alloc(0), high: after(Buffer.alloc(0)) }] : prefixIntervals(prefixes));
  return { plan: { kind: 'index', index, intervals, reverse: order === -1, sorted }, score };
}

/** 1 or -1 when the entries behind the pinned fields are in the order of the sort or its reverse. */
function sortOrder(pattern: Pattern, pinned: number, sort: Pattern): 1 | -1 | undefined {
  const fixed = new Set(pattern.slice(0, pinned).map((part) => part.name));
  const rest = sort.filter((part) => !fixed.has(part.name));
  if (sort.length === 0) return undefined;
  const following = pattern.slice(pinned, pinned + rest.length);
  if (following.length < rest.length) return undefined;
  let order: 1 | -1 | undefined;
  for (const [at, part] of rest.entries()) {
    const own = following[at];
    if (own?.name !== part.name) return undefined;
    const direction = own.descending === part.descending ? 1 : -1;
    if (order !== undefined && order !== direction) return undefined;
    order = direction;
  }
  return order ?? 1;
}

/** Whether every document that the filter finds is in the partial index; only what is certain counts. */
function implies(filter: Doc, demands: Map<string, Demand[]>, partial: Doc): boolean {
  return [...partial].every(([name, value]) => {
    if (name === '$and') return clauses(name, value).every((clause) => implies(filter, demands, clause));
    const own = filter.get(name);
    if (own !== undefined && encode(doc({ x: own })).equals(encode(doc({ x: value })))) return true;
    if (name.startsWith('$')) return false;
    const conditions = holdsOperators(value)
      ? [...value].map(([operator, argument]) => new Map([[operator, argument]]))
      : [value];
    return conditions.every((condition) => {
      const predicate = compileFilter(new Map([[name, condition]]));
      return (demands.get(name) ?? []).some((demand) => {
        if (demand.points) return demand.points.every((point) => point !== null && predicate(withValue(name, point)));
        // A range leaves out missing fields, whatever its limits.
        return isDoc(condition) && condition.size === 1 && condition.has('$exists') && predicate(withValue(name, true));
      });
    });
  });
}

function withValue(name: string, value: Value): Doc {
  const document: Doc = new Map();
  placeOf(document, name.split('.'), true)?.set(value);
  return document;
}
