import type { FastifyInstance, FastifyRequest } from 'fastify';

declare module 'fastify' {
  interface FastifyRequest {
    /** Made by `abortSignal`, for a request that asked. */
    gone: { readonly controller: AbortController; readonly onClose: () => void } | undefined;
  }
}

/**
 * Aborts when the client goes away before it has its answer; hand it to everything that a request waits for.
 * Not Fastify's own `request.signal`: that one aborts as soon as a body was read, since Node says `close` of a request
 * then and not when its connection closes (Node 16, http.IncomingMessage).
 */
export function abortSignal(request: FastifyRequest): AbortSignal {
  if (request.gone !== undefined) return request.gone.controller.signal;
  const controller = new AbortController();
  const onClose = (): void => controller.abort();
  request.gone = { controller, onClose };
  if (request.raw.socket.destroyed) controller.abort();
  else request.raw.socket.once('close', onClose);
  return controller.signal;
}

/** To be called once, before `abortSignal`. */
export function decorateSignals(app: FastifyInstance): void {
  app.decorateRequest('gone', undefined);
}

/** A connection outlives its requests: what one of them hung on it is taken off when it is answered. */
export function releaseSignal({ gone, raw }: FastifyRequest): void {
  if (gone !== undefined) raw.socket.off('close', gone.onClose);
}
