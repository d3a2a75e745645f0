import { BSONRegExp } from 'bson';
import { isDoc, type Doc, type Value } from '../bson/values.ts';
import { MongoError, unsupported } from '../errors.ts';
import { clauses, holdsOperators } from '../query/match.ts';
import { placeOf } from './paths.ts';
import { present } from '../present.ts';

/**
 * The document that an upsert begins with: what the filter says by equality.
 * @throws MongoError 54 when the filter gives one path two values
 */
export function documentFromFilter(filter: Doc): Doc {
  const equalities: [string, Value][] = [];
  collect(filter, equalities);
  const paths = equalities.map(([name]) => name.split('.'));
  for (const [index, path] of paths.entries())
    for (const other of paths.slice(index + 1)) {
      const shorter = Math.min(path.length, other.length);
      if (path.slice(0, shorter).join('.') === other.slice(0, shorter).join('.'))
        throw new MongoError(54, `cannot infer query fields to set, path '${other.join('.')}' is matched twice`);
    }
  const result: Doc = new Map();
  for (const [index, [name, value]] of equalities.entries()) {
    const path = present(paths[index]);
    if (path.includes('') || path.some((part) => part.startsWith('$')))
      throw unsupported(`An upsert by the field '${name}'`);
    placeOf(result, path, true)?.set(value);
  }
  return result;
}

function collect(filter: Doc, equalities: [string, Value][]): void {
  for (const [name, value] of filter) {
    if (name === '$and') for (const clause of clauses(name, value)) collect(clause, equalities);
    else if (name === '$or') {
      const parts = clauses(name, value);
      if (parts[0] && parts.length === 1) collect(parts[0], equalities);
    } else if (name.startsWith('$') || value instanceof BSONRegExp) continue;
    else if (!holdsOperators(value)) equalities.push([name, value]);
    else if (value.has('$eq')) equalities.push([name, value.get('$eq') as Value]);
    else {
      const list = value.get('$in') ?? value.get('$all');
      // MongoDB rewrites a list of one to an equality in some versions and forms.
      if (Array.isArray(list) && list.length === 1 && !isDoc(list[0]))
        throw unsupported('An upsert by $in or $all with one value');
    }
  }
}
