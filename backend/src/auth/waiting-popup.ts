import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Problem } from '../http/problem.ts';
import { sendCallbackPage } from './callback-page.ts';

/** Whatever the trip carries: nothing of it is read but `origin`. */
const Anything = Type.Object({}, { additionalProperties: true });

/**
 * The popup's two addresses while there is no database or no master key: pages too (API.md, "Errors"), so that the component hears why
 * instead of waiting for a message that never comes.
 */
export const waitingPopup: FastifyPluginAsyncTypebox<{
  readonly accepts: (origin: string) => boolean;
  readonly problem: () => Problem;
}> = async (app, { accepts, problem: current }) => {
  const refuse = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { origin } = request.query as { readonly origin?: unknown };
    const { status, ...problem } = current();
    request.problemCode = problem.code;
    if (problem.retryAfter !== undefined) void reply.header('retry-after', String(problem.retryAfter));
    return sendCallbackPage(reply, {
      status,
      message: { source: 'oneshot', type: 'sign-in-error', error: { ...problem, requestId: request.id } },
      target: typeof origin === 'string' && accepts(origin) ? origin : undefined,
    });
  };
  for (const url of ['/v1/auth/salesforce/start', '/v1/auth/salesforce/callback'])
    app.get(url, { config: { open: true }, schema: { querystring: Anything, hide: true } }, refuse);
};
