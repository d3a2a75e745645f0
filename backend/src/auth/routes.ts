import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { abortSignal } from '../http/abort.ts';
import { events } from '../http/events.ts';
import type { Log } from '../http/log.ts';
import { ProblemError } from '../http/problem.ts';
import { Secret } from '../vault/secret.ts';
import { Exact, NoContent, Page, Redirect, Words } from '../http/schema.ts';
import { MeShape, SignedInShape } from './answers.ts';
import { popupHeaders, sendCallbackPage } from './callback-page.ts';
import type { Me } from './me.ts';
import { CallbackQuery, Challenge, Code, IdempotencyKey, Verifier } from './popup-schemas.ts';
import type { Redeemer } from './redeem.ts';
import type { SignInPopup } from './sign-in-popup.ts';
import type { SignOut } from './sign-out.ts';
import { bearerOf } from './guard.ts';

export interface AuthRoutesOptions {
  readonly popup: SignInPopup;
  readonly redeemer: Redeemer;
  readonly signOut: SignOut;
  readonly me: Me;
  /** How the service words what is no problem of ours (database away, a bug), so that pages say the same as JSON does. */
  readonly problemOf: (error: unknown) => ProblemError;
  readonly log: Log;
}

const StartQuery = Exact({
  challenge: Challenge,
  origin: Type.String({ minLength: 1, maxLength: 255 }),
  reauth: Type.Optional(Words(['true', 'false'])),
});

const TokenBody = Exact({ code: Code, verifier: Verifier });

/** Sign-in, sign-out, and who is signed in. Source: API.md, DESIGN 3. */
export const authRoutes: FastifyPluginAsyncTypebox<AuthRoutesOptions> = async (app, options) => {
  const { popup, redeemer, signOut, me, log, problemOf } = options;

  /** A popup shows pages: whatever goes wrong in it is told to the page that opened it, if that page is known. */
  const sendProblem = (request: FastifyRequest, reply: FastifyReply, error: unknown, target?: string): FastifyReply => {
    const { status, ...problem } = problemOf(error).problem;
    request.problemCode = problem.code;
    log.warn(events.signInRefused, { problem: problem.code });
    if (problem.retryAfter !== undefined) void reply.header('retry-after', String(Math.ceil(problem.retryAfter)));
    return sendCallbackPage(reply, {
      status,
      message: { source: 'oneshot', type: 'sign-in-error', error: { ...problem, requestId: request.id } },
      target,
    });
  };

  app.get(
    '/v1/auth/salesforce/start',
    {
      schema: { querystring: StartQuery, answers: { 302: Redirect, 400: Page } },
      config: { open: true },
      errorHandler: (error, request, reply) => {
        const { origin } = request.query as { readonly origin?: unknown };
        void sendProblem(
          request,
          reply,
          error,
          typeof origin === 'string' && popup.accepts(origin) ? origin : undefined,
        );
      },
    },
    async (request, reply) => {
      const { challenge, origin, reauth } = request.query;
      const { location, setCookie } = await popup.start({ challenge, origin, reauthenticate: reauth === 'true' });
      return popupHeaders(reply).header('set-cookie', setCookie).redirect(location, 302);
    },
  );

  app.get(
    '/v1/auth/salesforce/callback',
    {
      schema: { querystring: CallbackQuery, answers: { 200: Page, 400: Page, 403: Page, 502: Page } },
      config: { open: true },
      errorHandler: (error, request, reply) => void sendProblem(request, reply, error),
    },
    async (request, reply) => {
      const outcome = await popup.callback(request.query, request.headers.cookie ?? '');
      reply.header('set-cookie', outcome.clearCookie);
      if ('problem' in outcome) return sendProblem(request, reply, outcome.problem, outcome.origin);
      return sendCallbackPage(reply, {
        status: 200,
        message: { source: 'oneshot', type: 'sign-in', code: outcome.code },
        target: outcome.origin,
      });
    },
  );

  app.post(
    '/v1/auth/token',
    {
      schema: {
        body: TokenBody,
        headers: IdempotencyKey,
        answers: { 200: SignedInShape },
        errors: [401, 403, 409, 421, 502],
      },
      config: { open: true },
    },
    async (request) => {
      const { code, verifier } = request.body;
      try {
        return await redeemer.redeem({
          code,
          verifier: Secret.of(verifier),
          idempotencyKey: request.headers['idempotency-key'] ?? '',
          origin: request.headers.origin,
        });
      } catch (error) {
        if (error instanceof ProblemError) log.warn(events.signInRefused, { problem: error.problem.code });
        throw error;
      }
    },
  );

  app.post(
    '/v1/auth/sign-out',
    { schema: { answers: { 204: NoContent } }, config: { limitByBearer: true } },
    async (request, reply) => {
      await signOut.of(bearerOf(request), request.headers.origin);
      return reply.code(204).send();
    },
  );

  app.get('/v1/me', { schema: { answers: { 200: MeShape } } }, async (request) =>
    me.of(request.openSession, abortSignal(request)),
  );
};
