import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { bearerOf, bearerSession } from '../oauth/bearer.ts';
import type { OAuthEngine } from '../oauth/engine.ts';
import { acceptAnyBody, oauthRoutes, queryOf } from '../oauth/routes.ts';
import type { Account } from '../people.ts';
import { createProspect, createSequenceState, prospectAttributes } from './create.ts';
import type { OutreachData, OutreachUser } from './data.ts';
import { badRequest, notFound, OutreachError, UnsupportedMediaType } from './error.ts';
import { pageOf, readDocument, readListQuery } from './json-api.ts';
import { accessPrefix } from './policy.ts';
import * as kinds from './resources.ts';
import { allows } from './scopes.ts';

const mediaType = 'application/vnd.api+json';

/** What the plugin needs. */
export interface OutreachOptions {
  readonly engine: OAuthEngine<Account>;
  readonly data: OutreachData;
  /** `http://127.0.0.1:PORT/outreach`. */
  readonly baseUrl: () => string;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

interface Caller {
  readonly user: OutreachUser;
  readonly scopes: readonly string[];
}

/** The part of Outreach that the product meets (FACTS D). Paths are below the provider's prefix. */
export function outreach(app: FastifyInstance, { engine, data, baseUrl, now }: OutreachOptions): void {
  const apiUrl = () => `${baseUrl()}/api/v2`;

  app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    const status = error.statusCode ?? 500;
    const known = error instanceof OutreachError ? error : undefined;
    const wrong =
      status < 500 ? badRequest(error.message) : new OutreachError(500, 'serverError', 'Server Error', error.message);
    return sendError(reply, known ?? wrong);
  });
  app.setNotFoundHandler((_request, reply) => sendError(reply, notFound()));
  oauthRoutes(app, engine);

  const called = new WeakMap<FastifyRequest, Caller>();
  const callerOf = (request: FastifyRequest): Caller => {
    const caller = called.get(request);
    if (caller === undefined) throw notFound();
    return caller;
  };

  app.register(
    async (api) => {
      acceptAnyBody(api);
      api.addHook('onRequest', async (request, reply) => {
        const session = bearerSession(engine, request);
        const user = session && data.userNamed(session.user.username);
        if (!session || !user) return refuseToken(request, reply);
        for (const [name, value] of Object.entries(data.limit.count(user.id))) reply.header(name, value);
        // Reads too must carry it.
        if (request.headers['content-type'] !== mediaType) throw new UnsupportedMediaType();
        called.set(request, { user, scopes: session.scopes });
      });

      // Whose token it is: the one place that says so.
      api.get('/', async (request, reply) => {
        const { id, email, name, firstName, lastName } = callerOf(request).user;
        const org = { name: 'Demo Org', shortname: 'demo' };
        return send(reply, 200, { meta: { user: { id, email, name, firstName, lastName }, org } });
      });

      const serve = <Row extends { readonly id: number }>(kind: kinds.ResourceKind<Row>) => {
        api.get(`/${kind.path}`, async (request, reply) => {
          const caller = callerOf(request);
          requireScope(caller, kind, 'read');
          const asked = queryOf(request);
          const query = readListQuery(asked, Object.keys(kind.filters), kind.sorts ?? []);
          const fits = (row: Row): boolean =>
            [...query.filters].every(([name, values]) => {
              const held = (kind.filters[name]?.(row) ?? []).map((one) => String(one).toLowerCase());
              return values.some((value) => held.includes(value.toLowerCase()));
            });
          const rows = kind.rows(data, caller.user).filter(fits);
          const sorted = query.sort === undefined ? rows : sortByName(rows, query.sort.startsWith('-'));
          const page = pageOf(sorted, query, `${apiUrl()}/${kind.path}`, asked);
          const shown = page.rows.map((row) => kinds.show(kind, row, apiUrl()));
          return send(reply, 200, { data: shown, links: page.links });
        });
        api.get<{ Params: { id: string } }>(`/${kind.path}/:id`, async (request, reply) => {
          const caller = callerOf(request);
          requireScope(caller, kind, 'read');
          if (queryOf(request) !== '') throw badRequest('No parameter is supported here.');
          const row = kind.rows(data, caller.user).find(({ id }) => String(id) === request.params.id);
          if (!row) throw notFound();
          return send(reply, 200, { data: kinds.show(kind, row, apiUrl()) });
        });
      };
      serve(kinds.users);
      serve(kinds.accounts);
      serve(kinds.prospects);
      serve(kinds.mailboxes);
      serve(kinds.sequences);
      serve(kinds.sequenceStates);

      api.post('/prospects', async (request, reply) => {
        const caller = callerOf(request);
        requireScope(caller, kinds.prospects, 'write');
        const sent = readDocument(request.body, 'prospect', prospectAttributes, { account: 'account' });
        const row = createProspect(data, caller.user, sent, now());
        return send(reply, 201, { data: kinds.show(kinds.prospects, row, apiUrl()) });
      });
      api.post('/sequenceStates', async (request, reply) => {
        const caller = callerOf(request);
        requireScope(caller, kinds.sequenceStates, 'write');
        const related = { prospect: 'prospect', sequence: 'sequence', mailbox: 'mailbox' };
        const sent = readDocument(request.body, 'sequenceState', [], related);
        const row = createSequenceState(data, caller.user, sent, now());
        return send(reply, 201, { data: kinds.show(kinds.sequenceStates, row, apiUrl()) });
      });
    },
    { prefix: '/api/v2' },
  );
}

/** As bytes: to a text Fastify adds a charset, which JSON:API forbids. */
function send(reply: FastifyReply, status: number, document: unknown): FastifyReply {
  return reply
    .status(status)
    .header('content-type', mediaType)
    .send(Buffer.from(JSON.stringify(document)));
}

function sendError(reply: FastifyReply, error: OutreachError): FastifyReply {
  return send(reply, error.status, error.toBody());
}

/** A token that was one reads otherwise than one that never was, which the gateway refuses in its own shape. */
function refuseToken(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const token = bearerOf(request);
  if (token?.startsWith(accessPrefix) === true) {
    const detail = 'Please refresh your access token and try again.';
    return sendError(reply, new OutreachError(401, 'expiredAccessToken', 'Expired Access Token', detail));
  }
  const description = token === undefined ? 'The request has no JWT token.' : 'The JWT token could not be decoded.';
  return reply.status(401).send({ error: 'Invalid JWT token.', description });
}

function requireScope(
  caller: Caller,
  { path }: { path: kinds.ResourceKind<never>['path'] },
  level: 'read' | 'write',
): void {
  if (allows(caller.scopes, path, level)) return;
  const detail = `Your authorization is missing a required scope: ${path}.${level} or ${path}.all.`;
  throw new OutreachError(403, 'unauthorizedOauthScope', 'Unauthorized OAuth Scope', detail);
}

function sortByName<Row>(rows: readonly Row[], isDescending: boolean): readonly Row[] {
  const nameOf = (row: Row): string => (row as { readonly name?: string }).name ?? '';
  const sorted = [...rows].sort((a, b) => nameOf(a).localeCompare(nameOf(b), 'en'));
  return isDescending ? sorted.reverse() : sorted;
}
