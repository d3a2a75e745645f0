import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Problem } from '../http/problem.ts';
import { sendCallbackPage, type CallbackError, type CallbackMessage } from './callback-page.ts';

/** Whatever the trip carries: nothing of it is read but `origin`. */
const Anything = Type.Object({}, { additionalProperties: true });

/**
 * The popups' addresses while there is no database or no master key: pages too (API.md, "Errors"), so that the component
 * hears why instead of waiting for a message that never comes. Where only the database knows which page opened the popup,
 * the person reads it there.
 */
export const waitingPopup: FastifyPluginAsyncTypebox<{
  readonly accepts: (origin: string) => boolean;
  /** Whose accounts can be connected. */
  readonly providers: readonly string[];
  readonly problem: () => Problem;
}> = async (app, { accepts, providers, problem: current }) => {
  const page = (url: string, messageOf: (error: CallbackError) => CallbackMessage): void => {
    const schema = { querystring: Anything, hide: true };
    app.get(url, { config: { open: true }, schema }, async (request, reply) => {
      const { origin } = request.query as { readonly origin?: unknown };
      const { status, ...problem } = current();
      request.problemCode = problem.code;
      if (problem.retryAfter !== undefined) void reply.header('retry-after', String(problem.retryAfter));
      return sendCallbackPage(reply, {
        status,
        message: messageOf({ ...problem, requestId: request.id }),
        target: typeof origin === 'string' && accepts(origin) ? origin : undefined,
      });
    });
  };
  for (const step of ['start', 'callback'])
    page(`/v1/auth/salesforce/${step}`, (error) => ({ source: 'oneshot', type: 'sign-in-error', error }));
  for (const provider of providers)
    for (const step of ['go', 'callback'])
      page(`/v1/connections/${provider}/${step}`, (error) => ({
        source: 'oneshot',
        type: 'connection-error',
        provider,
        error,
      }));
};
