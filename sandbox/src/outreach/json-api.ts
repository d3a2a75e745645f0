import { badRequest } from './error.ts';

/** Most rows of a page, which is also what a request without `page[size]` gets (FACTS D). */
export const largestPage = 50;

/** A list request, checked. */
export interface ListQuery {
  /** Filter -> the values of which one must fit. */
  readonly filters: ReadonlyMap<string, readonly string[]>;
  readonly size: number;
  /** Id of the last row of the page before. */
  readonly after: number | undefined;
  readonly sort: string | undefined;
}

/**
 * Reads the query of a list: known filters, `page[size]`, `page[after]`, `sort`, `count=false`; each once.
 * @param filters names as they stand between `filter` and `=`, such as `[emails]`
 * @param sorts what `sort` may be
 * @throws OutreachError 400 that names the parameter
 */
export function readListQuery(query: string, filters: readonly string[], sorts: readonly string[]): ListQuery {
  const found = new Map<string, readonly string[]>();
  let [size, after, sort]: [number, number | undefined, string | undefined] = [largestPage, undefined, undefined];
  const seen = new Set<string>();
  for (const [name, value] of new URLSearchParams(query)) {
    const refuse = (detail: string) => badRequest(`${name} ${detail}`, { parameter: name });
    if (seen.has(name)) throw refuse('must be given once.');
    seen.add(name);
    if (name === 'page[size]') {
      size = Number(value);
      if (!/^\d+$/.test(value) || size < 1 || size > largestPage) throw refuse(`must be from 1 to ${largestPage}.`);
    } else if (name === 'page[after]') after = readCursor(value) ?? fail(refuse('is not a cursor of this API.'));
    else if (name === 'sort' && sorts.includes(value)) sort = value;
    else if (name === 'count' && value === 'false') continue;
    else if (name.startsWith('filter') && filters.includes(name.slice('filter'.length))) {
      const values = value.split(',').filter((one) => one !== '');
      if (values.length === 0) throw refuse('must not be empty.');
      found.set(name.slice('filter'.length), values);
    } else throw refuse('is not supported here.');
  }
  return { filters: found, size, after, sort };
}

function fail(error: Error): never {
  throw error;
}

/** Nothing that a caller could make out of an id by looking at it. */
function cursorOf(id: number): string {
  return Buffer.from(`after ${id}`).toString('base64url');
}

function readCursor(cursor: string): number | undefined {
  const id = /^after (\d{1,9})$/.exec(Buffer.from(cursor, 'base64url').toString())?.[1];
  return id === undefined || cursorOf(Number(id)) !== cursor ? undefined : Number(id);
}

/**
 * Cuts the page out of the rows that fit.
 * @param url of the list without its query, for the links
 */
export function pageOf<Row extends { readonly id: number }>(
  rows: readonly Row[],
  { after, size }: ListQuery,
  url: string,
  query: string,
): { readonly rows: readonly Row[]; readonly links: Readonly<Record<string, string>> } {
  const start = after === undefined ? 0 : rows.findIndex(({ id }) => id === after) + 1;
  if (after !== undefined && start === 0)
    throw badRequest('page[after] points to nothing.', { parameter: 'page[after]' });
  const page = rows.slice(start, start + size);
  const last = page.at(-1);
  const link = (cursor: string | undefined): string => {
    const params = new URLSearchParams(query);
    params.delete('page[after]');
    if (cursor !== undefined) params.append('page[after]', cursor);
    const text = params.toString();
    return text === '' ? url : `${url}?${text}`;
  };
  const hasMore = last !== undefined && start + size < rows.length;
  return { rows: page, links: { first: link(undefined), ...(hasMore ? { next: link(cursorOf(last.id)) } : {}) } };
}

/** A document that creates a resource, checked as far as JSON:API goes. */
export interface Sent {
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Relationship -> the id that it points to. */
  readonly relationships: Readonly<Record<string, number>>;
}

/**
 * Reads the body of a POST.
 * @param attributes those that may be written
 * @param relationships name -> type
 * @throws OutreachError 400 for what is no such document, 409 for another type
 */
export function readDocument(
  body: unknown,
  type: string,
  attributes: readonly string[],
  relationships: Readonly<Record<string, string>>,
): Sent {
  let parsed: unknown;
  try {
    parsed = JSON.parse(typeof body === 'string' ? body : '');
  } catch {
    throw badRequest('The request body is not JSON.');
  }
  const { data, ...others } = members(parsed, '');
  if (Object.keys(others).length > 0) throw badRequest('The document holds members beside data.');
  const { type: sentType, attributes: sent = {}, relationships: related = {}, ...rest } = members(data, '/data');
  if (sentType !== type) throw badRequest(`The type must be ${type}.`, { pointer: '/data/type' });
  const [unknownMember] = Object.keys(rest);
  if (unknownMember !== undefined)
    throw badRequest(`${unknownMember} is not allowed.`, { pointer: `/data/${unknownMember}` });
  const values = members(sent, '/data/attributes');
  for (const name of Object.keys(values)) {
    if (attributes.includes(name)) continue;
    throw badRequest(`${name} is not an attribute that can be written.`, { pointer: `/data/attributes/${name}` });
  }
  const ids = Object.entries(members(related, '/data/relationships')).map(([name, value]) => {
    const pointer = `/data/relationships/${name}`;
    const wanted = relationships[name];
    if (wanted === undefined) throw badRequest(`${name} is not a relationship that can be written.`, { pointer });
    const { type: ofType, id } = members(members(value, pointer).data, `${pointer}/data`);
    if (ofType !== wanted) throw badRequest(`The type must be ${wanted}.`, { pointer: `${pointer}/data/type` });
    if (typeof id !== 'number' || !Number.isSafeInteger(id) || id < 1) {
      throw badRequest('The id must be a number.', { pointer: `${pointer}/data/id` });
    }
    return [name, id] as const;
  });
  return { attributes: values, relationships: Object.fromEntries(ids) };
}

function members(value: unknown, pointer: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw badRequest('An object is expected here.', { pointer });
}
