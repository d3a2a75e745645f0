import { Type, type Static } from 'typebox';
import { Exact, Words } from '../http/schema.ts';
import { Invalid } from '../http/problems.ts';
import { FACETS } from './list/facets.ts';
import { searchWords } from './list/fold.ts';
import type { ListQuery } from './list/account-list.ts';
import { filterKey } from './list/match.ts';
import { SORTS } from './list/sort-keys.ts';

/** The longest text of a CRM field that can be a filter value, and more than anybody searches for. */
const MAX_TEXT = 255;

const Values = Type.Optional(
  Type.Array(Type.String({ minLength: 1, maxLength: MAX_TEXT }), {
    maxItems: 100,
    description: 'Repeat it to allow one more value',
  }),
);

/** Each word is looked for in each row; more than a person searches for would only hold up the others. */
const MAX_WORDS = 10;

/** Query of `GET /v1/accounts`. */
export const AccountsQuery = Exact({
  search: Type.Optional(
    Type.String({ maxLength: MAX_TEXT, description: 'Words that must all be in name, city, website or owner' }),
  ),
  industry: Values,
  country: Values,
  owner: Values,
  product: Values,
  sort: Type.Optional(Words(SORTS, { description: 'Default arr' })),
  order: Type.Optional(Words(['asc', 'desc'], { description: 'Default desc for arr and modified, else asc' })),
  offset: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000_000 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, description: 'Default 50' })),
  partial: Type.Optional(Type.Boolean({ description: 'Answer from the first page of the pull on' })),
});

/** The query with its defaults, equal queries in equal words. @throws Invalid more words than are looked for */
export function listQuery(query: Static<typeof AccountsQuery>): ListQuery {
  if (query.search !== undefined && searchWords(query.search).length > MAX_WORDS)
    throw new Invalid('search', 'max_words', `Search for at most ${MAX_WORDS} words.`);
  const sort = query.sort ?? 'arr';
  const filter: Record<string, readonly string[]> = {};
  for (const facet of FACETS) {
    const values = query[facet];
    if (values !== undefined && values.length > 0) filter[facet] = [...new Set(values)].sort();
  }
  return {
    ...(query.search === undefined ? {} : { search: query.search }),
    ...filter,
    sort,
    order: query.order ?? (sort === 'arr' || sort === 'modified' ? 'desc' : 'asc'),
    offset: query.offset ?? 0,
    limit: query.limit ?? 50,
  };
}

/**
 * Strong ETag of an answer: the pull, the query, the encoding (DESIGN 4). It says order and place, which are nobody's
 * secret, and of texts that were looked for no more than fingerprints.
 */
export function etagOf(listId: string, query: ListQuery, isGzipped: boolean): string {
  const { sort, order, offset, limit } = query;
  const texts = filterKey(query);
  const filter = texts === '' ? '' : `.${fingerprint(texts, 1)}${fingerprint(texts, 2)}`;
  return `"${listId}.${sort}.${order}.${offset}.${limit}${filter}${isGzipped ? '.gzip' : ''}"`;
}

/** MurmurHash3 of UTF-16 units, 32 bits. Two tell one client's own questions apart; nobody else's are among them. */
function fingerprint(text: string, seed: number): string {
  let hash = seed;
  for (let index = 0; index < text.length; index += 1) {
    const unit = Math.imul(text.charCodeAt(index), 0xcc9e2d51);
    hash ^= Math.imul((unit << 15) | (unit >>> 17), 0x1b873593);
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0).toString(36);
}

/** Whether an `If-None-Match` names this ETag. RFC 9110, 13.1.2: `*`, or a list, compared weakly. */
export function isNamed(etag: string, ifNoneMatch: string | undefined): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.split(',').some((tag) => {
    const name = tag.trim();
    return name === '*' || name === etag || name === `W/${etag}`;
  });
}

/** Browsers send one of a few headers; what each asks for is worked out once. */
const known = new Map<string, boolean>();
const MAX_KNOWN = 100;

/** Whether the client takes gzip at least as gladly as plain bytes. RFC 9110, 12.5.3. */
export function takesGzip(acceptEncoding: string | undefined): boolean {
  if (acceptEncoding === undefined) return false;
  let takes = known.get(acceptEncoding);
  if (takes === undefined) {
    takes = readAcceptEncoding(acceptEncoding);
    if (known.size < MAX_KNOWN) known.set(acceptEncoding, takes);
  }
  return takes;
}

function readAcceptEncoding(acceptEncoding: string): boolean {
  let gzip: number | undefined;
  let identity: number | undefined;
  let any: number | undefined;
  for (const entry of acceptEncoding.toLowerCase().split(',')) {
    const [coding = '', ...parameters] = entry.split(';').map((part) => part.trim());
    const quality = qualityOf(parameters);
    if (coding === 'gzip' || coding === 'x-gzip') gzip = quality;
    else if (coding === 'identity') identity = quality;
    else if (coding === '*') any = quality;
  }
  const quality = gzip ?? any ?? 0;
  return quality > 0 && quality >= (identity ?? 0);
}

function qualityOf(parameters: readonly string[]): number {
  const given = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  if (given === undefined) return 1;
  return /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(given) ? Number(given) : 0;
}
