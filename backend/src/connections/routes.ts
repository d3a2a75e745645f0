import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { popupHeaders, sendCallbackPage } from '../auth/callback-page.ts';
import { CallbackQuery, Challenge, Code, IdempotencyKey, Verifier } from '../auth/popup-schemas.ts';
import { OriginMismatch, OriginRefused } from '../auth/problems.ts';
import { events } from '../http/events.ts';
import type { Log } from '../http/log.ts';
import type { ProblemError } from '../http/problem.ts';
import { Exact, Page, Redirect, Words } from '../http/schema.ts';
import { Secret } from '../vault/secret.ts';
import { ConnectionShape } from './answers.ts';
import type { Connecting } from './connecting.ts';
import type { Connections } from './connections.ts';
import { PROVIDERS, type ProviderName } from './tokens.ts';

export interface ConnectionRoutesOptions {
  readonly connections: Connections;
  readonly connecting: Connecting;
  /** Whether pages of this origin may use the product at all. */
  readonly accepts: (origin: string) => boolean;
  /** How the service words what is no problem of ours, so that pages say the same as JSON does. */
  readonly problemOf: (error: unknown) => ProblemError;
  readonly log: Log;
}

const ProviderParams = Exact({ provider: Words(PROVIDERS) });
const Ticket = Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' });

/** The rep's connections. Source: API.md, DESIGN 3 ("Connecting"). */
export const connectionRoutes: FastifyPluginAsyncTypebox<ConnectionRoutesOptions> = async (app, options) => {
  const { connections, connecting, problemOf, log } = options;

  /** A popup shows pages: whatever goes wrong in it is told to the page that opened it, if that page is known. */
  const sendProblem = (request: FastifyRequest, reply: FastifyReply, error: unknown, target?: string): FastifyReply => {
    const { status, ...problem } = problemOf(error).problem;
    request.problemCode = problem.code;
    const provider = providerIn(request);
    log.warn(events.connectionRefused, { provider, problem: problem.code });
    if (problem.retryAfter !== undefined) void reply.header('retry-after', String(Math.ceil(problem.retryAfter)));
    return sendCallbackPage(reply, {
      status,
      message: {
        source: 'oneshot',
        type: 'connection-error',
        provider: provider ?? 'unknown',
        error: { ...problem, requestId: request.id },
      },
      target,
    });
  };

  app.get(
    '/v1/connections',
    {
      schema: {
        summary: 'The rep’s connections',
        answers: { 200: Type.Object({ rows: Type.Array(ConnectionShape) }) },
      },
    },
    async ({ rep }) => ({ rows: await connections.list(rep) }),
  );

  app.post(
    '/v1/connections/:provider/start',
    {
      schema: {
        params: ProviderParams,
        body: Exact({ challenge: Challenge, origin: Type.String({ minLength: 1, maxLength: 255 }) }),
        answers: { 200: Type.Object({ url: Type.String(), expiresAt: Type.String({ format: 'date-time' }) }) },
        errors: [409, 502],
      },
    },
    async ({ rep, params, body }) => {
      if (!options.accepts(body.origin)) throw new OriginRefused();
      // The page that gets the code is the page that the session was made for.
      if (body.origin !== rep.origin) throw new OriginMismatch();
      return connecting.start(rep, params.provider, body);
    },
  );

  app.get(
    '/v1/connections/:provider/go',
    {
      schema: {
        params: ProviderParams,
        querystring: Exact({ ticket: Ticket }),
        answers: { 302: Redirect, 400: Page },
      },
      config: { open: true },
      errorHandler: (error, request, reply) => {
        const { ticket } = request.query as { readonly ticket?: unknown };
        const provider = providerIn(request);
        const isKnown = typeof ticket === 'string' && provider !== undefined;
        const origin = isKnown ? connecting.originOf(provider, ticket) : Promise.resolve(undefined);
        void origin.then((target) => sendProblem(request, reply, error, target));
      },
    },
    async (request, reply) => {
      const { location, setCookie } = await connecting.go(request.params.provider, request.query.ticket);
      return popupHeaders(reply).header('set-cookie', setCookie).redirect(location, 302);
    },
  );

  app.get(
    '/v1/connections/:provider/callback',
    {
      schema: {
        params: ProviderParams,
        querystring: CallbackQuery,
        answers: { 200: Page, 400: Page, 403: Page, 502: Page },
      },
      config: { open: true },
      errorHandler: (error, request, reply) => void sendProblem(request, reply, error),
    },
    async (request, reply) => {
      const { provider } = request.params;
      if (isAdminConsent(request)) return sendApproved(request, reply, provider);
      const outcome = await connecting.callback(provider, request.query, request.headers.cookie ?? '');
      reply.header('set-cookie', outcome.clearCookie);
      if ('problem' in outcome) return sendProblem(request, reply, outcome.problem, outcome.origin);
      return sendCallbackPage(reply, {
        status: 200,
        message: { source: 'oneshot', type: 'connection', provider, code: outcome.code },
        target: outcome.origin,
      });
    },
  );

  app.post(
    '/v1/connections/:provider/finish',
    {
      schema: {
        params: ProviderParams,
        body: Exact({ code: Code, verifier: Verifier }),
        headers: IdempotencyKey,
        answers: { 200: ConnectionShape },
        errors: [409, 422, 502],
      },
    },
    async ({ rep, params, body, headers }) =>
      connecting.finish(rep, params.provider, {
        code: body.code,
        verifier: Secret.of(body.verifier),
        idempotencyKey: headers['idempotency-key'] ?? '',
      }),
  );

  app.delete(
    '/v1/connections/:provider',
    {
      schema: {
        params: ProviderParams,
        answers: { 200: Type.Object({ revocation: Words(['revoked', 'no_endpoint', 'failed']) }) },
        errors: [404],
      },
    },
    async ({ rep, params }) => ({ revocation: await connections.disconnect(rep, params.provider) }),
  );
};

/** Microsoft sends an admin here who approved us for their tenant (FACTS F). It belongs to no trip of ours. */
function isAdminConsent({ query }: FastifyRequest): boolean {
  const { admin_consent, state } = query as { readonly admin_consent?: unknown; readonly state?: unknown };
  return state === undefined && String(admin_consent).toLowerCase() === 'true';
}

/** Posts nothing to anybody: whoever asked is somebody else. */
function sendApproved(request: FastifyRequest, reply: FastifyReply, provider: ProviderName): FastifyReply {
  const message = 'OneShot is approved. Whoever sent you this link can press Check again now.';
  const error = { code: 'admin_approved', message, requestId: request.id };
  return sendCallbackPage(reply, {
    status: 200,
    message: { source: 'oneshot', type: 'connection-error', provider, error },
    target: undefined,
  });
}

function providerIn(request: FastifyRequest): ProviderName | undefined {
  const { provider } = request.params as { readonly provider?: unknown };
  return PROVIDERS.find((name) => name === provider);
}
