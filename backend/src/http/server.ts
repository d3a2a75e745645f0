import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { newId } from '../database/new-id.ts';
import { decorateSignals, releaseSignal } from './abort.ts';
import { allowOrigins } from './cors.ts';
import { sendProblem, wordProblem } from './errors.ts';
import { events } from './events.ts';
import { SECURITY_HEADERS } from './headers.ts';
import type { Log } from './log.ts';
import { isAllowedOrigin, type OriginRules } from './origin.ts';
import type { ProblemError } from './problem.ts';
import { Invalid, NotFound, TooManyRequests } from './problems.ts';
import { callerOf, RateLimit } from './rate-limit.ts';
import { ajvOptions, refuseSloppyInput } from './validation.ts';

/** The settings that the HTTP server reads. */
export interface ServerConfig extends OriginRules {
  readonly trustProxy: readonly string[];
  readonly rateLimitPerMinute: number;
  readonly openRateLimitPerMinute: number;
}

/** Who makes a request, for its limit and its log line. */
export interface Caller {
  readonly sessionId: string;
  readonly orgId: string;
  readonly userId: string;
}

export interface ServerParts {
  readonly config: ServerConfig;
  readonly log: Log;
  /** Told by the room that knows sessions, as http/ knows no room; nobody on open routes. */
  readonly callerOf: (request: FastifyRequest) => Caller | null | undefined;
  /** What a request for an unknown route is told; NotFound when left out. */
  readonly unknownRoute?: () => ProblemError;
  /** Called once for each answer, for metrics. */
  readonly onAnswer?: (route: string, method: string, status: number, ms: number) => void;
}

/** Bytes of a request's body; a route that takes more says so itself. */
const BODY_LIMIT = 64 * 1024;

/**
 * The Fastify instance with everything that all routes share; the rooms register theirs on it. It does not listen: the
 * front hands it requests (`app.routing`).
 */
export async function createServer(parts: ServerParts): Promise<FastifyInstance> {
  const { config, log, callerOf: who, onAnswer } = parts;
  const onEnd = requestLine(log, who, onAnswer);
  const app = Fastify({
    ...(config.trustProxy.length === 0 ? {} : { trustProxy: [...config.trustProxy] }),
    logger: false,
    exposeHeadRoutes: false,
    genReqId: () => newId('req'),
    requestIdHeader: false,
    bodyLimit: BODY_LIMIT,
    // Longer than any URL that Node takes, so that a long id meets its own rule.
    routerOptions: { maxParamLength: 20_000, caseSensitive: true, ignoreTrailingSlash: false },
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    return503OnClosing: false,
    ajv: ajvOptions,
    frameworkErrors: (error, request, reply) => {
      sendProblem(wordProblem(log, error, request), request, reply.headers(SECURITY_HEADERS));
      onEnd(request, reply);
    },
  });

  app.decorateRequest('problemCode', undefined);
  app.setNotFoundHandler((request, reply) => sendProblem(parts.unknownRoute?.() ?? new NotFound(), request, reply));
  decorateSignals(app);
  readJsonOnly(app);
  refuseSloppyInput(app);
  app.addHook('onRequest', (_request, reply, done) => {
    void reply.headers(SECURITY_HEADERS);
    done();
  });
  // Before CORS adds its route: a route keeps the error handler that it finds.
  const refused = admit(app, parts);
  app.setErrorHandler((error, request, reply) => {
    const problem = wordProblem(log, error, request);
    // What we could not do is not the caller's doing: a company behind one address signs in at once when we can again.
    const isOurs = problem.problem.status >= 500;
    return sendProblem(isOurs ? problem : (refused(request) ?? problem), request, reply);
  });
  allowOrigins(app, (origin) => isAllowedOrigin(config, origin));
  app.addHook('onResponse', (request, reply, done) => {
    releaseSignal(request);
    onEnd(request, reply);
    done();
  });
  return app;
}

/** JSON in UTF-8 and nothing else. An empty body is none: whether there had to be one, the route's schema knows. */
function readJsonOnly(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    if (body.length === 0) done(null, undefined);
    else if (!isUtf8(body)) done(new Invalid('body', 'encoding', 'The body is not UTF-8.'));
    else void parse(request, body.toString('utf8'), done);
  });
}

/**
 * Runs after the session check, before a body is read: the limit by session where there is one, else by address.
 * @returns for what was refused before it was counted: counts it against its session, or without one (none, a bearer of
 *   another page) against the address, and says so once that is used up
 */
function admit(
  app: FastifyInstance,
  { config, callerOf: who }: ServerParts,
): (request: FastifyRequest) => ProblemError | undefined {
  const sessions = new RateLimit(config.rateLimitPerMinute);
  const addresses = new RateLimit(config.openRateLimitPerMinute);
  const ofAddress = ({ ip }: FastifyRequest): number => addresses.take(callerOf(ip), Date.now());
  const ofCaller = (request: FastifyRequest): number => {
    const caller = who(request);
    return caller ? sessions.take(caller.sessionId, Date.now()) : ofAddress(request);
  };
  const ofBearer = ({ headers }: FastifyRequest): number =>
    sessions.take(hash('sha256', headers.authorization ?? '', 'base64url'), Date.now());
  app.decorateRequest('isCounted', false);
  app.addHook('preParsing', (request, _reply, _payload, done) => {
    const { unlimited, limitByBearer } = request.routeOptions.config;
    if (unlimited === true) {
      done();
      return;
    }
    request.isCounted = limitByBearer !== true;
    const wait = limitByBearer === true ? ofBearer(request) : ofCaller(request);
    done(wait === 0 ? null : new TooManyRequests(wait));
  });
  return (request) => {
    if (request.isCounted || request.routeOptions.config.unlimited === true) return undefined;
    request.isCounted = true;
    const wait = ofCaller(request);
    return wait === 0 ? undefined : new TooManyRequests(wait);
  };
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Not counted against any limit: what a balancer asks all the time. */
    unlimited?: boolean;
    /** Counted by the bearer that it brings, whatever that is worth; refusals count against the address. */
    limitByBearer?: boolean;
  }
  interface FastifyRequest {
    /** Whether this request was taken off a limit. */
    isCounted: boolean;
  }
}

type Answered = (request: FastifyRequest, reply: { statusCode: number; elapsedTime: number }) => void;

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** One line for each request, at its end: the route's pattern, never the URL. */
function requestLine(log: Log, who: ServerParts['callerOf'], onAnswer: ServerParts['onAnswer']): Answered {
  return (request, reply) => {
    const caller = who(request);
    const route = request.routeOptions.url;
    const method = METHODS.has(request.method) ? (request.method as 'GET') : 'other';
    const ms = Math.round(reply.elapsedTime * 100) / 100;
    log.info(events.request, {
      request: request.id,
      method,
      route: route === '*' ? undefined : route,
      status: reply.statusCode,
      ms,
      org: caller?.orgId,
      rep: caller?.userId,
      problem: request.problemCode,
    });
    onAnswer?.(route ?? 'none', method, reply.statusCode, ms);
  };
}
