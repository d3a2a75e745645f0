import type { FastifyInstance } from 'fastify';

/** Seconds for which a browser may remember a preflight. */
const PREFLIGHT_SECONDS = 600;

const PREFLIGHT_HEADERS = {
  'access-control-allow-methods': 'GET, POST, PUT, DELETE',
  'access-control-allow-headers': 'authorization, content-type, if-none-match, idempotency-key, x-oneshot-rep',
  'access-control-max-age': String(PREFLIGHT_SECONDS),
  'content-length': '0',
};

/** What every answer of this server depends on, whether the page was let in or not (Fetch, "CORS protocol and HTTP caches"). */
export const VARY = 'Origin';

/**
 * Lets pages of allowed origins read the answers, without credentials, and answers their preflights. For one rule and
 * constant headers @fastify/cors takes four times as long, at every request (docs/performance.md).
 * Source: Fetch standard, "HTTP-CORS protocol".
 */
export function allowOrigins(app: FastifyInstance, isAllowed: (origin: string) => boolean): void {
  app.addHook('onRequest', (request, reply, done) => {
    const { origin } = request.headers;
    void reply.header('vary', VARY);
    if (origin === undefined || !isAllowed(origin)) {
      done();
      return;
    }
    void reply
      .header('access-control-allow-origin', origin)
      .header('access-control-expose-headers', 'etag, retry-after');
    // Before the session check: a preflight brings no bearer.
    if (request.method === 'OPTIONS') void reply.code(204).headers(PREFLIGHT_HEADERS).send();
    else done();
  });
  // So that there is a route to have the hook; whoever comes this far is no page of ours.
  app.options('*', { schema: { hide: true } }, (_request, reply) => {
    reply.callNotFound();
  });
}
