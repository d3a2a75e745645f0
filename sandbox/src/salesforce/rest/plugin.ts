import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { OrgUser, SalesforceOrg } from '../org/org.ts';
import { SalesforceError } from '../error.ts';
import { Cursors } from './cursors.ts';
import { describeObject, objectSummary } from './describe.ts';
import { ApiUsage } from './limits.ts';
import { firstPage, nextPage, pageSizeFrom, type QueryAnswer } from './query.ts';
import { notFound } from './rows.ts';
import { rowRoutes } from './row-routes.ts';
import { withSlash } from './slash.ts';
import { LATEST, OLDEST, versions } from './versions.ts';

/** URL and headers together, bytes; longer is 414 or 431 (FACTS B). */
const MAX_REQUEST_BYTES = 16_384;
/** Smaller answers are not worth compressing. */
const LEAST_GZIP_BYTES = 1_024;

const compress = promisify(gzip);

export interface RestOptions {
  readonly org: SalesforceOrg;
  /** Finds the user of a bearer token. @throws SalesforceError 401 INVALID_SESSION_ID */
  readonly authenticate: (request: FastifyRequest) => { readonly user: OrgUser };
}

/** What the handlers of one call share. */
export interface Call {
  readonly user: OrgUser;
  /** `/services/data/vNN.0`. */
  readonly base: string;
}

/** Salesforce's REST data API, below the prefix at which it is registered (FACTS B). */
export async function salesforceRest(app: FastifyInstance, { org, authenticate }: RestOptions): Promise<void> {
  const cursors = new Cursors(org);
  const usage = new ApiUsage(org);

  app.setErrorHandler((error: Error & { statusCode?: number; code?: string }, _request, reply) => {
    const refusal = refusalOf(error);
    return reply.status(refusal.status).send(refusal.toBody());
  });
  // simple-salesforce sends the content type of JSON with a DELETE that has no body.
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null);
    else void parseJson(request, String(body), done);
  });
  app.addHook('onRequest', async (request) => {
    const headers = request.raw.rawHeaders.reduce((total, part) => total + part.length + 2, 0);
    const { length } = request.raw.url ?? '';
    if (length > MAX_REQUEST_BYTES) throw new SalesforceError(414, 'URI_TOO_LONG', 'URI Too Long');
    if (length + headers > MAX_REQUEST_BYTES) {
      throw new SalesforceError(431, 'REQUEST_HEADER_TOO_LARGE', 'Request Header Fields Too Large');
    }
  });
  app.addHook('onSend', async (request, reply, payload) => {
    if (typeof payload !== 'string' || payload.length < LEAST_GZIP_BYTES) return payload;
    reply.header('vary', 'Accept-Encoding');
    if (!acceptsGzip(request.headers['accept-encoding'])) return payload;
    reply.header('content-encoding', 'gzip').removeHeader('content-length');
    return compress(payload, { level: constants.Z_BEST_SPEED });
  });

  const called = new WeakMap<FastifyRequest, Call>();
  /** Who calls, in which version. Set by the hook below for every route but the list of versions. */
  const callOf = (request: FastifyRequest): Call => {
    const call = called.get(request);
    if (call === undefined) throw notFound();
    return call;
  };

  app.get('/services/data', async () => versions());
  app.get('/services/data/', async () => versions());

  await app.register(
    async (data) => {
      data.addHook('onRequest', async (request, reply) => {
        const { user } = authenticate(request);
        if (!org.flags.apiEnabled) {
          throw new SalesforceError(403, 'API_DISABLED_FOR_ORG', 'The REST API is not enabled for this Organization.');
        }
        const { version } = request.params as { version: string };
        const [, number] = /^v(\d{2})\.0$/.exec(version) ?? [];
        if (number === undefined || Number(number) < OLDEST || Number(number) > LATEST) throw notFound();
        reply.header('sforce-limit-info', usage.count());
        called.set(request, { user, base: `/services/data/${version}` });
      });

      data.get('/', async (request) => {
        const { base, user } = callOf(request);
        const resources = ['limits', 'query', 'queryAll', 'sobjects'].map((name) => [name, `${base}/${name}`]);
        // jsforce's identity() looks here for the address of the identity service.
        const identity = `${request.protocol}://${request.host}${app.prefix}/id/${org.id}/${user.id}`;
        return { ...Object.fromEntries(resources), identity };
      });
      for (const path of withSlash('/limits')) data.get(path, async () => usage.limits());

      const resources = { query: {}, queryAll: { withDeleted: true }, 'tooling/query': { api: 'tooling' } } as const;
      for (const [resource, of] of Object.entries(resources)) {
        const ask = async (request: FastifyRequest): Promise<QueryAnswer> => {
          const { q } = request.query as { q?: string | string[] };
          if (typeof q !== 'string')
            throw new SalesforceError(400, 'MALFORMED_QUERY', 'A query string has to be specified');
          const pageSize = pageSizeFrom(request.headers['sforce-query-options']);
          return firstPage({ org, cursors, pageSize, ...callOf(request) }, q, of);
        };
        for (const path of withSlash(`/${resource}`)) data.get(path, ask);
        data.get(`/${resource}/:locator`, async (request) => {
          const { locator } = request.params as { locator: string };
          const pageSize = pageSizeFrom(request.headers['sforce-query-options']);
          return nextPage({ org, cursors, pageSize, ...callOf(request) }, locator);
        });
      }

      const list = async (request: FastifyRequest): Promise<object> => {
        const { user, base } = callOf(request);
        const seen = org.objects().filter(({ name }) => org.objectFor(user, name) !== undefined);
        const sobjects = seen.map((object) => objectSummary(org, user, object, base));
        return { encoding: 'UTF-8', maxBatchSize: 200, sobjects };
      };
      for (const path of withSlash('/sobjects')) data.get(path, list);
      data.get('/sobjects/:object/describe', async (request) => {
        const { user, base } = callOf(request);
        const object = org.objectFor(user, (request.params as { object: string }).object);
        if (object === undefined) throw notFound();
        return describeObject(org, user, object, base);
      });
      rowRoutes(data, org, callOf);

      data.all('/*', async () => {
        throw notFound();
      });
    },
    { prefix: '/services/data/:version' },
  );
}

function acceptsGzip(header: string | string[] | undefined): boolean {
  return String(header ?? '')
    .split(',')
    .some((part) => /^\s*(?:gzip|\*)\s*(?:;\s*q=(?!0(?:\.0*)?\s*$).*)?$/i.test(part));
}

/** Fastify's own refusals in Salesforce's words. */
function refusalOf(error: Error & { statusCode?: number; code?: string }): SalesforceError {
  if (error instanceof SalesforceError) return error;
  const status = error.statusCode ?? 500;
  if (error instanceof SyntaxError || error.code === 'FST_ERR_CTP_INVALID_JSON_BODY') {
    return new SalesforceError(400, 'JSON_PARSER_ERROR', `Unexpected character in the request body: ${error.message}`);
  }
  if (status === 415) {
    return new SalesforceError(415, 'UNSUPPORTED_MEDIA_TYPE', 'The specified content type is not supported');
  }
  if (status === 413) return new SalesforceError(413, 'REQUEST_TOO_LARGE', 'The request body is too large');
  if (status < 500) return new SalesforceError(status, 'INVALID_REQUEST', error.message);
  return new SalesforceError(500, 'UNKNOWN_EXCEPTION', `An unexpected error occurred: ${error.message}`);
}
