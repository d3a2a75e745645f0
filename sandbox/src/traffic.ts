import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { cutAfter, cutMiddle, type FaultPlan, type Faults } from './faults.ts';
import { queryOf } from './oauth/routes.ts';
import { providerOf } from './providers.ts';
import type { LoggedRequest, RequestLog } from './request-log.ts';

declare module 'fastify' {
  interface FastifyRequest {
    logged: LoggedRequest | null;
    /** Headers of a fault, which win over those of the answer. */
    faultHeaders: Readonly<Record<string, string>> | null;
  }
}

/** Notes every call to a provider and lets the waiting faults happen to it. */
export function watchTraffic(app: FastifyInstance, { faults, log }: { faults: Faults; log: RequestLog }): void {
  app.decorateRequest('logged', null);
  app.decorateRequest('faultHeaders', null);
  app.decorateRequest('actingUsername', null);

  // Not an async hook: that one would wait for an answer that is cut on purpose.
  app.addHook('onRequest', (request, reply, goOn) => {
    const called = providerOf(request.url.split('?')[0] ?? '');
    if (!called) {
      goOn();
      return;
    }
    request.logged = log.begin(called.provider, request.method, called.below, queryOf(request));
    const plan = faults.take(called.provider, called.below);
    if (!plan) goOn();
    else if (plan.latencyMs === 0) carryOut(plan, request, reply, goOn);
    else faults.holdUp(plan.latencyMs, () => carryOut(plan, request, reply, goOn));
  });

  // Before the answer leaves, so that a caller who has it finds the whole row.
  app.addHook('onSend', async (request, reply) => {
    if (!request.logged) return;
    if (request.faultHeaders) reply.headers(request.faultHeaders);
    request.logged.status = reply.statusCode;
    request.logged.username = request.actingUsername;
  });
}

function carryOut(plan: FaultPlan, request: FastifyRequest, reply: FastifyReply, goOn: () => void): void {
  if (plan.drop === 'before') {
    reply.hijack();
    request.raw.socket.destroy();
    return;
  }
  if (plan.drop === 'after') cutAfter(reply.raw);
  if (plan.drop === 'middle') cutMiddle(reply.raw);
  request.faultHeaders = plan.headers;
  if (!plan.answer) {
    goOn();
    return;
  }
  const { status, body } = plan.answer;
  reply
    .status(status)
    .type(contentTypeOf(body))
    .send(typeof body === 'string' || body === undefined ? body : JSON.stringify(body));
}

function contentTypeOf(body: unknown): string {
  if (typeof body !== 'string') return 'application/json; charset=UTF-8';
  return body.trimStart().startsWith('<') ? 'text/html; charset=UTF-8' : 'text/plain; charset=UTF-8';
}
