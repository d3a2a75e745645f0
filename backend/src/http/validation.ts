import type { FastifyInstance, FastifyRequest, FastifyServerOptions, RouteOptions } from 'fastify';
import { isCrmId } from './crm-id.ts';
import { Invalid } from './problems.ts';
import { Exact } from './schema.ts';

/**
 * Nothing is coerced, dropped or filled in silently (API.md, "Everywhere"). `allErrors` stays off: it lets a client buy
 * much work with one request.
 */
export const ajvOptions: FastifyServerOptions['ajv'] = {
  customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: true, allErrors: false },
  onCreate: (ajv) => {
    ajv.addKeyword({
      keyword: 'crmId',
      type: 'string',
      schemaType: 'string',
      validate: (prefix: string, value: string) => isCrmId(value, prefix),
    });
  },
};

/**
 * Makes every route below /v1 strict: unknown parameters are refused also where a route declares none, query numbers
 * become numbers, and a parameter that may not repeat is refused when it does.
 * Call it before the routes are registered.
 * @throws TypeError at start, when a schema leaves open whether it takes unknown fields
 */
export function refuseSloppyInput(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    if (!route.url.startsWith('/v1/') || route.method === 'OPTIONS') return;
    const schema = { querystring: Exact({}), ...route.schema };
    for (const part of ['querystring', 'params', 'body'] as const) assertClosed(route, part, schema[part]);
    route.schema = schema;
    const query = queryReader(schema.querystring as JsonSchema);
    const takesBody = schema.body !== undefined;
    route.preValidation = [
      (request, _reply, done) => {
        done(wrongEncoding(request) ?? query(request) ?? (takesBody ? undefined : unexpectedBody(request)));
      },
      ...[route.preValidation ?? []].flat(),
    ];
  });
}

interface JsonSchema {
  readonly type?: string;
  readonly additionalProperties?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
}

function assertClosed(route: RouteOptions, part: string, schema: unknown): void {
  const { type, additionalProperties } = (schema ?? {}) as JsonSchema;
  if (type === 'object' && additionalProperties === undefined)
    throw new TypeError(`${String(route.method)} ${route.url}: ${part} does not say whether it takes unknown fields`);
}

/** Percent-encoding that is broken, or is not UTF-8, would otherwise become another text. */
function wrongEncoding(request: FastifyRequest): Error | undefined {
  const url = request.raw.url ?? '';
  if (!url.includes('%')) return undefined;
  try {
    decodeURIComponent(url);
    return undefined;
  } catch {
    return new Invalid('query', 'encoding', 'This address holds broken percent-encoding.');
  }
}

/** A query has texts only: what the schema calls a number, a boolean or a list is made one, if it is written as one. */
function queryReader(schema: JsonSchema): (request: FastifyRequest) => Error | undefined {
  const typeOf = new Map(Object.entries(schema.properties ?? {}).map(([name, { type }]) => [name, type]));
  return (request) => {
    const query = request.query as Record<string, unknown>;
    for (const name in query) {
      const value = query[name];
      const type = typeOf.get(name);
      if (type === 'array') {
        if (!Array.isArray(value)) query[name] = [value];
      } else if (typeof value !== 'string') {
        if (type !== undefined) return new Invalid(name, 'once', `Give ${name} once.`);
      } else if ((type === 'integer' || type === 'number') && /^-?\d{1,15}(?:\.\d{1,15})?$/.test(value)) {
        query[name] = Number(value);
      } else if (type === 'boolean' && (value === 'true' || value === 'false')) {
        query[name] = value === 'true';
      }
    }
    return undefined;
  };
}

/** A route that takes no body takes none, or the empty object that some clients always send. */
function unexpectedBody({ body, method, headers }: FastifyRequest): Error | undefined {
  // Fastify does not read the body of a GET; it must not be ignored all the same.
  const isSent = Number(headers['content-length'] ?? 0) > 0 || headers['transfer-encoding'] !== undefined;
  if (method === 'GET' && isSent) return new Invalid('body', 'unknown', 'This call takes no body.');
  if (body === undefined || body === null) return undefined;
  if (typeof body === 'object' && !Array.isArray(body) && Object.keys(body).length === 0) return undefined;
  return new Invalid('body', 'unknown', 'This call takes no body.');
}

/** One entry of `error.validation`, as AJV reports it. */
interface ValidationEntry {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** AJV's keywords in the words of our rules; the others are their snake_case. */
const RULES: Readonly<Record<string, string>> = { additionalProperties: 'unknown', crmId: 'crm_id', anyOf: 'type' };

/** A name that may be repeated in an answer: ours, or the client's own when it looks like the name of a field. */
const FIELD_NAME = /^[A-Za-z_][A-Za-z0-9_-]{0,40}$/;

/**
 * The problem that AJV found, with the field's name and the rule.
 * @param part `body`, `querystring`, `params` or `headers`
 */
export function invalidFrom(entries: readonly ValidationEntry[], part: string): Invalid {
  const invalid = firstOf(entries, part);
  // AJV's validator holds on to its last errors, and they to a name that a client made up: until somebody errs again.
  for (const entry of entries) for (const name of Object.keys(entry)) Reflect.deleteProperty(entry, name);
  return invalid;
}

function firstOf(entries: readonly ValidationEntry[], part: string): Invalid {
  // Of `null` or an id, the id is what somebody got wrong.
  const entry =
    entries.find(({ keyword }) => keyword === 'crmId') ??
    entries.find(({ keyword }) => keyword === 'anyOf') ??
    entries[0];
  const where = part === 'querystring' ? 'query' : part;
  if (entry === undefined) return new Invalid(where, 'type');
  const path = entry.instancePath.split('/').slice(1);
  // A repeated parameter is one field, whichever of its values is wrong.
  if (part === 'querystring') path.splice(1);
  const named = entry.params.missingProperty ?? entry.params.additionalProperty;
  if (typeof named === 'string' && FIELD_NAME.test(named)) path.push(named);
  const rule = RULES[entry.keyword] ?? entry.keyword.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return new Invalid(path.length === 0 ? where : path.join('.'), rule);
}
